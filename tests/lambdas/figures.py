"""What the two reads answer, held against the oracle, word for word."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.lambdas.oracle import Oracle
from tests.lambdas.world import World

SITES = ("", "", "shop.example", "blog.example", "nobody.example")


@dataclass(frozen=True)
class Look:
    """A question to `GET /api/stats`."""

    site: str = ""
    range: str = "24h"
    timezone: str = "UTC"
    compare: str = ""
    limit: int = 10
    filters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Glance:
    """A question to `GET /api/realtime`, asked some time after the last request."""

    after_s: int = 0
    site: str = ""
    event_type: str = "page_view"
    limit: int = 20
    filters: tuple[tuple[str, str], ...] = ()


LIVE_FILTERS = (
    (("country", "KR"),),
    (("country", "(unknown)"), ("device", "desktop")),
    (("source", "(direct)"),),
    (("source", "news"), ("country", "DE")),
)
glances = st.builds(
    Glance,
    after_s=st.sampled_from((0, 0, 0, 1, 61, 299, 300, 1200, 1770, 1800, 1801)),
    site=st.sampled_from(SITES),
    event_type=st.sampled_from(("page_view", "page_view", "click", "engagement", "never")),
    limit=st.sampled_from((1, 2, 20, 100)),
    filters=st.sampled_from(((),) * 5 + LIVE_FILTERS),
)


# What traffic of traces.py may be narrowed to, by list; hardly ever is there a visit that nothing but chance finds.
_PATHS = ("/", "/pricing", "/docs/start")
_NAMES = {
    "page": _PATHS,
    "entry_page": _PATHS,
    "exit_page": _PATHS,
    "source": ("(direct)", "news", "google.com", "friend", "blog.example", "nobody"),
    "referrer": ("google.com/search", "shop.example:8443/other", "com.app/x"),
    "utm_source": ("news",),
    "utm_medium": ("email",),
    "utm_campaign": ("a+b",),
    "utm_term": ("x",),
    "utm_content": ("y",),
    "country": ("KR", "DE", "(unknown)"),
    "device": ("desktop", "mobile", "other"),
    "browser": ("Chrome", "Safari"),
    "os": ("Windows", "iOS", "Linux"),
    "event_type": ("page_view", "click", "engagement"),
}
_filter = st.sampled_from([(name, value) for name, values in _NAMES.items() for value in values])
no_filters = st.just(())
filters = st.lists(_filter, min_size=1, max_size=2, unique_by=lambda pair: pair[0]).map(tuple)


def looks(
    ranges: tuple[str, ...],
    zones: tuple[str, ...],
    filters: st.SearchStrategy[tuple[tuple[str, str], ...]] = no_filters,
) -> st.SearchStrategy[Look]:
    """Questions about these ranges in these time zones."""
    return st.builds(
        Look,
        site=st.sampled_from(SITES),
        range=st.sampled_from(ranges),
        timezone=st.sampled_from(zones),
        compare=st.sampled_from(("", "previous")),
        limit=st.sampled_from((1, 3, 10, 100)),
        filters=filters,
    )


def assert_stats_equal(world: World, oracle: Oracle, look: Look, *, is_logged: bool = False) -> None:
    """The whole answer is what the oracle says. `is_logged`: the visit log has every hour that is over."""
    parameters = {
        "site": look.site,
        "range": look.range,
        "timezone": look.timezone,
        "compare": look.compare,
        "limit": str(look.limit),
        **dict(look.filters),
    }
    answer = world.stats(**parameters)
    answer["meta"].pop("events_read", None)
    expected = oracle.stats(
        world.now,
        site=look.site,
        range=look.range,
        timezone=look.timezone,
        compare=look.compare,
        limit=look.limit,
        filters=look.filters,
        is_logged=is_logged,
    )
    _assert_same(answer, expected, f"{look} at {world.now}")


def assert_realtime_equal(world: World, oracle: Oracle, glance: Glance) -> None:
    """The whole answer is what the oracle says, the feed but for the order of events of one millisecond."""
    answer = world.realtime(
        site=glance.site, event_type=glance.event_type, limit=str(glance.limit), **dict(glance.filters)
    )
    recent = answer.pop("recent")
    _assert_same(
        answer,
        oracle.realtime(world.now, glance.site, glance.limit, glance.filters),
        f"{glance} at {world.now}",
    )
    _assert_feed(recent, oracle.feed(world.now, glance.site, glance.event_type), glance.limit)


def _assert_same(answer: dict[str, Any], expected: dict[str, Any], question: str) -> None:
    if answer == expected:
        return
    lines = [
        f"{path}: {got!r}, but {wanted!r} is right"
        for path, got, wanted in _differences("", answer, expected)
    ]
    raise AssertionError("\n  ".join([f"{question} is answered", *lines]))


def _differences(path: str, got: Any, wanted: Any) -> list[tuple[str, Any, Any]]:
    if got == wanted:
        return []
    if isinstance(got, dict) and isinstance(wanted, dict):
        names = sorted(got.keys() | wanted.keys())
        return [d for name in names for d in _differences(f"{path}.{name}", got.get(name), wanted.get(name))]
    if isinstance(got, list) and isinstance(wanted, list) and len(got) == len(wanted):
        pairs = enumerate(zip(got, wanted, strict=True))
        return [d for index, pair in pairs for d in _differences(f"{path}[{index}]", *pair)]
    return [(path, got, wanted)]


def _assert_feed(recent: list[dict[str, Any]], expected: list[dict[str, Any]], limit: int) -> None:
    assert [row["epoch_ms"] for row in recent] == [row["epoch_ms"] for row in expected[:limit]]
    allowed = Counter(_without_session(row) for row in expected)
    assert not Counter(map(_without_session, recent)) - allowed
    # Ids of sessions are the server's own: as many as there are visits, and the same ones for the same visit.
    visits: dict[str, set[int]] = {}
    for row in recent:
        same = {known["session"] for known in expected if _without_session(known) == _without_session(row)}
        visits[row["session"]] = visits.get(row["session"], same) & same
    assert all(visits.values()), f"one session id for events of several sessions: {visits}"


def _without_session(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(value for name, value in sorted(row.items()) if name != "session")
