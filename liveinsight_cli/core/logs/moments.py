"""When: `10m`, `1h30m`, `today`, `10:30`, `2026-11-23T10:00`."""

import re
from datetime import datetime, time, timedelta

_DURATION = re.compile(r"(?:\d+(?:\.\d+)?\s*(?:ms|s|m|h|d|w)\s*)+", re.IGNORECASE)
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)", re.IGNORECASE)
_UNIT_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_DAYS = {"today": 0, "yesterday": 1}


class BadMoment(ValueError):
    """Neither a duration nor a time."""


def moment_ms(text: str, now: float) -> int:
    """Return epoch ms for a duration (that long ago) or a time, which is local unless it names a zone.

    Raises BadMoment.
    """
    text = text.strip()
    if text.lower() == "now":
        return int(now * 1000)
    try:
        if _DURATION.fullmatch(text):
            parts = _PART.findall(text)
            ago_ms = round(sum(float(figure) * _UNIT_MS[unit.lower()] for figure, unit in parts))
            return max(int(now * 1000) - ago_ms, 0)  # CloudWatch knows nothing before 1970
        return max(int(_time(text, _local(now)).timestamp() * 1000), 0)
    except (ValueError, OverflowError, OSError) as error:
        raise BadMoment(
            f"{text!r} is neither a duration such as 10m or 1h30m "
            "nor a time such as 10:30, yesterday or 2026-11-23T10:00"
        ) from error


def is_duration(text: str) -> bool:
    """Whether a moment is so long ago, by whichever clock."""
    return _DURATION.fullmatch(text.strip()) is not None


def start_of_day_ms(now: float) -> int:
    """Return epoch ms of the last local midnight."""
    return int(datetime.combine(_local(now), time()).timestamp() * 1000)


def _time(text: str, now: datetime) -> datetime:
    """Return a time, naive when it is local; raises ValueError."""
    if text.lower() in _DAYS:
        return datetime.combine(now - timedelta(days=_DAYS[text.lower()]), time())
    if ":" in text and "-" not in text[:3]:
        try:
            return datetime.combine(now, time.fromisoformat(text))
        except ValueError:
            pass
    return datetime.fromisoformat(text)


def _local(now: float) -> datetime:
    """Return the time of clocks here, without a zone, so that days of 23 and 25 hours are reckoned right."""
    return datetime.fromtimestamp(now).astimezone().replace(tzinfo=None)
