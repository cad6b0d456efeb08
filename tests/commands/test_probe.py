"""`liveinsight verify` with visits of its own, on the real tables, collector, aggregator and reads."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from liveinsight_cli.adapters import probe
from liveinsight_cli.adapters.aws import Aws
from liveinsight_cli.adapters.deployed import Tables
from liveinsight_cli.adapters.probe_site import LEASE_SECONDS, ProbeSites
from liveinsight_cli.core.health import PROBE_SITES, SMOKE_SITE
from liveinsight_cli.core.load.requests import LOAD_SITE
from liveinsight_cli.core.probe_figures import compare_realtime, compare_stats
from liveinsight_cli.errors import PreconditionError
from shared.settings import RESERVED_SITES, Settings
from tests.commands.test_seed_and_verify import NOW, SITE, Demo, demo  # noqa: F401 - a fixture
from tests.lambdas.world import ENVIRONMENT, EVENTS, SESSIONS, STATE, World

MIDNIGHT = NOW - NOW % 86_400_000 + 86_400_000
VISITS = ("verify", "--only", "probe")
FIGURES = {
    "collector accepted": 10, "collector rejected": 1, "collector dropped": 1, "collector accepts again": 3,
    "pageviews": 8, "visitors": 5, "sessions": 5, "events": 10, "bounce_rate": 0.4, "views_per_session": 1.6,
    "engaged_s": 15.0, "bots": 1, "realtime visitors_30m": 5, "realtime active_visitors": 4,
    "exit_pages: /docs": 2, "referrers: google.com/search": 1, "sources: (direct)": 2, "utm_term: probe": 1,
    "countries: KR": 1, "devices: tablet": 1, "event_types: signup": 1, "feed: /docs": 2, "realtime pages: /docs": 2,
}  # fmt: skip


def sites_of(demo: Demo) -> ProbeSites:  # noqa: F811
    aws = Aws("ap-northeast-2", endpoint_url=demo.served.url)
    return ProbeSites(aws, Tables(EVENTS, SESSIONS, STATE), demo.world.seconds)


def left_of_probes(demo: Demo) -> list[dict[str, Any]]:  # noqa: F811
    """What of probes is in the tables, but for rows that nobody can find and the notes of who has which site."""
    demo.world.pump()
    items = [item for table in (EVENTS, SESSIONS, STATE) for item in demo.world.items(table)]
    hidden = ("visitor#", "bot#", "verify")
    return [
        item
        for item in items
        if SMOKE_SITE in json.dumps(item) and not item.get("pk", {}).get("S", "").startswith(hidden)
    ]


def test_every_figure_is_compared_and_nothing_is_left(demo: Demo) -> None:  # noqa: F811
    code, answer = demo.run(*VISITS)
    assert code == 0, answer["error"]
    rows = {row["metric"]: row for row in answer["data"]["rows"]}
    assert {name: rows[name]["answered"] for name in FIGURES} == FIGURES
    assert all(row["ok"] for row in rows.values())
    assert answer["data"]["site"] in PROBE_SITES
    assert set(answer["data"]["timings"]) == {"accepted_ms", "realtime_ms", "stats_ms", "total_ms"}
    assert answer["data"]["deleted_items"] >= 11 + 5
    assert left_of_probes(demo) == []
    assert demo.world.stats(range="24h")["totals"]["events"] == 0


def numbers_in(answer: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every number of an answer that says something about visitors."""
    if isinstance(answer, dict):
        for name, value in answer.items():
            if name not in ("query", "now", "t", "epoch_ms", "fresh_to"):
                yield from numbers_in(value, (*path, name))
    elif isinstance(answer, list):
        for index, value in enumerate(answer):
            yield from numbers_in(value, (*path, index))
    elif isinstance(answer, int | float) and not isinstance(answer, bool):
        yield path


