"""Log events as Lambda, its runtimes and API Gateway write them, for the tests of reading and folding."""

import json
from typing import Any

from liveinsight_cli.core.logs.entries import Entry
from liveinsight_cli.core.logs.events import LogEvent
from liveinsight_cli.core.logs.fold import Fold
from liveinsight_cli.core.logs.reading import read_entry

REQUEST = "8f507cfc-2c27-4c4e-9a5d-0b1f3a9d5c11"
OTHER = "0b1f3a9d-2c27-4c4e-9a5d-8f507cfc5c11"
STAMP = "2026-11-23T10:00:00.000Z"


def read(message: object, *, access: bool = False, at: int = 1000, source: str = "x") -> Entry:
    text = message if isinstance(message, str) else json.dumps(message, separators=(",", ":"))
    return read_entry(LogEvent("/aws/lambda/x", "1", at, text + "\n"), source, is_access_log=access)


def shown(*entries: Entry, fold: Fold | None = None) -> list[Entry]:
    fold = fold or Fold()
    return [out for entry in entries for out in fold.take(entry)] + list(fold.release())


def platform(kind: str, **record: Any) -> dict[str, Any]:
    return {"time": STAMP, "type": f"platform.{kind}", "record": record}


def start(request: str = REQUEST) -> dict[str, Any]:
    return platform("start", requestId=request, version="3")


def report(
    request: str = REQUEST, status: str = "success", error: str | None = None, **metrics: Any
) -> dict[str, Any]:
    facts = {"durationMs": 12.3, "billedDurationMs": 13, "memorySizeMB": 256, "maxMemoryUsedMB": 64} | metrics
    reason = {"errorType": error} if error else {}
    return platform("report", requestId=request, metrics=facts, status=status, **reason)


def line(request: str = REQUEST, **more: Any) -> dict[str, Any]:
    return {"timestamp": STAMP, "level": "INFO", "message": "request", "requestId": request} | more


def routed(request: str = REQUEST, **more: Any) -> dict[str, Any]:
    return line(request, route="POST /api/events", status=202, duration_ms=9) | more


def report_text(request: str = REQUEST, more: str = "") -> str:
    return (
        f"REPORT RequestId: {request}\tDuration: 12.30 ms\tBilled Duration: 13 ms\tMemory Size: 256 MB\t"
        f"Max Memory Used: 64 MB\t{more}"
    )
