"""How a request becomes one line, whatever order its parts come in."""

import itertools
import random

import pytest

from liveinsight_cli.core.logs.entries import Entry
from liveinsight_cli.core.logs.fold import HELD_AT_MOST, Fold
from tests.core.logs.lines import (
    OTHER,
    REQUEST,
    line,
    platform,
    read,
    report,
    report_text,
    routed,
    shown,
    start,
)

ERROR = {
    "level": "ERROR",
    "errorType": "E",
    "errorMessage": "boom",
    "stackTrace": ["at f"],
    "requestId": REQUEST,
}


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_a_request_is_one_line_in_whatever_order_its_parts_come(order: tuple[int, ...]) -> None:
    parts = [
        read(start()),
        read(routed(accepted=3)),
        read(platform("runtimeDone", requestId=REQUEST, status="success")),
        read(report(initDurationMs=350)),
    ]
    (entry,) = shown(*(parts[place] for place in order))
    assert (entry.kind, entry.message, entry.level) == ("request", "POST /api/events 202", "INFO")
    assert entry.fields["duration_ms"] == 12.3
    assert entry.fields["logged_duration_ms"] == 9
    assert entry.fields["accepted"] == 3
    assert entry.fields["cold_start"] is True


def test_a_request_in_text_format_becomes_one_line() -> None:
    (entry,) = shown(
        read(f"START RequestId: {REQUEST} Version: 3"),
        read(f"END RequestId: {REQUEST}"),
        read(report_text(more="Init Duration: 350.11 ms\tStatus: timeout\t")),
    )
    assert (entry.kind, entry.level, entry.message) == ("request", "ERROR", "failed: timeout")
    facts = entry.fields
    assert (facts["duration_ms"], facts["max_memory_mb"], facts["init_ms"]) == (12.3, 64, 350.11)


def test_an_invocation_that_logs_nothing_is_one_line_too() -> None:
    (entry,) = shown(read(start()), read(report()))
    assert (entry.kind, entry.message, entry.fields["outcome"]) == ("request", "done", "success")


@pytest.mark.parametrize("status", ["error", "timeout", "failure"])
def test_a_request_that_fails_is_an_error_whatever_its_line_said(status: str) -> None:
    (entry,) = shown(read(routed()), read(report(status=status, error="Runtime.OutOfMemory")))
    assert (entry.level, entry.message) == ("ERROR", "POST /api/events failed: Runtime.OutOfMemory")


def test_an_uncaught_exception_and_its_report_are_one_line_with_the_traceback_below() -> None:
    (entry,) = shown(read(start()), read(ERROR), read(report(status="error", error="E")))
    assert (entry.kind, entry.level, entry.message, entry.detail) == (
        "request",
        "ERROR",
        "E: boom",
        ("at f",),
    )


def test_lines_of_a_request_that_are_not_its_last_word_are_shown_at_once_with_its_id() -> None:
    fold = Fold()
    assert fold.take(read(start())) == ()
    (told,) = fold.take(read(line(message="halfway")))
    assert (told.message, told.request_id) == ("halfway", REQUEST)


def test_interleaved_requests_are_told_apart() -> None:
    entries = shown(
        read(start()),
        read(start(OTHER)),
        read(routed()),
        read(routed(OTHER)),
        read(report(OTHER)),
        read(report()),
    )
    assert [entry.request_id for entry in entries] == [OTHER, REQUEST]


def test_what_comes_too_late_to_be_folded_is_shown_on_its_own_and_the_route_said_again() -> None:
    fold = Fold()
    fold.take(read(routed(accepted=3)))
    assert list(fold.release(10_000)) == []
    (alone,) = fold.release(20_000)
    assert (alone.kind, alone.fields["accepted"]) == ("line", 3)
    (late,) = fold.take(read(report()))
    assert (late.kind, late.message) == ("request", "POST /api/events 202")
    assert "accepted" not in late.fields

    fold.take(read(report(OTHER)))
    list(fold.release(30_000))
    (done,) = fold.release(40_000)
    assert done.message == "done"
    (line_after,) = fold.take(read(routed(OTHER)))
    assert (line_after.kind, line_after.request_id) == ("line", OTHER)
    assert list(fold.take(read(start(OTHER)))) == []  # the request has been told


