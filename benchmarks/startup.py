"""What it costs to start the tool: CPU ms (user and system) of whole processes, and how they compare.

Run: python benchmarks/startup.py [runs]   (default 9)
Runs are interleaved and medians are shown, so that a busy machine disturbs all rows alike: quote the ratios.
"""

import resource
import statistics
import subprocess
import sys

EMPTY_TYPER = "import typer; app = typer.Typer(); app.command()(lambda: None); app()"
ROWS = {
    "python -c pass": ["-c", "pass"],
    "empty typer app": ["-c", EMPTY_TYPER],
    "liveinsight --version": ["-m", "liveinsight_cli.cli", "--version"],
    "liveinsight --help": ["-m", "liveinsight_cli.cli", "--help"],
    "liveinsight deploy --help": ["-m", "liveinsight_cli.cli", "deploy", "--help"],
    "liveinsight stats --help": ["-m", "liveinsight_cli.cli", "stats", "--help"],
    "liveinsight config show": ["-m", "liveinsight_cli.cli", "config", "show"],
    "import boto3": ["-c", "import boto3"],
}
AGAINST = "empty typer app"


def cpu_ms(arguments: list[str]) -> float:
    """CPU time of one process of this interpreter."""
    before = _children_seconds()
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    return (_children_seconds() - before) * 1000


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print one line for each program."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    measured: dict[str, list[float]] = {name: [] for name in ROWS}
    for _ in range(runs + 1):  # the first round fills caches
        for name, arguments in ROWS.items():
            measured[name].append(cpu_ms(arguments))
    medians = {name: statistics.median(times[1:]) for name, times in measured.items()}
    print(f"{'program':<26}  {'CPU ms':>7}  {'/ ' + AGAINST:>17}")
    for name, median in medians.items():
        print(f"{name:<26}  {median:>7.0f}  {median / medians[AGAINST]:>17.2f}")


if __name__ == "__main__":
    main()
