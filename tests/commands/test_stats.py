"""`stats` through the real command line, with a fake API and fake metrics from the composition root."""

import csv
import io
import re
import subprocess
import sys

import pytest

from liveinsight_cli.adapters.api import ApiError
from liveinsight_cli.core.stats_dimensions import DIMENSIONS
from liveinsight_cli.core.thresholds import METRICS, OF_A_FUNCTION
from liveinsight_cli.errors import CredentialsError, LiveInsightError
from tests.commands.stats_world import AWAY, World, valid
from tests.conftest import CommandLine
from tests.core import stats_answers


@pytest.fixture
def world(liveinsight: CommandLine) -> World:
    made = World()
    liveinsight.prepare.append(made.compose)
    return made


def test_one_look_shows_product_and_platform(liveinsight: CommandLine, world: World) -> None:
    outcome = liveinsight("stats")
    assert outcome.code == 0
    assert outcome.err == ""
    for shown in (
        "34 visitors now",
        "12,345",
        "▲ 23.4%",
        "google.com",
        "event-collector",
        "98,765",
        "last hour",
    ):
        assert shown in outcome.out


def test_a_look_costs_two_requests_to_the_api_and_one_to_cloudwatch(
    liveinsight: CommandLine, world: World
) -> None:
    liveinsight(
        "stats", "--site", "shop.example", "--range", "7d", "--timezone", "Asia/Seoul", "--limit", "3"
    )
    assert world.api.asked == [
        ("realtime", {"site": "shop.example", "limit": 1}),
        (
            "stats",
            {
                "site": "shop.example",
                "range": "7d",
                "timezone": "Asia/Seoul",
                "compare": "previous",
                "limit": 3,
            },
        ),
    ]
    assert world.metrics.windows == [86400]


def test_the_json_answer_obeys_its_schema(liveinsight: CommandLine, world: World) -> None:
    answer = valid(liveinsight("stats", "--json", "--fail-if", "errors>5").out)
    assert answer["data"]["period"]["totals"]["pageviews"] == 12345
    assert answer["data"]["platform"]["functions"][2]["errors"] is None
    assert answer["data"]["checks"][0] == {
        "threshold": "errors>5",
        "metric": "errors",
        "actual": 1,
        "unit": "",
        "failed": False,
    }


def test_csv_is_one_figure_a_row(liveinsight: CommandLine, world: World) -> None:
    found = list(csv.DictReader(io.StringIO(liveinsight("stats", "--csv").out)))
    assert {"section": "api", "name": "", "figure": "requests", "value": "51000"} in found
    assert {"section": "pages", "name": "/docs/한국어", "figure": "count", "value": "40"} in found


@pytest.mark.parametrize("given", ["utm_campaign", "utm-campaign", "UTM_CAMPAIGN", "campaign"])
def test_by_shows_the_list_that_was_asked_for(liveinsight: CommandLine, world: World, given: str) -> None:
    out = liveinsight("stats", "--by", given).out
    assert "UTM campaign" in out
    assert "Sources" not in out


def test_csv_keeps_to_its_standard_and_holds_nothing_that_a_spreadsheet_or_terminal_acts_upon(
    liveinsight: CommandLine, world: World
) -> None:
    names = ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "＝1", 'a,"b"', "x\n=1", "\x1b[2J"]  # noqa: RUF001
    answer = stats_answers.stats()
    answer["top"] = {"pages": [{"name": name, "count": 1} for name in names]}
    world.api.answers["stats"] = answer
    out = liveinsight("stats", "--csv").out
    assert "\x1b" not in out
    assert out.count("\r\n") == out.count("\n")
    found = [row["name"] for row in csv.DictReader(io.StringIO(out)) if row["section"] == "pages"]
    assert found[-3:] == ['a,"b"', "x\\x0a=1", "\\x1b[2J"]
    assert found[:-3] == ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "' =1", "'\\x09=1", "'＝1"]  # noqa: RUF001


