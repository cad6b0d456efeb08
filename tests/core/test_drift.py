"""Which differences between ledger, Lambda and Terraform are drift, and which are not."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from liveinsight_cli.core.drift import Difference, code_drift, ledgered, unpublished
from liveinsight_cli.core.drift_infrastructure import infrastructure_drift
from liveinsight_cli.core.release import AliasState, FunctionCode, Release

REALTIME = 'module.function["realtime-api"]'
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
PLANS = Path(__file__).with_name("plans")
FIRST = Release(
    id="20261126-040000-aaaaaa",
    environment="dev",
    at="2026-11-26T04:00:00Z",
    by="ann",
    tool_version="1",
    git_sha=None,
    digests={"stats-api": "d1"},
    versions={"stats-api": "1"},
    status="replaced",
    code_sha256={"stats-api": "sha-1"},
)
SECOND = replace(
    FIRST,
    id="20261126-050000-bbbbbb",
    versions={"stats-api": "2"},
    status="active",
    code_sha256={"stats-api": "sha-2"},
)


def code(latest: str, *published: str, is_published: bool = True) -> dict[str, FunctionCode]:
    versions = {str(number): sha for number, sha in enumerate(published, 1)}
    return {"stats-api": FunctionCode("stats-api", latest, "r", versions, is_published)}


def alias(version: str, **weights: float) -> dict[str, AliasState]:
    shares = {name.removeprefix("v"): share for name, share in weights.items()}
    return {"stats-api": AliasState("stats-api", version, "r", shares)}


def words(
    releases: list[Release], codes: dict[str, FunctionCode], aliases: dict[str, AliasState]
) -> list[tuple[str, str]]:
    return [(one.kind, one.what) for one in code_drift(ledgered(releases), codes, aliases)]


def test_what_the_last_deploy_left_is_no_drift() -> None:
    assert words([FIRST, SECOND], code("sha-2", "sha-1", "sha-2"), alias("2")) == []


def test_code_that_somebody_uploaded_is_drift() -> None:
    ((kind, what),) = words([FIRST, SECOND], code("foreign-hash", "sha-1", "sha-2"), alias("2"))
    assert kind == "code"
    assert what == f"$LATEST holds other code than release {SECOND.id}: foreign-… instead of sha-2…"


def test_code_that_somebody_published_is_told_with_its_version() -> None:
    found = words([FIRST, SECOND], code("foreign", "sha-1", "sha-2", "foreign"), alias("2"))
    assert ("code", "version 3 was published outside of a release") in found


def test_an_alias_that_somebody_moved_is_told_with_what_it_serves_now() -> None:
    ((kind, what),) = words([FIRST, SECOND], code("sha-2", "sha-1", "sha-2"), alias("1"))
    assert (kind, what) == ("service", "version 1 is in service instead of version 2")
    ((_, same),) = words([FIRST, SECOND], code("sha-2", "sha-1", "sha-2"), alias("$LATEST"))
    assert same == "$LATEST is in service instead of version 2, with the same code"


def test_a_version_that_was_made_anew_with_other_code_is_drift_although_its_number_fits() -> None:
    ((kind, what),) = words([FIRST, SECOND], code("sha-2", "sha-1", "foreign"), alias("2"))
    assert kind == "service"
    assert what == "version 2, in service, holds other code than the release's"


def test_weights_that_nobody_notes_are_drift() -> None:
    ((kind, what),) = words([FIRST, SECOND], code("sha-2", "sha-1", "sha-2"), alias("2", v1=0.1))
    assert (kind, what) == ("service", "part of the calls go elsewhere: 10% to version 1")


def test_after_a_rollback_the_newer_code_is_no_drift_and_a_note_says_why() -> None:
    rolled_back = replace(SECOND, status="rolled_back")
    back = replace(
        FIRST, id="back", status="active", kind="rollback", target=FIRST.id, pinned={"stats-api": "sha-2"}
    )
    releases = [FIRST, rolled_back, back]
    assert words(releases, code("sha-2", "sha-1", "sha-2"), alias("1")) == []
    assert ledgered(releases).notes == (
        "Release back was put into service by hand; newer code waits. That is no drift.",
    )
    assert [kind for kind, _ in words(releases, code("foreign", "sha-1", "sha-2"), alias("1"))] == ["code"]


def test_a_canary_is_no_drift() -> None:
    canary = replace(SECOND, status="canary")
    releases = [replace(FIRST, status="active"), canary]
    assert words(releases, code("sha-2", "sha-1", "sha-2"), alias("1", v2=0.1)) == []
    assert "A canary" in ledgered(releases).notes[0]


def test_what_somebody_moved_during_a_canary_is_drift() -> None:
    releases = [FIRST, replace(SECOND, status="active"), replace(SECOND, id="c", status="canary")]
    releases[-1] = replace(releases[-1], versions={"stats-api": "3"}, code_sha256={"stats-api": "sha-3"})
    codes = code("sha-3", "sha-1", "sha-2", "sha-3")
    assert words(releases, codes, alias("2", v3=0.1)) == []
    assert [kind for kind, _ in words(releases, codes, alias("1"))] == ["service"]
    assert [kind for kind, _ in words(releases, codes, alias("2", v1=0.1))] == ["service"]


def test_a_deploy_whose_check_failed_is_no_drift() -> None:
    releases = [replace(FIRST, status="active"), replace(SECOND, status="failed")]
    assert words(releases, code("sha-2", "sha-1", "sha-2"), alias("1")) == []
    assert "Its check failed" in ledgered(releases).notes[0]


def test_what_a_sync_put_there_is_drift_by_somebody_known() -> None:
    synced = replace(SECOND, kind="sync")
    ((kind, what),) = words([FIRST, synced], code("sha-2", "sha-1", "sha-2"), alias("2"))
    assert kind == "code"
    assert what == "holds what `liveinsight sync` put there, by ann at 2026-11-26T04:00:00Z"
    back_again = replace(synced, code_sha256=FIRST.code_sha256)
    assert words([FIRST, back_again], code("sha-1", "sha-1", "sha-1"), alias("2")) == []


def test_a_ledger_without_hashes_or_releases_accuses_nobody() -> None:
    old = replace(SECOND, code_sha256={})
    assert words([old], code("anything", "sha-1", "sha-2"), alias("2")) == []
    assert words([], code("anything"), alias("1")) == []
    assert "cannot be compared" in ledgered([]).notes[0]


def test_a_configuration_that_is_not_published_is_told_unless_it_is_told_already() -> None:
    codes = code("sha-2", "sha-1", "sha-2", is_published=False)
    assert [one.where for one in unpublished(codes, [])] == ["stats-api"]
    assert list(unpublished(codes, ["stats-api"])) == []


def plan(name: str) -> Any:
    return json.loads((PLANS / f"{name}.json").read_text())


def test_what_aws_and_companion_resources_filled_in_after_a_first_deploy_is_no_drift() -> None:
    document = plan("after-a-first-deploy")
    assert len(document["resource_drift"]) > 10  # what terraform calls so
    assert infrastructure_drift(document) == ()


def test_changes_by_hand_are_told_attribute_by_attribute() -> None:
    found = infrastructure_drift(plan("changed-by-hand"))
    assert {
        (one.where, attribute.path, attribute.before, attribute.after)
        for one in found
        if one.is_repaired
        for attribute in one.attributes
    } == {
        ("aws_dynamodb_table.state", "ttl[0].enabled", True, False),
        ("aws_lambda_event_source_mapping.events", "enabled", True, False),
        (f"{REALTIME}.aws_iam_role_policy_attachments_exclusive.this", "policy_arns[0]", None, ADMINISTRATOR),
        (f"{REALTIME}.aws_lambda_function.this", "timeout", 30, 7),
        (
            'module.function["stats-api"].aws_iam_role_policies_exclusive.this',
            "policy_names[0]",
            None,
            "extra",
        ),
        ('module.function["stats-api"].aws_cloudwatch_log_group.this', "retention_in_days", 7, 30),
    }


def test_what_was_deleted_by_hand_is_told() -> None:
    assert Difference(
        "infrastructure", 'aws_cloudwatch_metric_alarm.this["aggregator-errors"]', "was deleted"
    ) in infrastructure_drift(plan("changed-by-hand"))


def test_what_the_configuration_leaves_open_is_marked_as_left_for_somebody_to_put_right() -> None:
    (left,) = [one for one in infrastructure_drift(plan("changed-by-hand")) if not one.is_repaired]
    assert left.where == "aws_s3_bucket.dashboard"
    assert {one.path for one in left.attributes} == {
        "cors_rule[0].allowed_methods[0]",
        "cors_rule[0].allowed_origins[0]",
    }


def test_a_role_whose_policies_nobody_keeps_exclusive_is_told() -> None:
    document = plan("changed-by-hand")
    del document["prior_state"]  # where the resources are that take foreign policies away
    left = {one.where for one in infrastructure_drift(document) if not one.is_repaired}
    assert 'module.function["stats-api"].aws_iam_role.this' in left


def test_code_and_aliases_are_left_to_the_ledger() -> None:
    document = plan("changed-by-hand")
    types = {one["type"] for one in document["resource_drift"]}
    assert {"aws_lambda_alias", "aws_lambda_function"} <= types
    paths = {one.path for each in infrastructure_drift(document) for one in each.attributes}
    assert paths.isdisjoint({"code_sha256", "source_code_size", "version", "function_version"})


def test_a_bucket_setting_without_a_companion_is_told() -> None:
    rule = [{"id": "by-hand", "enabled": True}]
    bucket = {
        "address": "aws_s3_bucket.this",
        "type": "aws_s3_bucket",
        "change": {
            "actions": ["update"],
            "before": {"id": "b", "lifecycle_rule": []},
            "after": {"id": "b", "lifecycle_rule": rule},
        },
    }
    document: dict[str, Any] = {"format_version": "1.2", "resource_drift": [bucket]}
    (found,) = infrastructure_drift(document)
    assert (found.is_repaired, {one.path for one in found.attributes}) == (
        False,
        {"lifecycle_rule[0].id", "lifecycle_rule[0].enabled"},
    )
    companion = {"type": "aws_s3_bucket_lifecycle_configuration", "values": {"bucket": "b"}}
    document["prior_state"] = {"values": {"root_module": {"child_modules": [{"resources": [companion]}]}}}
    assert infrastructure_drift(document) == ()


def test_a_sensitive_value_is_never_told() -> None:
    change = {
        "actions": ["update"],
        "before": {"password": "old-one"},
        "after": {"password": "new-one"},
        "before_sensitive": {"password": True},
        "after_sensitive": {"password": True},
    }
    resource = {"address": "a.b", "type": "a", "change": change}
    found = infrastructure_drift({"format_version": "1.2", "resource_drift": [resource]})
    assert "-one" not in repr(found)
    assert found[0].attributes[0].is_sensitive
