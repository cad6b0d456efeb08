"""Start, find and stop the embedded AWS of a project, from outside: one background process, named in `server.json`.

Light to import, as many commands ask whether it runs: moto and werkzeug are loaded in the background process only.
"""

import fcntl
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from liveinsight_cli import __version__
from liveinsight_cli.errors import LiveInsightError, PreconditionError, TimedOut
from liveinsight_cli.local.process_tree import end_tree, is_server_of, kill_tree, servers_of
from liveinsight_cli.project import Project

DEFAULT_REGION = "ap-northeast-2"
EXIT_PORT_IN_USE = 48
EXIT_DATA_UNUSABLE = 49
START_SECONDS = 60.0
LOG_BYTES = 5_000_000  # a longer log is set aside at the next start
HEALTH_PATH = "/_liveinsight/health"
STATUS_PATH = "/_liveinsight/status"
JOURNAL_PATH = "/_liveinsight/journal"
# In the form of a signature: the front answers nothing that is not. The credentials are dummies.
AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=test/20200101/local/liveinsight/aws4_request, SignedHeaders=host, Signature="
    + "0" * 64
)


class LocalPortInUse(PreconditionError):
    """The port that was asked for belongs to another program."""

    code = "local_port_in_use"


class LocalDataUnusable(PreconditionError):
    """A file of the embedded AWS's data is damaged."""

    code = "local_data_unusable"


class LocalStartFailed(LiveInsightError):
    """The background process ended, or never became ready."""

    code = "local_start_failed"


@dataclass(frozen=True)
class Server:
    """A running embedded AWS, as `server.json` describes it."""

    pid: int
    endpoint_url: str
    api_url: str
    region: str
    account_id: str
    started_at: str
    version: str
    instance_id: str


@dataclass(frozen=True)
class LocalStatus:
    """What the embedded AWS is doing. `stale` means that its process died without being told to.

    `details` is what the process says of itself: how the control plane came up (`control_plane`), notes about what
    moved or was lost, distributions with their URLs, tables, functions, memory.
    """

    state: Literal["running", "stopped", "stale"]
    server: Server | None
    log_path: Path
    details: dict[str, Any]


