"""How long a saved file takes until the new code answers, with `liveinsight sync --watch` on the embedded AWS.

Run: python benchmarks/sync.py [saves]   (default 10; a deploy of its own comes first, and goes again)
The file belongs to one function, then to all four. The clock runs from before the file is written until the API gives
an answer that only the new code can give. It is asked once `--watch` says that it is in service: API Gateway's limit
would count if it were asked all the time.
"""

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO, cast

import urllib3

REPOSITORY = Path(__file__).resolve().parent.parent
TOOL = [sys.executable, "-m", "liveinsight_cli.cli"]
COPIED = ("liveinsight_cli", "lambdas", "terraform", "dashboard")
ASKED_EVERY_SECONDS = 0.1
BETWEEN_SECONDS = 2.0
MARK = '"unauthorized'  # the beginning of an answer of stats-api that needs no token
GOAL_SECONDS = 2.0


def main() -> None:
    """Deploy a copy of the sources, save a file of it again and again, and print how long it took."""
    saves = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    with deployed() as (project, sources, variables):
        outputs = json.loads((project / ".liveinsight" / "local" / "outputs.json").read_text())
        address = f"{outputs['api_gateway_url']}/api/stats"
        print(f"{'functions':>9}  {'median s':>8}  {'worst s':>7}  {'within 2 s':>10}")
        for names in (["stats-api"], []):
            took = measured(project, sources / "shared" / "auth.py", variables, names, address, saves)
            good = sum(one < GOAL_SECONDS for one in took)
            print(
                f"{len(names) or 4:>9}  {statistics.median(took):>8.2f}  {max(took):>7.2f}  {good:>4} of {len(took)}"
            )
    print(f"load average: {os.getloadavg()[0]:.1f}")


@contextmanager
def deployed() -> Iterator[tuple[Path, Path, dict[str, str]]]:
    """Give a project with a deployed environment, sources that may be edited, and the variables of its commands."""
    with tempfile.TemporaryDirectory() as directory:
        project, copy = Path(directory, "project"), Path(directory, "copy")
        project.mkdir()
        for name in COPIED:
            shutil.copytree(REPOSITORY / name, copy / name)
        variables = {**os.environ, "PYTHONPATH": str(copy)}
        try:
            _run(project, variables, "deploy", "--yes")
            yield project, copy / "lambdas", variables
        finally:
            _run(project, variables, "local", "down")


def measured(
    project: Path, file: Path, variables: dict[str, str], names: list[str], address: str, saves: int
) -> list[float]:
    """Return the seconds of each save while some functions, or all, are watched."""
    source, took = file.read_text(), []
    http = urllib3.PoolManager(retries=False, timeout=30)
    with subprocess.Popen(
        [*TOOL, "sync", "--watch", "--json", *names],
        cwd=project,
        env=variables,
        stdout=subprocess.PIPE,
        text=True,
    ) as watching:
        lines = cast("TextIO", watching.stdout)
        lines.readline()
        for number in range(saves):
            time.sleep(BETWEEN_SECONDS)
            mark = f"{MARK}{number}of{len(names)}"
            started = time.monotonic()
            file.write_text(source.replace(MARK, mark))
            if not json.loads(lines.readline())["ok"]:
                raise SystemExit("a sync failed")
            while mark.encode() not in http.request("GET", address).data:
                time.sleep(ASKED_EVERY_SECONDS)
            took.append(time.monotonic() - started)
        watching.send_signal(signal.SIGINT)
    file.write_text(source)
    return took


def _run(project: Path, variables: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [*TOOL, *arguments], cwd=project, env=variables, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(done.stderr)


if __name__ == "__main__":
    main()
