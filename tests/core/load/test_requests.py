"""What a load sends is what the collector takes, from people, and never so often that the limit per visitor is met."""

import json
from collections import Counter

from event_collector.agents import bot_reason, classify
from event_collector.parse import parse
from liveinsight_cli.core.load.cost import EVENTS_A_REQUEST, cost_of
from liveinsight_cli.core.load.plan import LoadPlan
from liveinsight_cli.core.load.requests import LOAD_SITE, Request, Requests
from liveinsight_cli.core.prices import Price, PriceTable
from liveinsight_cli.core.usage import StackShape
from shared import settings

NOW = 1_795_677_000_000


def sent(count: int, **plan: object) -> list[Request]:
    made = Requests(LoadPlan(rps=10, seconds=10, **plan), 0, "Bearer secret")  # type: ignore[arg-type]
    return [made.next(NOW + 100 * number) for number in range(count)]


def header(request: Request, name: str) -> str:
    return dict(line.split(": ", 1) for line in request.head.splitlines())[name]


def test_every_request_is_taken_whole() -> None:
    ids: list[str] = []
    for request in sent(600):
        submission = parse(request.body, frozenset())
        assert submission.rejected == []
        assert len(submission.events) == request.events
        assert json.loads(request.body)["site"] == LOAD_SITE
        ids += [event["event_id"] for event in json.loads(request.body)["events"]]
        assert (request.method, request.path) == ("POST", "/api/events")
        assert header(request, "Content-Type").startswith("text/plain"), (
            "as a beacon, which needs no preflight"
        )
    assert len(set(ids)) == len(ids)
    assert abs(len(ids) / 600 - EVENTS_A_REQUEST) < 0.2


def test_they_are_many_people_each_of_whom_sends_little() -> None:
    requests = sent(3000)
    agents = Counter(header(request, "User-Agent") for request in requests)
    assert len(agents) > 500
    assert max(agents.values()) < 60
    for agent in list(agents)[:100]:
        assert not bot_reason(classify(agent), "1920x1080")


def test_processes_and_loads_have_visitors_of_their_own() -> None:
    plans = [LoadPlan(rps=10, seconds=10, processes=2, seed=seed) for seed in (1, 2)]
    seen: set[str] = set()
    for plan in plans:
        for process in (0, 1):
            made = Requests(plan, process)
            agents = {header(made.next(NOW), "User-Agent") for _ in range(500)}
            assert not agents & seen
            seen |= agents


def test_reads_carry_the_token_and_name_the_site() -> None:
    routes = Counter(request.path.split("?")[0] for request in sent(2000, endpoint="mixed"))
    assert routes["/api/events"] > routes["/api/realtime"] > routes["/api/stats"] > 0
    for request in sent(3, endpoint="realtime"):
        assert request.path == f"/api/realtime?site={LOAD_SITE}"
        assert header(request, "Authorization") == "Bearer secret"
        assert (request.body, request.events) == (b"", 0)
    assert "Authorization" not in sent(1)[0].head


def test_the_functions_know_the_site() -> None:
    assert LOAD_SITE == settings.LOAD_SITE
    assert LOAD_SITE in settings.RESERVED_SITES


def test_a_load_is_priced_by_its_requests() -> None:
    names = ("api_requests", "lambda_requests", "write_units", "read_units", "log_gb", "alarm_metrics")
    prices = {name: Price(name, "", "", "", 1.0, (1.0,), (), "memory", None) for name in names}
    table = PriceTable("r", "2026-11-26", prices)
    small, large, reads = (
        cost_of(LoadPlan(rps=rps, seconds=100, warm_up_seconds=0, endpoint=endpoint), StackShape(), table)  # type: ignore[arg-type]
        for rps, endpoint in ((10, "events"), (100, "events"), (10, "stats"))
    )
    assert (small.requests, large.requests) == (1000, 10_000)
    # A request is one call of the gateway, two or more writes with two of its events' index, and is folded.
    assert 1000 * (1 + 1 + 2 * EVENTS_A_REQUEST + 3) < small.dollars < 1000 * 20
    assert large.dollars > 5 * small.dollars
    assert 1000 * (1 + 1) < reads.dollars < 1000 * (1 + 1 + 11)
