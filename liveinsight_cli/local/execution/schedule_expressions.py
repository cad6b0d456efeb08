"""EventBridge's schedule expressions: `rate(5 minutes)` and `cron(0 12 ? * MON-FRI *)`, in UTC."""

import calendar
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_RATE = re.compile(r"rate\((?P<number>[1-9]\d*) (?P<unit>minute|hour|day)(?P<plural>s?)\)")
_CRON = re.compile(r"cron\((.+)\)")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_HORIZON_DAYS = 5 * 366  # a cron that has no day in five years has none

Next = Callable[[float], float | None]


class InvalidSchedule(Exception):
    """An expression that EventBridge would refuse."""


def parse_schedule(expression: str) -> Next:
    """A function from a moment (epoch seconds) to the first firing after it, None when there is none any more.

    A rate fires at multiples of its period since 1970, so that a restart does not put it off. Raises InvalidSchedule.
    """
    rate = _RATE.fullmatch(expression)
    if rate is not None:
        if (int(rate["number"]) == 1) == bool(rate["plural"]):
            raise InvalidSchedule(f"singular for one, plural for more: {expression}")
        period = int(rate["number"]) * _SECONDS[rate["unit"]]
        return lambda after: (after // period + 1) * period
    cron = _CRON.fullmatch(expression)
    if cron is None:
        raise InvalidSchedule(f"neither rate(...) nor cron(...): {expression}")
    return _cron(cron[1].split(), expression)


def _cron(fields: list[str], expression: str) -> Next:
    if len(fields) != 6:
        raise InvalidSchedule(f"cron has six fields: {expression}")
    minute, hour, day, month, weekday, year = fields
    if (day == "?") == (weekday == "?"):
        raise InvalidSchedule(f"exactly one of day-of-month and day-of-week must be ?: {expression}")
    try:
        minutes, hours = sorted(_values(minute, 0, 59)), sorted(_values(hour, 0, 23))
        months, years = _values(month, 1, 12, _MONTHS, 1), _values(year, 1970, 2199)
        is_day = _day_of_month(day) if day != "?" else _day_of_week(weekday)
    except ValueError as error:
        raise InvalidSchedule(f"{error}: {expression}") from error

    def following(after: float) -> float | None:
        start = datetime.fromtimestamp(after, UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
        for offset in range(_HORIZON_DAYS):
            date = start.replace(hour=0, minute=0) + timedelta(days=offset)
            if date.year not in years or date.month not in months or not is_day(date):
                continue
            for moment in (date.replace(hour=h, minute=m) for h in hours for m in minutes):
                if moment >= start:
                    return moment.timestamp()
        return None

    return following


def _values(field: str, low: int, high: int, names: tuple[str, ...] = (), first: int = 0) -> set[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        begin, dash, end = span.partition("-")
        if span in ("*", "?"):
            start, stop = low, high
        else:
            start = _number(begin, names, first)
            stop = _number(end, names, first) if dash else high if step else start
        if not low <= start <= high or not low <= stop <= high or step == "0":
            raise ValueError(f"{part} is outside of {low}-{high}")
        numbers = (
            range(start, stop + 1) if start <= stop else [*range(start, high + 1), *range(low, stop + 1)]
        )
        found |= set(list(numbers)[:: int(step or 1)])
    return found


def _number(text: str, names: tuple[str, ...], first: int) -> int:
    return names.index(text.upper()) + first if text.upper() in names else int(text)


def _day_of_month(field: str) -> Callable[[datetime], bool]:
    if field == "L":
        return lambda date: date.day == calendar.monthrange(date.year, date.month)[1]
    if field.endswith("W"):
        wanted = int(field[:-1])
        return lambda date: date.day == _nearest_weekday(date.year, date.month, wanted)
    days = _values(field, 1, 31)
    return lambda date: date.day in days


def _nearest_weekday(year: int, month: int, day: int) -> int:
    last = calendar.monthrange(year, month)[1]
    day = min(day, last)
    weekday = calendar.weekday(year, month, day)
    if weekday == calendar.SATURDAY:
        return day - 1 if day > 1 else day + 2
    if weekday == calendar.SUNDAY:
        return day + 1 if day < last else day - 2
    return day


def _day_of_week(field: str) -> Callable[[datetime], bool]:
    """Sunday is 1; `6#3` is the third Friday, `5L` the last Thursday."""
    if "#" in field:
        name, _, nth = field.partition("#")
        day, number = _number(name, _DAYS, 1), int(nth)
        return lambda date: _weekday(date) == day and (date.day - 1) // 7 + 1 == number
    if field.endswith("L") and field != "L":
        day = _number(field[:-1], _DAYS, 1)
        return lambda date: _weekday(date) == day and (date + timedelta(days=7)).month != date.month
    days = {7} if field == "L" else _values(field, 1, 7, _DAYS, 1)
    return lambda date: _weekday(date) in days


def _weekday(date: datetime) -> int:
    return (date.weekday() + 1) % 7 + 1
