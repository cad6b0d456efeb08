"""Random traffic through collector, stream, aggregator and reads: every figure equals a brute-force recount."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.lambdas.oracle import Oracle
from tests.lambdas.world import CHROME, World

# 22:40 UTC: traces cross clock hours and, often, midnight.
START = 1_763_851_200_000
# Shrinking takes minutes with traces like these; PROPERTY_EXAMPLES=500 looks further.
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "40"))
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
GAPS_S = [0, 0, 1, 4, 30, 59, 60, 299, 301, 900, 1799, 1800, 1801, 3600, 7200]
KINDS = ["page_view", "page_view", "page_view", "engagement", "click"]
PAGES = ["/", "/pricing", "/docs/start"]
QUERIES = ["", "?utm_source=news", "?ref=friend&secret=1", "?source=ad"]
REFERRERS = ["", "https://www.google.com/search?q=x", "https://shop.example/other", "android-app://com.app/x"]


@dataclass(frozen=True)
class Turn:
    """One request: by whom, after how long, what, and which of the visitor's last requests is sent once more."""

    person: int
    gap_s: int
    events: tuple[tuple[str, str, str, str, int, bool, int], ...]
    site: str
    again: int | None
    own_session: bool
    is_bot: bool


turns = st.builds(
    Turn,
    person=st.integers(0, 2),
    gap_s=st.sampled_from(GAPS_S),
    events=st.lists(
        st.tuples(
            st.sampled_from(KINDS),
            st.sampled_from(PAGES),
            st.sampled_from(QUERIES),
            st.sampled_from(REFERRERS),
            st.sampled_from([0, 0, 0, 1_000, 90_000, 900_000, 900_001, -5_000]),
            st.booleans(),
            st.sampled_from([0, 1500]),
        ),
        min_size=1,
        max_size=4,
    ).map(tuple),
    site=st.sampled_from(["shop.example", "shop.example", "www.blog.example"]),
    again=st.sampled_from([None, None, None, None, 0, 1, 2]),
    own_session=st.sampled_from([False, False, False, True]),
    is_bot=st.sampled_from([False] * 9 + [True]),
)


def play(world: World, oracle: Oracle, trace: list[Turn]) -> None:
    """Send a trace, with retries in between, and tell the oracle of each request once."""
    sent: dict[tuple[int, str, bool, bool], list[bytes]] = {}
    world.now = START
    for number, turn in enumerate(trace):
        world.now += turn.gap_s * 1000
        ip, country = f"203.0.113.{turn.person}", ["KR", "DE", ""][turn.person]
        user_agent = BOT if turn.is_bot else CHROME
        memory = sent.setdefault((turn.person, turn.site, turn.own_session, turn.is_bot), [])
        if turn.again is not None and turn.again < len(memory):
            body = memory[-1 - turn.again]
        else:
            document = {
                "sent_at": world.now,
                "events": [_event(world.now, number, i, turn) for i in range(len(turn.events))],
            }
            body = json.dumps(document).encode()
            memory.append(body)
            oracle.tell(
                world.now, document["events"], ip, user_agent, country, document["sent_at"], turn.is_bot
            )
        result = world.send(body, ip=ip, user_agent=user_agent, country=country)
        assert result.status == 202, result.body


def _event(now: int, number: int, index: int, turn: Turn) -> dict[str, Any]:
    kind, page, query, referrer, delay, interactive, engaged = turn.events[index]
    own = {"session_id": f"own-session-{turn.person}-{turn.site}"} if turn.own_session else {}
    return {
        "event_id": f"event-{number:04}-{index}",
        "event_type": kind,
        "page_url": f"https://{turn.site}{page}{query}",
        "referrer": referrer,
        "timestamp": now - delay,
        "interactive": interactive,
        "engaged_ms": engaged,
        **own,
    }


def assert_stats_equal(answer: dict[str, Any], oracle: Oracle, site: str) -> None:
    start, end = answer["query"]["from_ms"], answer["query"]["to_ms"]
    expected = oracle.stats(start, end, site)
    for name, value in expected["totals"].items():
        assert answer["totals"][name] == pytest.approx(value, abs=6e-4), name
    for name, counts in expected["top"].items():
        assert Counter({row["name"]: row["count"] for row in answer["top"][name]}) == counts, name
    ends = [*[step["t"] for step in answer["series"]][1:], end]
    for step, step_end in zip(answer["series"], ends, strict=True):
        totals = oracle.stats(step["t"], step_end, site)["totals"]
        shown = {name: step[name] for name in ("pageviews", "visitors", "sessions", "events")}
        assert shown == {name: totals[name] for name in shown}, step


def assert_realtime_equal(answer: dict[str, Any], oracle: Oracle, site: str) -> None:
    expected = oracle.realtime(answer["now"], site)
    assert [(m["t"], m["pageviews"], m["visitors"]) for m in answer["series"]] == expected.pop("series")
    assert {name: answer[name] for name in expected} == expected


def assert_everything_equal(world: World, oracle: Oracle) -> None:
    for site in ("", "shop.example"):
        for parameters in (
            {"range": "24h"},
            {"range": "today"},
            {"range": "7d"},
            {"range": "7d", "timezone": "Asia/Seoul"},
        ):
            assert_stats_equal(world.stats(site=site, limit="100", **parameters), oracle, site)
        assert_realtime_equal(world.realtime(site=site), oracle, site)
    bots = world.stats(range="7d")["meta"]["bots"]
    assert sum(bots.values()) == sum(oracle.bots.values())


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=PHASES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(trace=st.lists(turns, min_size=1, max_size=25), batch=st.integers(1, 7), shards=st.integers(1, 3))
def test_all_figures_equal_a_recount_however_the_stream_is_delivered(
    tmp_path_factory: pytest.TempPathFactory, trace: list[Turn], batch: int, shards: int
) -> None:
    world, oracle = World(_database(tmp_path_factory)), Oracle()
    try:
        play(world, oracle, trace)
        world.pump(shards=shards, batch=batch)
        assert_everything_equal(world, oracle)
        blocks = world.items("liveinsight-state-test")
        world.redeliver()
        assert [b for b in blocks if "last_sequence" in b] == [
            b for b in world.items("liveinsight-state-test") if "last_sequence" in b
        ]
        assert_everything_equal(world, oracle)
    finally:
        world.close()


@settings(
    max_examples=max(1, EXAMPLES // 3),
    deadline=None,
    phases=PHASES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(early=st.lists(turns, min_size=1, max_size=12), days_later=st.integers(1, 3))
def test_figures_stay_equal_when_days_are_folded_and_raw_events_are_gone(
    tmp_path_factory: pytest.TempPathFactory, early: list[Turn], days_later: int
) -> None:
    world, oracle = World(_database(tmp_path_factory)), Oracle()
    try:
        play(world, oracle, early)
        world.pump()
        world.now += days_later * 86_400_000
        world.sweep()
        world.plane.sweep_expired()
        world.fold_days()
        assert world.fold_days() == {"days_folded": 0}
        for parameters in ({"range": "7d"}, {"range": "7d", "timezone": "Asia/Seoul"}, {"range": "30d"}):
            assert_stats_equal(world.stats(limit="100", **parameters), oracle, "")
    finally:
        world.close()


def _database(factory: pytest.TempPathFactory) -> Path:
    return factory.mktemp("world") / "data.sqlite"
