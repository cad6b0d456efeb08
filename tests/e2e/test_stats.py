"""The figures of `stats`, counted a second time: the product's from the tables, the platform's from the logs."""

import json
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

import boto3
import pytest
from boto3.dynamodb.types import TypeDeserializer

from tests.e2e.conftest import Stack

pytestmark = pytest.mark.e2e
MOST_LOST = 2
PATIENCE_SECONDS = 60
Item = dict[str, Any]


def client(stack: Stack, service: str) -> Any:
    server = json.loads((stack.project / ".liveinsight/aws/server.json").read_text())
    make: Any = boto3.client
    return make(
        service,
        endpoint_url=server["endpoint_url"],
        region_name=server["region"],
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


@pytest.fixture(scope="module")
def site(stack: Stack) -> Iterator[str]:
    """A site with a day of seeded visitors, all of whose events are still in the table."""
    name = f"counted-{uuid.uuid4().hex[:8]}.example"
    stack.answer("seed-demo", "--seed", "11", "--sessions", "80", "--days", "1", "--site", name)
    yield name
    stack.run("seed-demo", "--purge", "--yes", "--site", name)


def events_in_the_table(stack: Stack, site: str) -> list[Item]:
    pages = (
        client(stack, "dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=stack.outputs["tables"]["events"],
            FilterExpression="#s = :s",
            ExpressionAttributeNames={"#s": "site"},
            ExpressionAttributeValues={":s": {"S": site}},
        )
    )
    read = TypeDeserializer().deserialize
    events = [{name: read(value) for name, value in item.items()} for page in pages for item in page["Items"]]
    return sorted((event for event in events if "bot" not in event), key=lambda event: event["timestamp"])


def looked_at(stack: Stack, site: str, events: int) -> Any:
    """What `stats` tells of a site, once as many events as that are in its figures."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = stack.answer("stats", "--site", site, "--range", "2d", "--limit", "100")
        if found["period"]["totals"]["events"] >= events:
            return found
        assert time.monotonic() < give_up_at, f"fewer than {events} events in the figures of {site}"


def path_of(event: Item) -> str:
    return "/" + str(event["page_url"]).split("/", 3)[3]


def counted(events: list[Item]) -> dict[str, Any]:
    """The figures by brute force, from nothing but the rows of the table."""
    rows = sorted(events, key=lambda event: (event["session_id"], event["timestamp"]))
    sessions = [list(group) for _, group in groupby(rows, key=lambda event: event["session_id"])]
    views = [event for event in events if event["event_type"] == "page_view"]
    viewed = [[e for e in session if e["event_type"] == "page_view"] for session in sessions]
    bounces = sum(
        len(pages) < 2 and not any(event.get("interactive") for event in session)
        for session, pages in zip(sessions, viewed, strict=True)
    )
    seconds = sum(int(s[-1]["timestamp"] // 10**9 - s[0]["timestamp"] // 10**9) / 1000 for s in sessions)
    firsts = [session[0] for session in sessions]
    agents = [first["user_agent"].split("/") for first in firsts]
    return {
        "pageviews": len(views),
        "visitors": len({event["visitor"] for event in events}),
        "sessions": len(sessions),
        "events": len(events),
        "bounce_rate": round(bounces / len(sessions), 4),
        "avg_duration_s": round(seconds / len(sessions), 3),
        "views_per_session": round(len(views) / len(sessions), 4),
        "pages": Counter(path_of(event) for event in views),
        "entry_pages": Counter(path_of(pages[0]) for pages in viewed if pages),
        "exit_pages": Counter(path_of(pages[-1]) for pages in viewed if pages),
        "sources": Counter(first["source"] for first in firsts),
        "utm_campaign": Counter(f["utm_campaign"] for f in firsts if "utm_campaign" in f),
        "countries": Counter(first["country"] for first in firsts),
        "browsers": Counter(agent[0] for agent in agents),
        "os": Counter(agent[1] for agent in agents),
        "devices": Counter(agent[2] for agent in agents),
        "event_types": Counter(event["event_type"] for event in events),
    }


def test_the_products_figures_are_those_of_the_rows_in_the_table(stack: Stack, site: str) -> None:
    events = events_in_the_table(stack, site)
    period = looked_at(stack, site, len(events))["period"]
    told = period["totals"] | {
        name: Counter({row["name"]: row["count"] for row in rows}) for name, rows in period["top"].items()
    }
    expected = counted(events)
    assert expected["events"] > 200
    assert {name: told[name] for name in expected} == expected
    assert sum(step["pageviews"] for step in period["series"]) == expected["pageviews"]


def lines(stack: Stack, group: str, begin: int, end: int) -> Iterator[Item]:
    pages = (
        client(stack, "logs")
        .get_paginator("filter_log_events")
        .paginate(logGroupName=group, startTime=begin, endTime=end)
    )
    for page in pages:
        for event in page["events"]:
            yield json.loads(event["message"])


def is_percentile(share: float, value: float | None, values: list[float]) -> bool:
    """Whether so much of the values is below and above, however one interpolates in between."""
    if value is None:
        return not values
    rank = share * len(values)
    return (
        sum(v < value - 0.01 for v in values) <= rank + 1
        and sum(v <= value + 0.01 for v in values) >= rank - 1
    )


def are_told(figures: tuple[float, ...], logged: tuple[int, ...]) -> bool:
    """Whether metrics are what the logs say; another test may have killed the AWS between a line and its figure."""
    lost = [one - figure for figure, one in zip(figures, logged, strict=True)]
    return all(0 <= one <= MOST_LOST for one in lost)


def differences(stack: Stack, platform: Item) -> Iterator[str]:
    """What the logs tell otherwise than CloudWatch's metrics."""
    begin, end, outputs = platform["begin"], platform["asked_at"], stack.outputs
    for told in platform["functions"]:
        group = outputs["functions"][told["name"]]["log_group"]
        said = lines(stack, group, begin, end)
        reports = [line["record"] for line in said if line.get("type") == "platform.report"]
        failures = sum(report["status"] != "success" for report in reports)
        durations = [report["metrics"]["durationMs"] for report in reports]
        if not are_told((told["invocations"] or 0, told["errors"] or 0), (len(reports), failures)):
            yield f"{told}: {len(reports)} reports, {failures} failures"
        for name, share in (("p50_ms", 0.5), ("p95_ms", 0.95), ("p99_ms", 0.99)):
            if not is_percentile(share, told[name], durations):
                yield f"{told['name']} {name}: {told[name]} of {sorted(durations)}"
    (group,) = (name for name in outputs["log_groups"] if name.startswith("/aws/apigateway/"))
    statuses = Counter(str(line["status"])[0] for line in lines(stack, group, begin, end))
    api = platform["api"]
    figures = (api["requests"], api["errors_4xx"], api["errors_5xx"])
    if not are_told(figures, (statuses.total(), statuses["4"], statuses["5"])):
        yield f"{api}: {statuses}"


def until_still(stack: Stack, found: Callable[[Item], list[str]]) -> list[str]:
    """The differences of a look during which nothing ran beside it: the stream is read whenever it likes."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while (told := found(stack.answer("stats")["platform"])) and time.monotonic() < give_up_at:
        pass
    return told


def test_the_platforms_figures_are_those_of_the_lines_in_the_logs(stack: Stack, site: str) -> None:
    assert stack.request("GET", "/api/stats").status == 401
    assert until_still(stack, lambda platform: list(differences(stack, platform))) == []
    platform = stack.answer("stats")["platform"]
    assert platform["api"]["errors_4xx"] >= 1
    assert 0 <= platform["asked_at"] - platform["fresh_to"] < 120_000
    assert sum(value or 0 for value in platform["requests"]) == platform["api"]["requests"]
    used = {table["name"]: table for table in platform["tables"]}
    assert used["events"]["write_units"] > 0
    assert used["events"]["throttles"] == 0
    assert platform["dead_letters"] is None  # the embedded AWS has no such queue: no data, and not zero
