"""Which entries to show, and from when to when."""

import re
from dataclasses import dataclass
from datetime import datetime

from liveinsight_cli.core.logs.entries import LEVELS, Entry

_DURATION = re.compile(r"(?P<number>\d+)\s*(?P<unit>ms|s|m|h|d|w)", re.IGNORECASE)
_UNIT_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}


class BadMoment(ValueError):
    """Neither a duration nor a time."""


@dataclass(frozen=True)
class Choice:
    """What an operator wants to see; None means everything."""

    level: str | None = None
    grep: re.Pattern[str] | None = None
    request_id: str | None = None

    def wants(self, entry: Entry) -> bool:
        """Tell whether an entry is to be shown."""
        if self.level and LEVELS.get(entry.level, LEVELS["INFO"]) < LEVELS[self.level]:
            return False
        if self.request_id and not (entry.request_id or "").startswith(self.request_id):
            return False
        return self.grep is None or any(map(self.grep.search, _texts(entry)))


def _texts(entry: Entry) -> list[str]:
    fields = " ".join(f"{name}={value}" for name, value in entry.fields.items())
    return [entry.message, fields, entry.request_id or "", *entry.detail]


def moment_ms(text: str, now: float) -> int:
    """Return epoch ms for `10m` (that long ago), `2026-11-23T10:00` or with a zone; local time without one.

    Raises BadMoment.
    """
    duration = _DURATION.fullmatch(text.strip())
    if duration:
        return int(now * 1000) - int(duration["number"]) * _UNIT_MS[duration["unit"].lower()]
    try:
        return int(datetime.fromisoformat(text.strip()).astimezone().timestamp() * 1000)
    except (ValueError, OverflowError, OSError) as error:
        raise BadMoment(
            f"{text!r} is neither a duration such as 10m nor a time such as 2026-11-23T10:00"
        ) from error