RANGES = [
    ("30m", "30m", 3600),
    ("31m", "2026-11-23T21:09:30Z,2026-11-23T21:40:30Z", 3600),
    ("14d", "2026-11-09T21:40:30Z,2026-11-23T21:40:30Z", 86400),
    ("99999d", "1753-02-08T21:40:30Z,2026-11-23T21:40:30Z", 86400),
    ("2026-11-01..2026-11-08", "2026-11-01,2026-11-08", 3600),
    ("2026-11-01T06:30:00+09:00,2026-11-02", "2026-11-01T06:30:00+09:00,2026-11-02", 3600),
    ("today", "today", 3600),
]


@pytest.mark.parametrize(("given", "asked", "window"), RANGES, ids=[case[0] for case in RANGES])
def test_ranges_are_asked_for_as_the_api_takes_them(
    liveinsight: CommandLine, world: World, given: str, asked: str, window: int
) -> None:
    assert liveinsight("stats", "--range", given).code == 0
    assert world.api.asked[1][1]["range"] == asked
    assert world.metrics.windows == [window]


WHERE = ("--where", "country=KR", "--where", "utm-term=a=b", "--where", "event_type=page_view")


def test_filters_are_asked_for_as_the_api_takes_them_and_of_live_visits_as_far_as_they_go(
    liveinsight: CommandLine, world: World
) -> None:
    answer = valid(liveinsight("stats", *WHERE, "--limit", "1000", "--json").out)
    (_, live), (_, period) = world.api.asked
    assert live == {"site": None, "limit": 1, "country": "KR"}
    filters = {"country": "KR", "utm_term": "a=b", "event_type": "page_view"}
    assert period.items() >= {"limit": 1000, **filters}.items()
    assert answer["data"]["live"]["filters"] == {"country": "KR"}
    assert answer["data"]["period"]["filters"] == filters
    assert answer["warnings"] == ["visitors are distinct per UTC day, summed over the days"]
    assert answer["data"]["live"]["meta"]["reasons"] == [{"code": "series_unfiltered"}]


def test_the_screen_says_which_visits_it_is_of(liveinsight: CommandLine, world: World) -> None:
    out = liveinsight("stats", *WHERE).out
    assert "where country=KR and utm_term=a=b and event_type=page_view" in out
    assert "visitors now: where country=KR; views of 30m, platform: all visits" in out
    assert "bot" not in out
    assert "all visits" not in liveinsight("stats").out


def test_conditions_are_those_of_the_visits_that_are_chosen(liveinsight: CommandLine, world: World) -> None:
    conditions = ("--fail-if", "visitors<1", "--fail-if", "error_rate>1%", "--fail-if", "active_visitors>33")
    outcome = liveinsight("stats", "--where", "country=KR", *conditions)
    assert outcome.code == 10
    assert "1 of 3 conditions failed: active_visitors>33" in outcome.err


def test_half_an_hour_has_thirty_minutes_and_those_before(liveinsight: CommandLine, world: World) -> None:
    world.api.answers["stats"] = stats_answers.half_an_hour()
    period = valid(liveinsight("stats", "--range", "30m", "--json").out)["data"]["period"]
    assert (period["step"], len(period["series"]), len(period["previous_series"])) == ("minute", 30, 30)
    out = liveinsight("stats", "--range", "30m").out
    assert "last 30 minutes" in out
    assert re.search(r"views a minute .*peak 6", out)


def test_filters_without_a_range_before_leave_the_comparison_open(
    liveinsight: CommandLine, world: World
) -> None:
    answer = stats_answers.stats()
    del answer["comparison"]
    world.api.answers["stats"] = answer
    outcome = liveinsight("stats", "--where", "os=iOS")
    assert outcome.code == 0
    assert "n/a" in outcome.out
    period = valid(liveinsight("stats", "--where", "os=iOS", "--json").out)["data"]["period"]
    assert (period["previous"], period["change"], period["previous_series"]) == (None, {}, [])
    table = csv.DictReader(io.StringIO(liveinsight("stats", "--where", "os=iOS", "--csv").out))
    assert [row["value"] for row in table if row["section"] in ("previous", "change")] == [""] * 16


