"""Time ranges: from what the caller asked for to clock hours, and the steps of the series in the caller's time zone.

Rollups know clock hours (UTC), so every range begins and ends on one, but for the last thirty minutes; the answer says
exactly which.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta, tzinfo
from typing import Literal

from shared.http import HttpError
from shared.keys import DAY_MS, HOUR_MS, MINUTE_MS, hour_start
from shared.metrics import REALTIME_MINUTES

LONGEST_DAYS = 400
_HOURLY_UP_TO_MS = 49 * HOUR_MS
_DAYS = {"7d": 7, "30d": 30}

Step = Literal["minute", "hour", "day"]


@dataclass(frozen=True, slots=True)
class Range:
    """Clock hours, or thirty minutes, [start, end), epoch ms; `is_snapped` when something in between was asked for.

    Its steps are those of the range `earlier` ms later, so that each can be compared with a step as long as itself.
    """

    start: int
    end: int
    zone: tzinfo
    is_snapped: bool = False
    earlier: int = 0

    @property
    def step(self) -> Step:
        """Minutes below an hour, hours up to two days, days beyond."""
        if self.end - self.start < HOUR_MS:
            return "minute"
        return "hour" if self.end - self.start <= _HOURLY_UP_TO_MS else "day"

    @property
    def block_ms(self) -> int:
        """How long the smallest thing is that the range is made of: a minute, or a clock hour."""
        return MINUTE_MS if self.step == "minute" else HOUR_MS

    def since(self, at: int) -> Range:
        """The rest of the range: from the hour or the minute on that `at` lies in."""
        return replace(self, start=max(self.start, at - at % self.block_ms))

    def steps(self) -> list[int]:
        """Where each step of the series begins, epoch ms, oldest first."""
        if self.earlier:
            later = replace(self, start=self.start + self.earlier, end=self.end + self.earlier, earlier=0)
            return [at - self.earlier for at in later.steps()]
        if self.step == "day":
            return list(self._local_days())
        return list(range(self.start, self.end, self.block_ms))

    def _local_days(self) -> Iterator[int]:
        at = self.start
        while at < self.end:
            yield at
            # The hour in which midnight lies is the new day's, though it may begin on the evening before.
            at = _midnight(_local(at + HOUR_MS - 1, self.zone), self.zone, days=1)

    def previous(self) -> Range:
        """The range just before: as many days if it is of whole ones, else as long, in steps of the same lengths."""
        first, last = (_local(at + HOUR_MS - 1, self.zone) for at in (self.start, self.end))
        if self.step == "day" and (self.start, self.end) == (
            _midnight(first, self.zone),
            _midnight(last, self.zone),
        ):
            return Range(_midnight(first, self.zone, days=-len(self.steps())), self.start, self.zone)
        length = self.end - self.start
        return Range(self.start - length, self.start, self.zone, earlier=length)

    def shown(self, at: int) -> str:
        """A moment of the range as ISO 8601 in its zone."""
        return _local(at, self.zone).isoformat(timespec="seconds")


def read_range(text: str, now: int, zone: tzinfo) -> Range:
    """Read `30m`, `24h`, `today`, `yesterday`, `7d`, `30d` or `<ISO>,<ISO>`; the running hour belongs to the range.

    `30m` is the running minute and the 29 before it.
    """
    if text == "30m":
        end = now - now % MINUTE_MS + MINUTE_MS
        return Range(end - REALTIME_MINUTES * MINUTE_MS, end, zone)
    end_of_now = hour_start(now) + HOUR_MS
    today = _midnight(_local(now, zone), zone)
    if text == "24h":
        return Range(end_of_now - DAY_MS, end_of_now, zone)
    if text == "today":
        return Range(today, end_of_now, zone)
    if text == "yesterday":
        return Range(_midnight(_local(now, zone), zone, days=-1), today, zone)
    if text in _DAYS:
        return Range(_midnight(_local(now, zone), zone, days=1 - _DAYS[text]), end_of_now, zone)
    return _read_interval(text, end_of_now, zone)


def _read_interval(text: str, end_of_now: int, zone: tzinfo) -> Range:
    first, comma, second = text.partition(",")
    try:
        start, end = _read_moment(first, zone), _read_moment(second, zone)
    except (ValueError, OverflowError) as error:
        message = "range must be 30m, 24h, today, yesterday, 7d, 30d or <ISO 8601>,<ISO 8601>."
        raise HttpError(400, "invalid_field", message, "range") from error
    last = -hour_start(-end)
    if _local(end, zone).time() == time() and hour_start(start) < hour_start(end):
        last = hour_start(end)  # off the hour, the hour in which a day ends is the next one's
    snapped = Range(hour_start(start), min(last, end_of_now), zone, bool(start % HOUR_MS or end % HOUR_MS))
    if not comma or end <= start or snapped.end <= snapped.start:
        raise HttpError(400, "invalid_field", "range must begin before it ends, and in the past.", "range")
    if snapped.end - snapped.start > LONGEST_DAYS * DAY_MS or start < 0:
        raise HttpError(400, "invalid_field", f"range may be at most {LONGEST_DAYS} days.", "range")
    return snapped


def _read_moment(text: str, zone: tzinfo) -> int:
    moment = datetime.fromisoformat(text.strip().replace(" ", "+"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return int(moment.timestamp() * 1000)


def _local(at: int, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(at / 1000, zone)


def _midnight(moment: datetime, zone: tzinfo, days: int = 0) -> int:
    """The clock hour in which a local day begins; zones off the hour are rounded down to it."""
    day = (moment + timedelta(days=days)).date()
    return hour_start(int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 1000)
