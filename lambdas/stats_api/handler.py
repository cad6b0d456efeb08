"""Entry point of `GET /api/stats`."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from shared.auth import check_reader
from shared.cache import Cache
from shared.dynamo import DynamoDB, connect_early, default_connection
from shared.http import Answer, Request, check_origin, respond
from shared.log import Log
from shared.settings import Settings
from shared.tasks import ping
from stats_api.report import Query, report, seconds_to_remember
from stats_api.settled import SettledRollups
from stats_api.store import StatsStore

_settings = Settings.from_environment(os.environ)
_log = Log(_settings.log_level, _settings.function_name)
connect_early()
_log.container_started()
_answers = Cache(seconds=5.0)
_SHARED_SECONDS = 5  # by CloudFront; half of what the dashboard waits between two looks


@lru_cache(maxsize=1)
def _store() -> StatsStore:
    dynamodb = DynamoDB(default_connection())
    return StatsStore(dynamodb, _settings, SettledRollups(dynamodb, _settings.state_table))


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answer an API Gateway proxy event, or the smoke test."""
    return ping(event, context, "stats-api") or respond(
        "GET /api/stats", event, context, _settings, _log, _stats
    )


def _stats(request: Request) -> Answer:
    check_origin(_settings, request.headers.get("origin"))
    check_reader(_settings, request)
    now = time.time_ns() // 1_000_000
    query = Query.of(request.query, _settings, now, request.repeated)
    body = _answers.get(repr(query), lambda: report(_store(), query, _settings, now), seconds_to_remember)
    return Answer(200, body, shared_seconds=_SHARED_SECONDS)