def test_a_range_beyond_the_reach_of_filters_is_refused_with_what_is_within(
    liveinsight: CommandLine, world: World
) -> None:
    message = "GET /api/stats answers 400: Filters reach back 40 days."
    world.api.troubles = [ApiError(message, status=400, code="filter_out_of_reach", hint="", field="range")]
    outcome = liveinsight("stats", "--where", "country=KR", "--range", "7d", "--json")
    error = valid(outcome.out)["error"]
    assert (outcome.code, error["code"]) == (2, "filter_out_of_reach")
    assert "7d" in error["message"]
    assert "last 40 days" in error["hint"]


OLDER = [("--range", "30m", "range"), ("--limit", "101", "limit")]


@pytest.mark.parametrize(("option", "value", "field"), OLDER)
def test_an_older_api_that_refuses_what_is_right_has_to_be_deployed_anew(
    liveinsight: CommandLine, world: World, option: str, value: str, field: str
) -> None:
    wrong = ApiError(
        f"GET /api/stats answers 400: {field} must be another.",
        status=400,
        code="invalid_field",
        hint="",
        field=field,
    )
    world.api.troubles = [wrong, wrong]
    outcome = liveinsight("stats", option, value)
    assert outcome.code == 3
    assert "liveinsight deploy" in outcome.err
    assert liveinsight("stats", "--timezone", "Moon").code == 2


@pytest.mark.parametrize("older", ["realtime", "stats"])
def test_figures_of_all_visits_are_never_taken_for_filtered_ones(
    liveinsight: CommandLine, world: World, older: str
) -> None:
    setattr(world.api, f"{older}_knows_filters", False)
    outcome = liveinsight("stats", "--where", "country=KR")
    assert outcome.code == 3
    assert "does not know filters" in outcome.err
    assert "liveinsight deploy" in outcome.err
    assert "12,345" not in outcome.out


def test_what_visitors_sent_is_not_acted_upon(liveinsight: CommandLine, world: World) -> None:
    outcome = liveinsight("stats", "--by", "utm_campaign")
    assert "\\x1b[2Jspring\\u202e" in outcome.out
    assert "\x1b" not in outcome.out


def test_conditions_that_do_not_hold_pass(liveinsight: CommandLine, world: World) -> None:
    outcome = liveinsight("stats", "--fail-if", "error_rate>1%", "--fail-if", "p95>100ms")
    assert outcome.code == 0
    assert "passed" in outcome.out


def test_a_condition_that_holds_ends_with_10_and_is_named(liveinsight: CommandLine, world: World) -> None:
    outcome = liveinsight("stats", "--fail-if", "error_rate>1%", "--fail-if", "p95>50ms")
    assert outcome.code == 10
    assert "1 of 2 conditions failed: p95>50ms: p95 is 80.1 ms." in outcome.err
    assert "34 visitors now" in outcome.out


def test_a_failed_condition_under_json_still_holds_the_figures(
    liveinsight: CommandLine, world: World
) -> None:
    outcome = liveinsight("stats", "--json", "--fail-if", "p95>50ms")
    answer = valid(outcome.out)
    assert outcome.code == 10
    assert answer["error"]["code"] == "comparison"
    assert answer["data"]["checks"][0]["failed"]


def test_no_data_does_not_pass(liveinsight: CommandLine, world: World) -> None:
    outcome = liveinsight("stats", "--fail-if", "stats-api.p95>50ms")
    assert outcome.code == 10
    assert "no data for stats-api.p95" in outcome.err


