"""`stats` through the real command line, with a fake API and fake metrics from the composition root."""

import csv
import io
import json
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from liveinsight_cli import cli
from liveinsight_cli.adapters.api import ApiError
from liveinsight_cli.context import Clock, Context, GlobalOptions
from liveinsight_cli.core.stats import DIMENSIONS
from liveinsight_cli.core.stats_platform import Platform
from liveinsight_cli.core.thresholds import METRICS, OF_A_FUNCTION
from liveinsight_cli.errors import CredentialsError, LiveInsightError, PreconditionError
from liveinsight_cli.terminal import Terminal
from tests.conftest import REPOSITORY, CommandLine, Outcome
from tests.core import stats_answers

SCHEMA = json.loads((REPOSITORY / "docs/schemas/stats.schema.json").read_text(encoding="utf-8"))
AWAY = PreconditionError("The API cannot be reached: refused", code="api_unreachable", hint="Look.")


@dataclass
class FakeApi:
    """Answers like the deployed API, or raises what is due: `troubles` are used up call by call, None is no trouble."""

    troubles: list[LiveInsightError | None] = field(default_factory=list)
    asked: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)

    def impatient(self) -> "FakeApi":
        return self

    def realtime(self, **query: object) -> dict[str, Any]:
        self.asked.append(("realtime", query))
        trouble = self.troubles.pop(0) if self.troubles else None
        if trouble is not None:
            raise trouble
        return self.answers.get("realtime") or stats_answers.realtime()

    def stats(self, **query: object) -> dict[str, Any]:
        self.asked.append(("stats", query))
        return self.answers.get("stats") or stats_answers.stats()


@dataclass
class FakeMetrics:
    """Answers with a known platform."""

    windows: list[int] = field(default_factory=list)
    trouble: LiveInsightError | None = None

    def platform(self, now: float, window_seconds: int) -> Platform:
        self.windows.append(window_seconds)
        if self.trouble is not None:
            raise self.trouble
        return stats_answers.platform()


@dataclass
class World:
    """A deployed environment that is watched for `looks` looks, until somebody presses Ctrl-C."""

    api: FakeApi = field(default_factory=FakeApi)
    metrics: FakeMetrics = field(default_factory=FakeMetrics)
    looks: int = 1
    slept: list[float] = field(default_factory=list)

    def compose(self, context: Context) -> None:
        vars(context).update(
            api=self.api,
            metrics=self.metrics,
            deployed=SimpleNamespace(functions={"aggregator": None, "stats-api": None}),
            clock=Clock(lambda: stats_answers.NOW / 1000 + 0.5, lambda: 100.0, self.sleep),
        )

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if len(self.slept) >= self.looks:
            raise KeyboardInterrupt


@pytest.fixture
def world(liveinsight: CommandLine) -> World:
    made = World()
    liveinsight.prepare.append(made.compose)
    return made


def valid(text: str) -> dict[str, Any]:
    """The JSON answer, after the schema has agreed to it."""
    answer: dict[str, Any] = json.loads(text)
    jsonschema.Draft202012Validator(SCHEMA).validate(answer)
    return answer


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


@pytest.mark.parametrize("given", ["utm_campaign", "utm-campaign", "UTM_CAMPAIGN"])
def test_by_shows_the_list_that_was_asked_for(liveinsight: CommandLine, world: World, given: str) -> None:
    out = liveinsight("stats", "--by", given).out
    assert "UTM campaign" in out
    assert "Sources" not in out


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
    (("--by", "moon"), "utm_campaign"),
    (("--fail-if", "latency>1"), "iterator_age"),
    (("--fail-if", "p95>1%"), "ms"),
    (("--fail-if", "moon.p95>1ms"), "stats-api"),
    (("--limit", "0"), "100"),
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


def test_watching_without_a_terminal_prints_a_plain_block_a_look(
    liveinsight: CommandLine, world: World
) -> None:
    world.looks = 3
    outcome = liveinsight("stats", "--watch", "5s")
    assert outcome.code == 0
    assert outcome.out.count("34 visitors now") == 3
    assert "\x1b" not in outcome.out
    assert world.slept == [5.0] * 3
    assert len(world.api.asked) == 6
    assert len(world.metrics.windows) == 3


def test_watching_as_json_is_one_valid_object_a_line(liveinsight: CommandLine, world: World) -> None:
    world.looks = 2
    world.api.troubles = [None, AWAY]
    outcome = liveinsight("stats", "--watch", "--json")
    first, second = (valid(line) for line in outcome.out.splitlines())
    assert outcome.code == 0
    assert (first["ok"], second["ok"]) == (True, False)
    assert second["error"]["code"] == "api_unreachable"
    assert second["data"] is None


def test_a_trouble_while_watching_is_shown_and_passes(liveinsight: CommandLine, world: World) -> None:
    world.looks = 4
    world.api.troubles = [AWAY, None, AWAY]
    outcome = liveinsight("stats", "--watch")
    blocks = outcome.out.split("LiveInsight local")[1:]
    assert outcome.code == 0
    assert ["Trying again: The API cannot be reached" in block for block in blocks] == [
        True,
        False,
        True,
        False,
    ]
    assert ["34 visitors now" in block for block in blocks] == [False, True, True, True]


def test_a_refused_token_ends_watching_at_once(liveinsight: CommandLine, world: World) -> None:
    world.api.troubles = [CredentialsError("The API refuses the read token.", code="read_token")]
    assert liveinsight("stats", "--watch").code == 4


class Tty(io.StringIO):
    """A terminal that remembers what was written to it."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def watched(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    *arguments: str,
    size: tuple[int, int],
    term: str = "xterm-256color",
) -> Outcome:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("COLUMNS", str(size[0]))
    monkeypatch.setenv("LINES", str(size[1]))
    out, err = Tty(), io.StringIO()

    def compose(options: GlobalOptions, terminal: Terminal) -> Context:
        context = Context(options, terminal)
        world.compose(context)
        return context

    code = cli.run(["stats", "--watch", *arguments], Terminal(stdout=out, stderr=err), compose)
    return Outcome(int(code), out.getvalue(), err.getvalue())


def test_a_watched_terminal_is_drawn_over_and_given_back(
    world: World, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.looks = 2
    outcome = watched(world, monkeypatch, size=(80, 24))
    assert outcome.code == 0
    entered, left = "\x1b[?1049h", "\x1b[?1049l"
    assert outcome.out.count(entered) == outcome.out.count(left) == 1
    assert outcome.out.endswith(left) or outcome.out.rindex(left) > outcome.out.rindex("Platform")
    assert "\x1b[2J" not in outcome.out  # clearing is what flickers


def test_a_watched_screen_of_80_by_24_holds_everything_that_matters(
    world: World, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = watched(world, monkeypatch, "--no-color", size=(80, 24))
    for shown in ("visitors now", "Bounce rate", "Pages", "Devices", "stats-api", "r/w units", "Ctrl-C ends"):
        assert shown in outcome.out


def test_a_terminal_that_cannot_be_drawn_over_gets_plain_blocks(
    world: World, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.looks = 2
    outcome = watched(world, monkeypatch, size=(80, 24), term="dumb")
    assert outcome.out.count("visitors now") == 2
    assert "\x1b" not in outcome.out
