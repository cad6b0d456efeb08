"""Queries of logs: presets and how they are named, what is asked, what came back and what it cost."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

SESSION = "session"
PLACE_OF_ID = '"ID"'
POINTER = "@ptr"
# What the presets that come with the stack are for; what somebody saved is described by its query.
ABOUT: Mapping[str, str] = {
    "errors": "the newest failures: lines of ours, exceptions, timeouts",
    "top-errors": "which failures, how often, the latest of each",
    "slowest": "the longest invocations, with cold start and memory",
    "cold-starts": "how many, and how long they take, by function",
    "one-request": "--id ID: one request through the access log and the functions",
    "refused-requests": "answers of 400 and more, by status, path and kind of refusal",
    "throttled-requests": "answers of 429 in time",
    "taken-events": "events accepted, rejected and of bots, by hour and status",
    SESSION: "--id SESSION: the path of one session, from the events table",
}
_ID = re.compile(r"[A-Za-z0-9_=.:-]{1,128}")
_TIMES = ("@timestamp", "@ingestionTime")
_MILLISECONDS = re.compile(r"1\d{12}(\.0+)?")


class UnknownPreset(LookupError):
    """No preset has this name, or several begin so."""


@dataclass(frozen=True)
class Preset:
    """A query that is saved under a name; `groups` are the log groups it is about."""

    name: str
    query: str
    groups: tuple[str, ...] = ()

    @property
    def needs_id(self) -> bool:
        """Whether an id has to be put in."""
        return PLACE_OF_ID in self.query

    def about(self, id_: str) -> str:
        """Return the query for an id; raises ValueError for what cannot be one."""
        if not _ID.fullmatch(id_):
            raise ValueError(f"{id_!r} is no id")
        return self.query.replace(PLACE_OF_ID, f'"{id_}"')


def is_query(text: str) -> bool:
    """Tell a query from the name of a preset: it has more than one word."""
    return len(text.split()) > 1


def chosen(presets: Sequence[Preset], name: str) -> Preset:
    """Return the preset of that name, or the only one that begins so; raises UnknownPreset."""
    exact = [preset for preset in presets if preset.name == name]
    found = exact or [preset for preset in presets if preset.name.startswith(name)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(preset.name for preset in found)
    raise UnknownPreset(f"{name!r} may be {names}" if found else f"there is no preset {name!r}")


@dataclass(frozen=True)
class Question:
    """What is asked of which log groups; times in epoch ms."""

    query: str
    groups: tuple[str, ...]
    start_ms: int
    end_ms: int
    limit: int


@dataclass(frozen=True)
class Found:
    """The answer of `logs query`. A row is a field's name to its text; what a row has not, it has not.

    `dollars` is the list price of the scan, None where the region's is not known; the embedded AWS takes nothing.
    `scanned` counts log events; for a session, items of the events table, and `read_units` what reading them took.
    """

    environment: str
    preset: str | None
    query: str
    sources: tuple[str, ...]
    start_ms: int
    end_ms: int
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    matched: int
    scanned: int
    bytes_scanned: int | None
    read_units: float | None
    dollars: float | None
    is_free: bool


@dataclass(frozen=True)
class Presets:
    """The answer of `logs query` without a query."""

    environment: str
    presets: tuple[Preset, ...]


def rows_of(results: Iterable[Iterable[Mapping[str, str]]]) -> tuple[Mapping[str, str], ...]:
    """Return GetQueryResults' rows as mappings, without the pointers to the events."""
    return tuple(
        {one["field"]: one.get("value", "") for one in row if one["field"] != POINTER} for row in results
    )


def columns_of(rows: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    """Return the columns of rows that leave out what they have not: each after the one that it follows somewhere."""
    columns: list[str] = []
    for row in rows:
        place = 0
        for name in row:
            if name in columns:
                place = columns.index(name) + 1
            else:
                columns.insert(place, name)
                place += 1
    return tuple(columns)


def is_moment(text: str, start_ms: int, end_ms: int) -> bool:
    """Whether a figure is a time in epoch ms, as `max(@timestamp)` gives it: within what was asked for."""
    return bool(_MILLISECONDS.fullmatch(text)) and start_ms <= float(text) <= end_ms


def is_time(column: str) -> bool:
    """Whether a column holds a time in words."""
    return column in _TIMES or column.startswith("bin(")


def moment(milliseconds: float) -> str:
    """Return a time as Insights writes times: UTC, with milliseconds."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def short_groups(text: str, names: Mapping[str, str]) -> str:
    """Return the short name of a log group that is written as `account:group`; any other text as it is."""
    account, colon, group = text.partition(":")
    return names.get(group, text) if colon and account.isdigit() else names.get(text, text)
