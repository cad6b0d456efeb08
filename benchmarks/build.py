"""What `liveinsight build` costs: CPU ms of making the functions' zips, from nothing and with nothing changed.

Run: python benchmarks/build.py [runs]   (default 9)
In this process, without starting the tool (benchmarks/startup.py says what that costs). Medians are shown.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from liveinsight_cli.adapters.package import Packager
from liveinsight_cli.assets import lambda_sources


def cpu_ms(packager: Packager) -> float:
    """CPU time of one build."""
    started = time.process_time()
    packager.build()
    return (time.process_time() - started) * 1000


def main() -> None:
    """Print the cost of both builds, and what was built."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    cold: list[float] = []
    unchanged: list[float] = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as directory:
            packager = Packager(lambda_sources(), Path(directory))
            cold.append(cpu_ms(packager))
            unchanged.append(cpu_ms(packager))
            built = packager.build()
    size = sum(function.size_bytes for function in built.functions)
    print(f"{'build':<12}  {'CPU ms':>7}")
    for name, times in (("from nothing", cold), ("unchanged", unchanged)):
        print(f"{name:<12}  {statistics.median(times):>7.1f}")
    print(f"{len(built.functions)} zips, {size / 1024:.0f} KiB together")


if __name__ == "__main__":
    main()
