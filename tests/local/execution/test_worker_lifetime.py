"""Workers do not outlive the server, however it ends, and idle ones are let go."""

import subprocess
import sys
import threading
from pathlib import Path

import psutil

from liveinsight_cli.local.execution.functions import Functions
from liveinsight_cli.local.execution.pool import WorkerPool
from tests.local.execution.conftest import Shelf

ROOT = Path(__file__).parents[3]
SERVER = """
import sys, time
from pathlib import Path
from liveinsight_cli.local.execution.deployed import Place
from liveinsight_cli.local.execution.functions import Functions
from tests.local.execution.conftest import Log, Samples, Shelf

shelf = Shelf()
shelf.deploy("import os\\ndef handler(event, context):\\n    return os.getpid()\\n")
functions = Functions(shelf, Place("http://127.0.0.1:1"), Log(), Samples(), Path(sys.argv[1]), runtime=sys.argv[2])
print(functions.invoke("demo", None, b"{}").payload.decode(), flush=True)
time.sleep(60)
"""


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE  # nobody may be there to bury an orphan
    except psutil.NoSuchProcess:
        return False


def test_a_killed_server_takes_its_workers_with_it(tmp_path: Path, runtime: str) -> None:
    command = [sys.executable, "-c", SERVER, str(tmp_path), runtime]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        worker = int(server.stdout.readline())
        assert is_running(worker)
        server.kill()
    for _ in range(500):
        if not is_running(worker):
            break
        threading.Event().wait(0.02)
    assert not is_running(worker)


def test_workers_that_have_been_idle_for_long_are_ended(functions: Functions, shelf: Shelf) -> None:
    shelf.deploy("import os\ndef handler(event, context):\n    return os.getpid()\n")
    now = [0.0]
    functions._runner._pool._clock = lambda: now[0]
    worker = int(functions.invoke("demo", None, b"{}").payload)
    now[0] = 299
    functions._runner._pool.reap()
    assert is_running(worker)
    now[0] = 301
    functions._runner._pool.reap()
    assert not is_running(worker)


def test_a_function_at_its_limit_waits_for_a_worker_and_an_old_version_makes_room() -> None:
    pool = WorkerPool(limit=1, idle_seconds=300)
    first = pool.take("f", "old", "stream", 1)
    taken: list[object] = []
    waiting = threading.Thread(target=lambda: taken.append(pool.take("f", "new", "stream", 30)))
    waiting.start()
    assert taken == []
    pool.give_back(first)
    waiting.join()
    assert taken[0] is not first
    other = pool.take("g", "key", "stream", 1)
    pool.discard(other)
    pool.close()
