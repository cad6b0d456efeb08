"""The progress of an apply, from recorded streams in order, shuffled, doubled, cut and mixed with noise."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveinsight_cli.core.durations import Durations
from liveinsight_cli.core.plan import read_plan
from liveinsight_cli.core.progress import ApplyProgress, Operation
from liveinsight_cli.core.terraform_events import Change, Event, Progress, parse_event
from tests.adapters.fake_terraform import STREAMS

UNKNOWN = [
    '{"type": "ephemeral_op_start", "hook": {"action": "open"}}',
    '{"type": "action_start", "hook": {}}',
    '{"type": "provision_progress", "hook": {"output": "x"}}',
    '{"type": "apply_start", "hook": {"resource": 7}}',
    '{"type": "list_resource_found"}',
    '{"type": "apply_teleported", "hook": {"resource": {"addr": "a"}}}',
    "panic: not JSON",
    '{"type": ',
    "",
    "[]",
    '"apply_start"',
    "12",
]


def stream(name: str) -> list[str]:
    return (STREAMS / f"{name}.jsonl").read_text().splitlines()


def planned(lines: list[str]) -> tuple[Operation, ...]:
    changes = [one for one in map(parse_event, lines) if isinstance(one, Change)]
    return read_plan(changes, has_changes=True, destroys=False, path=None).operations


def followed(lines: list[str], operations: tuple[Operation, ...]) -> ApplyProgress:
    progress = ApplyProgress(operations, Durations("aws"))
    for number, line in enumerate(lines):
        event = parse_event(line)
        if event is not None:
            progress.take(event, now=float(number))
        assert progress.finished <= progress.total
        left = progress.remaining_seconds(float(number))
        assert left is None or left >= 0
    return progress


@pytest.mark.parametrize(("name", "finished"), [("newer-apply-create", 4), ("newer-apply-replace", 4)])
def test_a_recorded_apply_of_a_newer_terraform_ends_with_everything_done(name: str, finished: int) -> None:
    lines = stream(name)
    operations = planned(stream(name.replace("apply", "plan")))
    progress = followed(lines, operations)
    assert (progress.finished, progress.total, progress.running, progress.failed) == (
        finished,
        finished,
        {},
        {},
    )
    assert progress.remaining_seconds(0.0) is None


def test_a_recorded_failure_shows_what_failed() -> None:
    lines = stream("newer-apply-error")
    progress = followed(lines, planned(lines))
    assert sorted(address for address, _ in progress.failed) == [
        "aws_iam_role_policy.this",
        "aws_sns_topic_subscription.bad[0]",
    ]
    assert (progress.finished, progress.total) == (1, 3)


@pytest.mark.parametrize("name", ["apply-create", "newer-apply-replace", "newer-apply-error"])
@given(data=st.data())
def test_no_stream_breaks_it_and_the_end_is_right_whatever_the_order(name: str, data: st.DataObject) -> None:
    lines = stream(name)
    noise = data.draw(st.lists(st.sampled_from(UNKNOWN), max_size=6))
    again = data.draw(st.lists(st.sampled_from(lines), max_size=6))
    mixed = data.draw(st.permutations([*lines, *again, *noise]))
    operations = planned(lines)
    progress, straight = followed(mixed, operations), followed(lines, operations)
    assert progress.done.keys() == straight.done.keys()
    assert progress.failed.keys() == straight.failed.keys()
    assert progress.running.keys() == straight.running.keys()


@given(cut=st.integers(min_value=0), name=st.sampled_from(["newer-apply-replace", "newer-plan-replace"]))
def test_a_stream_may_end_at_any_byte(cut: int, name: str) -> None:
    content = (STREAMS / f"{name}.jsonl").read_bytes()
    part = content[: cut % (len(content) + 1)].decode(errors="replace")
    followed(part.splitlines(), planned(stream(name)))


def hook(kind: str, address: str, action: str, at: int, elapsed: int = 0) -> Event:
    resource = {"addr": address, "resource_type": "aws_x", "resource_name": "x", "resource_key": None}
    line = {
        "type": f"apply_{kind}",
        "@timestamp": f"2026-11-26T04:00:{at:02d}.000000Z",
        "hook": {"resource": resource, "action": action, "elapsed_seconds": elapsed},
    }
    found = parse_event(json.dumps(line))
    assert isinstance(found, Progress)
    return found


def test_a_replacement_is_two_operations_and_reads_are_none() -> None:
    operations = (("aws_x.a", "aws_x", "delete"), ("aws_x.a", "aws_x", "create"))
    progress = ApplyProgress(operations, Durations("aws"))
    progress.take(hook("start", "data.x", "read", 0), 0)
    assert progress.total == 2
    progress.take(hook("complete", "aws_x.a", "delete", 1), 0)
    assert (progress.finished, progress.total) == (1, 2)
    progress.take(hook("complete", "aws_x.a", "create", 2), 0)
    progress.take(hook("complete", "aws_x.a", "create", 2), 0)
    assert (progress.finished, progress.total) == (2, 2)


def test_what_was_measured_is_the_next_estimate() -> None:
    operations = tuple((f"aws_x.{name}", "aws_x", "create") for name in "abc")
    progress = ApplyProgress(operations, Durations("aws"))
    for address, _, _ in operations:
        progress.take(hook("start", address, "create", 0), 0)
    for address, _, _ in operations:
        progress.take(hook("complete", address, "create", 10), 10)
    measured = progress.measured()
    assert measured.expected("aws_x", "create") == 10
    assert measured.concurrency == 3
    again = ApplyProgress(operations, measured)
    assert again.remaining_seconds(0) == 10
    again.take(hook("start", "aws_x.a", "create", 0), 0)
    assert again.remaining_seconds(4) == pytest.approx(10)
    again.take(hook("complete", "aws_x.a", "create", 9), 9)
    assert again.remaining_seconds(9) == 10


def test_the_longest_operation_decides_on_aws() -> None:
    operations = (
        ("aws_cloudfront_distribution.x", "aws_cloudfront_distribution", "create"),
        ("aws_iam_role.x", "aws_iam_role", "create"),
    )
    assert ApplyProgress(operations, Durations("aws")).remaining_seconds(0) == 240
    assert (ApplyProgress(operations, Durations("embedded")).remaining_seconds(0) or 0) < 1


def test_measurements_are_bounded() -> None:
    durations = Durations("aws")
    for number in range(50):
        durations = durations.with_run({"aws_x create": float(number)}, 2.0)
    assert list(durations.seconds["aws_x create"]) == [45, 46, 47, 48, 49]
    assert durations.expected("aws_x", "create") == 47
    assert len(durations.side_by_side) == 5
