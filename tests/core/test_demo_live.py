"""The realtime figures of a demo, held against answers made by hand."""

import copy
from typing import Any

import pytest

from liveinsight_cli.core.demo import DemoEvent, DemoRequest, Visitor
from liveinsight_cli.core.demo_catalogue import PROGRAMS
from liveinsight_cli.core.demo_live import MINUTE_MS, WINDOW_MS, compare_live

NOW = 1_795_470_000_000 + 30_000
START = NOW - NOW % MINUTE_MS - 29 * MINUTE_MS


def visitor(number: int, *events: DemoEvent, is_bot: bool = False) -> Visitor:
    request = DemoRequest(events[-1].at, events)
    return Visitor(number, f"127.0.0.{number}", PROGRAMS[0][0], "agent", "KR", is_bot, (request,))


def event(ago_ms: int, kind: str = "page_view") -> DemoEvent:
    return DemoEvent(NOW - ago_ms, kind, "/")


EVERYBODY = (
    visitor(1, event(WINDOW_MS + MINUTE_MS)),  # gone from the window
    visitor(2, event(600_000), event(10_000, "engagement")),  # there, but only pinging
    visitor(3, event(299_999)),  # active
    visitor(4, event(300_000)),  # not active any more: the window is (now - 300 s, now]
    visitor(5, event(1_000), is_bot=True),
)


def answer() -> dict[str, Any]:
    minutes = {START + n * MINUTE_MS: 0 for n in range(30)}
    for ago in (600_000, 10_000, 299_999, 300_000):
        minutes[(NOW - ago) // MINUTE_MS * MINUTE_MS] += 1
    series = [{"t": at, "events": count} for at, count in minutes.items()]
    figures = {"pageviews_30m": 3, "visitors_30m": 3, "active_visitors": 1}
    return {"now": NOW, "series": series, "meta": {"exact": True}, **figures}


def wrong(given: dict[str, Any]) -> list[str]:
    return [row.metric for row in compare_live(EVERYBODY, given) if not row.ok]


def test_the_right_answer_has_no_difference() -> None:
    assert wrong(answer()) == []
    assert len(compare_live(EVERYBODY, answer())) == 33


@pytest.mark.parametrize("name", ["pageviews_30m", "visitors_30m", "active_visitors"])
def test_one_too_many_is_told(name: str) -> None:
    given = answer()
    given[name] += 1
    assert wrong(given) == [f"realtime {name}"]


def test_an_event_in_the_wrong_minute_is_told_twice() -> None:
    given = copy.deepcopy(answer())
    given["series"][29]["events"] -= 1
    given["series"][28]["events"] += 1
    assert len(wrong(given)) == 2


def test_visitors_that_are_estimated_are_not_compared() -> None:
    given = answer() | {"visitors_30m": 99, "active_visitors": 99}
    given["meta"] = {"exact": False}
    assert wrong(given) == []
