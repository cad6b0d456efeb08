"""What a log event says, as a value: the line of a function, a record of the platform, a line of the access log."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

# `line`: of a function. `platform`: of Lambda. `request`: both, folded. `access`: of API Gateway.
Kind = Literal["line", "platform", "request", "access"]
LEVELS = {"TRACE": 0, "DEBUG": 1, "INFO": 2, "WARN": 3, "WARNING": 3, "ERROR": 4, "CRITICAL": 5, "FATAL": 5}
SHORT_LEVELS = {"WARNING": "WARN", "CRITICAL": "FATAL"}
_NO_FIELDS: Mapping[str, Any] = {}


class Entry(NamedTuple):
    """One line of output; a named tuple, as thousands of them are made in a second.

    `detail` holds the lines below it, such as a traceback; `texts` the events it was made of, as they were written;
    times are epoch milliseconds.
    """

    timestamp_ms: int
    source: str
    kind: Kind
    level: str
    message: str
    request_id: str | None = None
    fields: Mapping[str, Any] = _NO_FIELDS
    detail: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


def level_named(name: str) -> str:
    """Return a level as it is shown: `WARN` for `warning`."""
    upper = name.upper()
    return SHORT_LEVELS.get(upper, upper)


def is_error(level: str) -> bool:
    """Whether a level is that of a failure."""
    return LEVELS.get(level, LEVELS["INFO"]) >= LEVELS["ERROR"]
