"""The processes of the embedded AWS as the system sees them: which are a project's servers, and how they end."""

import contextlib
import signal
from pathlib import Path

STOP_SECONDS = 15.0


def is_server_of(pid: int, project: Path) -> bool:
    """Tell whether a process that does not answer is a server of this project, not another program with its old pid."""
    import psutil

    try:
        command = psutil.Process(pid).cmdline()
    except psutil.Error:
        return False
    return "liveinsight_cli.local" in command and str(project) in command


def servers_of(project: Path) -> list[int]:
    """Return the pids of all servers of a project."""
    import psutil

    return [pid for pid in psutil.pids() if is_server_of(pid, project)]


def end_tree(pid: int) -> None:
    """SIGTERM to the server, which ends its workers itself; SIGKILL to whatever is left after a while."""
    import psutil

    try:
        server = psutil.Process(pid)
        family = [server, *server.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    with contextlib.suppress(psutil.NoSuchProcess):
        server.send_signal(signal.SIGTERM)
    _, alive = psutil.wait_procs(family, timeout=STOP_SECONDS)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=5)


def kill_tree(pid: int) -> None:
    """SIGKILL to a process and everything it started."""
    import psutil

    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for member in [*process.children(recursive=True), process]:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
