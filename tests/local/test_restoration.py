"""What outlives the process: the control plane by its snapshot, items and documents by SQLite."""

import os
import pickle
import signal
import time
from pathlib import Path

import psutil
import pytest

from liveinsight_cli.local import snapshot
from liveinsight_cli.local.process import EmbeddedAws, Server

from .conftest import client, create_function

ANSWER = "def handler(event, context):\n    return {'answer': 42}\n"


def test_a_killed_server_comes_back_with_everything(tmp_path: Path) -> None:
    aws = EmbeddedAws(tmp_path)
    try:
        first = aws.up()
        _fill(first)
        _wait_for_snapshot(aws)
        os.kill(first.pid, signal.SIGKILL)
        psutil.Process(first.pid).wait(10)
        again = aws.up()
        control_plane = aws.status().details["control_plane"]
        assert control_plane["state"] == "restored"
        assert control_plane["not_kept"] == []
        assert "restored from the snapshot of" in control_plane["summary"]
        _check(again)
    finally:
        aws.down()


def test_a_snapshot_of_another_version_is_not_read_and_the_loss_is_told(tmp_path: Path) -> None:
    aws = EmbeddedAws(tmp_path)
    try:
        client(aws.up(), "sns").create_topic(Name="alarms")
        aws.down()
        path = tmp_path / ".liveinsight" / "aws" / "control.snapshot"
        header, _, body = path.read_bytes().partition(b"\n")
        path.write_bytes(header.replace(b'"moto": "5', b'"moto": "4') + b"\n" + body)
        server = aws.up()
        control_plane = aws.status().details["control_plane"]
        assert control_plane["state"] == "lost"
        assert control_plane["summary"].endswith("deploy again")
        assert client(server, "sns").list_topics()["Topics"] == []
    finally:
        aws.down()


class Hostile:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch proof",)


def test_a_snapshot_runs_no_foreign_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "control.snapshot"
    header = '{"moto": "5.2.5", "fixups": %d, "python": "%s", "saved_at": 0, "left_out": []}'
    now = snapshot.current_header()
    path.write_bytes((header % (now.fixups, now.python)).encode() + b"\n" + pickle.dumps({"x": Hostile()}))
    restored = snapshot.restore(path)
    assert restored.state == "lost"
    assert not (tmp_path / "proof").exists()


def _fill(server: Server) -> None:
    client(server, "dynamodb").create_table(
        TableName="things",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client(server, "dynamodb").put_item(TableName="things", Item={"pk": {"S": "kept"}})
    s3 = client(server, "s3")
    s3.create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": server.region})
    s3.put_object(Bucket="kept", Key="page", Body=b"<h1>kept</h1>", ContentType="text/html")
    client(server, "kms").create_alias(
        AliasName="alias/kept",
        TargetKeyId=client(server, "kms").create_key(Description="kept")["KeyMetadata"]["KeyId"],
    )
    create_function(server, "answer", ANSWER)
    client(server, "lambda").create_alias(FunctionName="answer", Name="live", FunctionVersion="1")


def _check(server: Server) -> None:
    described = client(server, "dynamodb").describe_table(TableName="things")["Table"]
    assert described["ItemCount"] == 1
    assert client(server, "dynamodb").get_item(TableName="things", Key={"pk": {"S": "kept"}})["Item"]
    stored = client(server, "s3").get_object(Bucket="kept", Key="page")
    assert (stored["Body"].read(), stored["ContentType"]) == (b"<h1>kept</h1>", "text/html")
    key = client(server, "kms").describe_key(KeyId="alias/kept")
    assert key["KeyMetadata"]["Description"] == "kept"
    invoked = client(server, "lambda").invoke(FunctionName="answer", Qualifier="live")
    assert invoked["Payload"].read() == b'{"answer": 42}'


def _wait_for_snapshot(aws: EmbeddedAws) -> None:
    """Until a snapshot was written after this call, which the last write made before it is in."""
    asked, deadline = time.time(), time.monotonic() + 60
    while time.monotonic() < deadline:
        saved_at = aws.status().details["control_plane"]["saved_at"]
        if saved_at is not None and saved_at > asked:
            return
        time.sleep(0.05)
    raise AssertionError("no snapshot was written")
