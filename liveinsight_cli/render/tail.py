"""A log entry as a line of text.

Lines are put together by hand: rich takes a hundred times as long for each, and a burst has thousands.
"""

import time
from collections.abc import Mapping
from typing import Any

from liveinsight_cli.core.logs.entries import LEVELS, Entry
from liveinsight_cli.core.logs.values import in_words, number
from liveinsight_cli.render.text import plain

SHORT_ID = 8
MESSAGE_WIDTH = 22  # a route with its status: what is said beside it begins below each other
_RESET = "\x1b[0m"
_DIM = "\x1b[2m"
_BOLD = "\x1b[1m"
# Tones of the middle, which can be read on black and on white; blue and yellow of the usual sixteen cannot.
_LEVEL_STYLES = {
    "DEBUG": _DIM,
    "INFO": _DIM,
    "WARN": "\x1b[1;38;5;136m",
    "ERROR": "\x1b[1;31m",
    "FATAL": "\x1b[1;31m",
}
_MESSAGE_STYLES = {"DEBUG": _DIM, "WARN": _BOLD, "ERROR": "\x1b[1;31m", "FATAL": "\x1b[1;31m"}
_SOURCE_STYLES = ("\x1b[38;5;31m", "\x1b[38;5;133m", "\x1b[38;5;64m", "\x1b[38;5;166m")
# Said by the headline, by the facts of a request or by the name before the line; `--json` has them all.
_NOT_REPEATED = frozenset({"_aws", "FunctionName", "function_name", "function_arn", "function_memory_size"})
_ACCESS_TOLD = frozenset(
    {
        "status",
        "latency_ms",
        "integrationLatency",
        "integrationStatus",
        "requestTimeEpoch",
        "responseLength",
        "api_request_id",
    }
)
_REQUEST_TOLD = _NOT_REPEATED | {
    "route",
    "status",
    "duration_ms",
    "logged_duration_ms",
    "billed_ms",
    "billed_restore_ms",
    "memory_mb",
    "max_memory_mb",
    "init_ms",
    "restore_ms",
    "cold_start",
    "outcome",
    "error_type",
}
_PLATFORM_TOLD = _NOT_REPEATED | {"type"}
_FAILED = frozenset({"ERROR", "FATAL"})
_COLD = (("init_ms", "cold start"), ("restore_ms", "cold start, restored in"))


class TailStyle:
    """How lines look. `sources` are in the order of their colours, all padded to the longest; `dated`: with the day."""

    def __init__(self, sources: tuple[str, ...], color: bool, *, dated: bool = False) -> None:
        self.color = color
        self._width = max(map(len, sources), default=0)
        self._styles = dict(zip(sources, _SOURCE_STYLES, strict=False))
        self._format = "%m-%d %H:%M:%S" if dated else "%H:%M:%S"
        self._indent = " " * (len("10:00:00.000") + (6 if dated else 0) + 2)
        self._second = -1
        self._clock = ""
        self._heads: dict[tuple[str, str], str] = {}

    def line(self, entry: Entry) -> str:
        """Return an entry as a line of text, its detail on lines below."""
        timestamp_ms, source, kind, level = entry[:4]
        second, milliseconds = divmod(timestamp_ms, 1000)
        if second != self._second:
            self._second, self._clock = second, time.strftime(self._format, time.localtime(second))
        if level == "INFO" and (kind == "request" or kind == "access"):
            level = ""
        head = self._heads.get((source, level)) or self._head(source, level)
        message, rest = entry.message, _rest(entry)
        said = f"{message.ljust(MESSAGE_WIDTH)}  {rest}" if rest else message
        if self.color or not (said.isascii() and said.isprintable()):
            said = self._painted(entry.level, _clean(message), _clean(rest))
        moment = f"{self._clock}.{milliseconds:03d}"
        if self.color:
            moment = f"{_DIM}{moment}{_RESET}"
        line = f"{moment} {head} {said}".rstrip()
        if not entry.detail:
            return line + "\n"
        below = (self._indent + self._paint(_DIM, _clean(row)) for row in entry.detail)
        return "\n".join([line, *below, ""])

    def _head(self, source: str, level: str) -> str:
        word = _clean(level).ljust(5)
        name = self._paint(self._styles.get(source, ""), source.ljust(self._width))
        head = f"{name} {self._paint(_LEVEL_STYLES.get(level, ''), word)}"
        if level in LEVELS or not level:  # other names may be anything, and of any number
            self._heads[(source, level)] = head
        return head

    def _painted(self, level: str, message: str, rest: str) -> str:
        gap = " " * (MESSAGE_WIDTH - _cells(message)) if rest else ""
        message = self._paint(_MESSAGE_STYLES.get(level, ""), message)
        return f"{message}{gap}  {self._paint(_DIM, rest)}" if rest else message

    def _paint(self, style: str, text: str) -> str:
        return f"{style}{text}{_RESET}" if self.color and style and text.strip() else text


