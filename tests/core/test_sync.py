"""What a sync brings into service, what keeps it from that, and what the ledger says then."""

from dataclasses import replace

import pytest

from liveinsight_cli.core.release import AliasState, FunctionCode, Release
from liveinsight_cli.core.sync import hindrance, outdated, synced_release, with_synced

DEPLOY = Release(
    id="deploy",
    environment="dev",
    at="2026-11-26T04:00:00Z",
    by="ann",
    tool_version="1",
    git_sha=None,
    digests={"a": "d1", "b": "d1"},
    versions={"a": "1", "b": "1"},
    code_sha256={"a": "sha-1", "b": "sha-1"},
)
NEWS = replace(DEPLOY, id="sync", digests={"a": "d2"}, versions={"a": "2"}, code_sha256={"a": "sha-2"})
ALIASES = {name: AliasState(name, "1", "r", {}) for name in ("a", "b")}


def code(latest: str, **published: str) -> FunctionCode:
    return FunctionCode("a", latest, "r", {name[1:]: sha for name, sha in published.items()}, True)


@pytest.mark.parametrize(
    ("held", "is_outdated"),
    [
        (code("built", v1="built"), False),
        (code("foreign", v1="built"), False),  # a deploy puts that right; nothing is wrong in service
        (code("old", v1="old"), True),
        (code("built", v1="old"), True),  # uploaded, but it did not start then
        (code("built", v1="old", v2="built"), True),
        (code("built", v2="built"), True),  # the version in service is gone
    ],
)
def test_what_counts_is_the_code_in_service(held: FunctionCode, is_outdated: bool) -> None:
    assert outdated(["a"], {"a": "built"}, {"a": held}, ALIASES) == (("a",) if is_outdated else ())


def test_only_what_was_deployed_and_stands_still_may_be_synced() -> None:
    assert hindrance([DEPLOY], ALIASES) is None
    canary = {**ALIASES, "a": AliasState("a", "1", "r", {"2": 0.1})}
    pinned = replace(DEPLOY, kind="rollback", pinned={"b": "sha-2"})
    cases = {
        "no_release": hindrance([], ALIASES),
        "canary": hindrance([DEPLOY], canary),
        "pinned": hindrance([pinned], ALIASES),
    }
    assert {wanted: found and found[0] for wanted, found in cases.items()} == {name: name for name in cases}


def test_a_sync_is_all_of_what_is_in_service_and_no_release_to_go_back_to() -> None:
    synced = synced_release(DEPLOY, NEWS)
    assert synced.versions == {"a": "2", "b": "1"}
    assert synced.code_sha256 == {"a": "sha-2", "b": "sha-1"}
    assert not synced.is_restorable


def test_a_sync_takes_the_place_of_the_one_before_it_and_of_no_release() -> None:
    synced = synced_release(DEPLOY, NEWS)
    once = with_synced([DEPLOY], synced)
    assert [(one.kind, one.status) for one in once] == [("deploy", "replaced"), ("sync", "active")]
    twice = with_synced(once, replace(synced, id="sync 2"))
    assert [(one.id, one.status) for one in twice] == [("deploy", "replaced"), ("sync 2", "active")]
