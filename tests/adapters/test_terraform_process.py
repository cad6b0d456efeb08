"""Signals: what is pressed at the keyboard reaches terraform exactly once, and nothing of it is left behind."""

import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from liveinsight_cli.adapters.terraform_process import Interruption, run
from liveinsight_cli.core.terraform_events import Event
from tests.adapters.fake_terraform import FakeTerraform, event
from tests.conftest import REPOSITORY

PROGRAM = """
import os, sys
from pathlib import Path
from liveinsight_cli.adapters.terraform_process import run
finished = run(
    [sys.argv[1], "apply"], directory=Path(sys.argv[2]), environment=dict(os.environ),
    log=Path(sys.argv[2]) / "log.jsonl", on_event=lambda event: None,
)
print(finished.exit_code, finished.interrupted, flush=True)
"""
SECONDS = 30.0


@pytest.fixture
def fake(tmp_path: Path) -> FakeTerraform:
    return FakeTerraform.install(tmp_path / "fake")


def until(condition: Callable[[], bool]) -> None:
    """Wait for something another process does."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


class Runner:
    """The runner in a process of its own, at a pseudo-terminal."""

    def __init__(self, fake: FakeTerraform, ignored: tuple[signal.Signals, ...] = ()) -> None:
        self.fake = fake
        self.keyboard, terminal = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(fake.path), str(fake.directory)],
            stdin=terminal,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=REPOSITORY,
            preexec_fn=lambda: _become_foreground(terminal, ignored),
        )
        os.close(terminal)
        until((fake.directory / "started").exists)
        self.terraform = int((fake.directory / "started").read_text())

    def press_control_c(self) -> None:
        os.write(self.keyboard, b"\x03")

    def result(self) -> str:
        out, err = self.process.communicate(timeout=SECONDS)
        os.close(self.keyboard)
        assert err == ""
        return out.strip()


def _become_foreground(terminal: int, ignored: tuple[signal.Signals, ...] = ()) -> None:
    import fcntl
    import termios

    os.setsid()
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)


def test_one_control_c_is_exactly_one_sigint(fake: FakeTerraform) -> None:
    fake.waits_for_signals("apply", 1)
    fake.says("apply", exit_code=1)
    runner = Runner(fake)
    runner.press_control_c()
    assert runner.result() == "1 True"
    assert fake.signals == ["SIGINT"]


def test_a_second_control_c_is_a_second_sigint(fake: FakeTerraform) -> None:
    fake.waits_for_signals("apply", 2)
    fake.says("apply", exit_code=1)
    runner = Runner(fake)
    runner.press_control_c()
    until(lambda: fake.signals == ["SIGINT"])
    runner.press_control_c()
    assert runner.result() == "1 True"
    assert fake.signals == ["SIGINT", "SIGINT"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_being_asked_to_end_is_a_sigint_too(fake: FakeTerraform, number: signal.Signals) -> None:
    fake.waits_for_signals("apply", 1)
    runner = Runner(fake)
    runner.process.send_signal(number)
    assert runner.result() == "0 True"
    assert fake.signals == ["SIGINT"]


def test_under_nohup_a_closed_terminal_interrupts_nothing(fake: FakeTerraform) -> None:
    fake.waits_for_signals("apply", 1)
    runner = Runner(fake, ignored=(signal.SIGHUP,))
    runner.process.send_signal(signal.SIGHUP)
    runner.process.send_signal(signal.SIGTERM)
    assert runner.result() == "0 True"
    assert fake.signals == ["SIGINT"]


def test_a_terraform_that_was_asked_to_stop_is_not_asked_again_when_nobody_can_be_told(
    fake: FakeTerraform,
) -> None:
    """A closed terminal sends SIGHUP and then refuses every word; twice would mean at once."""
    fake.waits_for_signals("apply", 1)

    def hang_up() -> None:
        until((fake.directory / "started").exists)
        os.kill(os.getpid(), signal.SIGHUP)

    def gone(_: int) -> None:
        raise OSError("the terminal is gone")

    threading.Thread(target=hang_up).start()
    with pytest.raises(OSError, match="terminal is gone"):
        run(
            [str(fake.path), "apply"],
            directory=fake.directory,
            environment=dict(os.environ),
            log=fake.directory / "log.jsonl",
            on_event=lambda _: None,
            on_interrupt=gone,
        )
    assert fake.signals == ["SIGINT"]
    assert (fake.directory.parent / "terraform.tfstate").exists(), "it came to its end"


def test_a_signal_before_terraform_has_begun_reaches_it() -> None:
    interruption = Interruption(lambda _: None)
    interruption.take(signal.SIGINT, None)
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    interruption.watch(process)
    assert process.wait(SECONDS) != 0


def test_a_third_control_c_ends_terraform_for_good(fake: FakeTerraform) -> None:
    fake.waits_for_signals("apply", 99)
    runner = Runner(fake)
    for count in (1, 2):
        runner.press_control_c()
        until(lambda count=count: len(fake.signals) == count)
    runner.press_control_c()
    assert runner.result() == f"{-signal.SIGKILL} True"
    assert not is_alive(runner.terraform)


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux tells a child of its parent's death"
)
def test_when_the_tool_is_killed_terraform_is_told_to_stop_and_can_still_write(fake: FakeTerraform) -> None:
    fake.waits_for_signals("apply", 1)
    fake.says("apply", text="last words\n")
    runner = Runner(fake)
    runner.process.kill()
    runner.process.communicate(timeout=SECONDS)
    os.close(runner.keyboard)
    until(lambda: not is_alive(runner.terraform))
    assert fake.signals == ["SIGINT"]
    assert (fake.directory / "log.jsonl").read_text() == "last words\n"
    assert (fake.directory.parent / "terraform.tfstate").exists()


def test_a_signal_in_the_middle_of_an_event_is_reported_after_it(fake: FakeTerraform) -> None:
    """A handler that writes while its own process is writing breaks the stream it writes to."""
    fake.says("apply", text=event("version", terraform="1.11.4", ui="1.2") * 3)
    story: list[str] = []

    def interrupted_in_the_middle(_: Event) -> None:
        story.append("begins")
        if len(story) == 1:
            os.kill(os.getpid(), signal.SIGINT)
        story.append("ends")

    run(
        [str(fake.path), "apply"],
        directory=fake.directory,
        environment=dict(os.environ),
        log=fake.directory / "log.jsonl",
        on_event=interrupted_in_the_middle,
        on_interrupt=lambda count: story.append(f"interrupted {count}"),
    )
    assert story == ["begins", "ends", "interrupted 1", "begins", "ends", "begins", "ends"]
