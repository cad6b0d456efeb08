"""A plan in the words that the person reads who has to say yes."""

import dataclasses
from typing import Any

import pytest

from liveinsight_cli.core.plan import Plan, read_plan
from liveinsight_cli.core.plan_diff import PlanDetails, read_details
from liveinsight_cli.core.plan_names import label_of
from liveinsight_cli.core.plan_risks import risks, risky_changes
from liveinsight_cli.core.plan_words import settings_in_words, with_words
from liveinsight_cli.core.terraform_events import Change, Resource, parse_event
from tests.adapters.fake_terraform import STREAMS


def change(address: str, action: str, reason: str | None = None, **more: Any) -> Change:
    *_, kind, name = (
        address.split("[")[0 if not address.startswith("module") else -1].split("]")[-1].split(".")
    )
    return Change(Resource(address, kind, name, None), action, reason, is_drift=False, **more)


def package(function: str) -> Change:
    address = f'aws_s3_object.package["{function}"]'
    return Change(Resource(address, "aws_s3_object", "package", function), "replace", None, is_drift=False)


def function(name: str, action: str = "update") -> Change:
    address = f'module.function["{name}"].aws_lambda_function.this'
    return Change(Resource(address, "aws_lambda_function", "this", None), action, None, is_drift=False)


def plan(*changes: Change) -> Plan:
    return read_plan(changes, has_changes=True, destroys=False, path=None)


def lines(found: Plan, files: dict[str, tuple[str, ...]] | None = None) -> dict[str, tuple[str, ...]]:
    return {one.service: one.lines for one in with_words(found, files or {}).services}


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("aws_dynamodb_table.events", "events table"),
        ('module.function["stats-api"].aws_lambda_function.this', "stats-api function"),
        ('aws_s3_bucket_versioning.this["dashboard"]', "dashboard bucket versioning"),
        ('aws_cloudwatch_metric_alarm.function["stats-api-errors"]', "stats-api-errors alarm"),
        ("aws_api_gateway_rest_api.this", "REST API"),
        ("aws_iam_role_policy.api_gateway_logs[0]", "api-gateway-logs permissions"),
        ("aws_cloudwatch_dashboard.this", "dashboard"),
    ],
)
def test_a_resource_is_called_what_people_call_it(address: str, label: str) -> None:
    kind = next(part for part in address.split(".") if part.startswith("aws_"))
    assert label_of(address, kind) == label


def test_functions_say_whether_code_or_configuration_changes_and_how_many_publish() -> None:
    found = plan(
        function("stats-api"), function("aggregator"), function("realtime-api"), package("stats-api")
    )
    files = {"stats-api": ("shared/keys.py", "stats_api/a.py", "stats_api/b.py", "stats_api/c.py")}
    assert lines(found, files)["Lambda"] == (
        "aggregator, realtime-api: configuration changes",
        "stats-api: code changes in 4 files (shared/keys.py, stats_api/a.py, stats_api/b.py and 1 more)",
        "3 functions publish a new version",
    )
    assert lines(found)["Lambda"][1] == "stats-api: code changes"


def test_the_many_are_counted_and_the_few_are_named() -> None:
    many = [change(f"aws_cloudwatch_metric_alarm.a{number}", "create") for number in range(25)]
    found = lines(plan(*many, change("aws_cloudwatch_dashboard.this", "create")))
    assert found["CloudWatch"] == ("create 25 alarms, dashboard",)


def test_moved_imported_and_forgotten_things_are_said_in_words() -> None:
    found = lines(
        plan(
            change("aws_dynamodb_table.new", "move", previous_address="aws_dynamodb_table.old"),
            change("aws_sns_topic.alarms", "import", import_id="arn:x"),
            change("aws_iam_role.mine", "remove"),
            change("aws_s3_bucket.site", "replace", "tainted"),
        )
    )
    assert found["DynamoDB"] == (
        "aws_dynamodb_table.old is called aws_dynamodb_table.new from now on; nothing of it changes in AWS",
    )
    assert found["SNS"] == ("take over alarms topic, which is there already (arn:x)",)
    assert found["IAM"] == ("forget mine role: it stays in AWS as it is",)
    assert found["S3"] == ("replace site bucket (its creation was interrupted)",)


def test_settings_are_told_with_both_values_and_digests_by_name_alone() -> None:
    before = {"memory_mb": 256, "allowed_sites": [], "packages": {}, "read_token_sha256": "abc"}
    after = {"memory_mb": 512, "allowed_sites": ["a.com"], "packages": {"x": 1}, "read_token_sha256": "def"}
    assert settings_in_words(before, after) == (
        "allowed_sites: nothing -> a.com",
        "memory_mb: 256 -> 512",
        "read_token_sha256 changes",
    )
    assert settings_in_words(None, after) == ()


def recorded() -> tuple[Plan, PlanDetails]:
    import json

    stream = (STREAMS / "newer-plan-replace.jsonl").read_text().splitlines()
    changes = [one for one in map(parse_event, stream) if isinstance(one, Change)]
    details = read_details(json.loads((STREAMS / "newer-show-replace.json").read_text()))
    return plan(*changes), details


def test_a_recorded_replacement_says_what_is_lost_why_and_who_may_do_more() -> None:
    found, details = recorded()
    losing, logs, widening = risks(found, details, {"aws_dynamodb_table.events": "12,400 items"})
    assert losing.message == "events table would be REPLACED: 12,400 items lost"
    assert losing.because == (
        "this change cannot be made in place",
        'hash_key changes from "visitor_id" to "session_id"',
    )
    assert logs.message == "twice log group would be DELETED: what it holds is lost"
    assert widening.message == "the permissions change; to what exactly is known after the apply"


def test_permissions_that_widen_name_the_actions() -> None:
    def details(before: str, after: str) -> PlanDetails:
        policy = (
            '{"Statement": [{"Effect": "Allow", "Action": %s, "Resource": "arn:aws:dynamodb:r:1:table/t"}]}'
        )
        change = {
            "actions": ["update"],
            "before": {"policy": policy % before},
            "after": {"policy": policy % after},
        }
        named = {"address": address, "type": "aws_iam_role_policy", "change": change}
        return read_details({"format_version": "1.2", "resource_changes": [named]})

    address = 'module.function["stats-api"].aws_iam_role_policy.this'
    found = plan(
        Change(Resource(address, "aws_iam_role_policy", "this", None), "update", None, is_drift=False)
    )
    (wider,) = risks(found, details('["d:Query"]', '["d:Query", "d:Scan"]'), {})
    assert wider.message == "permissions of stats-api widen: +d:Scan on table/t"
    assert risks(found, details('["d:Query", "d:Scan"]', '["d:Query"]'), {}) == ()
    assert [one.message for one in risks(found, None, {})] == ["permissions of stats-api change"]


def test_permissions_made_with_their_role_widen_nothing_and_others_do() -> None:
    policy, role = change("aws_iam_role_policy.a", "create"), change("aws_iam_role.a", "create")
    assert risky_changes(plan(policy, role)) == ()
    assert [one.address for one in risky_changes(plan(policy))] == ["aws_iam_role_policy.a"]


def test_a_plan_survives_its_note() -> None:
    from liveinsight_cli.core.plan_note import plan_from, plan_note

    found, details = recorded()
    whole = dataclasses.replace(
        with_words(found, {}, details), risks=risks(found, details, {}), outputs=("a",)
    )
    assert plan_from(plan_note(whole), "p") == dataclasses.replace(whole, path="p")
