"""`liveinsight seed-demo` and `verify`, through the command line, on the real tables, ingest code and reads."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from liveinsight_cli.adapters.api import Api, ApiError
from liveinsight_cli.adapters.aws import Aws
from liveinsight_cli.context import Clock, Context
from shared.http import HttpError
from tests.conftest import CommandLine
from tests.lambdas.served import ServedTables
from tests.lambdas.world import EVENTS, SESSIONS, STATE, World

NOW = 1_795_470_000_000
DAY_MS = 86_400_000
SITE = "demo.liveinsight.example"
TEXTS = (
    *(
        "region",
        "api_gateway_url",
        "cloudfront_url",
        "dashboard_bucket",
        "artifact_bucket",
        "distribution_id",
    ),
    *("rest_api_id", "rest_api_name", "stage_name", "alarm_topic_arn", "monitoring_dashboard"),
)
OUTPUTS = {
    **dict.fromkeys(TEXTS, "x"),
    "environment": "local",
    "functions": {},
    "log_groups": [],
    "alarm_names": [],
    "tables": {"events": EVENTS, "sessions": SESSIONS, "state": STATE},
}


@dataclass
class ReadApi:
    """The reads over the tables; the aggregator has always just run, unless it `is_stuck`."""

    world: World
    is_stuck: bool = False
    added_views: int = 0
    meanwhile: Callable[[], None] = lambda: None

    def stats(self, **query: object) -> dict[str, Any]:
        if not self.is_stuck:
            self.world.pump()
        answer = self.world.stats(**{name: str(value) for name, value in query.items()})
        answer["totals"]["pageviews"] += self.added_views
        return answer

    def send(self, body: bytes, user_agent: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        self.meanwhile()
        country = (headers or {}).get("CloudFront-Viewer-Country")
        result = self.world.send(body, user_agent=user_agent, country=country)
        if result.status != 202:
            raise ApiError("refused", status=result.status, code=result.body["error"]["code"], hint="")
        return result.body

    def realtime(self, **query: object) -> dict[str, Any]:
        if not self.is_stuck:
            self.world.pump()
        try:
            return self.world.realtime(**{name: str(value) for name, value in query.items()})
        except HttpError as error:
            raise ApiError(error.message, status=error.status, code=error.code, hint="") from error


@dataclass
class Demo:
    """The command line before three tables."""

    liveinsight: CommandLine
    world: World
    served: ServedTables
    api: ReadApi
    project: Path
    waited: list[float] = field(default_factory=list)

    def compose(self, context: Context) -> None:
        context.aws = Aws("ap-northeast-2", endpoint_url=self.served.url)
        context.api = cast(Api, self.api)
        context.clock = Clock(self.world.seconds, lambda: sum(self.waited), self.waited.append)

    def run(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """Run a command with --json; return its exit code and its whole answer."""
        outcome = self.liveinsight(*arguments, "--json")
        return outcome.code, json.loads(outcome.out)

    def seed(self, *arguments: str) -> dict[str, Any]:
        """Run seed-demo, which must succeed; return its data."""
        code, answer = self.run("seed-demo", *(arguments or ("--seed", "7", "--sessions", "60")))
        assert code == 0, answer["error"]
        return cast(dict[str, Any], answer["data"])

    def everything(self) -> dict[str, list[str]]:
        """Return the content of all tables."""
        self.world.pump()
        return {
            table: sorted(json.dumps(item, sort_keys=True, default=str) for item in self.world.items(table))
            for table in (EVENTS, SESSIONS, STATE)
        }


@pytest.fixture
def demo(liveinsight: CommandLine, project: Path, tmp_path: Path) -> Iterator[Demo]:
    for environment in ("local", "prod"):
        files = project / ".liveinsight" / environment
        files.mkdir(parents=True)
        (files / "outputs.json").write_text(json.dumps({**OUTPUTS, "environment": environment}))
    world = World(tmp_path / "data.sqlite")
    world.now = NOW
    served = ServedTables(world.plane)
    made = Demo(liveinsight, world, served, ReadApi(world), project)
    liveinsight.prepare.append(made.compose)
    yield made
    served.close()
    world.close()


def power_cut_after(served: ServedTables, calls: int) -> None:
    """Let the storage break off at that many calls from now."""
    left = calls

    def before_call(operation: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise RuntimeError("power cut")

    served.before_call = before_call


def test_what_is_seeded_is_what_the_apis_answer(demo: Demo) -> None:
    data = demo.seed()
    assert data["expected"]["totals"]["sessions"] == 60
    code, answer = demo.run("verify", "--only", "seeded")
    assert code == 0
    metrics = [row["metric"] for row in answer["data"]["rows"]]
    assert {"pageviews", "visitors", "bounce_rate", "avg_duration_s", "realtime pageviews_30m"} <= {*metrics}
    assert all(row["ok"] for row in answer["data"]["rows"])


def test_the_figures_are_left_in_the_project_with_their_query(demo: Demo) -> None:
    data = demo.seed()
    left = json.loads((demo.project / ".liveinsight/local/seed.json").read_text())
    assert left["expected"] == data["expected"]
    assert left["query"] == data["query"]
    assert left["query"]["range"].startswith("20")


def test_the_same_command_again_sends_nothing_and_changes_nothing(demo: Demo) -> None:
    first = demo.seed()
    before = demo.everything()
    demo.world.now += 3_600_000
    second = demo.seed()
    assert second["sent_now"] == 0
    assert second["expected"] == first["expected"]
    assert demo.everything() == before


@pytest.mark.parametrize("calls", [3, 40, 150, 260])
@pytest.mark.parametrize("days", ["1", "5"])
def test_a_run_that_was_cut_off_goes_on_without_counting_twice(demo: Demo, calls: int, days: str) -> None:
    arguments = ("--seed", "3", "--sessions", "60", "--days", days)
    power_cut_after(demo.served, calls)
    code, answer = demo.run("seed-demo", *arguments)
    assert (code, answer["error"]["code"]) == (1, "aws")
    demo.served.before_call = lambda operation: None
    demo.world.pump()
    demo.world.plane.sweep_expired(demo.world.seconds())
    demo.world.now += 600_000
    demo.seed(*arguments)
    assert demo.run("verify", "--only", "seeded")[0] == 0


def test_a_sweep_of_expired_items_while_sending_splits_no_visit(demo: Demo) -> None:
    def before_call(operation: str) -> None:
        if operation == "UpdateItem":
            demo.world.plane.sweep_expired(demo.world.seconds())

    demo.served.before_call = before_call
    seeded = demo.seed("--sessions", "40", "--days", "6")
    query = {name: str(value) for name, value in seeded["query"].items()}
    chosen = [
        demo.world.stats(**query, device=row["name"]) for row in demo.world.stats(**query)["top"]["devices"]
    ]
    assert all(answer["meta"]["complete"] for answer in chosen)
    wanted = demo.world.stats(**query)["totals"]
    for name in ("events", "sessions", "visitors", "pageviews"):
        assert sum(answer["totals"][name] for answer in chosen) == wanted[name]
    demo.served.before_call = lambda operation: None
    assert demo.run("verify", "--only", "seeded")[0] == 0


def test_a_run_cut_off_more_than_a_day_ago_is_not_continued(demo: Demo) -> None:
    power_cut_after(demo.served, 40)
    demo.run("seed-demo", "--sessions", "60")
    demo.served.before_call = lambda operation: None
    demo.world.now += DAY_MS + 1
    code, answer = demo.run("seed-demo", "--sessions", "60")
    assert (code, answer["error"]["code"]) == (3, "demo_cut_off")
    assert "--purge" in answer["error"]["hint"]


def test_another_demo_on_the_same_site_is_refused(demo: Demo) -> None:
    demo.seed()
    before = demo.everything()
    code, answer = demo.run("seed-demo", "--seed", "8", "--sessions", "60")
    assert (code, answer["error"]["code"]) == (3, "other_demo")
    assert demo.everything() == before


def test_purge_deletes_the_demo_and_nothing_else(demo: Demo) -> None:
    event = {
        "event_id": "12345678",
        "event_type": "page_view",
        "page_url": f"https://not-{SITE}/",
    }
    assert demo.world.send(event).status == 202
    before = demo.everything()
    demo.seed()
    assert demo.everything() != before
    code, answer = demo.run("seed-demo", "--purge", "--yes")
    assert code == 0
    assert answer["data"]["deleted_items"] > 100
    after = demo.everything()
    # Keys of days belong to all sites, and go with the days' salts.
    after[STATE] = [item for item in after[STATE] if '"sk": {"S": "visits#' not in item]
    assert after == before
    assert not (demo.project / ".liveinsight/local/seed.json").exists()


def test_a_purged_demo_can_be_seeded_again(demo: Demo) -> None:
    demo.seed()
    demo.run("seed-demo", "--purge", "--yes")
    demo.world.now += 60_000
    demo.seed()
    assert demo.run("verify", "--only", "seeded")[0] == 0


def test_purge_asks_and_keeps_everything_when_declined(demo: Demo) -> None:
    demo.seed()
    before = demo.everything()
    assert demo.liveinsight("seed-demo", "--purge", stdin="n\n").code == 9
    assert demo.liveinsight("seed-demo", "--purge", "--no-input").code == 9
    assert demo.everything() == before


def test_purge_of_a_site_without_a_demo_is_refused(demo: Demo) -> None:
    code, answer = demo.run("seed-demo", "--purge", "--yes", "--site", "shop.example")
    assert (code, answer["error"]["code"]) == (3, "no_demo")


def test_a_protected_environment_is_seeded_only_by_name(demo: Demo) -> None:
    before = demo.everything()
    assert demo.run("seed-demo", "-e", "prod", "--yes")[0] == 9
    assert demo.run("seed-demo", "-e", "prod", "--yes", "--confirm", "dev")[0] == 2
    assert demo.everything() == before
    demo.seed("-e", "prod", "--sessions", "5", "--yes", "--confirm", "prod")


def test_a_difference_is_named_and_exits_with_10(demo: Demo) -> None:
    demo.seed()
    demo.api.added_views = 1
    code, answer = demo.run("verify", "--only", "seeded")
    assert (code, answer["ok"]) == (10, False)
    assert "pageviews" in answer["error"]["message"]
    assert [row["metric"] for row in answer["data"]["rows"] if not row["ok"]] == ["pageviews"]
    assert "differs" in demo.liveinsight("verify", "--only", "seeded").out


def test_an_aggregator_that_stands_still_is_a_timeout_and_the_next_run_goes_on(demo: Demo) -> None:
    demo.api.is_stuck = True
    code, answer = demo.run("seed-demo", "--sessions", "20")
    assert (code, answer["error"]["code"]) == (8, "timed_out")
    assert "tail aggregator" in answer["error"]["hint"]
    demo.api.is_stuck = False
    assert demo.seed("--sessions", "20")["sent_now"] == 0
    assert demo.run("verify", "--only", "seeded")[0] == 0
