"""Whose request it is: what CloudFront says with the secret is believed, and nothing that anybody else says."""

import json
from hashlib import sha256
from typing import Any

import pytest

from event_collector.viewer import Viewer, viewer_of
from shared.http import Request
from shared.settings import Settings, SettingsError

SECRET = "s3cret-s3cret-s3cret-s3cret-s3cr"
NODE = Viewer(
    "130.176.0.1", "DE"
)  # the machine of CloudFront's that passed the request on, and where that is
REQUIRED = {"EVENTS_TABLE": "e", "SESSIONS_TABLE": "s", "STATE_TABLE": "t", "ENVIRONMENT": "dev"}


def viewer(secret: str | None = SECRET, address: str | None = "198.51.100.7", **others: str) -> Viewer:
    """Return whose request it is, for a request by way of a distribution that sends these headers."""
    claimed = {"X-LiveInsight-Origin-Secret": secret, "X-LiveInsight-Viewer-Address": address}
    headers = {name: value for name, value in claimed.items() if value is not None} | others
    event: dict[str, Any] = {
        "headers": {"CloudFront-Viewer-Country": NODE.country, **headers},
        "requestContext": {"identity": {"sourceIp": NODE.address}},
    }
    known = {**REQUIRED, "ORIGIN_SECRET_SHA256": sha256(SECRET.encode()).hexdigest()}
    return viewer_of(Settings.from_environment(known), Request.of(event, None))


@pytest.mark.parametrize("address", ["198.51.100.7", "2001:db8::7", "::ffff:198.51.100.7"])
def test_with_the_secret_address_and_country_are_the_viewers(address: str) -> None:
    assert viewer(address=address, **{"x-liveinsight-viewer-country": "KR"}) == Viewer(address, "KR")


def test_where_the_viewers_country_is_unknown_the_nodes_is_not_taken_for_it() -> None:
    assert viewer() == Viewer("198.51.100.7", None)
    assert viewer(**{"X-LiveInsight-Viewer-Country": "<b>"}) == Viewer("198.51.100.7", None)


@pytest.mark.parametrize(
    "secret",
    [None, "", "wrong", SECRET + " ", SECRET[:-1], sha256(SECRET.encode()).hexdigest(), "\ud800", "é"],
)
def test_without_the_secret_nothing_is_believed(secret: str | None) -> None:
    assert viewer(secret, **{"X-LiveInsight-Viewer-Country": "KR"}) == NODE


@pytest.mark.parametrize(
    "address",
    [None, "", "unknown", "198.51.100", "198.51.100.7, 1.1.1.1", "1.2.3.4\0", "fe80::1%eth0x\n", "é"],
)
def test_what_is_no_address_is_not_taken_for_one(address: str | None) -> None:
    assert viewer(address=address) == NODE


def test_a_stack_without_a_secret_believes_nobody() -> None:
    event = {
        "headers": {
            "x-liveinsight-origin-secret": "",
            "x-liveinsight-viewer-address": "198.51.100.7",
        },
        "requestContext": {"identity": {"sourceIp": "130.176.0.1"}},
    }
    found = viewer_of(Settings.from_environment(REQUIRED), Request.of(event, None))
    assert found == Viewer("130.176.0.1", None)


def test_a_digest_that_is_none_is_said_at_start() -> None:
    with pytest.raises(SettingsError, match="ORIGIN_SECRET_SHA256"):
        Settings.from_environment({**REQUIRED, "ORIGIN_SECRET_SHA256": json.dumps(SECRET)})
