"""Which release a rollback goes to, which pins a deploy heeds, and which versions may be deleted."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveinsight_cli.core.prune import superfluous, with_pruned
from liveinsight_cli.core.release import (
    AliasState,
    FunctionCode,
    Release,
    Status,
    in_service,
    unfinished_canary,
    with_aborted,
    with_added,
    with_status,
)
from liveinsight_cli.core.rollback import (
    NoTarget,
    UnknownRelease,
    named,
    pins,
    pins_hold,
    previous,
    restorable,
    staying,
)

BOTH = ("a", "b")


def release(name: str, version: str, status: Status = "replaced", **more: object) -> Release:
    versions = more.pop("versions", dict.fromkeys(BOTH, version))
    hashes = dict.fromkeys(BOTH, f"code {version}")
    made = {"git_sha": None, "digests": hashes, "code_sha256": hashes, "versions": versions, **more}
    return Release(name, "dev", "2026-11-26T00:00:00Z", "kim", "1", status=status, **made)  # type: ignore[arg-type]


def codes(newest: int) -> dict[str, FunctionCode]:
    published = {str(number): f"code {number}" for number in range(1, newest + 1)}
    return {name: FunctionCode(name, f"code {newest}", "r", published, True) for name in BOTH}


def published(newest: int) -> dict[str, Mapping[str, str]]:
    return {name: code.published for name, code in codes(newest).items()}


def aliases(version: str, weights: Mapping[str, float] | None = None) -> dict[str, AliasState]:
    return {name: AliasState(name, version, "r", weights or {}) for name in BOTH}


def built(version: int) -> dict[str, str]:
    return dict.fromkeys(BOTH, f"code {version}")


THREE = [release("r1", "1"), release("r2", "2"), release("r3", "3", "active")]


def rolled_back(releases: list[Release], target: str, version: str, name: str) -> list[Release]:
    moved = dict.fromkeys(BOTH, version)
    pinned = pins(in_service(releases), moved, codes(3))
    back = release(name, version, "active", kind="rollback", target=target, pinned=pinned)
    return with_added(releases, back)


def test_back_and_further_back_but_never_forth_again() -> None:
    once = rolled_back(THREE, "r2", "2", "r4")
    assert previous(once, published(3), BOTH, dict.fromkeys(BOTH, "2")).id == "r1"
    twice = rolled_back(once, "r1", "1", "r5")
    with pytest.raises(NoTarget) as none:
        previous(twice, published(3), BOTH, dict.fromkeys(BOTH, "1"))
    assert [one.id for one in none.value.candidates] == ["r1", "r2", "r3", "r4", "r5"]


def test_after_a_deploy_on_top_of_a_rollback_back_means_what_was_rolled_back_to() -> None:
    later = with_added(rolled_back(THREE, "r2", "2", "r4"), release("r5", "4", "active"))
    assert previous(later, published(4), BOTH, dict.fromkeys(BOTH, "4")).id == "r2"  # as which r4 was
    again = rolled_back(later, "r4", "2", "r6")  # by name
    assert previous(again, published(4), BOTH, dict.fromkeys(BOTH, "2")).id == "r1"


def test_releases_with_the_same_versions_are_stepped_over() -> None:
    releases = [release("r1", "1"), release("r2", "2"), release("r3", "2", "active")]
    assert previous(releases, published(2), BOTH, dict.fromkeys(BOTH, "2")).id == "r1"


def test_a_deploy_killed_before_its_note_is_rolled_back_to_what_the_ledger_has_in_service() -> None:
    assert previous(THREE, published(4), BOTH, {"a": "4", "b": "3"}).id == "r3"
    back = rolled_back(THREE, "r2", "2", "r4")
    assert previous(back, published(4), BOTH, dict.fromkeys(BOTH, "4")).id == "r2"


def test_a_rollback_killed_before_its_note_is_done_again() -> None:
    assert previous(THREE, published(3), BOTH, {"a": "2", "b": "3"}).id == "r2"
    assert previous(THREE, published(3), BOTH, dict.fromkeys(BOTH, "2")).id == "r2"


def test_a_version_whose_number_begins_anew_with_other_code_is_no_target_and_no_pin() -> None:
    anew = {name: {"1": "code 1", "2": "other code", "3": "code 3"} for name in BOTH}
    assert [one.id for one in restorable(THREE, anew, BOTH)] == ["r1", "r3"]
    made = {name: FunctionCode(name, "code 3", "r", held, True) for name, held in anew.items()}
    assert staying(rolled_back(THREE, "r2", "2", "r4"), made, aliases("2"), built(3)) is None


@pytest.mark.parametrize("status", ["failed", "aborted", "canary", "destroyed", "pruned"])
def test_what_was_never_wholly_in_service_or_is_gone_is_no_target(status: Status) -> None:
    releases = [release("r1", "1"), release("r2", "2", status), release("r3", "3", "active")]
    assert previous(releases, published(3), BOTH, dict.fromkeys(BOTH, "3")).id == "r1"


def test_dummies_and_deleted_versions_are_no_target() -> None:
    releases = [release("r1", "1"), release("r2", "2", is_dummy=True), release("r3", "3", "active")]
    assert [one.id for one in restorable(releases, published(3), BOTH)] == ["r1", "r3"]
    without = {name: {"2": "", "3": ""} for name in BOTH}
    assert [one.id for one in restorable(releases, without, BOTH)] == ["r3"]


def test_a_name_is_an_id_or_its_beginning() -> None:
    releases = [release("r1", "1"), release("r11", "2")]
    assert named(releases, "r1").id == "r1"
    assert named(releases, "r11").id == "r11"
    for name in ("r", "x"):
        with pytest.raises(UnknownRelease):
            named(releases, name)


def test_pins_are_a_unit_that_ends_with_other_code_of_one_of_its_functions() -> None:
    pinned = pins(None, {"a": "2", "b": "2"}, codes(3))
    assert pinned == built(3)
    assert pins_hold(pinned, built(3))
    assert not pins_hold(pinned, {**built(3), "b": "code 4"})
    alone = pins(None, {"a": "2"}, codes(3))
    assert pins_hold(alone, {**built(3), "b": "code 4"})
    assert pins_hold({}, built(3)) is False


def test_what_is_at_its_newest_version_is_not_pinned_and_other_pins_stay() -> None:
    earlier = release("r1", "1", "active", pinned=built(3))
    assert pins(earlier, {"a": "3", "b": "3"}, codes(3)) == {}
    assert pins(earlier, {"a": "3"}, codes(3)) == {"b": "code 3"}


def test_a_deploy_keeps_a_pin_for_the_same_code_only() -> None:
    releases = rolled_back(THREE, "r2", "2", "r4")
    found = staying(releases, codes(4), aliases("2"), built(3))
    assert found is not None
    assert (found.reason, found.release, found.instead_of) == ("pinned", "r4", "r3")
    assert found.versions == dict.fromkeys(BOTH, "2")
    assert staying(releases, codes(4), aliases("2"), built(4)) is None
    gone = {name: FunctionCode(name, "", "", {"3": "code 3"}, True) for name in BOTH}
    assert staying(releases, gone, aliases("3"), built(3)) is None
    assert staying(THREE, codes(3), aliases("2"), built(3)) is None  # moved by hand: no rollback


def test_an_open_canary_stays_for_the_same_code_and_an_aborted_one_is_kept_out() -> None:
    releases = with_added(THREE, release("r4", "4", "canary"))
    shared = aliases("3", {"4": 0.1})
    found = staying(releases, codes(4), shared, built(4))
    assert found is not None
    assert (found.reason, found.release, found.instead_of) == ("canary", "r3", "r4")
    assert staying(releases, codes(5), shared, built(5)) is None
    assert staying(releases, codes(4), aliases("3"), built(4)) is None  # its weights were taken away by hand
    aborted = with_aborted(releases, releases[-1])
    kept = staying(aborted, codes(4), aliases("3"), built(4))
    assert kept is not None
    assert (kept.reason, kept.instead_of) == ("pinned", "r4")


def test_a_canary_that_becomes_the_release_takes_the_place_of_the_one_before() -> None:
    releases = with_added(THREE, release("r4", "4", "canary"))
    assert (unfinished_canary(releases) or THREE[0]).id == "r4"
    done = with_status(releases, "r4", "active")
    assert [one.status for one in done] == ["replaced", "replaced", "replaced", "active"]
    assert unfinished_canary(done) is None
    overtaken = with_added(releases, release("r5", "5", "active"))
    assert [one.status for one in overtaken][-2:] == ["aborted", "active"]


def test_two_releases_of_one_second_have_ids_of_their_own() -> None:
    added = with_added(with_added(THREE, release("r3", "4")), release("r3", "5"))
    assert [one.id for one in added] == ["r1", "r2", "r3", "r3-2", "r3-3"]


STATUSES: tuple[Status, ...] = ("replaced", "rolled_back", "failed", "aborted", "pruned", "destroyed")


@given(
    held=st.sets(st.integers(1, 12), min_size=1),
    noted=st.lists(st.tuples(st.integers(1, 12), st.sampled_from(STATUSES)), max_size=12),
    active=st.integers(1, 12),
    canary=st.integers(1, 12),
    keep=st.integers(2, 5),
)
def test_nothing_that_is_needed_is_ever_deleted(
    held: set[int], noted: list[tuple[int, Status]], active: int, canary: int, keep: int
) -> None:
    in_order = [str(number) for number in sorted(held)]
    code = {"a": FunctionCode("a", "", "", dict.fromkeys(in_order, ""), True)}
    state = {"a": AliasState("a", str(active), "", {str(canary): 0.1})}
    releases = [release(f"r{n}", "", status, versions={"a": str(v)}) for n, (v, status) in enumerate(noted)]
    releases += [release("now", "", "active", versions={"a": str(active)})]
    deleted = set(superfluous(code, state, releases, keep).get("a", ()))
    possible = [one for one in releases if one.is_restorable][-keep:]
    assert not deleted & {str(active), str(canary), *in_order[-keep:]}
    assert not deleted & {one.versions["a"] for one in possible}
    marked = with_pruned(releases, {"a": sorted(deleted)})
    assert all(one.versions["a"] not in deleted for one in marked if one.is_restorable)
    left = set(in_order) - deleted
    needed = {str(active), str(canary), *in_order[-keep:], *(one.versions["a"] for one in possible)}
    assert left <= needed  # and all else goes
