"""What `--range` takes: the API's own names, the last minutes, hours or days, or two moments."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from liveinsight_cli.core.stats_metrics import DAY, HOUR

NAMED = ("30m", "24h", "today", "yesterday", "7d", "30d")
LONG = frozenset({"7d", "30d"})
LAST = re.compile(r"([1-9]\d{0,4})([mhd])")
MOMENT = r"\d{4}-\d\d-\d\d[^,\s]*?"
MOMENTS = re.compile(rf"({MOMENT})(?:,|\.\.)({MOMENT})")
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
WAYS = f"{', '.join(NAMED)}, the last such as 6h or 14d, or <ISO>..<ISO>"


@dataclass(frozen=True)
class AskedRange:
    """A range as it was asked for in `text`: `words` as the API takes them, or `last` up to now."""

    text: str
    words: str = ""
    last: timedelta | None = None

    def at(self, now: float) -> str:
        """Return the range as the API takes it, at a time in epoch seconds; all but 30m is widened to clock hours."""
        if self.last is None:
            return self.words
        end = datetime.fromtimestamp(now, UTC).replace(microsecond=0)
        return ",".join(moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (end - self.last, end))

    @property
    def platform_seconds(self) -> int:
        """How far the platform looks back beside it: an hour, or a day beside days."""
        is_long = self.words in LONG if self.last is None else self.last > timedelta(days=1)
        return DAY if is_long else HOUR


def read_range(text: str) -> AskedRange | None:
    """Return the range that `text` means, or None."""
    if text in NAMED:
        return AskedRange(text, text)
    if found := LAST.fullmatch(text):
        return AskedRange(text, last=int(found[1]) * UNITS[found[2]])
    if found := MOMENTS.fullmatch(text):
        return AskedRange(text, f"{found[1]},{found[2]}")
    return None
