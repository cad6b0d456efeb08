"""A log entry as a line of text.

Lines are put together by hand: rich takes a hundred times as long for each, and a burst has thousands.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from liveinsight_cli.core.logs.entries import Entry
from liveinsight_cli.render.text import plain

_RESET = "\x1b[0m"
_DIM = "\x1b[2m"
_LEVEL_STYLES = {"DEBUG": "\x1b[2m", "WARN": "\x1b[33m", "ERROR": "\x1b[1;31m", "FATAL": "\x1b[1;31m"}
_SOURCE_STYLES = ("\x1b[36m", "\x1b[35m", "\x1b[34m", "\x1b[32m", "\x1b[96m", "\x1b[95m")
_SHOWN_IN_HEADLINE = frozenset({"route", "status"})
_REQUEST_FACTS = frozenset(
    {
        "duration_ms",
        "billed_ms",
        "memory_mb",
        "max_memory_mb",
        "init_ms",
        "cold_start",
        "outcome",
        "error_type",
    }
)


@dataclass(frozen=True)
class TailStyle:
    """How lines look: `sources` in the order of their colours, all padded to the longest."""

    sources: tuple[str, ...]
    color: bool

    def line(self, entry: Entry) -> str:
        """Return an entry as one line, its detail on lines below."""
        at = datetime.fromtimestamp(entry.timestamp_ms / 1000).astimezone()
        moment = f"{at:%H:%M:%S}.{entry.timestamp_ms % 1000:03d}"
        level = "" if entry.kind in ("request", "access") and entry.level == "INFO" else entry.level
        width = max(map(len, self.sources), default=0)
        head = [
            self._paint(_DIM, moment),
            self._paint(self._source_style(entry.source), entry.source.ljust(width)),
            self._paint(_LEVEL_STYLES.get(level, ""), level.ljust(5)),
            self._body(entry),
        ]
        below = [f"{'':{len(moment)}}  {self._paint(_DIM, plain(line))}" for line in entry.detail]
        return "\n".join([" ".join(head).rstrip(), *below])

    def _body(self, entry: Entry) -> str:
        message = self._paint(
            _LEVEL_STYLES.get(entry.level, "") if entry.level != "DEBUG" else "", plain(entry.message)
        )
        facts = _request_facts(entry.fields) if entry.kind == "request" else ""
        told = _SHOWN_IN_HEADLINE | _REQUEST_FACTS if entry.kind == "request" else frozenset[str]()
        fields = "" if entry.kind == "access" else _fields(entry.fields, told)
        request = (
            f"request={entry.request_id}"
            if entry.request_id and (entry.detail or entry.level == "ERROR")
            else ""
        )
        rest = "  ".join(part for part in (facts, fields, request) if part)
        return f"{message}  {self._paint(_DIM, plain(rest))}" if rest else message

    def _source_style(self, source: str) -> str:
        return (
            _SOURCE_STYLES[self.sources.index(source) % len(_SOURCE_STYLES)] if source in self.sources else ""
        )

    def _paint(self, style: str, text: str) -> str:
        return f"{style}{text}{_RESET}" if self.color and style and text.strip() else text


def _request_facts(fields: Mapping[str, Any]) -> str:
    """`12 ms, billed 13 ms, 64 of 256 MB, cold start 350 ms`."""
    parts = []
    if "duration_ms" in fields:
        parts.append(f"{fields['duration_ms']:.0f} ms")
    if "billed_ms" in fields:
        parts.append(f"billed {fields['billed_ms']:.0f} ms")
    if "max_memory_mb" in fields and "memory_mb" in fields:
        parts.append(f"{fields['max_memory_mb']:.0f} of {fields['memory_mb']:.0f} MB")
    if "init_ms" in fields:
        parts.append(f"cold start {fields['init_ms']:.0f} ms")
    return ", ".join(parts)


def _fields(fields: Mapping[str, Any], without: frozenset[str]) -> str:
    return " ".join(f"{name}={_value(value)}" for name, value in fields.items() if name not in without)


def _value(value: object) -> str:
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return f"{value:g}" if isinstance(value, float) else str(value)
