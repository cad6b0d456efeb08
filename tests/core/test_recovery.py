"""What an interrupted apply may have left behind, told by its stream; and what a plan creates, told by its JSON."""

from liveinsight_cli.core.recovery import begun_creations, creations
from liveinsight_cli.core.terraform_events import Diagnostic, Event, Phase, Progress, Resource


def progress(name: str, phase: Phase, action: str = "create") -> Progress:
    return Progress(Resource(f"aws_x.{name}", "aws_x", name, None), action, phase, 0.0)


def error(name: str, summary: str) -> Diagnostic:
    return Diagnostic("error", summary, "", f"aws_x.{name}", None, None, None)


def test_what_was_begun_may_exist_even_where_the_stream_says_that_it_was_finished() -> None:
    """The state is written after that line, and to S3 much later."""
    story: list[Event] = [
        progress("finished", "start"),
        progress("finished", "complete"),
        progress("cancelled", "start"),
        progress("cancelled", "errored"),
        progress("deleted", "start", "delete"),
        error("cancelled", "waiting for Lambda Function (f) create: context canceled"),
    ]
    assert begun_creations(story) == {"aws_x.finished", "aws_x.cancelled"}


def test_what_was_there_before_was_not_made_by_us() -> None:
    for said in (
        "creating Amazon DynamoDB Table (t): ResourceInUseException: Table already exists: t",
        "creating IAM Role (r): EntityAlreadyExists: Role with name r already exists.",
        "creating CloudWatch Logs Log Group (g): ResourceAlreadyExistsException: The group already exists",
        "creating S3 Bucket (b): BucketAlreadyExists",
        "creating API Gateway Method: ConflictException: Method already exists for this resource",
        "creating Lambda Event Source Mapping: ResourceConflictException: The source already has a mapping. UUID 1",
        "creating API Gateway Resource: Another resource with the same parent already has this name: events",
        "creating KMS Alias: AlreadyExistsException: An alias with the name already exists",
    ):
        assert begun_creations([progress("taken", "start"), error("taken", said)]) == frozenset(), said


def test_creations_are_those_of_the_plan_with_what_is_known_and_where() -> None:
    east = {"name": "aws", "alias": "us_east_1", "expressions": {"region": {"constant_value": "us-east-1"}}}
    here = {"name": "aws", "expressions": {"region": {"references": ["var.region"]}}}
    firewall = {"resources": [{"address": "aws_acl.this", "provider_config_key": "aws.us_east_1"}]}
    resources = [{"address": "aws_table.events", "provider_config_key": "aws"}]
    root = {"resources": resources, "module_calls": {"firewall": {"module": firewall}}}
    changes = [
        {
            "address": address,
            "type": address.split(".")[-2],
            "change": {"actions": actions, "after": {"name": "n"}},
        }
        for address, actions in (
            ('aws_table.events["a.b[0]"]', ["create"]),
            ("module.firewall[0].aws_acl.this", ["create"]),
            ("aws_table.replaced", ["delete", "create"]),
            ("aws_table.unasked", ["create"]),
        )
    ]
    shown = {
        "configuration": {"provider_config": {"aws": here, "aws.us_east_1": east}, "root_module": root},
        "resource_changes": changes,
    }
    wanted = frozenset(
        {'aws_table.events["a.b[0]"]', "module.firewall[0].aws_acl.this", "aws_table.replaced"}
    )
    found = {one.address: (one.region, one.values) for one in creations(shown, wanted, "eu-west-1")}
    assert found == {
        'aws_table.events["a.b[0]"]': ("eu-west-1", {"name": "n"}),
        "module.firewall[0].aws_acl.this": ("us-east-1", {"name": "n"}),
    }
