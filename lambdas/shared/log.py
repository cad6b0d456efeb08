"""One JSON line a request, in the shape Lambda's JSON log format uses for its own lines.

Lines go to stdout as they are: the runtime passes them on untouched, so they look the same in AWS and on a laptop.
Nothing that identifies a person may be handed in here: no address, no user agent, no token.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from shared.emf import Metric, embedded

Level = Literal["DEBUG", "INFO", "WARN", "ERROR"]
_ORDER = {"DEBUG": 10, "INFO": 20, "WARN": 30, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}


class Log:
    """Writes lines at or above a level, and those that carry metrics, which nothing but a function does."""

    def __init__(self, level: str = "INFO", function_name: str = "") -> None:
        self._threshold = _ORDER.get(level, 20)
        self._function_name = function_name

    def container_started(self) -> None:
        """Count a cold start: called once, at the end of a function's import."""
        if self._function_name:
            self.line("INFO", "cold start", metrics={"ColdStarts": 1})

    def line(
        self,
        level: Level,
        message: str,
        request_id: str = "",
        metrics: Mapping[Metric, int] | None = None,
        **fields: Any,
    ) -> None:
        """Write one line; fields that are None are left out."""
        is_measured = bool(metrics and self._function_name)
        if _ORDER[level] < self._threshold and not is_measured:
            return
        moment = datetime.now(UTC)
        now = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {"timestamp": now, "level": level, "message": message, "requestId": request_id, **fields}
        if metrics and is_measured:
            line |= embedded(metrics, self._function_name, int(moment.timestamp() * 1000))
        kept = {name: value for name, value in line.items() if value is not None}
        text = json.dumps(kept, separators=(",", ":"), default=str, ensure_ascii=True)  # paid for by the byte
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