def test_without_cloudwatch_the_product_is_shown_and_conditions_on_the_platform_fail(
    liveinsight: CommandLine, world: World
) -> None:
    world.metrics.trouble = CredentialsError("The credentials may not do this.")
    shown = liveinsight("stats")
    assert shown.code == 0
    assert "No figures of the platform: The credentials may not do this." in shown.out
    assert valid(liveinsight("stats", "--json").out)["data"]["platform"] is None
    assert liveinsight("stats", "--fail-if", "errors>0").code == 10


WRONG = [
    (("--range", "fortnight"), "yesterday"),
    (("--range", "0m"), "30m"),
    (("--range", "2026-11-01.."), "<ISO>..<ISO>"),
    (("--by", "moon"), "utm_campaign"),
    (("--fail-if", "latency>1"), "iterator_age"),
    (("--fail-if", "p95>1%"), "ms"),
    (("--fail-if", "moon.p95>1ms"), "stats-api"),
    (("--limit", "0"), "1000"),
    (("--limit", "1001"), "1000"),
    (("--where", "moon=full"), "utm_campaign"),
    (("--where", "country"), "country=KR"),
    (("--where", "page="), "<name>=<value>"),
    (("--where", "os=iOS", "--where", "OS=Android"), "os may be given once"),
    (("--where", "page=/", "--fail-if", "active_visitors<1"), "source, country and device"),
    (("--where", "country=KR", "--fail-if", "pageviews_30m<1"), "pageviews_30m with none"),
    (("--watch", "0.2s"), "2s"),
    (("5s",), "--watch 5s"),
    (("--csv", "--watch"), "--csv"),
]


@pytest.mark.parametrize(("arguments", "helpful"), WRONG, ids=[" ".join(case[0]) for case in WRONG])
def test_wrong_words_are_usage_errors_that_say_what_would_be_right(
    liveinsight: CommandLine, world: World, arguments: tuple[str, ...], helpful: str
) -> None:
    outcome = liveinsight("stats", *arguments)
    assert outcome.code == 2
    assert helpful in outcome.err
    assert world.api.asked == []


def test_the_help_names_every_metric_and_every_list(liveinsight: CommandLine) -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "liveinsight_cli.cli", "stats", "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    words = set(re.findall(r"[a-z0-9_]+", shown))
    assert {*METRICS, *OF_A_FUNCTION, *DIMENSIONS} <= words


TROUBLES = [
    (AWAY, 3),
    (CredentialsError("The API refuses the read token.", code="read_token"), 4),
    (
        ApiError(
            "GET /api/stats answers 400: timezone must be an IANA time zone.", status=400, code=None, hint=""
        ),
        2,
    ),
    (ApiError("GET /api/stats answers 503", status=503, code=None, hint=""), 1),
]


@pytest.mark.parametrize(("trouble", "code"), TROUBLES, ids=[str(case[1]) for case in TROUBLES])
def test_a_trouble_of_the_api_ends_with_its_exit_code(
    liveinsight: CommandLine, world: World, trouble: LiveInsightError, code: int
) -> None:
    world.api.troubles = [trouble]
    outcome = liveinsight("stats")
    assert outcome.code == code
    assert trouble.message in outcome.err
    assert "Traceback" not in outcome.err


def test_an_answer_of_another_version_is_said_to_be_one(liveinsight: CommandLine, world: World) -> None:
    world.api.answers["realtime"] = {"now": 1}
    outcome = liveinsight("stats")
    assert outcome.code == 3
    assert "liveinsight deploy" in outcome.err


@pytest.mark.parametrize("extra", [(), ("--watch",), ("--json",), ("--watch", "--json")])
def test_an_environment_that_was_never_deployed_is_said_to_be_so(
    liveinsight: CommandLine, extra: tuple[str, ...]
) -> None:
    outcome = liveinsight("stats", *extra)
    assert outcome.code == 3
    assert "never deployed" in outcome.out + outcome.err
