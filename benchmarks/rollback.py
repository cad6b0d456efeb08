"""How long it takes to put all functions' versions before into service again, on the embedded AWS.

Run: python benchmarks/rollback.py [pairs]   (default 5; a deploy of its own comes first, and goes again)
A release of other code is rolled back and promoted in turn. What is measured is the whole process, from the start of
Python to the answer: reads, smoke test of the four versions, four aliases, health check, ledger.
"""

import os
import statistics
import sys
import time
from resource import RUSAGE_CHILDREN, getrusage

from benchmarks.support.project import Project, deployed

GOAL_SECONDS = 2.0


def main() -> None:
    """Deploy, bring changed code of all functions into service, and go back and forth."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    took: dict[str, list[tuple[float, float]]] = {"rollback": [], "promote": []}
    with deployed() as project:
        shared = project.lambdas / "shared" / "auth.py"
        shared.write_text(shared.read_text() + "\n# another version\n")
        project.run("sync", "--json")
        for _ in range(pairs):
            for command, figures in took.items():
                figures.append(measured(project, command))
    print(f"{'command':>8}  {'median s':>8}  {'worst s':>7}  {'CPU s':>6}  {'within 2 s':>10}")
    for command, figures in took.items():
        walls, cpus = zip(*figures, strict=True)
        good = f"{sum(one < GOAL_SECONDS for one in walls)} of {len(walls)}"
        middle = statistics.median(walls), max(walls), statistics.median(cpus)
        print(f"{command:>8}  {middle[0]:>8.2f}  {middle[1]:>7.2f}  {middle[2]:>6.2f}  {good:>10}")
    print(f"load average: {os.getloadavg()[0]:.1f}")


def measured(project: Project, command: str) -> tuple[float, float]:
    """Return wall and CPU seconds of one run, the CPU of this process's children alone."""
    started, before = time.monotonic(), cpu_seconds()
    project.run(command, "--yes", "--json")
    return time.monotonic() - started, cpu_seconds() - before


def cpu_seconds() -> float:
    """Return the CPU seconds of all processes that were waited for."""
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
