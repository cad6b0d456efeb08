"""Questions to the logs of the deployed stack, against the same lines read one by one; its alarms; its screen."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from liveinsight_cli.adapters.alarms import AlarmSource
from liveinsight_cli.adapters.aws import Aws
from liveinsight_cli.adapters.insights import Insights
from liveinsight_cli.context import Clock
from liveinsight_cli.core.alarm_kinds import kind_of
from liveinsight_cli.core.insights import Preset, Question, chosen, rows_of
from tests.e2e.conftest import Stack

pytestmark = pytest.mark.e2e
HOUR_MS = 3_600_000
NOW = Clock().now


@pytest.fixture(scope="module")
def aws(stack: Stack) -> Aws:
    server = json.loads((stack.project / ".liveinsight/aws/server.json").read_text())
    return Aws(server["region"], endpoint_url=server["endpoint_url"])


@pytest.fixture(scope="module")
def presets(aws: Aws) -> tuple[Preset, ...]:
    return Insights(aws, Clock()).presets("liveinsight/local/")


def lines(aws: Aws, group: str, since_ms: int, until_ms: int) -> Iterator[dict[str, Any]]:
    """The JSON lines of a group, as FilterLogEvents gives them."""
    pages = aws.pages("logs", "filter_log_events", logGroupName=group, startTime=since_ms, endTime=until_ms)
    for page in pages:
        for event in page["events"]:
            if event["message"].startswith("{"):
                yield json.loads(event["message"])


def test_every_preset_runs_on_the_deployed_logs(aws: Aws, presets: tuple[Preset, ...]) -> None:
    end = int(NOW() * 1000)
    assert len(presets) == 8
    for preset in presets:
        query = preset.about("none") if preset.needs_id else preset.query
        asked = Question(query, preset.groups, end - HOUR_MS, end, 100)
        answer = Insights(aws, Clock()).run(asked, 30, lambda _: None)
        assert answer["statistics"]["recordsScanned"] > 0, preset.name


def test_refused_requests_are_those_of_the_access_log(
    stack: Stack, aws: Aws, presets: tuple[Preset, ...]
) -> None:
    for _ in range(3):
        assert stack.request("GET", "/api/stats").status == 401
    assert stack.request("POST", "/api/events", b"{").status == 400
    preset = chosen(presets, "refused")
    end = int(NOW()) * 1000 + 2999
    asked = Question(preset.query, preset.groups, end + 1 - HOUR_MS, end, 10_000)
    found: Counter[tuple[str, ...]] = Counter()
    for _ in range(100):  # API Gateway logs a request after it has answered
        found = counted(Insights(aws, Clock()).run(asked, 30, lambda _: None))
        if found["401", "GET", "/api/stats"] >= 3 and found["400", "POST", "/api/events"]:
            break
    wanted = Counter(
        (line["status"], line["method"], line["path"])
        for line in lines(aws, preset.groups[0], asked.start_ms, end + 1000)
        if int(line["status"]) >= 400
    )
    assert found == wanted
    assert found["401", "GET", "/api/stats"] >= 3


def counted(answer: dict[str, Any]) -> Counter[tuple[str, ...]]:
    """Requests by status, method and path."""
    found: Counter[tuple[str, ...]] = Counter()
    for row in rows_of(answer["results"]):
        found[row["status"], row["method"], row["path"]] += int(row["requests"])
    return found


def test_a_session_is_found_by_the_command_as_it_was_sent(stack: Stack) -> None:
    for number in range(3):
        page = f"https://shop.example/{number}"
        event = {"event_type": "page_view", "page_url": page, "session_id": "path-of-a-test"}
        agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0 Safari/537.36"}
        assert stack.request("POST", "/api/events", json.dumps(event), agent).status == 202
    found = stack.answer("logs", "query", "session", "--id", "path-of-a-test")
    assert [row["page_url"][-1] for row in found["rows"]] == ["0", "1", "2"]
    assert found["read_units"] > 0


def test_a_wrong_query_is_refused_with_its_place(stack: Stack) -> None:
    done = stack.run("logs", "query", "filter level = ")
    assert done.returncode == 2
    assert "at character 16" in done.stderr


def test_every_deployed_alarm_is_known_and_says_why(stack: Stack, aws: Aws) -> None:
    names = tuple(stack.outputs["alarm_names"])
    assert {alarm["AlarmName"] for alarm in AlarmSource(aws, names, None).alarms()} == set(names)
    for name in names:
        assert kind_of(name.removeprefix("liveinsight-").removesuffix("-local"))[0] is not None, name
    found = stack.answer("alarms")["alarms"]
    assert len(found) == len(names)
    assert all(alarm["why"] and alarm["command"] for alarm in found)


def test_status_tells_how_old_the_data_is_and_that_nothing_was_changed(stack: Stack) -> None:
    status = stack.answer("status")
    assert status["problem"] is None
    assert status["drift"] == {"code_only": True, "differences": []}
    assert status["data"]["problem"] is None
    assert status["data"]["newest_event_seconds"] < 3600
