"""Which state counts, what a lock says, and when it may be taken away."""

import itertools
import json

import pytest

from liveinsight_cli.core.state import (
    REFUSED,
    Lock,
    Moved,
    StateFacts,
    bucket_name,
    read_lock,
    read_moved,
    read_state,
    verdict,
    why_not_unlock,
)

OURS = StateFacts("ours", 5, ("a.b",))
NEWER = StateFacts("ours", 6, ("a.b", "c.d"))
OTHER = StateFacts("other", 9, ("x.y",))
EMPTIED = StateFacts("other", 9, ())
DAMAGED = read_state(b"{")
NOTE = Moved("ours", 5, "kim@laptop", "/home/kim/x", "2026-11-26T00:00:00Z")


def decided(
    local: StateFacts | None, remote: StateFacts | None, moved: Moved | None = None, **bucket: bool
) -> str:
    given = {"bucket_exists": True, "bucket_required": False} | bucket
    return verdict(local, remote, moved, **given)


@pytest.mark.parametrize(
    ("local", "remote", "moved", "expected"),
    [
        (None, OURS, None, "remote"),
        (OURS, OURS, None, "remote"),  # a move that was interrupted before the file was put aside
        (OURS, NEWER, None, "remote"),
        (NEWER, OURS, None, "local_ahead"),
        (OTHER, OURS, None, "two_states"),
        (EMPTIED, OURS, None, "remote"),
        (DAMAGED, OURS, None, "two_states"),
        (OURS, None, None, "local"),
        (OURS, None, NOTE, "local"),
        (OTHER, None, NOTE, "moved_away"),
        (None, None, NOTE, "moved_away"),
        (None, None, None, "new_remote"),
        (OURS, OURS, NOTE, "remote"),  # back to a file, interrupted before the object was deleted
    ],
)
def test_the_state_in_the_bucket_counts_and_no_second_one_is_begun(
    local: StateFacts | None, remote: StateFacts | None, moved: Moved | None, expected: str
) -> None:
    assert decided(local, remote, moved) == expected


def test_without_a_bucket_a_first_state_is_a_file_unless_a_bucket_was_asked_for() -> None:
    assert decided(None, None, bucket_exists=False) == "new_local"
    assert decided(None, None, bucket_exists=False, bucket_required=True) == "bucket_missing"


def test_nothing_new_is_begun_while_any_state_is_known() -> None:
    states = (None, OURS, NEWER, OTHER, EMPTIED, DAMAGED)
    for local, remote, moved, exists in itertools.product(states, states, (None, NOTE), (True, False)):
        if (local, remote, moved) == (None, None, None) or (remote is not None and not exists):
            continue
        found = verdict(local, remote, moved, bucket_exists=exists, bucket_required=False)
        assert found in {"local", "remote"} | REFUSED


def test_a_state_tells_its_resources_one_by_one() -> None:
    resources = [
        {"mode": "data", "type": "aws_region", "name": "now", "instances": [{}]},
        {
            "module": "module.f",
            "mode": "managed",
            "type": "t",
            "name": "n",
            "instances": [{"index_key": "k"}],
        },
        {"mode": "managed", "type": "t", "name": "m", "instances": [{"index_key": 0}, {"index_key": 1}]},
    ]
    outputs = {"url": {"value": "x", "type": "string"}}
    document = {"lineage": "l", "serial": 3, "resources": resources, "outputs": outputs}
    facts = read_state(json.dumps(document).encode())
    assert facts.resources == ("data.aws_region.now", 'module.f.t.n["k"]', "t.m[0]", "t.m[1]")
    assert (facts.lineage, facts.serial, facts.outputs) == ("l", 3, {"url": "x"})


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"serial": "x"}', b'{"outputs": {"a": 1}}'])
def test_what_is_no_state_is_not_taken_for_one(content: bytes) -> None:
    assert not read_state(content).is_readable


def test_a_lock_is_written_as_terraform_reads_it() -> None:
    lock = Lock("1-2", "OperationTypeApply", "kim@host", "2026-11-26T00:00:00Z", "b/k", "1.11.4", "x")
    assert set(json.loads(lock.content())) == {"ID", "Operation", "Info", "Who", "Version", "Created", "Path"}
    assert read_lock(lock.content()) == lock
    assert lock.work == "Apply"
    assert read_lock(b"?") == Lock("", "", "", "")


@pytest.mark.parametrize(
    ("age", "forced", "dead", "may"),
    [
        (599, None, False, False),
        (600, None, False, True),
        (5, None, True, True),
        (5, "1-2", False, True),
        (5, "1-3", False, False),
        (9000, "1-3", True, False),  # an id that was given must be the right one
    ],
)
def test_a_fresh_lock_goes_only_by_its_id_or_when_its_holder_is_dead(
    age: float, forced: str | None, dead: bool, may: bool
) -> None:
    lock = Lock("1-2", "OperationTypeApply", "kim@host", "")
    assert (why_not_unlock(lock, age, forced, is_dead=dead) is None) is may


def test_a_note_is_read_as_it_was_written_and_a_damaged_one_still_says_elsewhere() -> None:
    assert read_moved(NOTE.content()) == NOTE
    assert read_moved(b"?").who == "somebody"


def test_the_longest_name_of_a_bucket_is_one_that_s3_takes() -> None:
    assert len(bucket_name("x" * 20, "1" * 12, "ap-northeast-2")) <= 63