def test_a_retry_of_the_same_request_is_a_line_of_its_own() -> None:
    attempts = [read(one, at=at) for at in (1000, 61_000) for one in (start(), report(status="error"))]
    entries = shown(*attempts)
    assert [(entry.kind, entry.timestamp_ms) for entry in entries] == [("request", 1000), ("request", 61_000)]


def test_nothing_is_held_back_for_good() -> None:
    starting = read(platform("initStart", phase="init"))
    entries = shown(starting, read(start()), read(f"END RequestId: {OTHER}"))
    assert [(entry.message, entry.request_id) for entry in entries] == [
        ("container starting", None),
        ("started, no report so far", REQUEST),
        ("ended, no report so far", OTHER),
    ]


def test_the_start_of_a_container_is_told_by_the_first_report() -> None:
    begun = [read(platform("initStart", phase="init"), at=at) for at in (1, 2)]
    entries = shown(*begun, read(start()), read(routed()), read(report(initDurationMs=350)))
    assert [entry.kind for entry in entries] == ["request", "platform"]


def test_containers_that_start_in_the_same_millisecond_are_told_apart() -> None:
    begun = [read(platform("initStart", phase="init", runtime=name), at=1) for name in ("one", "two")]
    entries = shown(*begun, read(start()), read(routed()), read(report(initDurationMs=350)))
    assert [entry.kind for entry in entries] == ["request", "platform"]
    assert sum(len(entry.texts) for entry in entries) == 5


def test_where_a_pattern_leaves_events_out_nothing_is_waited_for() -> None:
    fold = Fold(is_partial=True)
    assert list(fold.take(read(start()))) + list(fold.take(read(routed(OTHER)))) == []
    assert [entry.request_id for entry in fold.release(1)] == [OTHER, REQUEST]
    (whole,) = shown(read(start()), read(routed()), read(report()), fold=Fold(is_partial=True))
    assert whole.kind == "request"


def test_in_a_long_past_lines_without_reports_are_shown_where_they_belong() -> None:
    fold = Fold()
    numbered = [read(routed(f"{number:036d}"), at=number * 500) for number in range(100)]
    out = [entry for one in numbered for entry in fold.take(one)]
    assert out == numbered[: len(out)]
    assert len(out) >= 96


def test_a_flood_without_reports_holds_back_a_bounded_number() -> None:
    fold = Fold()
    entries = [read(routed(f"{number:036d}")) for number in range(HELD_AT_MOST + 500)]
    out = [entry for one in entries for entry in fold.take(one)]
    assert len(out) == 500
    assert out + list(fold.release()) == entries


def test_every_event_is_in_exactly_one_line_whatever_the_order() -> None:
    """Requests with all, some or none of their parts, shuffled, with polls between: each text is shown once."""
    chance = random.Random(6)
    for _ in range(30):
        entries: list[Entry] = []
        for number in range(40):
            request = f"00000000-0000-4000-8000-{number:012d}"
            parts = [
                start(request),
                line(request),
                routed(request),
                report(request),
                platform("runtimeDone", requestId=request),
            ]
            entries += [
                read(part, at=number + place) for place, part in enumerate(parts) if chance.random() < 0.8
            ]
        chance.shuffle(entries)
        fold = Fold(is_partial=chance.random() < 0.5)
        out: list[Entry] = []
        for count, entry in enumerate(entries):
            out += fold.take(entry)
            if count % 25 == 24:
                out += fold.release(count * 50)
        out += fold.release()
        told = sorted(text for entry in out for text in entry.texts)
        kept = [text for text in (t for entry in entries for t in entry.texts) if text in told]
        assert sorted(kept) == told
        left_out = {text for entry in entries for text in entry.texts} - set(told)
        assert all('"platform.start"' in text or '"platform.runtimeDone"' in text for text in left_out)
        reported = {entry.request_id for entry in out if entry.kind == "request"}
        assert all(any(request in text for request in reported if request) for text in left_out)
