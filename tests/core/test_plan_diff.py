"""Attributes before and after, from a recorded `terraform show -json` and from made-up ones."""

import json
from typing import Any

from liveinsight_cli.core.plan_diff import AttributeDiff, PlanDetails, put_right, read_details
from tests.adapters.fake_terraform import STREAMS


def changed(before: Any, after: Any, *, drift: Any = None, **masks: Any) -> PlanDetails:
    change = {"actions": ["update"], "before": before, "after": after, **masks}
    named = {"address": "aws_x.a", "type": "aws_x", "change": change}
    drifted = [] if drift is None else [{**named, "change": {"actions": ["update"], **drift}}]
    return read_details({"format_version": "1.2", "resource_changes": [named], "resource_drift": drifted})


def attributes(before: Any, after: Any, **masks: Any) -> list[AttributeDiff]:
    return list(changed(before, after, **masks).resources[0].attributes)


def paths(before: Any, after: Any, **masks: Any) -> list[str]:
    return [one.path for one in attributes(before, after, **masks)]


def test_a_recorded_replacement_says_what_forces_it() -> None:
    details = read_details(json.loads((STREAMS / "newer-show-replace.json").read_text()))
    (table,) = [one for one in details.resources if one.type == "aws_dynamodb_table" and not one.is_drift]
    assert table.action == "replace"
    (forcing,) = [one for one in table.attributes if one.forces_replacement and one.path == "hash_key"]
    assert (forcing.before, forcing.after) == ("visitor_id", "session_id")
    assert any(one.path == "arn" and one.is_known_after_apply for one in table.attributes)


def test_only_what_differs_is_there() -> None:
    assert attributes({"a": 1, "b": None, "c": [1]}, {"a": 2, "c": [1]}) == [AttributeDiff("a", 1, 2)]


def test_json_in_a_text_is_compared_as_json() -> None:
    before = json.dumps({"Statement": [{"Action": ["a"], "Effect": "Allow"}]})
    after = json.dumps({"Statement": [{"Effect": "Allow", "Action": ["a", "b"]}]})
    assert attributes({"policy": before}, {"policy": after}) == [
        AttributeDiff("policy.Statement[0].Action[1]", None, "b")
    ]
    spaced = json.dumps(json.loads(before), indent=2)
    assert [one.after for one in attributes({"policy": before}, {"policy": spaced})] == [
        "(the same JSON, written differently)"
    ]


def test_elements_on_both_sides_are_left_out_wherever_they_are() -> None:
    before, after = {"headers": ["a", "b", "c"]}, {"headers": ["c", "x", "a"]}
    assert attributes(before, after) == [AttributeDiff("headers[1]", "b", "x")]
    assert paths({"headers": ["a", "b"]}, {"headers": ["b", "a"]}) == ["headers[0]", "headers[1]"]


def test_what_is_marked_sensitive_or_called_a_secret_is_masked_everywhere() -> None:
    hidden = "do-not-show-me"
    masked = {"after_sensitive": {"value": True, "list": [True], "deep": {"inner": True}}}
    before = {"value": "old", "list": ["old"], "deep": {"inner": "old"}, "env": {"ORIGIN_SECRET": "old"}}
    after = {"value": hidden, "list": [hidden], "deep": {"inner": hidden}, "env": {"ORIGIN_SECRET": hidden}}
    details = changed(before, after, **masked)
    assert hidden not in repr(details.resources)
    assert [one.path for one in details.resources[0].attributes] == [
        "deep.inner",
        "env.ORIGIN_SECRET",
        "list[0]",
        "value",
    ]
    assert all(one.is_sensitive for one in details.resources[0].attributes)
    told = json.dumps({"password": hidden})
    assert hidden not in repr(changed({"text": "{}"}, {"text": told}).resources)


def test_what_only_aws_knows_is_said_so() -> None:
    found = attributes({"version": "1"}, {}, after_unknown={"version": True})
    assert found == [AttributeDiff("version", "1", None, is_known_after_apply=True)]


def test_what_aws_filled_in_was_changed_by_nobody() -> None:
    drift = {"before": {"tags": None, "days": 7}, "after": {"tags": {}, "days": 7}}
    assert put_right(changed({"tags": {}, "days": 7}, {"tags": None, "days": 14}, drift=drift)) == set()


def test_a_version_that_a_release_published_is_put_right_by_nobody() -> None:
    drift = {"before": {"version": "1"}, "after": {"version": "3"}}
    found = changed({"version": "3", "days": 1}, {"days": 7}, drift=drift, after_unknown={"version": True})
    assert put_right(found) == set()


def test_what_somebody_changed_and_the_plan_changes_back_is_put_right() -> None:
    drift = {"before": {"days": 7}, "after": {"days": 1}}
    assert put_right(changed({"days": 1}, {"days": 7}, drift=drift)) == {"aws_x.a"}


def test_an_output_that_changes_is_there() -> None:
    document = {
        "format_version": "1.2",
        "output_changes": {
            "url": {"actions": ["update"], "before": "a", "after": "b"},
            "same": {"actions": ["no-op"], "before": "a", "after": "a"},
        },
    }
    assert read_details(document).outputs == (AttributeDiff("url", "a", "b"),)
