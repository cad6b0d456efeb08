"""Entry point of `POST /api/events`."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from event_collector.ingest import Collector
from event_collector.viewer import viewer_of
from shared.dynamo import connect_early, default_connection
from shared.http import Answer, Request, respond
from shared.log import Log
from shared.settings import Settings
from shared.tasks import ping

_settings = Settings.from_environment(os.environ)
_log = Log(_settings.log_level, _settings.function_name)
connect_early()
_log.container_started()


@lru_cache(maxsize=1)
def _collector() -> Collector:
    return Collector(default_connection(), _settings)


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answer an API Gateway proxy event, or the smoke test."""
    return ping(event, context, "event-collector") or respond(
        "POST /api/events", event, context, _settings, _log, _collect
    )


def _collect(request: Request) -> Answer:
    viewer = viewer_of(_settings, request)
    result = _collector().collect(
        request.body(),
        source_ip=viewer.address,
        user_agent=request.headers.get("user-agent", ""),
        country=viewer.country,
        origin=request.headers.get("origin"),
        received_at_ms=time.time_ns() // 1_000_000,
    )
    return Answer(result.status, result.body, result.headers, result.log)
