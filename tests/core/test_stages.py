"""Stages: which of the stack's resources belong to each, and how far a set of outputs says one is."""

import pytest

from liveinsight_cli.assets import terraform_sources
from liveinsight_cli.core.stages import Stage, stage_of, targets

FILES = {path.name: path.read_text(encoding="utf-8") for path in terraform_sources().glob("*.tf")}


def test_the_first_stage_is_the_three_tables() -> None:
    tables = ("events", "sessions", "state")
    assert targets(Stage.TABLES, FILES) == tuple(f"aws_dynamodb_table.{name}" for name in tables)


def test_the_second_stage_is_everything_but_monitoring() -> None:
    found = targets(Stage.API, FILES)
    assert {"module.function", "aws_api_gateway_stage.this", "aws_lambda_event_source_mapping.events"} <= set(
        found
    )
    assert set(targets(Stage.TABLES, FILES)) < set(found)
    watching = ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_dashboard", "aws_sns_topic")
    assert [address for address in found if address.startswith(watching)] == []


def test_the_last_stage_is_the_whole_stack_without_targets() -> None:
    assert targets(Stage.ALL, FILES) == ()


def test_a_resource_in_a_new_file_belongs_to_the_second_stage() -> None:
    more = {**FILES, "new.tf": 'resource "aws_new_thing" "this" {\n}\n\ndata "aws_old_thing" "this" {\n}\n'}
    assert set(targets(Stage.API, more)) - set(targets(Stage.API, FILES)) == {"aws_new_thing.this"}


@pytest.mark.parametrize(
    ("outputs", "stage"),
    [
        ({}, None),
        ({"environment": "dev", "tables": None}, None),
        ({"tables": {"events": "e"}, "functions": None}, Stage.TABLES),
        ({"tables": {"events": "e"}, "functions": {}}, Stage.API),
        ({"tables": {"events": "e"}, "functions": {}, "alarm_names": []}, Stage.ALL),
    ],
)
def test_outputs_tell_the_stage(outputs: dict[str, object], stage: Stage | None) -> None:
    assert stage_of(outputs) is stage


def test_a_stage_holds_itself_and_those_before_it() -> None:
    assert [Stage.API.reaches(other) for other in Stage] == [True, True, False]
