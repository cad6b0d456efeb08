"""Entry point of `GET /api/realtime`."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from realtime_api.report import Query, report
from realtime_api.store import RealtimeStore
from shared.auth import check_reader
from shared.cache import Cache
from shared.dynamo import DynamoDB, connect_early, default_connection
from shared.http import Answer, Request, check_origin, respond
from shared.log import Log
from shared.settings import Settings
from shared.tasks import ping

_settings = Settings.from_environment(os.environ)
_log = Log(_settings.log_level, _settings.function_name)
connect_early()
_log.container_started()
_answers = Cache(seconds=1.0)
_SHARED_SECONDS = 2  # by CloudFront; no longer than the dashboard waits between two looks


@lru_cache(maxsize=1)
def _store() -> RealtimeStore:
    return RealtimeStore(DynamoDB(default_connection()), _settings)


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answer an API Gateway proxy event, or the smoke test."""
    return ping(event, context, "realtime-api") or respond(
        "GET /api/realtime", event, context, _settings, _log, _realtime
    )


def _realtime(request: Request) -> Answer:
    check_origin(_settings, request.headers.get("origin"))
    check_reader(_settings, request)
    query = Query.of(request.query, _settings, request.repeated)
    now = time.time_ns() // 1_000_000
    body = _answers.get(repr(query), lambda: report(_store(), query, _settings, now))
    return Answer(200, body, shared_seconds=_SHARED_SECONDS)
