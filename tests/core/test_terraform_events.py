"""The UI stream: recorded runs of terraform 1.11, and what a newer one may add."""

import json

import pytest

from liveinsight_cli.core.terraform_events import (
    Change,
    Diagnostic,
    Event,
    Outputs,
    Progress,
    Text,
    Totals,
    Version,
    parse_event,
)
from tests.adapters.fake_terraform import STREAMS


def events(name: str) -> list[Event]:
    lines = (STREAMS / f"{name}.jsonl").read_text().splitlines()
    return [found for found in map(parse_event, lines) if found is not None]


def of(kind: type[Event], name: str) -> list[Event]:
    return [one for one in events(name) if isinstance(one, kind)]


def test_a_recorded_plan_says_its_version_changes_and_totals() -> None:
    assert of(Version, "plan-create") == [Version("1.11.4", "1.2")]
    tables = {
        one.resource.address: one.action
        for one in of(Change, "plan-create")
        if isinstance(one, Change) and one.resource.type == "aws_dynamodb_table"
    }
    assert tables == dict.fromkeys(
        ("aws_dynamodb_table.events", "aws_dynamodb_table.sessions", "aws_dynamodb_table.state"), "create"
    )
    assert of(Totals, "plan-create")[-1] == Totals(130, 0, 0, "plan")


def test_a_recorded_apply_says_progress_and_outputs() -> None:
    phases = {one.phase for one in of(Progress, "apply-create") if isinstance(one, Progress)}
    assert {"start", "complete"} <= phases
    (outputs,) = of(Outputs, "apply-create")
    assert isinstance(outputs, Outputs)
    assert outputs.values["stage_name"] == "v1"
    assert set(outputs.values["functions"]) == {"aggregator", "event-collector", "realtime-api", "stats-api"}


def test_the_outputs_of_a_plan_have_no_values() -> None:
    assert of(Outputs, "plan-no-changes") == [Outputs({})]


def test_a_diagnostic_has_its_place_and_snippet() -> None:
    found = [
        one for one in of(Diagnostic, "apply-interrupted") if isinstance(one, Diagnostic) and one.snippet
    ]
    assert found
    assert (found[0].filename, found[0].line) == ("modules/function/main.tf", 46)
    assert found[0].snippet is not None
    assert found[0].snippet.code.startswith('resource "aws_lambda_function"')


@pytest.mark.parametrize(
    "line",
    [
        "",
        json.dumps({"type": "something_new", "x": 1}),
        json.dumps({"type": "apply_teleported", "hook": {}}),
        json.dumps({"type": "planned_change", "change": "of shape"}),
        json.dumps({"no": "type"}),
    ],
)
def test_a_message_that_is_not_known_is_ignored(line: str) -> None:
    assert parse_event(line) is None


def test_words_outside_the_stream_are_kept_as_words() -> None:
    assert parse_event("panic: runtime error\n") == Text("panic: runtime error")
    assert parse_event("[1, 2]") == Text("[1, 2]")


def test_only_the_major_version_decides() -> None:
    assert Version("1.99.0", "1.17").is_known
    assert not Version("2.0.0", "2.0").is_known
