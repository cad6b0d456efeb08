"""What the first request of a container costs: CPU of a whole process, beside the same function through boto3.

Run: python benchmarks/cold_start.py [runs]   (default 9)
A process starts the interpreter, imports the function's handler and answers one request. The other one does the same,
but makes its calls with a boto3 client. Both meet a DynamoDB in another process, without TLS. Runs are interleaved and
medians shown.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from typing import Any

import benchmarks.support  # noqa: F401 - puts the functions on the path
from benchmarks.collector import answers, body, proxy_event
from benchmarks.support.canned_dynamodb import canned_dynamodb, environment
from liveinsight_cli.assets import lambda_sources

_LOAD = """
import json, sys
sys.path[:0] = {path!r}
{transport}
from {package}.handler import handler
class Context:
    aws_request_id = "request-1"
    function_version = "1"
    def get_remaining_time_in_millis(self): return 30000
answer = handler(json.loads(sys.stdin.read()), Context())
assert answer.get("statusCode", 200) in (200, 202), answer
"""
_BOTO = """
from benchmarks.support.boto_transport import BotoTransport
import shared.dynamo
transport = BotoTransport()
shared.dynamo.default_connection = lambda: transport
"""
READ = {"httpMethod": "GET", "headers": {}, "queryStringParameters": {"site": "shop.example"}}
FUNCTIONS: dict[str, Any] = {
    "event_collector": proxy_event(body(3, 1)),
    "realtime_api": READ,
    "stats_api": READ,
    "aggregator": {"task": "sweep"},
}


def cpu_ms(package: str, event: Any, *, through_boto: bool) -> float:
    """CPU time of one process."""
    root = str(lambda_sources().parent)
    path = [str(lambda_sources()), *([root] if through_boto else [])]
    program = _LOAD.format(path=path, package=package, transport=_BOTO if through_boto else "")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(event).encode(),
        stdout=subprocess.DEVNULL,
        check=True,
        cwd="/",
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def main() -> None:
    """Print one line for each function."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    canned = {**answers(time.time_ns() // 1_000_000), "Query": {"Items": []}}
    with canned_dynamodb(canned) as url:
        os.environ.update(environment(url))
        print(f"{'function':<16}  {'ours ms':>7}  {'boto3 ms':>8}  ratio")
        for package, event in FUNCTIONS.items():
            ours: list[float] = []
            theirs: list[float] = []
            for _ in range(runs + 1):  # the first round fills caches
                ours.append(cpu_ms(package, event, through_boto=False))
                theirs.append(cpu_ms(package, event, through_boto=True))
            mine, other = statistics.median(ours[1:]), statistics.median(theirs[1:])
            print(f"{package:<16}  {mine:>7.0f}  {other:>8.0f}  {mine / other:>5.2f}")


if __name__ == "__main__":
    main()
