"""What reading logs costs: `liveinsight tail --no-follow` beside `aws logs tail` and `awslogs get`, on the same log.

Run: python benchmarks/tail.py [--events 60000] [--runs 3] [--aws PATH] [--awslogs PATH]
`aws` has to be of version 2, `awslogs` is `pip install awslogs`; which of them is missing is said. Whole processes
write to a file; what is counted is their user and system time, not the server's. Runs are interleaved, medians are
shown; the time of the same command on an empty log is its start-up.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.support.log_server import FIRST, GROUPS

REPOSITORY = Path(__file__).resolve().parent.parent
SERVER = REPOSITORY / "benchmarks" / "support" / "log_server.py"
TOOL = [sys.executable, "-m", "liveinsight_cli.cli"]
OURS = [*TOOL, "tail", "event-collector", "--env", "dev", "--no-follow", "--since", "1h"]


@dataclass(frozen=True)
class Cost:
    """Of one process: CPU and wall seconds, the most memory it had, the lines it wrote."""

    cpu: float
    wall: float
    memory_mb: float
    lines: int


def cost_of(command: list[str], directory: Path, variables: Mapping[str, str]) -> Cost:
    """Run a command to its end."""
    began = time.perf_counter()
    with (directory / "out").open("w+b") as out, (directory / "err").open("w+b") as err:
        process = subprocess.Popen(
            command, cwd=directory, env=dict(variables), stdin=subprocess.DEVNULL, stdout=out, stderr=err
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SystemExit(f"{' '.join(command)}: {(directory / 'err').read_text()}")
        out.seek(0)
        lines = sum(chunk.count(b"\n") for chunk in iter(lambda: out.read(1 << 20), b""))
    return Cost(used.ru_utime + used.ru_stime, time.perf_counter() - began, used.ru_maxrss / 1024, lines)


@contextmanager
def served(events: int, delay_ms: float = 0) -> Iterator[str]:
    """A log with so many events."""
    process = subprocess.Popen(
        [sys.executable, str(SERVER), str(events), str(delay_ms)], stdout=subprocess.PIPE, text=True
    )
    with process:
        try:
            yield process.stdout.readline().strip() if process.stdout else ""
        finally:
            process.kill()


def write_project(directory: Path) -> None:
    """Leave what a deploy leaves for `tail`: the environment's outputs."""
    files = directory / ".liveinsight" / "dev"
    files.mkdir(parents=True)
    texts = (
        *(
            "environment",
            "region",
            "api_gateway_url",
            "cloudfront_url",
            "dashboard_bucket",
            "artifact_bucket",
        ),
        *("distribution_id", "rest_api_id", "rest_api_name", "stage_name", "alarm_topic_arn"),
        "monitoring_dashboard",
    )
    functions = {
        group.removeprefix("/aws/lambda/liveinsight-").removesuffix("-dev"): {
            "function_name": group.removeprefix("/aws/lambda/"),
            "arn": "arn",
            "alias": "live",
            "version": "1",
            "log_group": group,
        }
        for group in GROUPS
    }
    outputs = dict.fromkeys(texts, "x") | {
        "alarm_names": [],
        "tables": {"events": "e", "sessions": "s", "state": "t"},
        "log_groups": list(GROUPS),
        "functions": functions,
    }
    (files / "outputs.json").write_text(json.dumps(outputs))
    (directory / "liveinsight.toml").write_text('[env.dev]\ntarget = "aws"\n')


def variables_for(url: str) -> dict[str, str]:
    """The environment of a command that speaks to the server; all three take the address from there."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": tempfile.gettempdir(),
        "PYTHONPATH": str(REPOSITORY),
        "LANG": "C.UTF-8",
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "ap-northeast-2",
        "AWS_REGION": "ap-northeast-2",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def commands(aws: str | None, awslogs: str | None) -> dict[str, list[str]]:
    """What is compared."""
    chosen = {
        "liveinsight tail": OURS,
        "liveinsight tail --raw": [*OURS, "--raw"],
        "liveinsight tail --json": [*OURS, "--json"],
    }
    if aws:
        chosen["aws logs tail"] = [aws, "logs", "tail", FIRST, "--since", "1h"]
    if awslogs:
        chosen["awslogs get"] = [awslogs, "get", FIRST, "ALL", "--start", "1h"]
    return chosen


def main() -> None:
    """Print one line for each program."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--aws", help="of version 2: version 1 has no `logs tail`")
    parser.add_argument("--awslogs", default=shutil.which("awslogs"))
    options = parser.parse_args()
    for name in ("aws", "awslogs"):
        if getattr(options, name) is None:
            print(f"{name} is not here; give its path with --{name}.")
    compared = commands(options.aws, options.awslogs)
    full: dict[str, list[Cost]] = {name: [] for name in compared}
    empty: dict[str, list[float]] = {name: [] for name in compared}
    half: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(temporary)
        write_project(directory)
        with served(options.events) as log, served(0) as nothing, served(options.events // 2) as half_log:
            for _ in range(options.runs):
                for name, command in compared.items():
                    full[name].append(cost_of(command, directory, variables_for(log)))
                    empty[name].append(cost_of(command, directory, variables_for(nothing)).cpu)
            for name, command in compared.items():
                half[name] = cost_of(command, directory, variables_for(half_log)).memory_mb
    show(options.events, full, empty, half)


def show(
    events: int, full: Mapping[str, list[Cost]], empty: Mapping[str, list[float]], half: Mapping[str, float]
) -> None:
    """Print figures and ratios. `/ aws`, `/ awslogs`: CPU an event against theirs, with and without start-up."""
    rows = {}
    for name, costs in full.items():
        cpu = statistics.median(cost.cpu for cost in costs)
        rows[name] = (cpu, cpu - statistics.median(empty[name]))
    print(
        f"{events} events; CPU us an event with start-up, without; peak MB of all, of half of it; wall s; lines"
    )
    rivals = [name for name in ("aws logs tail", "awslogs get") if name in rows]
    for name, (cpu, work) in rows.items():
        ratios = "".join(
            f"  / {rival}: {cpu / rows[rival][0]:.2f}, {work / rows[rival][1]:.2f}" for rival in rivals
        )
        memory = max(cost.memory_mb for cost in full[name])
        wall = statistics.median(cost.wall for cost in full[name])
        print(
            f"{name:<24} {cpu / events * 1e6:6.1f} {work / events * 1e6:6.1f}  {memory:4.0f} {half[name]:4.0f}"
            f"  {wall:5.1f}  {full[name][0].lines:6}{ratios}"
        )


if __name__ == "__main__":
    main()
