"""Entry point of a function that is not there yet: says that it was reached, and by what; keeps nothing.

It goes into the zip of each function in place of that function's own package. What it is sent it never takes: requests
are answered 501, which senders repeat later, and records of the stream stay for the function that comes after it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from shared.http import Answer, Request, respond
from shared.log import Log
from shared.settings import Settings
from shared.tasks import ping

_settings = Settings.from_environment(os.environ)
_log = Log(_settings.log_level)


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answer whoever calls: the smoke test, API Gateway, the events stream, a schedule."""
    function = str(getattr(context, "function_name", ""))
    pinged = ping(event, context, function)
    if pinged:
        return {**pinged, "dummy": True}
    if "httpMethod" in event:
        return _http(event, context, function)
    if "task" in event:
        return {"ok": True, "task": str(event["task"]), "dummy": True}
    return {"state": {}, "batchItemFailures": _first(event.get("Records") or [])}


def _http(event: Mapping[str, Any], context: Any, function: str) -> dict[str, Any]:
    route = f"{event['httpMethod']} {event.get('path', '')}"
    reached = {"function": function, "environment": _settings.environment, "route": route}
    error = {
        "code": "dummy",
        "message": "Only the infrastructure is deployed: nothing is stored or shown yet.",
    }

    def answer(_: Request) -> Answer:
        return Answer(501, {"error": error, "dummy": reached})

    return respond(route, event, context, _settings, _log, answer)


def _first(records: list[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Name the first record as failed: from it on all are delivered again."""
    numbers = [str(record.get("dynamodb", {}).get("SequenceNumber", "")) for record in records[:1]]
    return [{"itemIdentifier": number} for number in numbers]
