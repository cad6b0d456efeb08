"""What twenty open dashboards ask for: by way of CloudFront, as they do, and straight from the API, for comparison.

Run: python benchmarks/dashboards.py [seconds]   (default 60 each; a deploy of its own comes first, and goes again)
Each viewer asks as the page does: realtime every two seconds, stats every ten, both after the answer before. Requests
at the API are lines of its access log, read units are DynamoDB's own metric; a visitor sends an event a second.
"""

import json
import math
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import urllib3

from benchmarks.support.project import deployed
from liveinsight_cli.adapters.aws import Aws
from liveinsight_cli.core.usage import REALTIME_POLL_SECONDS, STATS_POLL_SECONDS
from liveinsight_cli.local.process import EmbeddedAws

VIEWERS = 20
REALTIME, STATS = "/api/realtime?limit=20", "/api/stats?range=24h&compare=previous&limit=10"
SETTLE_SECONDS = 3  # until the last lines and metrics are written


@dataclass
class Stack:
    """A deployed stack and how to look at it."""

    outputs: dict[str, Any]
    token: str
    aws: Aws
    http: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(maxsize=2 * VIEWERS, retries=False)
    )

    @classmethod
    def of(cls, project: Path) -> "Stack":
        """Read what a deploy left."""
        files = project / ".liveinsight" / "local"
        server = EmbeddedAws(project).running()
        if server is None:
            raise SystemExit("the embedded AWS is not running")
        outputs = json.loads((files / "outputs.json").read_text())
        return cls(
            outputs,
            (files / "read-token").read_text().strip(),
            Aws(server.region, endpoint_url=server.endpoint_url),
        )

    def at_the_api(self, since: float) -> Counter[tuple[str, int]]:
        """Requests for reads that reached API Gateway, by path and status."""
        asked = {
            "logGroupName": f"/aws/apigateway/{self.outputs['rest_api_name']}",
            "startTime": int(since * 1000),
        }
        events = (
            event for page in self.aws.pages("logs", "filter_log_events", **asked) for event in page["events"]
        )
        lines = [json.loads(event["message"]) for event in events]
        return Counter((line["path"], int(line["status"])) for line in lines if line["method"] == "GET")

    def read_units(self, since: float) -> float:
        """Read units that all tables took."""
        minute = math.floor(since / 60) * 60
        return sum(
            float(point["Sum"])
            for table in self.outputs["tables"].values()
            for point in self.aws.call(
                "cloudwatch",
                "get_metric_statistics",
                Namespace="AWS/DynamoDB",
                MetricName="ConsumedReadCapacityUnits",
                Dimensions=[{"Name": "TableName", "Value": table}],
                StartTime=datetime.fromtimestamp(minute, UTC),
                EndTime=datetime.fromtimestamp(time.time() + 60, UTC),
                Period=60,
                Statistics=["Sum"],
            )["Datapoints"]
        )


@dataclass
class Seen:
    """What the viewers saw."""

    statuses: Counter[int] = field(default_factory=Counter)
    hits: int = 0
    milliseconds: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, answer: urllib3.BaseHTTPResponse, seconds: float) -> None:
        """Count an answer."""
        with self.lock:
            self.statuses[answer.status] += 1
            self.hits += answer.headers.get("X-Cache", "").startswith("Hit")
            self.milliseconds.append(seconds * 1000)

    def percentile(self, share: float) -> float:
        """Milliseconds that this share of the answers took at most."""
        return sorted(self.milliseconds)[math.ceil(share * len(self.milliseconds)) - 1]


def view(stack: Stack, base: str, path: str, every: float, wait: float, ends_at: float, seen: Seen) -> None:
    """Look again and again, from some moment on."""
    time.sleep(wait)
    while time.monotonic() < ends_at:
        started = time.monotonic()
        answer = stack.http.request("GET", base + path, headers={"Authorization": f"Bearer {stack.token}"})
        seen.note(answer, time.monotonic() - started)
        time.sleep(every)


@contextmanager
def visited(stack: Stack) -> Iterator[None]:
    """A visitor meanwhile."""
    is_over = threading.Event()

    def visit() -> None:
        while not is_over.wait(1):
            event = {
                "event_id": uuid.uuid4().hex,
                "event_type": "page_view",
                "page_url": "https://shop.example/",
            }
            stack.http.request(
                "POST", f"{stack.outputs['api_gateway_url']}/api/events", body=json.dumps(event)
            )

    thread = threading.Thread(target=visit)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def watched(stack: Stack, base: str, seconds: float) -> tuple[Seen, Counter[tuple[str, int]], float]:
    """Return what viewers saw, what reached the API, and the read units of a minute."""
    time.sleep(60 - time.time() % 60)  # metrics are by the minute
    seen, started, ends_at = Seen(), time.time(), time.monotonic() + seconds
    reads = ((REALTIME, REALTIME_POLL_SECONDS), (STATS, STATS_POLL_SECONDS))
    viewers = [
        threading.Thread(
            target=view, args=(stack, base, path, every, number / VIEWERS * every, ends_at, seen)
        )
        for number in range(VIEWERS)
        for path, every in reads
    ]
    with visited(stack):
        for viewer in viewers:
            viewer.start()
        for viewer in viewers:
            viewer.join()
    time.sleep(SETTLE_SECONDS)
    return seen, stack.at_the_api(started), stack.read_units(started) / (time.time() - started) * 60


def main() -> None:
    """Deploy, fill, and look both ways."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    with deployed() as project:
        project.run("seed-demo", "--sessions", "300", "--days", "1", "--yes")
        stack = Stack.of(project.directory)
        ways = {
            "CloudFront": stack.outputs["cloudfront_url"],
            "the API itself": stack.outputs["api_gateway_url"],
        }
        print(f"{VIEWERS} viewers, {seconds:.0f} s each way")
        print(
            ("{:<15}" + "{:>10}" * 7).format(
                "by way of", "asked/s", "hits", "at API/s", "429", "units/min", "p50", "p95 ms"
            )
        )
        for name, base in ways.items():
            seen, reached, units = watched(stack, base, seconds)
            total, refused = sum(seen.statuses.values()), seen.statuses[429]
            at_api = sum(count for (_, status), count in reached.items() if status != 429) / seconds
            print(
                f"{name:<15}{total / seconds:>10.1f}{seen.hits / total:>10.0%}{at_api:>10.2f}{refused:>10}"
                f"{units:>10.0f}{seen.percentile(0.5):>10.0f}{seen.percentile(0.95):>10.0f}",
                flush=True,
            )
            if name == "CloudFront" and set(seen.statuses) != {200}:
                raise SystemExit(f"dashboards were refused: {dict(seen.statuses)}")


if __name__ == "__main__":
    main()
