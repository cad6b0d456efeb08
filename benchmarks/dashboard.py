"""What the dashboard costs a browser: bytes, time to the first figures, work of the main thread, layout shift.

Run: python benchmarks/dashboard.py [loads]   (default 5; needs Chromium)
A busy month beside the one before, from an API on this machine that answers at once, in Chromium without a GPU; each
load is followed by two renewals. Medians; tasks in CPU time of their thread. In brackets the best load: other programs
only add.
"""

import statistics
import sys

from playwright.sync_api import sync_playwright

from tests.conftest import CHROMIUM_FLAGS, installed_chromium
from tests.dashboard import answers
from tests.dashboard.conftest import visiting
from tests.dashboard.fake_api import FakeApi, serve_api
from tests.dashboard.screenshots import SIZES
from tests.dashboard.speed import Load, watch_load

LONG_MS = 50  # what browsers call a long task


def main(loads: int = 5) -> None:
    """Print the bytes of each file, then a line for each size of the window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed_chromium(), args=CHROMIUM_FLAGS)
        watched: dict[str, list[Load]] = {size: [] for size in SIZES}
        for _ in range(loads):
            for size, (width, height) in SIZES.items():
                kind = {"viewport": {"width": width, "height": height}}
                api = FakeApi(answers.realtime(), answers.stats())
                with serve_api(api), visiting(browser, api, kind) as visit:
                    watched[size].append(watch_load(visit))
        browser.close()
    files = watched["desktop"][0].gzip_bytes
    for name, size_bytes in sorted(files.items(), key=lambda file: -file[1]):
        print(f"{name:>14}  {size_bytes:>7,} B gzip")
    print(f"{'all':>14}  {sum(files.values()):>7,} B gzip\n")
    print(f"{'window':>14}  first figures  longest task  long tasks  layout shift")
    for size, seen in watched.items():
        longest = [load.task_cpu_ms[0] for load in seen]
        long_tasks = statistics.median(sum(ms > LONG_MS for ms in load.task_cpu_ms) for load in seen)
        shift = max(sum(score for score, _ in load.shifts) for load in seen)
        first = statistics.median(load.first_figures_ms for load in seen)
        print(
            f"{size:>14}  {first:>10.0f} ms  {statistics.median(longest):>4.0f} ({min(longest):.0f}) ms"
            f"  {long_tasks:>10.0f}  {shift:>12.4f}"
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
