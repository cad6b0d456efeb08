"""CloudWatch Logs for benchmarks of what reads it: answers from memory, in a process of its own, as fast as can be.

Run: python benchmarks/support/log_server.py EVENTS [DELAY_MS]   (prints its URL, serves until it is killed)
One group per function of the stack; all EVENTS are in the first, minutes old. Pages are AWS's: 10,000 events or 1 MB.
"""

import json
import random
import sys
import threading
import time
from bisect import bisect_left, insort
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

GROUPS = tuple(
    f"/aws/lambda/liveinsight-{name}-dev"
    for name in ("event-collector", "aggregator", "realtime-api", "stats-api")
)
FIRST = GROUPS[0]
STREAMS = 8
PAGE_EVENTS, PAGE_BYTES, OVERHEAD_BYTES = 10_000, 1 << 20, 26
SPAN_MS = 20 * 60_000


class Logs:
    """Events by group in time order, as the answers have them."""

    def __init__(self, events: int, delay_ms: float) -> None:
        self.delay_seconds = delay_ms / 1000
        self.lock = threading.Lock()
        self.numbers = count()
        self.events: dict[str, list[tuple[int, int, dict[str, Any]]]] = {group: [] for group in GROUPS}
        self.pages: dict[tuple[int, int], bytes] = {}
        began = int(time.time() * 1000) - SPAN_MS - 60_000
        for number, (offset, message) in enumerate(_requests(events)):
            self.put(FIRST, f"2026/11/26/[7]{number // 4 % STREAMS:032x}", began + offset, message)

    def put(self, group: str, stream: str, at: int, message: str) -> None:
        """Add an event."""
        number = next(self.numbers)
        one = {"logStreamName": stream, "timestamp": at, "message": message, "ingestionTime": at + 900}
        with self.lock:
            insort(self.events[group], (at, number, one | {"eventId": f"{39 * 10**54 + number:056d}"}))

    def filter(self, asked: dict[str, Any]) -> bytes:
        """Answer FilterLogEvents."""
        held = self.events.get(
            str(asked.get("logGroupName") or asked["logGroupIdentifier"].split(":")[-1]), []
        )
        first = int(asked.get("nextToken") or bisect_left(held, (asked.get("startTime", 0),)))
        last = bisect_left(held, (asked.get("endTime", 1 << 62),))
        limit = min(asked.get("limit") or PAGE_EVENTS, last - first)
        size = end = 0
        for end in range(first, first + limit):
            size += len(held[end][2]["message"]) + OVERHEAD_BYTES
            if size > PAGE_BYTES:
                break
        else:
            end = first + limit
        answer: dict[str, Any] = {"events": [one for _, _, one in held[first:end]], "searchedLogStreams": []}
        if end < last:
            answer["nextToken"] = str(end)
        return json.dumps(answer).encode()

    def describe_streams(self) -> bytes:
        """Answer DescribeLogStreams."""
        now = int(time.time() * 1000)
        names = sorted({one["logStreamName"] for _, _, one in self.events[FIRST]})
        times = {
            "creationTime": 0,
            "firstEventTimestamp": 0,
            "lastEventTimestamp": now,
            "lastIngestionTime": now,
        }
        return json.dumps({"logStreams": [{"logStreamName": name, **times} for name in names]}).encode()


def _requests(events: int) -> Iterator[tuple[int, str]]:
    """Requests as the functions log them: four events each, with milliseconds since the first."""
    chance = random.Random(7)  # noqa: S311 - the same log every time
    for number in range(events // 4):
        at = number * SPAN_MS * 4 // max(events, 1)
        request = f"{number:08x}-2c27-4c4e-9a5d-0b1f3a9d5c11"
        when = "2026-11-26T07:00:00.000Z"
        took = chance.uniform(1, 40)
        own = {
            "timestamp": when,
            "level": "ERROR" if chance.random() < 0.01 else "INFO",
            "message": "request",
            "requestId": request,
            "route": "POST /api/events",
            "status": 202,
            "accepted": chance.randrange(1, 6),
            "duration_ms": round(took, 2),
        }
        metrics = {
            "durationMs": round(took + 1, 3),
            "billedDurationMs": int(took) + 2,
            "memorySizeMB": 256,
            "maxMemoryUsedMB": 71,
        }
        start = {"requestId": request, "version": "7"}
        for kind, record in (
            ("platform.start", start),
            ("", own),
            ("platform.runtimeDone", {"requestId": request, "status": "success", "metrics": metrics}),
            ("platform.report", {"requestId": request, "status": "success", "metrics": metrics}),
        ):
            yield at, json.dumps({"time": when, "type": kind, "record": record} if kind else record) + "\n"


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16
    disable_nagle_algorithm = True
    logs: Logs

    def do_POST(self) -> None:
        """Answer an operation."""
        operation = self.headers["X-Amz-Target"].split(".")[-1]
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.logs.delay_seconds:
            time.sleep(self.logs.delay_seconds)
        if operation == "FilterLogEvents":
            body = self.logs.filter(asked)
        elif operation == "DescribeLogStreams":
            body = self.logs.describe_streams()
        elif operation == "DescribeLogGroups":
            body = json.dumps({"logGroups": [{"logGroupName": group} for group in GROUPS]}).encode()
        elif operation == "PutLogEvents":
            for one in asked["logEvents"]:
                self.logs.put(asked["logGroupName"], asked["logStreamName"], one["timestamp"], one["message"])
            body = b"{}"
        else:
            self.send_error(501)
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """Serve on a free port."""
    Handler.logs = Logs(int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
