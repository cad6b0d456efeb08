"""What a request with events costs the collector, beside a minimal handler that makes the same two calls by boto3.

Run: python benchmarks/collector.py [requests]   (default 400 of each kind)
CPU of the whole handler, from API Gateway's event to its answer, with DynamoDB in another process. The two handlers
take turns, so that a busy machine disturbs both alike. The minimal one parses the body and sends what it is given.
"""

from __future__ import annotations

import io
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from types import SimpleNamespace
from typing import Any

from benchmarks.support import VCPU_256_MB
from benchmarks.support.canned_dynamodb import canned_dynamodb, environment

BATCHES = (1, 3, 25)
AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)
CONTEXT = SimpleNamespace(aws_request_id="request-1")


def body(size: int, number: int) -> str:
    """What the tracker sends: page views and pings with titles, referrers and ids."""
    now = time.time_ns() // 1_000_000
    events = [
        {
            "event_id": f"{number:08x}-{index:04x}-4f2a-9d3c",
            "event_type": "page_view" if index % 3 == 0 else "engagement",
            "page_url": f"https://shop.example/section/page-{index}?utm_source=news",
            "title": "A page with a title of usual length",
            "referrer": "https://www.google.com/",
            "timestamp": now - 1000 * (size - index),
            **({"engaged_ms": 5000} if index % 3 else {}),
        }
        for index in range(size)
    ]
    return json.dumps({"events": events, "sent_at": now, "screen": "1920x1080", "lang": "ko-KR"})


def proxy_event(text: str) -> dict[str, Any]:
    """The request as API Gateway hands it over."""
    headers = {
        "Content-Type": "text/plain;charset=UTF-8",
        "User-Agent": AGENT,
        "Origin": "https://shop.example",
        "CloudFront-Viewer-Country": "KR",
        "Accept-Language": "ko-KR,ko;q=0.9",
        "Referer": "https://shop.example/",
    }
    identity = {"sourceIp": "198.51.100.7"}
    return {"httpMethod": "POST", "headers": headers, "body": text, "requestContext": {"identity": identity}}


def answers(now: int) -> Mapping[str, Any]:
    """A running session, a salt, and writes that succeed."""
    number = {"N": str(now)}
    running: dict[str, Any] = {
        "s": {"S": "5" * 24},
        "a": number,
        "l": number,
        "n": {"N": "4"},
        "p": {"N": "2"},
        "q": number,
    }
    running |= {"i": {"BOOL": False}, "v": number, "g": {"S": "/section/page-1"}}
    return {
        "GetItem": {"Item": {"pk": {"S": "salts"}, "sk": {"S": "day"}, "salt": {"B": "c2FsdA=="}}},
        "UpdateItem": {"Attributes": {"now": {"M": running}, "r1": {"S": "1" * 24}}},
        "BatchWriteItem": {"UnprocessedItems": {}},
    }


class Recorder:
    """Keeps the calls that the collector makes, for the minimal handler to make them too."""

    def __init__(self, behind: Any) -> None:
        self.behind = behind
        self.calls: list[tuple[str, Any]] = []

    def send(self, operation: str, request: Any) -> Any:
        """Note a call and make it."""
        self.calls.append((operation, request))
        return self.behind.send(operation, request)


def main() -> None:
    """Print one line for each batch size."""
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    with canned_dynamodb(answers(time.time_ns() // 1_000_000)) as url:
        os.environ.update(environment(url))
        from benchmarks.support.boto_transport import BotoTransport
        from event_collector import handler as collector
        from event_collector.ingest import Collector
        from shared.dynamo import default_connection

        boto = BotoTransport()
        print("events  calls  ours ms  boto3 ms  ratio   p99 ms  p99 at 256 MB")
        for size in BATCHES:
            recorder = Recorder(default_connection())
            made = Collector(recorder, collector._settings)
            setattr(collector, "_collector", lambda made=made: made)  # noqa: B010 - not for mypy to know
            ours: list[float] = []
            theirs: list[float] = []
            for number in range(requests + 20):
                event = proxy_event(body(size, number))
                recorder.calls.clear()
                with redirect_stdout(io.StringIO()):
                    started = time.process_time()
                    answer = collector.handler(event, CONTEXT)
                    ours.append((time.process_time() - started) * 1000)
                if answer["statusCode"] != 202:
                    raise SystemExit(answer["body"])
                calls = [(boto.method(operation), request) for operation, request in recorder.calls]
                started = time.process_time()
                _minimal(event, calls)
                theirs.append((time.process_time() - started) * 1000)
            del ours[:20], theirs[:20]
            mine, other = statistics.median(ours), statistics.median(theirs)
            p99 = statistics.quantiles(ours, n=100)[98]
            print(
                f"{size:>6}  {len(calls):>5}  {mine:>7.2f}  {other:>8.2f}  {mine / other:>5.2f}  {p99:>7.2f}  "
                f"{p99 / VCPU_256_MB:.0f} ms"
            )


def _minimal(event: Mapping[str, Any], calls: list[tuple[Callable[..., Any], Any]]) -> dict[str, Any]:
    json.loads(event["body"])
    for call, request in calls:
        call(**request)
    return {"statusCode": 202, "body": json.dumps({"accepted": 1})}


if __name__ == "__main__":
    main()