def _clean(text: str) -> str:
    """Return text without anything that a terminal acts upon; tabs as spaces, or columns would move."""
    if text.isascii() and text.isprintable():
        return text
    return plain(text.replace("\t", "    "))


def _cells(text: str) -> int:
    """Return how many columns a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _rest(entry: Entry) -> str:
    """Return what is said beside the message: facts, fields, the request."""
    kind, fields, request_id = entry.kind, entry.fields, entry.request_id
    if kind == "request":
        facts, hidden = _request_facts(fields), _REQUEST_TOLD
    elif kind == "access":
        facts, hidden = _milliseconds(fields.get("latency_ms")), _ACCESS_TOLD
    else:
        facts, hidden = "", _PLATFORM_TOLD if kind == "platform" else _NOT_REPEATED
    said = " ".join(
        [
            f"{name}={value}" if value.__class__ is int else f"{name}={_value(value)}"
            for name, value in fields.items()
            if name not in hidden
        ]
    )
    rest = f"{facts}  {said}" if facts and said else facts or said
    if not request_id:
        return rest
    if (
        entry.level not in _FAILED
    ):  # the beginning does for `--request`; what failed is looked for elsewhere, too
        request_id = request_id[:SHORT_ID]
    return f"{rest}  #{request_id}" if rest else f"#{request_id}"


def _request_facts(fields: Mapping[str, Any]) -> str:
    """`  12 ms, billed 13 ms, 64/256 MB, cold start 350 ms`. A function can write anything in Lambda's name."""
    get = fields.get
    duration, billed, used = get("duration_ms"), get("billed_ms"), get("max_memory_mb")
    memory = get("memory_mb")
    is_usual = billed.__class__ is used.__class__ is memory.__class__ is int and not fields["cold_start"]
    if is_usual and duration.__class__ is float and 10 <= duration < 1e9:
        return f"{duration:4.0f} ms, billed {billed} ms, {used}/{memory} MB"
    facts = _milliseconds(duration)
    billed, used = number(fields.get("billed_ms")), number(fields.get("max_memory_mb"))
    if billed is not None:
        facts += f", billed {billed:.0f} ms"
    if used is not None:
        facts += f", {used:.0f}/{number(fields.get('memory_mb')) or 0:.0f} MB"
    if fields["cold_start"]:
        for name, what in _COLD:
            took = number(fields.get(name))
            if took is not None:
                facts += f", {what} {took:.0f} ms"
    return facts


def _milliseconds(value: object) -> str:
    """Return a duration, right-aligned: they stand below each other."""
    duration = number(value)
    if duration is None:
        return "   - ms"
    return f"{duration:4.1f} ms" if duration < 10 else f"{duration:4.0f} ms"


def _value(value: object) -> str:
    if not isinstance(value, str):
        return in_words(value)
    if value and not (" " in value or "=" in value or '"' in value or "\t" in value):
        return value
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')  # or it could be taken for the next field
    return f'"{quoted}"'
