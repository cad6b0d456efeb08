"""One run of terraform, from start to exit: its stream, and the signals that reach it.

Terraform writes into the log file and we read along. A pipe would kill it half-way through an apply, with the state
unwritten, if this process were to die; a file cannot. It runs in a session of its own, so that a Ctrl-C at the
keyboard reaches us alone and is passed on as exactly one SIGINT. What is left of it when we are killed all the same is
the next command's to wait for: terraform_leftovers.py.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from liveinsight_cli.core.terraform_events import Event, parse_event
from liveinsight_cli.errors import PreconditionError

POLL_SECONDS = 0.04
PR_SET_PDEATHSIG = 1
FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LAST_RESORT = 3  # the first Ctrl-C asks terraform to stop, the second to stop at once, the third ends it
FOR_US_ALONE, AS_THE_USER_HAS_IT = 0o077, -1  # umasks
PATIENCE_SECONDS = 60.0  # for terraform to write the state, after it was asked to stop on our own account


@dataclass
class Interruption:
    """How many signals came while terraform ran.

    The handler counts and passes them on; saying so waits for `tell`, because a handler may run in the middle of a
    write to the very stream it would write to.
    """

    on_interrupt: Callable[[int], None]
    process: subprocess.Popen[bytes] | None = None
    count: int = 0
    told: int = 0

    def take(self, *_: object) -> None:
        """Count a signal and pass it on; one that comes before terraform has begun waits for it."""
        self.count += 1
        if self.process is not None:
            self._pass_on(self.process)

    def watch(self, process: subprocess.Popen[bytes]) -> None:
        """Pass signals on to this process from now on, and what has come before it was there."""
        self.process = process
        if self.count:
            self._pass_on(process)

    def _pass_on(self, process: subprocess.Popen[bytes]) -> None:
        if self.count >= LAST_RESORT:
            _signal_group(process, signal.SIGKILL)
        else:
            process.send_signal(signal.SIGINT)

    def tell(self) -> None:
        """Report the signals that came since the last time."""
        while self.told < self.count:
            self.told += 1
            self.on_interrupt(self.told)


@dataclass(frozen=True)
class Finished:
    """How a run ended. `interrupted` says that a signal was passed on to it."""

    exit_code: int
    interrupted: bool

    @property
    def manner(self) -> str:
        """Say in words how an interrupted run came to its end."""
        if self.exit_code == -signal.SIGKILL:
            return "terraform was killed, so what it was just creating may be missing from the state"
        return "terraform has stopped and released the state"


def run(
    command: Sequence[str],
    *,
    directory: Path,
    environment: Mapping[str, str],
    log: Path,
    on_event: Callable[[Event], None],
    on_interrupt: Callable[[int], None] = lambda _: None,
    umask: int = FOR_US_ALONE,
) -> Finished:
    """Run terraform to its end and hand over each event of its stream as it comes.

    However this function is left, nothing of terraform goes on running. What it writes, states and plans with what is
    secret in them, is for this user alone unless `umask` says otherwise.
    """
    interruption = Interruption(on_interrupt)
    with _forwarding(interruption):
        process = _started(command, directory, environment, log, umask)
        with log.open("rb") as stream, _group_ended(process, interruption):
            interruption.watch(process)
            for line in _lines(process, stream, interruption.tell):
                event = parse_event(line)
                if event is not None:
                    on_event(event)
                    interruption.tell()
            return Finished(process.wait(), interruption.count > 0)


def _started(
    command: Sequence[str], directory: Path, environment: Mapping[str, str], log: Path, umask: int
) -> subprocess.Popen[bytes]:
    with open(log, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as written:
        try:
            return subprocess.Popen(
                list(command),
                cwd=directory,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                umask=umask,
                preexec_fn=_ends_with_parent(),
            )
        except OSError as error:
            raise PreconditionError(
                f"{command[0]} cannot be run: {error.strerror}.", hint="Give another with --terraform."
            ) from error


def _lines(process: subprocess.Popen[bytes], stream: BinaryIO, at_poll: Callable[[], None]) -> Iterator[str]:
    """Yield whole lines until terraform has ended and everything it wrote was read."""
    rest = b""
    while True:
        at_poll()
        ended = process.poll() is not None
        chunk = stream.read()
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line.decode(errors="replace") for line in whole)
        if ended:
            break
        if not chunk:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(POLL_SECONDS)
    if rest:
        yield rest.decode(errors="replace")


@contextmanager
def _forwarding(interruption: Interruption) -> Iterator[None]:
    """Pass each interrupting signal on to terraform as one SIGINT while the block runs.

    One that is ignored stays so: whoever started us with nohup meant terraform as well.
    """
    before: dict[signal.Signals, Any] = {}
    try:
        for number in FORWARDED:
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, interruption.take)
    except ValueError:  # not in the main thread: whoever runs us there also catches the signals
        before = {}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _group_ended(process: subprocess.Popen[bytes], interruption: Interruption) -> Iterator[None]:
    """Leave neither terraform nor a provider behind, whatever happens in the block.

    A terraform that was asked to stop already is not asked again: twice means at once, with the state half written.
    """
    try:
        yield
    except BaseException:
        if process.poll() is None:
            if not interruption.count:
                process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE_SECONDS)
        raise
    finally:
        _signal_group(process, signal.SIGKILL)
        process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _ends_with_parent() -> Callable[[], None] | None:
    """Return what makes the kernel interrupt terraform when this process is killed (Linux only).

    The kernel means the thread that forked: it is the main one, which ends with the process. A parent that is dead
    before the kernel was asked would never be noticed: then terraform does not begin.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def arrange() -> None:
        prctl(PR_SET_PDEATHSIG, int(signal.SIGINT))
        if os.getppid() != parent:
            os._exit(1)

    return arrange