class EmbeddedAws:
    """The embedded AWS of one project directory."""

    def __init__(self, project_dir: Path, region: str = DEFAULT_REGION) -> None:
        self._project = project_dir.resolve()
        self._region = region
        self._home = Project(self._project, self._project / "liveinsight.toml").embedded_aws

    @property
    def log_path(self) -> Path:
        """What the background process wrote."""
        return self._home / "server.log"

    def running(self) -> Server | None:
        """Return the server if its process answers for this very project."""
        server = self._recorded()
        return server if server is not None and self._answers(server) else None

    def up(self, port: int | None = None) -> Server:
        """Return the running server, starting it when there is none.

        Raises LocalPortInUse, LocalStartFailed (with the end of its log), PreconditionError (no right to write here).
        """
        with self._alone():
            server = self.running()
            if server is not None and self._serves(server, port):
                return server
            self._stop(self._recorded())
            return self._start(port)

    def down(self) -> bool:
        """End the process and everything it started; false when there was nothing to end."""
        if not self._home.exists():
            return False
        with self._alone():
            return self._stop(self._recorded())

    def status(self) -> LocalStatus:
        """Describe the state; never starts anything."""
        server = self._recorded()
        if server is None:
            return LocalStatus("stopped", None, self.log_path, {})
        details = self._ask(server, STATUS_PATH) if self._answers(server) else None
        if details is None:
            return LocalStatus("stale", server, self.log_path, {})
        return LocalStatus("running", server, self.log_path, details)

    def journal(self, after: int = 0) -> list[dict[str, Any]]:
        """Return the AWS requests that the running server answered after a number; oldest first."""
        server = self.running()
        answer = self._ask(server, f"{JOURNAL_PATH}?after={after}") if server is not None else None
        return list(answer["entries"]) if answer is not None else []

    def log_tail(self, lines: int = 40) -> list[str]:
        """Return the last lines of the server's log."""
        if not self.log_path.exists():
            return []
        return self.log_path.read_text(errors="replace").splitlines()[-lines:]

    def _serves(self, server: Server, port: int | None) -> bool:
        same_port = port is None or urlsplit(server.endpoint_url).port == port
        return same_port and server.version == __version__ and server.region == self._region

    def _recorded(self) -> Server | None:
        try:
            record = json.loads((self._home / "server.json").read_text())
            return Server(**{field.name: record[field.name] for field in fields(Server)})
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _answers(self, server: Server) -> bool:
        health = self._ask(server, HEALTH_PATH)
        return health is not None and health == {
            "project": str(self._project),
            "instance_id": server.instance_id,
            "pid": server.pid,
        }

    def _ask(self, server: Server, path: str) -> dict[str, Any] | None:
        address = urlsplit(server.endpoint_url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
        try:
            connection.request("GET", path, headers={"Authorization": AUTHORIZATION})
            answer = connection.getresponse()
            body = json.loads(answer.read())
            return body if answer.status == 200 and isinstance(body, dict) else None
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()

    def _start(self, port: int | None) -> Server:
        if port is not None:
            _require_free(port)
        command = [sys.executable, "-m", "liveinsight_cli.local", "--project", str(self._project)]
        command += ["--region", self._region] + ([] if port is None else ["--port", str(port)])
        if self.log_path.exists() and self.log_path.stat().st_size > LOG_BYTES:
            self.log_path.replace(self.log_path.with_suffix(".log.1"))
        with self.log_path.open("ab") as log:
            beginning = log.tell()
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._home,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            server = self._recorded()
            if server is not None and server.pid == process.pid and self._answers(server):
                process.returncode = 0  # it outlives us: nobody waits for it
                return server
            if process.poll() is not None:
                raise self._start_error(process.returncode, port, beginning)
            time.sleep(0.05)
        kill_tree(process.pid)
        process.wait()
        raise TimedOut(
            f"The embedded AWS was not ready after {START_SECONDS:.0f} s.", hint=f"See {self.log_path}"
        )

    def _start_error(self, exit_code: int, port: int | None, beginning: int) -> LiveInsightError:
        if exit_code == EXIT_PORT_IN_USE and port is not None:
            return _port_in_use(port)
        with self.log_path.open("rb") as log:
            log.seek(beginning)
            written = log.read().decode(errors="replace").strip().splitlines()
        if exit_code == EXIT_DATA_UNUSABLE and written:
            return LocalDataUnusable(
                written[-1],
                hint="Put back a good copy of it, or move it away (what it held is lost then) and run: "
                "liveinsight deploy",
            )
        tail = "\n".join(written[-15:]) or f"exit code {exit_code}"
        return LocalStartFailed(
            f"The embedded AWS did not start:\n{tail}", hint=f"The whole log: {self.log_path}"
        )

    def _stop(self, server: Server | None) -> bool:
        """End the recorded server, and one that holds the data without a record of it (its starter was killed)."""
        ours = server is not None and (self._answers(server) or is_server_of(server.pid, self._project))
        if server is not None and ours:
            end_tree(server.pid)
        strays = servers_of(self._project) if self._data_is_held() else []
        for pid in strays:
            end_tree(pid)
        (self._home / "server.json").unlink(missing_ok=True)
        return ours or bool(strays)

    def _data_is_held(self) -> bool:
        with (self._home / "server.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return True
        return False

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the project's start lock: two commands at once start one server."""
        try:
            self._home.mkdir(parents=True, exist_ok=True)
            lock = (self._home / "up.lock").open("a")
        except OSError as error:
            raise PreconditionError(
                f"The embedded AWS keeps its data in {self._home}, which cannot be written: {error.strerror}.",
                hint="Run the command in a directory of your own.",
            ) from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def write_record(home: Path, server: Server) -> None:
    """Write `server.json` (called by the server once it answers)."""
    scratch = home / "server.json.new"
    scratch.write_text(json.dumps(asdict(server), indent=2) + "\n")
    scratch.replace(home / "server.json")


def _require_free(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen(1)
        except OSError as error:
            raise _port_in_use(port) from error


def _port_in_use(port: int) -> LocalPortInUse:
    return LocalPortInUse(
        f"Port {port} is in use by another program.",
        hint="Choose another with --port (local_port in liveinsight.toml), or leave it out to have a free one chosen.",
    )
