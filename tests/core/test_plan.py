"""What a plan means to the person who has to say yes."""

from liveinsight_cli.core.plan import HANDED_OVER, Plan, read_plan, service_of
from liveinsight_cli.core.plan_risks import risks, risky_changes
from liveinsight_cli.core.terraform_events import Change, Resource, parse_event
from tests.adapters.fake_terraform import STREAMS


def recorded(name: str, *, destroys: bool = False) -> Plan:
    found = [parse_event(line) for line in (STREAMS / f"{name}.jsonl").read_text().splitlines()]
    changes = [one for one in found if isinstance(one, Change)]
    return read_plan(changes, has_changes=True, destroys=destroys, path="p")


def change(address: str, action: str, key: str | None = None, *, drift: bool = False) -> Change:
    kind, _, name = address.partition(".")
    return Change(Resource(address, kind, name, key), action, None, drift)


def plan(*changes: Change) -> Plan:
    return read_plan(changes, has_changes=True, destroys=False, path=None)


def test_a_code_change_names_the_functions() -> None:
    assert recorded("plan-code-change").code_changes == ("aggregator",)
    assert recorded("plan-create").code_changes == ()


def test_deleting_or_replacing_what_holds_data_comes_first() -> None:
    found = plan(
        change("aws_iam_role_policy.x", "update"),
        change("aws_dynamodb_table.events", "replace"),
        change("aws_s3_bucket.site", "delete"),
        change("aws_lambda_function.x", "replace"),
    )
    assert [risk.address for risk in risks(found, None, {})] == [
        "aws_dynamodb_table.events",
        "aws_s3_bucket.site",
        "aws_iam_role_policy.x",
    ]
    assert risks(found, None, {})[0].message == "events table would be REPLACED: what it holds is lost"


def test_creating_everything_is_no_risk() -> None:
    assert risky_changes(recorded("plan-create")) == ()


def test_a_plan_to_destroy_deletes_and_leaves_what_belongs_to_the_account() -> None:
    destroyed = recorded("plan-destroy", destroys=True)
    assert not any(one.address.startswith(HANDED_OVER) for one in destroyed.changes)
    assert {one.action for one in destroyed.changes} == {"delete"}


def test_a_replacement_is_two_operations() -> None:
    found = plan(change("aws_x.a", "replace"), change("aws_x.b", "create"), change("aws_x.c", "move"))
    assert found.operations == (
        ("aws_x.a", "aws_x", "delete"),
        ("aws_x.a", "aws_x", "create"),
        ("aws_x.b", "aws_x", "create"),
    )


def test_reads_and_noops_are_no_changes() -> None:
    assert plan(change("aws_x.a", "noop"), change("aws_x.b", "read")).changes == ()


def test_drift_is_what_will_be_put_right() -> None:
    found = plan(
        change("aws_lambda_function.x", "update", drift=True),
        change("aws_lambda_function.x", "update"),
        change("aws_sns_topic.filled_in_by_aws", "update", drift=True),
        change("aws_lambda_alias.live", "update", drift=True),
        change("aws_lambda_alias.live", "update"),
    )
    assert found.drift == ("aws_lambda_function.x",)


def test_a_function_whose_code_changes_was_not_changed_by_somebody_else() -> None:
    function = 'module.function["stats-api"].aws_lambda_function.this'
    lambdas = [Resource(function, "aws_lambda_function", "this", None)]
    drifted = [Change(one, "update", None, drift) for one in lambdas for drift in (True, False)]
    package = Resource('aws_s3_object.package["stats-api"]', "aws_s3_object", "package", "stats-api")
    assert plan(*drifted).drift == (function,)
    assert plan(*drifted, Change(package, "replace", None, False)).drift == ()


def test_changes_are_counted_by_service() -> None:
    found = plan(
        change("aws_cloudwatch_event_rule.a", "create"),
        change("aws_cloudwatch_log_group.a", "create"),
        change("aws_cloudwatch_metric_alarm.b", "update"),
    )
    assert {one.service: one.counts for one in found.services} == {
        "CloudWatch": {"create": 1, "update": 1},
        "EventBridge": {"create": 1},
    }


def test_an_unknown_service_keeps_its_name() -> None:
    assert service_of("random_id") == "random"
