"""`liveinsight load`, through the command line, against a small real HTTP server."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from liveinsight_cli.adapters import load_processes
from liveinsight_cli.context import Clock, Context
from liveinsight_cli.core.load.arrivals import due_times
from liveinsight_cli.core.load.plan import LoadPlan
from liveinsight_cli.core.load.samples import Sample, Samples
from tests.adapters.fake_terraform import STREAMS
from tests.commands.world import World
from tests.conftest import CommandLine, Outcome

SHORT = ("--rps", "60", "--duration", "1s", "--warm-up", "0s", "--p95", "10s", "--timeout", "9s")


@pytest.fixture
def deployed(world: World) -> World:
    """What a deploy leaves behind, without one."""
    applied = json.loads((STREAMS / "apply-create.jsonl").read_text().splitlines()[-1])["outputs"]
    outputs = {name: one["value"] for name, one in applied.items()} | {"api_gateway_url": world.api.url}
    world.files.mkdir(parents=True)
    (world.files / "outputs.json").write_text(json.dumps(outputs))
    (world.files / "read-token").write_text("token-of-the-world")
    return world


class Stack:
    """Takes the place of the processes that send: a stack that answers `capacity` requests a second, as it would."""

    def __init__(self, capacity: float, throttle: float = 1e9) -> None:
        self.capacity, self.throttle = capacity, throttle
        self.plans: list[LoadPlan] = []

    def send(self, plan: LoadPlan, target: Any, clock: Clock, look: Any) -> tuple[Samples, bool]:
        self.plans.append(plan)
        samples, free = Samples(), 0.0
        for number, due in enumerate(due_times(plan, 0)):
            if number % max(1, round(plan.rps / self.throttle)):
                samples.add(Sample(due, 0.0, 0.0, 0.002, 429, 0, 0, 1).packed())
                continue
            free = max(free, due) + 1 / self.capacity
            samples.add(Sample(due, 0.0, 0.0, free - due + 0.01, 202, 0, 1, 1).packed())
        look(plan.all_seconds, samples)
        return samples, True


@pytest.fixture
def searched(deployed: World, liveinsight: CommandLine, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Search the limit of a stack, in no time."""

    def search(stack: Stack, *arguments: str) -> tuple[Outcome, dict[str, Any]]:
        monkeypatch.setattr(load_processes, "send_load", stack.send)
        waited: list[float] = []

        def compose(context: Context) -> None:
            context.clock = replace(context.clock, sleep=waited.append)

        liveinsight.prepare.append(compose)
        words = ("--find-limit", "--no-server-side", "--arrivals", "constant", *arguments)
        done = liveinsight("load", "--yes", "--json", *words)
        return done, json.loads(done.out)

    return search


def test_a_load_is_sent_and_its_report_written(
    deployed: World, liveinsight: CommandLine, tmp_path: Path
) -> None:
    report = tmp_path / "load.html"
    before = len(deployed.api.events)
    deployed.aws.writes.clear()
    done = liveinsight("load", "--yes", *SHORT, "--no-server-side", "--report", str(report))
    assert done.code == 0, done
    assert "requests/s at p95 <= 10000 ms and errors <= 1 %" in done.out
    assert "since it was due" in done.out
    requests = int(re.search(r"requests +(\d+)", done.out)[1])  # type: ignore[index]
    assert 30 <= requests <= 90
    assert len(deployed.api.events) - before >= requests
    page = report.read_text(encoding="utf-8")
    assert page.count("<svg") == page.count("</svg>") >= 1
    assert "<script" not in page
    assert "http" not in page.replace(deployed.api.url, ""), "nothing is fetched"
    assert deployed.aws.writes == []


def test_broken_limits_end_with_10_and_the_whole_answer(deployed: World, liveinsight: CommandLine) -> None:
    deployed.api.collect_status = 503
    report = deployed.project / "load.json"
    done = liveinsight("load", "--yes", *SHORT, "--no-server-side", "--json", "--report", str(report))
    answer = json.loads(done.out)
    assert json.loads(report.read_text()) == answer
    assert (done.code, answer["error"]["code"]) == (10, "comparison")
    assert "error rate 100 % is above 1 %" in answer["error"]["message"]
    figures = answer["data"]["figures"]
    assert figures["errors"] == figures["requests"] == figures["outcomes"]["503"] > 0


