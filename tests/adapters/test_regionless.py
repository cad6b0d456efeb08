"""Signature Version 4A, held against AWS's own library: what that one signed verifies with our key and our text."""

from typing import Any

import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from liveinsight_cli.adapters.regionless import ALGORITHM, SigV4AAuth, keep_to, signing_key

CREDENTIALS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "TOKEN")
URL = (
    "https://123456789012.cloudfront-kvs.global.api.aws/key-value-stores/"
    "arn%3Aaws%3Acloudfront%3A%3A123456789012%3Akey-value-store%2Fa1b2/keys/origin-secret?MaxResults=5&NextToken=a%2Fb"
)
# Made once by awscrt 0.38.0 for the request below at 2026-11-23T12:00:00Z. An ECDSA signature is another one each time:
# it can be verified, not compared.
SIGNED_BY_AWS = (
    "3045022025849706227137985c3df8af86a71218616df40d273c930a5f6838b2a29b8c73"
    "022100a138ca3cf7e6421c0a323df598a5a3bae9cc461f97a7435db33ae5c696399008"
)
SIGNED_HEADERS = "content-type;host;if-match;x-amz-date;x-amz-region-set;x-amz-security-token"


def request() -> AWSRequest:
    headers = {"If-Match": "EABC", "Content-Type": "application/json"}
    made = AWSRequest(method="PUT", url=URL, headers=headers, data=b'{"Value": "one"}')
    made.context["timestamp"] = "20261123T120000Z"
    return made


def signer() -> SigV4AAuth:
    return SigV4AAuth(CREDENTIALS, "cloudfront-keyvaluestore", "*")


def test_the_key_is_the_one_of_awss_published_example() -> None:
    numbers = signing_key(CREDENTIALS.access_key, CREDENTIALS.secret_key).public_key().public_numbers()
    assert (f"{numbers.x:064x}", f"{numbers.y:064x}") == (
        "b6618f6a65740a99e650b33b6b4b5bd0d43b176d721a3edfea7e7d2d56d936b1",
        "865ed22a7eadc9c5cb9d2cbaca1b3699139fedc5043dc6661864218330c8e518",
    )


def test_what_awss_library_signed_verifies_with_our_key_and_text() -> None:
    made, ours = request(), signer()
    for name, value in (("Date", "20261123T120000Z"), ("Security-Token", "TOKEN"), ("Region-Set", "*")):
        made.headers[f"X-Amz-{name}"] = value
    text = ours.string_to_sign(made, ours.canonical_request(made))
    key = signing_key(CREDENTIALS.access_key, CREDENTIALS.secret_key).public_key()
    key.verify(bytes.fromhex(SIGNED_BY_AWS), text.encode(), ec.ECDSA(SHA256()))
    with pytest.raises(InvalidSignature):
        key.verify(bytes.fromhex(SIGNED_BY_AWS), text.replace("Z", "Y").encode(), ec.ECDSA(SHA256()))


def test_a_request_carries_algorithm_scope_headers_and_signature_also_when_it_is_tried_again() -> None:
    made, ours = request(), signer()
    ours.add_auth(made)
    ours.add_auth(made)
    assert made.headers.get_all("X-Amz-Region-Set") == ["*"]
    [authorization] = made.headers.get_all("Authorization")
    scope = f"AKIDEXAMPLE/{made.context['timestamp'][:8]}/cloudfront-keyvaluestore/aws4_request"
    head, _, signature = authorization.rpartition(", Signature=")
    assert head == f"{ALGORITHM} Credential={scope}, SignedHeaders={SIGNED_HEADERS}"
    del made.headers["Authorization"]
    text = ours.string_to_sign(made, ours.canonical_request(made))
    key = signing_key(CREDENTIALS.access_key, CREDENTIALS.secret_key).public_key()
    key.verify(bytes.fromhex(signature), text.encode(), ec.ECDSA(SHA256()))


def test_at_an_endpoint_of_our_own_the_accounts_number_is_no_part_of_the_host() -> None:
    handlers: dict[str, Any] = {}

    class Client:
        class meta:  # noqa: N801 - as boto3 spells it
            class events:  # noqa: N801
                register = handlers.__setitem__

    keep_to("http://127.0.0.1:4750", Client)
    made = AWSRequest(method="GET", url="http://1234.127.0.0.1:4750/key-value-stores/a%3Ab?x=1")
    handlers["before-send.cloudfront-keyvaluestore"](request=made)
    assert made.url == "http://127.0.0.1:4750/key-value-stores/a%3Ab?x=1"
