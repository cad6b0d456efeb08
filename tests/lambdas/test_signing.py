"""Our signer and botocore's sign alike, whatever the request."""

from __future__ import annotations

from datetime import UTC, datetime
from unittest.mock import patch

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st

from shared.signing import CONTENT_TYPE, Credentials, Signer

keys = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=16, max_size=60)
regions = st.sampled_from(["ap-northeast-2", "us-east-1", "eu-central-1", "cn-north-1"])


@given(
    body=st.binary(max_size=300),
    access_key=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=16, max_size=20),
    secret_key=keys,
    token=st.none() | keys,
    region=regions,
    target=st.sampled_from(["DynamoDB_20120810.PutItem", "DynamoDB_20120810.BatchWriteItem"]),
    port=st.sampled_from(["", ":4761"]),
    now=st.integers(0, 4_102_444_800),
)
def test_the_signature_is_the_one_of_botocore(
    body: bytes,
    access_key: str,
    secret_key: str,
    token: str | None,
    region: str,
    target: str,
    port: str,
    now: int,
) -> None:
    host = f"dynamodb.{region}.amazonaws.com{port}"
    signer = Signer(host, region, lambda: Credentials(access_key, secret_key, token or ""))
    ours = signer.headers(target, body, now)
    request = AWSRequest(
        "POST",
        f"https://{host}/",
        data=body,
        headers={"Content-Type": CONTENT_TYPE, "Host": host, "X-Amz-Target": target},
    )
    with patch("botocore.auth.get_current_datetime", lambda: datetime.fromtimestamp(now, UTC)):
        SigV4Auth(BotocoreCredentials(access_key, secret_key, token), "dynamodb", region).add_auth(request)
    assert ours["Authorization"] == request.headers["Authorization"]
    assert {name.lower(): value for name, value in ours.items()} == {
        name.lower(): value for name, value in request.headers.items()
    }


def test_renewed_credentials_and_another_day_sign_with_another_key() -> None:
    held = [Credentials("AKIDEXAMPLE0000", "one")]
    signer = Signer("dynamodb.us-east-1.amazonaws.com", "us-east-1", lambda: held[-1])
    first = signer.headers("T.A", b"{}", 0)["Authorization"]
    held.append(Credentials("AKIDEXAMPLE0000", "two"))
    second = signer.headers("T.A", b"{}", 0)["Authorization"]
    fresh = Signer("dynamodb.us-east-1.amazonaws.com", "us-east-1", lambda: held[-1])
    assert first != second
    assert second == fresh.headers("T.A", b"{}", 0)["Authorization"]
    assert (
        signer.headers("T.A", b"{}", 90_000)["Authorization"]
        == fresh.headers("T.A", b"{}", 90_000)["Authorization"]
    )
