"""Ranges and steps, found by looking at every hour and every quarter of an hour instead of by calculating."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import groupby
from zoneinfo import ZoneInfo

from tests.lambdas.oracle_traffic import DAY, HOUR

QUARTER = HOUR // 4
MINUTE = HOUR // 60


@dataclass(frozen=True)
class Span:
    """Clock hours, or minutes, from `start` to before `end`."""

    start: int
    end: int
    zone: tzinfo
    is_widened: bool = False
    earlier: int = 0  # than the range whose steps it has

    def __contains__(self, at: int) -> bool:
        return self.start <= at < self.end

    @property
    def step(self) -> str:
        if self.end - self.start == 30 * MINUTE:
            return "minute"
        return "hour" if self.end - self.start <= 49 * HOUR else "day"

    def steps(self) -> list[Span]:
        """Every hour, or the hours of every local day: an hour belongs to the day on which it ends."""
        if self.earlier:
            later = Span(self.start + self.earlier, self.end + self.earlier, self.zone).steps()
            return [Span(step.start - self.earlier, step.end - self.earlier, self.zone) for step in later]
        if self.step == "minute":
            return [Span(at, at + MINUTE, self.zone) for at in range(self.start, self.end, MINUTE)]
        hours = range(self.start, self.end, HOUR)
        if self.step == "hour":
            return [Span(hour, hour + HOUR, self.zone) for hour in hours]
        days = [list(day) for _, day in groupby(hours, lambda hour: _date(hour + HOUR - 1, self.zone))]
        return [Span(day[0], day[-1] + HOUR, self.zone) for day in days]

    def before(self) -> Span:
        """As many days just before, if whole days are asked for, and else as many hours, cut in the same way."""
        days = [_date(at + HOUR - 1, self.zone) for at in (self.start, self.end)]
        if self.step == "day" and [self.start, self.end] == [_beginning(day, self.zone) for day in days]:
            return Span(_beginning(days[0] - (days[1] - days[0]), self.zone), self.start, self.zone)
        length = self.end - self.start
        return Span(self.start - length, self.start, self.zone, earlier=length)

    def shown(self, at: int) -> str:
        return datetime.fromtimestamp(at // 1000, self.zone).isoformat()

    @property
    def spans_utc_days(self) -> bool:
        return len({hour // DAY for hour in range(self.start, self.end, MINUTE)}) > 1


def span(name: str, now: int, timezone: str) -> Span:
    """The range of that name as it is now."""
    zone = UTC if timezone == "UTC" else ZoneInfo(timezone)
    end = now // HOUR * HOUR + HOUR
    today = _date(now, zone)
    if name == "30m":
        end = now // MINUTE * MINUTE + MINUTE
        return Span(end - 30 * MINUTE, end, zone)
    if name == "24h":
        return Span(end - 24 * HOUR, end, zone)
    if name == "today":
        return Span(_beginning(today, zone), end, zone)
    if name == "yesterday":
        return Span(_beginning(today - timedelta(1), zone), _beginning(today, zone), zone)
    if name.endswith("d"):
        return Span(_beginning(today - timedelta(int(name[:-1]) - 1), zone), end, zone)
    first, last = (_moment(text, zone) for text in name.split(","))
    is_widened = bool(first % HOUR or last % HOUR)
    last_hour = -(-last // HOUR)
    if _date(last, zone) != _date(last - 1, zone) and first // HOUR < last // HOUR:
        last_hour = last // HOUR
    return Span(first // HOUR * HOUR, min(last_hour * HOUR, end), zone, is_widened)


def _moment(text: str, zone: tzinfo) -> int:
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()) * 1000


def _date(at: int, zone: tzinfo) -> date:
    return datetime.fromtimestamp(at / 1000, zone).date()


def _beginning(day: date, zone: tzinfo) -> int:
    """The clock hour with the first quarter of an hour that is on this day; clocks differ by at most 15 hours."""
    midnight = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000
    quarters = range(midnight - 15 * HOUR, midnight + 15 * HOUR, QUARTER)
    return next(at for at in quarters if _date(at, zone) >= day) // HOUR * HOUR
