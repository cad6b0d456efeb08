"""What a refresh of `stats --watch` costs: requests to the API and to CloudWatch, CPU, and what is written.

Run: python benchmarks/stats_watch.py [seconds]   (default 70; a deploy of its own comes first, and goes again)
Every request that leaves the process is counted where it leaves, at http.client, so second tries count too. The
screen is one of 120 by 40; CPU is that of the command alone, not of the functions that answer.
"""

import http.client
import io
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.support.project import deployed
from liveinsight_cli import cli
from liveinsight_cli.context import Clock, Context, GlobalOptions
from liveinsight_cli.terminal import Terminal

MOST_API, MOST_CLOUDWATCH = 3, 2


class Screen(io.StringIO):
    """A terminal that remembers what was drawn."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@contextmanager
def counting(counts: Counter[str]) -> Iterator[None]:
    """Count requests by where they go; what is read of the embedded AWS itself, before the first look, is neither."""
    original = http.client.HTTPConnection.putrequest

    def counted(self: Any, method: str, url: str, *args: Any, **kwargs: Any) -> None:
        counts["API" if "/api/" in url else "CloudWatch" if method == "POST" else "embedded AWS"] += 1
        original(self, method, url, *args, **kwargs)

    http.client.HTTPConnection.putrequest = counted  # type: ignore[method-assign]
    try:
        yield
    finally:
        http.client.HTTPConnection.putrequest = original  # type: ignore[method-assign]


def watched(seconds: float, interval: str) -> tuple[list[Counter[str]], float, int]:
    """Return the requests of each refresh, the CPU seconds of all, and the bytes that were drawn."""
    counts: Counter[str] = Counter()
    refreshes: list[Counter[str]] = []
    ends_at = time.monotonic() + seconds

    def sleep(pause: float) -> None:
        refreshes.append(counts.copy())
        counts.clear()
        if time.monotonic() + pause > ends_at:
            raise KeyboardInterrupt
        time.sleep(pause)

    def compose(options: GlobalOptions, terminal: Terminal) -> Context:
        return Context(options, terminal, clock=Clock(sleep=sleep))

    screen = Screen()
    started = time.process_time()
    with counting(counts):
        cli.run(["stats", "--watch", interval], Terminal(stdout=screen), compose)
    return refreshes, time.process_time() - started, len(screen.getvalue().encode())


def main() -> None:
    """Deploy, seed a few visitors, and watch at two intervals."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 70.0
    with deployed() as project:
        project.run("seed-demo", "--sessions", "100", "--days", "1", "--yes")
        os.chdir(project.directory)
        os.environ.update({**project.variables, "COLUMNS": "120", "LINES": "40", "TERM": "xterm-256color"})
        print(
            f"{'interval':>8}  {'refreshes':>9}  {'API, most':>9}  {'CloudWatch, most':>16}  {'a minute':>8}"
            f"  {'CPU ms':>6}  {'KB drawn a s':>12}"
        )
        for interval in ("2s", "10s"):
            refreshes, cpu, drawn = watched(seconds, interval)
            api, cloudwatch = (max(one[name] for one in refreshes) for name in ("API", "CloudWatch"))
            minute = sum(one["CloudWatch"] for one in refreshes) / seconds * 60
            print(
                f"{interval:>8}  {len(refreshes):>9}  {api:>9}  {cloudwatch:>16}  {minute:>8.1f}"
                f"  {cpu / len(refreshes) * 1000:>6.0f}  {drawn / seconds / 1000:>12.1f}"
            )
            if api > MOST_API or cloudwatch > MOST_CLOUDWATCH:
                raise SystemExit("more requests than promised")


if __name__ == "__main__":
    main()