def test_no_figure_of_an_answer_can_be_wrong_unseen(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    heard: dict[str, tuple[Any, Any]] = {}

    def listen(name: str, compare: Any) -> None:
        def listening(sent: Any, answer: Any) -> Any:
            heard[name] = sent, answer
            return compare(sent, answer)

        monkeypatch.setattr(probe, name, listening)

    listen("compare_stats", compare_stats)
    listen("compare_realtime", compare_realtime)
    assert demo.run(*VISITS)[0] == 0
    for compare in (compare_stats, compare_realtime):
        sent, answer = heard[compare.__name__]
        paths = list(numbers_in(answer))
        assert len(paths) > 40
        for *way, last in paths:
            wrong = copy.deepcopy(answer)
            place = wrong
            for step in way:
                place = place[step]
            place[last] += 1
            assert not all(row.ok for row in compare(sent, wrong)), (compare.__name__, *way, last)


def test_real_visitors_and_other_runs_at_the_same_time_disturb_nothing(demo: Demo) -> None:  # noqa: F811
    demo.seed("--sessions", "20")
    taken = sites_of(demo).take()

    def meanwhile() -> None:
        demo.world.now += 1_500
        for site in (SITE, taken):
            event = {
                "event_id": f"other-{demo.world.now}",
                "event_type": "page_view",
                "page_url": f"https://{site}/",
            }
            demo.world.send(event, ip="198.51.100.7")

    before = demo.world.stats(site=SITE)["totals"]["pageviews"]
    demo.api.meanwhile = meanwhile
    code, answer = demo.run(*VISITS)
    assert code == 0, answer["error"]
    assert answer["data"]["site"] != taken
    assert demo.world.stats(site=SITE)["totals"]["pageviews"] == before + 8


@pytest.mark.parametrize("boundary", [MIDNIGHT, MIDNIGHT + 3_600_000])
@pytest.mark.parametrize("before_ms", [400, 3_500])
def test_a_run_across_midnight_or_the_full_hour_is_compared_all_the_same(
    demo: Demo,  # noqa: F811
    boundary: int,
    before_ms: int,
) -> None:
    demo.world.now = boundary - before_ms

    def meanwhile() -> None:
        demo.world.now += 700

    demo.api.meanwhile = meanwhile
    code, answer = demo.run(*VISITS)
    assert code == 0, answer["error"]
    assert demo.run(*VISITS)[0] == 0
    assert left_of_probes(demo) == []


def test_where_only_listed_sites_are_taken_the_reserved_ones_are_too(demo: Demo) -> None:  # noqa: F811
    listed = Settings.from_environment({**ENVIRONMENT, "ALLOWED_SITES": "shop.example"})
    demo.world.settings = listed
    demo.world.collector = demo.world.new_collector()
    code, answer = demo.run(*VISITS)
    assert code == 0, answer["error"]
    assert demo.world.realtime()["recent"] == []


def test_a_seeded_demo_is_compared_beside_the_visits(demo: Demo) -> None:  # noqa: F811
    demo.seed("--sessions", "20")
    code, answer = demo.run("verify")
    assert code == 0, answer["error"]
    assert answer["data"]["site"] in PROBE_SITES
    assert answer["data"]["seeded"]["site"] == SITE
    demo.world.now += 40 * 86_400_000
    assert demo.run("verify")[1]["data"]["seeded"] is None
    assert demo.run("verify", "--only", "seeded")[1]["error"]["code"] == "no_demo"


def test_a_wrong_figure_is_named_and_exits_with_10(demo: Demo) -> None:  # noqa: F811
    demo.api.added_views = 1
    done = demo.liveinsight(*VISITS)
    assert done.code == 10
    shown = done.out.splitlines()
    assert "1 of" in shown[0]
    assert shown[4].split() == ["pageviews", "8", "9", "differs"]


def test_what_is_not_counted_in_time_exits_with_8_and_disturbs_no_later_run(demo: Demo) -> None:  # noqa: F811
    demo.api.is_stuck = True
    code, answer = demo.run(*VISITS, "--timeout", "5")
    assert (code, answer["error"]["code"]) == (8, "verify_timeout")
    assert "0 of 10 events" in answer["error"]["message"]
    demo.api.is_stuck = False
    assert left_of_probes(demo), "the blocks of what was counted only now"
    sites = sites_of(demo)
    free = [sites.take(60) for _ in range(len(PROBE_SITES) - 1)]
    busy, answer = demo.run(*VISITS)
    assert (busy, answer["error"]["code"]) == (3, "verify_busy")
    demo.world.now += (LEASE_SECONDS + 6) * 1000  # what the run had, and longer
    again = sites.take()
    assert again not in free
    assert left_of_probes(demo) == []


def test_a_run_has_its_site_as_long_as_it_may_take_and_touches_none_that_another_has_by_then(
    demo: Demo,  # noqa: F811
) -> None:
    slow, next_one = sites_of(demo), sites_of(demo)
    site = slow.take(3600)
    demo.world.now += 3600 * 1000
    others = [next_one.take(3600) for _ in range(len(PROBE_SITES) - 1)]
    assert site not in others
    with pytest.raises(PreconditionError) as busy:
        next_one.take()
    assert "15 minutes" in str(busy.value.hint)
    demo.world.now += (LEASE_SECONDS + 1) * 1000
    assert next_one.take() == site
    page = {"event_type": "page_view", "page_url": f"https://{site}/"}
    demo.world.send({"event_id": "of-the-next-run", **page}, ip="198.51.100.7")
    slow.give_back(site)
    assert slow.clean(site, demo.world.now) == 0
    with pytest.raises(PreconditionError):
        sites_of(demo).take()
    assert next_one.clean(site, demo.world.now) > 0
    next_one.give_back(site)
    assert sites_of(demo).take() == site


def busy(demo: Demo) -> None:  # noqa: F811
    """More page views of a site than the feed reads of all sites, after the probe's late ones have happened."""
    for number in range(13):
        views = [
            {"event_id": f"busy-{number}-{n}", "event_type": "page_view", "page_url": f"https://{SITE}/"}
            for n in range(25)
        ]
        assert demo.world.send({"events": views}, ip=f"198.51.100.{number}").status == 202


def test_a_busy_site_at_the_same_time_hides_nothing(demo: Demo) -> None:  # noqa: F811
    busy(demo)
    code, answer = demo.run(*VISITS)
    assert code == 0, answer["error"]
    assert "feed: /features" in {row["metric"] for row in answer["data"]["rows"]}
    assert answer["warnings"] == []


def test_what_a_feed_that_is_cut_off_does_not_show_is_left_out_and_said(
    demo: Demo,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("realtime_api.store.DEEPER_READS", 0)
    busy(demo)
    code, answer = demo.run(*VISITS)
    assert code == 0, answer["error"]
    metrics = {row["metric"] for row in answer["data"]["rows"]}
    assert "feed: /docs" in metrics
    assert "feed: /features" not in metrics
    [warning] = answer["warnings"]
    assert "of the feed were not compared" in warning
    monkeypatch.setattr("realtime_api.report._recent", lambda *_: ([], True))
    code, answer = demo.run(*VISITS, "--timeout", "5")
    assert (code, answer["error"]["code"]) == (8, "verify_timeout")


def test_functions_of_an_earlier_version_that_take_listed_sites_only_are_told(
    demo: Demo,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.settings.RESERVED_SITES", frozenset({SMOKE_SITE}))
    older = World(tmp_path / "older.sqlite", ALLOWED_SITES="shop.example")
    older.now, demo.api.world = NOW, older
    code, answer = demo.run(*VISITS)
    assert (code, answer["error"]["code"]) == (3, "verify_site")
    assert "liveinsight deploy" in answer["error"]["hint"]
    older.close()


def test_the_functions_and_the_tool_reserve_the_same_sites() -> None:
    assert {SMOKE_SITE, *PROBE_SITES, LOAD_SITE} == RESERVED_SITES
