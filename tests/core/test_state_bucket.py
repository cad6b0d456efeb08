"""A state bucket is put right once, and what others configured stays."""

import json
from collections.abc import Mapping
from typing import Any

from liveinsight_cli.core.state_bucket import Aspect, aspects

OTHERS = {
    "get_bucket_tagging": {"TagSet": [{"Key": "Team", "Value": "web"}]},
    "get_bucket_policy": {"Policy": json.dumps({"Statement": [{"Sid": "Theirs", "Effect": "Deny"}]})},
    "get_bucket_lifecycle_configuration": {"Rules": [{"ID": "theirs", "Status": "Enabled"}]},
    "get_bucket_encryption": {
        "ServerSideEncryptionConfiguration": {
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]
        }
    },
}


def everything() -> dict[str, Aspect]:
    return {one.read: one for one in aspects("b", "liveinsight", "aws")}


def answered(written: Mapping[str, Any]) -> Mapping[str, Any]:
    """What S3 would answer after a write: the same, without the envelope of some calls."""
    envelopes = ("Tagging", "LifecycleConfiguration", "VersioningConfiguration")
    return next((written[name] for name in envelopes if name in written), written)


def test_what_was_put_right_differs_no_more() -> None:
    for aspect in everything().values():
        wanted = aspect.wanted({})
        assert wanted is not None, aspect.what
        assert aspect.wanted(answered(wanted)) is None, aspect.what


def test_what_others_configured_stays() -> None:
    found = everything()
    tags = found["get_bucket_tagging"].wanted(OTHERS["get_bucket_tagging"])
    assert tags is not None
    assert {"Key": "Team", "Value": "web"} in tags["Tagging"]["TagSet"]
    policy = found["get_bucket_policy"].wanted(OTHERS["get_bucket_policy"])
    assert policy is not None
    assert [one["Sid"] for one in json.loads(policy["Policy"])["Statement"]] == [
        "Theirs",
        "LiveInsightTlsOnly",
    ]
    read = "get_bucket_lifecycle_configuration"
    rules = found[read].wanted(OTHERS[read])
    assert rules is not None
    assert [rule["ID"] for rule in rules["LifecycleConfiguration"]["Rules"]] == [
        "theirs",
        "liveinsight-old-versions",
    ]
    assert found["get_bucket_encryption"].wanted(OTHERS["get_bucket_encryption"]) is None


def test_a_weakened_setting_is_put_right() -> None:
    found = everything()
    assert found["get_bucket_versioning"].wanted({"Status": "Suspended"}) is not None
    block = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": False}
    assert found["get_public_access_block"].wanted({"PublicAccessBlockConfiguration": block}) is not None
    rule = {"ID": "liveinsight-old-versions", "Status": "Disabled"}
    assert found["get_bucket_lifecycle_configuration"].wanted({"Rules": [rule]}) is not None