def test_a_load_of_reads_carries_the_token(deployed: World, liveinsight: CommandLine, tmp_path: Path) -> None:
    report = tmp_path / "load.md"
    words = (*SHORT, "--endpoint", "stats", "--no-server-side", "--report", str(report))
    deployed.api.read_status = 401
    refused = liveinsight("load", "--yes", *words)
    assert refused.code == 4, "a wrong token is said before anything is sent"
    deployed.api.read_status = 200
    deployed.api.authorizations.clear()
    assert liveinsight("load", "--yes", *words).code == 0
    token = (deployed.files / "read-token").read_text().strip()
    assert set(deployed.api.authorizations) == {f"Bearer {token}"}
    assert "| since it was due |" in report.read_text(encoding="utf-8")


def test_the_server_side_stands_beside_it_as_far_as_it_is_known(
    deployed: World, liveinsight: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = Stack(1000)
    monkeypatch.setattr(load_processes, "send_load", stack.send)
    asked: list[dict[str, Any]] = []
    known = {"Invocations": 480.0, "Count": 300.0, "ColdStarts": 12.0, "WriteThrottleEvents": 3.0}

    def get_metric_data(MetricDataQueries: list[dict[str, Any]], **span: Any) -> dict[str, Any]:  # noqa: N803
        asked.append(span)
        if len(asked) > 4:
            known["Count"] = 480.0
        results = []
        for query in MetricDataQueries:
            value = known.get(query["MetricStat"]["Metric"]["MetricName"])
            known_at = [] if value is None else [span["StartTime"]]
            results.append({"Id": query["Id"], "Values": [value] * len(known_at), "Timestamps": known_at})
        return {"MetricDataResults": results}

    monkeypatch.setattr(deployed.aws, "_get_metric_data", get_metric_data)
    now = [1_795_677_003.0]
    counted = iter((10, 300, 470, 490))

    class Reads:
        def stats(self, **query: str) -> dict[str, Any]:
            assert query["site"] == "load.liveinsight.invalid"
            return {"totals": {"events": next(counted)}}

    def compose(context: Context) -> None:
        context.clock = Clock(lambda: now[0], lambda: now[0], lambda seconds: now.append(now.pop() + seconds))
        context.api = Reads()  # type: ignore[assignment]

    liveinsight.prepare.append(compose)
    words = ("--rps", "10", "--duration", "43s", "--warm-up", "5s", "--arrivals", "constant")
    done = liveinsight("load", "--yes", "--json", *words)
    answer = json.loads(done.out)
    assert (done.code, answer["warnings"]) == (0, [])
    server, arrival = answer["data"]["server"], answer["data"]["arrival"]
    assert server["is_complete"]
    assert server["waited_seconds"] == 20, "asked three times, ten seconds apart"
    assert asked[0]["StartTime"] == datetime(2026, 11, 26, 7, 10, tzinfo=UTC)
    assert server["platform"]["api"]["requests"] == 480
    assert {one["name"]: one["cold_starts"] for one in server["functions"]}["event-collector"] == 12
    assert server["functions"][0]["handled_failures"] is None, "no data is not zero"
    assert server["platform"]["tables"][0]["throttles"] == 3
    assert (arrival["accepted"], arrival["counted"], arrival["of_unknown_fate"]) == (480, 480, 0)


def test_who_hides_visitors_from_the_live_feed_is_told_how_to_undo_it(
    deployed: World, liveinsight: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_processes, "send_load", Stack(1000).send)
    words = ("--duration", "10s", "--warm-up", "0s", "--arrivals", "constant", "--no-server-side", "--json")
    warnings = [
        json.loads(liveinsight("load", "--yes", "--rps", rps, *words).out)["warnings"]
        for rps in ("330", "340")
    ]
    assert not any("--purge" in one for one in warnings[0])
    assert any("liveinsight load --env local --purge" in one for one in warnings[1])


def test_the_limit_is_found_and_said(searched: Any) -> None:
    stack = Stack(37)
    done, answer = searched(stack, "--rps", "8", "--max-rps", "400", "--endpoint", "events")
    data = answer["data"]
    assert done.code == 0, done
    # The stage of this world lets 11.67 requests/s through to this route, whatever was asked for.
    assert data["throttle_rps"] == pytest.approx(1000 / 60 * 0.7)
    assert data["capacity_rps"] == pytest.approx(1000 / 60 * 0.7)
    assert data["statement"].endswith("The limit is set by requests_per_minute = 1000.")
    assert [one["outcome"] for one in data["steps"]] == ["holds", "holds"]


def test_the_limit_of_a_rare_route_is_found_with_default_settings(searched: Any) -> None:
    stack = Stack(37)
    done, answer = searched(stack, "--endpoint", "stats")
    assert done.code == 0, done
    assert answer["data"]["capacity_rps"] == pytest.approx(1.0)
    assert [plan.seconds for plan in stack.plans] == pytest.approx([40.0])


def test_a_limit_of_the_stack_is_found_closely(searched: Any, deployed: World) -> None:
    deployed.aws.requests_per_minute = 60_000
    stack = Stack(37)
    done, answer = searched(stack, "--rps", "8", "--max-rps", "400")
    data = answer["data"]
    assert done.code == 0, done
    assert 37 / 1.15 <= data["capacity_rps"] <= 37
    assert data["plan"]["rps"] == data["capacity_rps"]
    assert data["steps"][2]["outcome"] == "holds"
    assert data["steps"][3]["outcome"] == "breaks"
    assert re.match(
        r"This stack answers 3\d\.\d requests/s at p95 <= 100 ms and errors <= 1 %\. At ", data["statement"]
    )
    assert len({plan.seed for plan in stack.plans}) == len(stack.plans), "each step has visitors of its own"


def test_a_throttle_that_nobody_can_read_is_found_by_its_refusals(searched: Any, deployed: World) -> None:
    deployed.aws.requests_per_minute = 600_000
    _, answer = searched(Stack(1e6, throttle=20), "--rps", "10", "--max-rps", "100")
    outcomes = {one["outcome"] for one in answer["data"]["steps"]}
    assert outcomes == {"holds", "throttled"}
    assert "throttled" in answer["data"]["statement"]


def test_a_stack_that_holds_nothing_ends_with_10(searched: Any, deployed: World) -> None:
    deployed.aws.requests_per_minute = 60_000
    done, answer = searched(Stack(0.2), "--rps", "8")
    assert done.code == 10
    assert answer["data"]["capacity_rps"] is None
    assert "is too much" in answer["data"]["statement"]


def test_a_protected_environment_is_refused_without_its_name(
    deployed: World, liveinsight: CommandLine
) -> None:
    before = len(deployed.api.events)
    (deployed.project / "liveinsight.toml").write_text("[env.local]\nprotected = true\n")
    done = liveinsight("load", "--yes", *SHORT)
    assert (done.code, len(deployed.api.events)) == (3, before)
    assert "--confirm local" in done.err
    assert liveinsight("load", "--yes", "--confirm", "prod", *SHORT).code == 2
    done = liveinsight("load", "--yes", "--confirm", "local", "--no-server-side", *SHORT)
    assert done.code == 0, done


def test_what_it_costs_is_said_before_it_is_sent(deployed: World, liveinsight: CommandLine) -> None:
    done = liveinsight("load", "--rps", "500", "--duration", "10m")
    assert done.code == 9
    assert re.search(r"Send at most 302,500 requests to local, about \$\d+\.\d\d\?", done.err), done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--duration", "16m"), "at most 15 minutes"),
        (("--duration", "soon"), "--duration 'soon' is no time"),
        (("--rps", "5000", "--duration", "2m"), "at most 500,000"),
        (("--max-errors", "101%"), "is no share"),
        (("--find-limit", "--rps", "50", "--max-rps", "20"), "below the first rate"),
        (("--report", "load.pdf"), ".html, .json or .md"),
        (("--report", "nowhere/load.html"), "there is no directory"),
        (("--rps", "99999"), "rps"),
    ],
)
def test_what_cannot_be_meant_is_said_before_anything_is_sent(
    liveinsight: CommandLine, world: World, words: tuple[str, ...], said: str
) -> None:
    done = liveinsight("load", *words)
    assert done.code == 2
    assert said in done.err
    assert world.api.events == []


def test_ctrl_c_ends_with_130_and_what_was_sent(
    deployed: World, liveinsight: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = Stack(100)

    def cut_off(plan: LoadPlan, *others: Any) -> tuple[Samples, bool]:
        samples, _ = stack.send(replace(plan, seconds=3), *others)
        return samples, False

    monkeypatch.setattr(load_processes, "send_load", cut_off)
    done = liveinsight("load", "--yes", "--no-server-side", "--rps", "50", "--duration", "60s")
    assert done.code == 130
    assert "ended early" in done.out
    assert "for 3 s after 5 s of warm-up, ended early" in done.out


def test_an_api_that_is_not_there_is_said_before_anything_is_sent(
    deployed: World, liveinsight: CommandLine
) -> None:
    deployed.api.close()
    done = liveinsight("load", "--yes", *SHORT)
    assert done.code == 3
    assert "The API cannot be reached" in done.err
