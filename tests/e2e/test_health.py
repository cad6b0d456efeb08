"""`doctor` and `verify` on the deployed stack: what is broken there is found, mended where safe, and put back."""

from typing import Any

import pytest

from liveinsight_cli.adapters.aws import Aws
from liveinsight_cli.local.process import EmbeddedAws
from tests.e2e.conftest import Stack

pytestmark = pytest.mark.e2e
GROUP = "/aws/lambda/liveinsight-aggregator-local"
STATS = "liveinsight-stats-api-local"


@pytest.fixture
def aws(stack: Stack) -> Aws:
    """The embedded AWS as an operator's own tools reach it."""
    server = EmbeddedAws(stack.project).running()
    assert server is not None
    return Aws(server.region, endpoint_url=server.endpoint_url)


def checks(data: Any) -> dict[str, Any]:
    return {one["name"]: one for one in data["checks"]}


def mapping_of(aws: Aws) -> Any:
    [mapping] = aws.call("lambda", "list_event_source_mappings")["EventSourceMappings"]
    return mapping


def test_doctor_finds_what_was_broken_in_aws_and_fix_mends_what_is_safe(stack: Stack, aws: Aws) -> None:
    before = aws.call("lambda", "get_alias", FunctionName=STATS, Name="live")["FunctionVersion"]
    aws.call("lambda", "update_event_source_mapping", UUID=mapping_of(aws)["UUID"], Enabled=False)
    aws.call("logs", "put_retention_policy", logGroupName=GROUP, retentionInDays=1)
    aws.call("lambda", "update_alias", FunctionName=STATS, Name="live", FunctionVersion="$LATEST")
    token = stack.files / "read-token"
    kept = token.read_text()
    token.write_text("t" * 43)
    try:
        found = checks(stack.refused_answer("doctor", code=3))
        states = {name: found[name]["state"] for name in ("stream mapping", "log groups", "release")}
        assert states == {"stream mapping": "fail", "log groups": "warn", "release": "fail"}
        assert "stats-api" in found["release"]["found"]
        assert found["read token"]["found"] == "the API refuses the token of this machine"
    finally:
        token.write_text(kept)
        aws.call("lambda", "update_alias", FunctionName=STATS, Name="live", FunctionVersion=before)
        mended = checks(stack.answer("doctor", "--fix", "--yes"))
    assert mapping_of(aws)["State"] in ("Enabled", "Enabling")
    assert {mended[name]["state"] for name in ("stream mapping", "log groups", "release", "read token")} == {
        "ok"
    }


def test_verify_counts_exactly_and_leaves_nothing_of_its_own(stack: Stack, aws: Aws) -> None:
    verified = stack.answer("verify", "--only", "probe")
    assert verified["site"].endswith(".smoke.liveinsight.invalid")
    assert all(row["ok"] for row in verified["rows"])
    assert verified["deleted_items"] > 15
    for table in stack.outputs["tables"].values():
        for page in aws.pages("dynamodb", "scan", TableName=table):
            left = [item for item in page["Items"] if verified["site"] in str(item)]
            assert {item["pk"]["S"].partition("#")[0] for item in left} <= {"visitor", "bot", "verify"}, left
