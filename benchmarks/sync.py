"""How long a saved file takes until the new code answers, with `liveinsight sync --watch` on the embedded AWS.

Run: python benchmarks/sync.py [saves]   (default 10; a deploy of its own comes first, and goes again)
The file belongs to one function, then to all four. The clock runs from before the file is written until the API gives
an answer that only the new code can give. It is asked once `--watch` says that it is in service: API Gateway's limit
would count if it were asked all the time.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TextIO, cast

import urllib3

from benchmarks.support.project import TOOL, Project, deployed

ASKED_EVERY_SECONDS = 0.1
BETWEEN_SECONDS = 2.0
MARK = '"unauthorized'  # the beginning of an answer of stats-api that needs no token
GOAL_SECONDS = 2.0


def main() -> None:
    """Deploy a copy of the sources, save a file of it again and again, and print how long it took."""
    saves = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    with deployed() as project:
        outputs = json.loads((project.directory / ".liveinsight" / "local" / "outputs.json").read_text())
        address = f"{outputs['api_gateway_url']}/api/stats"
        print(f"{'functions':>9}  {'median s':>8}  {'worst s':>7}  {'within 2 s':>10}")
        for names in (["stats-api"], []):
            took = measured(project, project.lambdas / "shared" / "auth.py", names, address, saves)
            good = sum(one < GOAL_SECONDS for one in took)
            print(
                f"{len(names) or 4:>9}  {statistics.median(took):>8.2f}  {max(took):>7.2f}  {good:>4} of {len(took)}"
            )
    print(f"load average: {os.getloadavg()[0]:.1f}")


def measured(project: Project, file: Path, names: list[str], address: str, saves: int) -> list[float]:
    """Return the seconds of each save while some functions, or all, are watched."""
    source, took = file.read_text(), []
    http = urllib3.PoolManager(retries=False, timeout=30)
    with subprocess.Popen(
        [*TOOL, "sync", "--watch", "--json", *names],
        cwd=project.directory,
        env=project.variables,
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


if __name__ == "__main__":
    main()
