"""`cost` through the real command line, and the estimate of a first deploy."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from liveinsight_cli.commands.cost_estimate import estimate_of_the_first_deploy
from liveinsight_cli.context import Clock, Context, GlobalOptions
from liveinsight_cli.core.cost_actual import Used, UsedNames, global_metrics, regional_metrics
from liveinsight_cli.errors import PreconditionError
from liveinsight_cli.terminal import Terminal
from tests.commands.world import World
from tests.conftest import CommandLine

NOW = 1_795_470_030.0
DAY = 24 * 3600
NAMES = UsedNames(
    {"event-collector": "c"},
    {"events": "e", "sessions": "s", "state": "t"},
    "api",
    "v1",
    ("/aws/lambda/c",),
    "E1",
)
THERE = """
[prices.PRICE.eu-west-1]
usd = [DOLLARS]
source = "price-list"
read = 2026-10-01
"""


@dataclass
class FakeUsage:
    """A deployed environment that sends 1,000 events in 500 requests in whatever it is asked for."""

    asked: list[int] = field(default_factory=list)

    def last(self, seconds: int, now: float) -> Used:
        self.asked.append(seconds)
        none: dict[str, float | None] = dict.fromkeys([*regional_metrics(NAMES), *global_metrics(NAMES)])
        known = {"api_requests": 500, "write events": 1000, "invocations event-collector": 500}
        return Used(seconds, none | known, 5000, 700, 23, 0)


@pytest.fixture
def usage(liveinsight: CommandLine) -> FakeUsage:
    made = FakeUsage()

    def compose(context: Context) -> None:
        vars(context).update(usage=made, clock=Clock(now=lambda: NOW))

    liveinsight.prepare.append(compose)
    return made


def test_an_estimate_needs_no_deploy_and_no_account(liveinsight: CommandLine) -> None:
    outcome = liveinsight("cost", "--env", "prod")
    assert outcome.code == 0
    assert outcome.err == ""
    for shown in (
        "API Gateway",
        "DynamoDB",
        "together",
        "at most",
        "1000 requests a minute",
        "prices of ap-northeast-2",
    ):
        assert shown in outcome.out


def test_the_figures_are_those_of_the_arithmetic(liveinsight: CommandLine) -> None:
    asked = ("cost", "--views", "1000000", "--dashboards", "0", "--region", "us-east-1", "--json")
    data = json.loads(liveinsight(*asked).out)["data"]
    lines = {line["name"]: line for line in data["bill"]["lines"]}
    assert lines["api_requests"]["dollars"] == pytest.approx(3.50)
    assert lines["api_requests"]["per_million_events"] == pytest.approx(3.50)
    assert lines["dashboards"]["dollars"] == 3
    assert lines["dashboards"]["dollars_free_tier"] == 0
    assert data["bill"]["dollars"] == pytest.approx(sum(line["dollars"] for line in lines.values()))
    assert data["bill"]["dollars"] == pytest.approx(data["idle"] + data["per_million_views"])


def test_settings_of_the_environment_count(liveinsight: CommandLine, project: Path) -> None:
    toml = "[env.prod]\nwaf = true\ncustomer_managed_key = true\nrequests_per_minute = 100\n"
    (project / "liveinsight.toml").write_text(toml, encoding="utf-8")
    lines, ceilings = {}, {}
    for name in ("dev", "prod"):
        data = json.loads(liveinsight("cost", "--env", name, "--json").out)["data"]
        lines[name] = {line["name"] for line in data["bill"]["lines"]}
        ceilings[name] = data["ceiling"]["dollars"]
    assert lines["prod"] - lines["dev"] == {"waf_acls", "waf_rules", "waf_requests", "kms_keys", "backup_gb"}
    assert ceilings["prod"] < ceilings["dev"]


def test_what_the_limit_refuses_is_a_warning(liveinsight: CommandLine) -> None:
    answer = json.loads(liveinsight("cost", "--views", "1e9", "--json").out)
    assert "requests_per_minute = 1000" in answer["warnings"][0]


def test_free_allowances_are_taken_off_on_request_only(liveinsight: CommandLine) -> None:
    assert "no free allowances taken off" in liveinsight("cost").out
    assert "no free allowances" not in liveinsight("cost", "--free-tier").out


def test_a_region_without_prices_ends_with_3_and_says_what_to_do(liveinsight: CommandLine) -> None:
    outcome = liveinsight("cost", "--region", "eu-west-1")
    assert outcome.code == 3
    assert outcome.out == ""
    assert "The prices of eu-west-1 are not known." in outcome.err
    assert "--prices-of ap-northeast-2 or us-east-1" in outcome.err
    other = liveinsight("cost", "--region", "eu-west-1", "--prices-of", "us-east-1")
    assert other.code == 0
    assert "prices of us-east-1" in other.out


def test_a_file_adds_the_prices_of_a_region(liveinsight: CommandLine, project: Path) -> None:
    lines = json.loads(liveinsight("cost", "--env", "prod", "--json").out)["data"]["bill"]["lines"]
    names = {line["name"] for line in lines} | {"custom_metrics", "log_scanned_gb"}
    names -= {"dashboards", "waf_acls", "waf_rules", "waf_requests", "kms_keys"}  # the same everywhere
    tables = [THERE.replace("PRICE", name).replace("DOLLARS", "7.0") for name in sorted(names)]
    text = "".join(table for table in tables if "api_requests" not in table)
    (project / "more.toml").write_text(text, encoding="utf-8")
    assert (
        "in full: api_requests is missing"
        in liveinsight("cost", "--region", "eu-west-1", "--prices", "more.toml").err
    )
    tiers = THERE.replace("PRICE", "api_requests").replace("DOLLARS", "7.0, 6.0, 5.0, 4.0")
    (project / "more.toml").write_text(text + tiers, encoding="utf-8")
    outcome = liveinsight("cost", "--region", "eu-west-1", "--prices", "more.toml", "--json")
    assert outcome.code == 0, outcome.out
    found = json.loads(outcome.out)["data"]
    assert found["region"] == "eu-west-1"
    assert {line["usd"] for line in found["bill"]["lines"] if line["name"] in names} == {7.0}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("usd = ", "is not TOML"),
        ("schema = 9", "schema must be 1"),
        ('[free.write_units]\nunits = "x"', "free.write_units"),
    ],
)
def test_a_file_that_is_none_of_prices_ends_with_3(
    liveinsight: CommandLine, project: Path, text: str, says: str
) -> None:
    (project / "bad.toml").write_text(text, encoding="utf-8")
    outcome = liveinsight("cost", "--prices", "bad.toml")
    assert outcome.code == 3
    assert says in outcome.err
    assert "bad.toml" in outcome.err


def test_a_file_that_is_not_there_ends_with_3(liveinsight: CommandLine) -> None:
    assert liveinsight("cost", "--prices", "none.toml").code == 3


@pytest.mark.parametrize(
    "words",
    [
        ("--range", "7d"),
        ("--actual", "--range", "5y"),
        ("--views", "-1"),
        ("--views", "nan"),
        ("--views-per-visit", "inf"),
        ("--events-per-request", "26"),
        ("--events-per-view", "0.5"),
    ],
)
def test_words_that_do_not_fit_end_with_2(liveinsight: CommandLine, words: tuple[str, ...]) -> None:
    assert liveinsight("cost", *words).code == 2


def test_what_was_used_stands_beside_the_model_of_the_same_traffic(
    liveinsight: CommandLine, usage: FakeUsage
) -> None:
    answer = json.loads(liveinsight("cost", "--actual", "--json").out)
    data = answer["data"]
    assert usage.asked == [DAY]
    assert data["events"] == pytest.approx(1000 * 730 / 24)
    assert data["traffic"]["events_per_request"] == pytest.approx(2)
    used = {line["name"]: line for line in data["actual"]["bill"]["lines"]}
    assert used["api_requests"]["units"] == pytest.approx(500 * 730 / 24)
    assert used["read_units"]["units"] is None
    assert used["alarm_metrics"]["units"] == 23
    assert any("DynamoDB read units" in warning for warning in answer["warnings"])


def test_what_is_not_known_is_a_dash(liveinsight: CommandLine, usage: FakeUsage) -> None:
    outcome = liveinsight("cost", "--actual", "--range", "7d")
    assert outcome.code == 0
    assert usage.asked == [7 * DAY]
    row = next(line for line in outcome.out.splitlines() if "read units" in line)
    assert row.split()[-2:] == ["-", row.split()[-1]]


def test_the_range_begins_with_the_first_deploy(
    liveinsight: CommandLine, usage: FakeUsage, project: Path
) -> None:
    first: dict[str, object] = {
        "id": "r1",
        "environment": "local",
        "at": "2026-11-23T19:40:30+00:00",
        "by": "me",
        "tool_version": "1",
    }
    first |= {"git_sha": None, "digests": {}, "versions": {}, "status": "replaced"}
    ledger = project / ".liveinsight/local/releases.json"
    ledger.parent.mkdir(parents=True)
    ledger.write_text(json.dumps({"schema": 1, "releases": [first]}), encoding="utf-8")
    outcome = liveinsight("cost", "--actual", "--range", "30d")
    assert usage.asked == [2 * 3600]
    assert "2 hours stand for a month" in outcome.out


def test_actual_use_of_what_was_never_deployed_ends_with_3(liveinsight: CommandLine) -> None:
    outcome = liveinsight("cost", "--env", "dev", "--actual")
    assert outcome.code == PreconditionError.exit_code
    assert "never deployed" in outcome.err


def test_a_first_deploy_to_an_account_says_what_it_will_cost(liveinsight: CommandLine, world: World) -> None:
    first = liveinsight("deploy", "--yes")
    assert first.code == 0, first.err
    assert "Estimated cost (list prices of ap-northeast-2" in first.err
    assert "liveinsight cost --env local" in first.err
    world.will_not_change()
    assert "Estimated cost" not in liveinsight("deploy", "--yes").err


def test_under_json_the_estimate_is_part_of_the_answer(liveinsight: CommandLine, world: World) -> None:
    found = json.loads(liveinsight("deploy", "--yes", "--json").out)["data"]["cost_estimate"]
    assert found["region"] == "ap-northeast-2"
    assert 0 < found["idle"] < found["per_million_views"] < found["ceiling"]["dollars"]


def test_the_embedded_aws_costs_nothing(project: Path) -> None:
    context = Context(GlobalOptions("local"), Terminal(), variables={})
    assert context.settings.target == "embedded"
    assert estimate_of_the_first_deploy(context) is None


def test_unknown_prices_do_not_keep_anybody_from_deploying(liveinsight: CommandLine, world: World) -> None:
    outcome = liveinsight("deploy", "--yes", "--region", "eu-west-1")
    assert "No estimate of what this costs: The prices of eu-west-1 are not known." in outcome.err
    assert outcome.code == 0
