"""What a log event says, in both of Lambda's formats, and how a request becomes one line."""

import json
import re
from typing import Any

import pytest

from liveinsight_cli.core.logs.choice import BadMoment, Choice, moment_ms
from liveinsight_cli.core.logs.entries import Entry, read_entry
from liveinsight_cli.core.logs.events import LogEvent
from liveinsight_cli.core.logs.fold import Fold
from liveinsight_cli.core.logs.summary import Summary
from liveinsight_cli.render.tail import TailStyle

REQUEST = "8f507cfc-2c27-4c4e-9a5d-0b1f3a9d5c11"


def read(message: object, *, access: bool = False, at: int = 1000) -> Entry:
    text = message if isinstance(message, str) else json.dumps(message)
    return read_entry(LogEvent("/aws/lambda/x", "1", at, text + "\n"), "x", is_access_log=access)


def shown(*entries: Entry) -> list[Entry]:
    fold = Fold()
    return [out for entry in entries for out in fold.take(entry)] + list(fold.release())


def report(**metrics: float) -> dict[str, Any]:
    facts = {"durationMs": 12.3, "billedDurationMs": 13, "memorySizeMB": 256, "maxMemoryUsedMB": 64} | metrics
    return {
        "type": "platform.report",
        "record": {"requestId": REQUEST, "status": "success", "metrics": facts},
    }


def line(**more: Any) -> dict[str, Any]:
    return {
        "timestamp": "2026-11-23T10:00:00Z",
        "level": "INFO",
        "message": "request",
        "requestId": REQUEST,
    } | more


def test_an_uncaught_exception_keeps_its_whole_traceback_and_its_request() -> None:
    entry = read(
        {
            "timestamp": "2026-11-23T10:00:00Z",
            "log_level": "ERROR",
            "errorType": "ZeroDivisionError",
            "errorMessage": "division by zero",
            "requestId": REQUEST,
            "stackTrace": [
                '  File "/var/task/x.py", line 3, in f\n    1/0\n',
                '  File "/var/task/y.py", line 4, in g\n    f()\n',
            ],
        }
    )
    assert (entry.level, entry.message, entry.request_id) == (
        "ERROR",
        "ZeroDivisionError: division by zero",
        REQUEST,
    )
    assert entry.detail == (
        '  File "/var/task/x.py", line 3, in f',
        "    1/0",
        '  File "/var/task/y.py", line 4, in g',
        "    f()",
    )


def test_a_request_in_json_format_becomes_one_line() -> None:
    start = {"type": "platform.start", "record": {"requestId": REQUEST}}
    (entry,) = shown(
        read(start),
        read(line(route="POST /api/events", status=202, duration_ms=9, accepted=3)),
        read(report(initDurationMs=350)),
    )
    assert (entry.kind, entry.message, entry.level) == ("request", "POST /api/events 202", "INFO")
    assert entry.fields["duration_ms"] == 12.3
    assert entry.fields["accepted"] == 3
    assert entry.fields["cold_start"] is True


def test_a_request_in_text_format_becomes_one_line() -> None:
    (entry,) = shown(
        read(f"START RequestId: {REQUEST} Version: 3"),
        read(f"END RequestId: {REQUEST}"),
        read(
            f"REPORT RequestId: {REQUEST}\tDuration: 12.30 ms\tBilled Duration: 13 ms\tMemory Size: 256 MB\t"
            "Max Memory Used: 64 MB\tInit Duration: 350.11 ms\tStatus: timeout\t"
        ),
    )
    assert (entry.kind, entry.level, entry.message) == ("request", "ERROR", "failed: timeout")
    assert (entry.fields["duration_ms"], entry.fields["max_memory_mb"], entry.fields["init_ms"]) == (
        12.3,
        64,
        350.11,
    )


def test_a_line_with_metrics_shows_their_values_without_the_envelope() -> None:
    directive = {"Namespace": "N", "Dimensions": [["FunctionName"]], "Metrics": [{"Name": "Freshness"}]}
    metrics = {"_aws": {"CloudWatchMetrics": [directive]}, "FunctionName": "shop-x-dev", "Freshness": 6}
    assert read({"level": "INFO", "message": "batch", **metrics}).fields == {"Freshness": 6}


def test_a_line_whose_report_never_comes_is_shown_all_the_same() -> None:
    entry = read(line(route="GET /api/stats", status=200))
    fold = Fold()
    assert list(fold.take(entry)) == []
    assert list(fold.release(now_ms=2000)) == []
    assert list(fold.release(now_ms=60_000)) == [entry]


def test_a_flood_without_reports_holds_back_a_bounded_number() -> None:
    fold = Fold()
    entries = [read(line(route="r", requestId=f"{number:036d}")) for number in range(2000)]
    out = [shown for entry in entries for shown in fold.take(entry)]
    assert len(out) == 1500
    assert out + list(fold.release()) == entries


@pytest.mark.parametrize(
    ("message", "level", "said"),
    [
        ("plain words", "INFO", "plain words"),
        ("{broken json", "INFO", "{broken json"),
        ("[1, 2]", "INFO", "[1, 2]"),
        (f"[ERROR]\t2026-11-23T10:00:00.000Z\t{REQUEST}\tit broke\nTraceback", "ERROR", "it broke"),
        (f"2026-11-23T10:00:00.000Z {REQUEST} Task timed out after 30.00 seconds", "ERROR", None),
        ('{"level": "WARNING", "message": "careful"}', "WARN", "careful"),
        ('{"no": "message"}', "INFO", ""),
        ("", "INFO", ""),
    ],
)
def test_text_of_any_kind_is_shown(message: str, level: str, said: str | None) -> None:
    entry = read(message)
    assert entry.level == level
    if said is not None:
        assert entry.message == said


@pytest.mark.parametrize(("status", "level"), [("202", "INFO"), ("404", "WARN"), ("503", "ERROR")])
def test_an_access_log_line_has_the_level_of_its_status(status: str, level: str) -> None:
    entry = read(
        {
            "requestId": "r",
            "method": "POST",
            "path": "/api/events",
            "status": status,
            "responseLatency": "12",
            "errorType": "-",
        },
        access=True,
    )
    assert (entry.level, entry.message) == (level, f"POST /api/events {status}  12 ms")


def test_filters_look_at_everything_that_is_shown() -> None:
    entry = read(line(route="POST /api/events", status=500, level="ERROR", site="shop.example"))
    assert Choice(grep=re.compile("shop")).wants(entry)
    assert not Choice(grep=re.compile("nothing")).wants(entry)
    assert Choice(level="WARN").wants(entry)
    assert not Choice(level="WARN").wants(read("hello"))
    assert Choice(request_id=REQUEST[:8]).wants(entry)
    assert not Choice(request_id="ffff").wants(entry)


def test_moments_are_durations_back_from_now_or_times() -> None:
    assert moment_ms("10m", 1000.0) == 400_000
    assert moment_ms("2d", 200_000.0) == 27_200_000
    assert moment_ms("2026-11-23T10:00:00+00:00", 0) == 1_795_428_000_000
    for wrong in ("", "10", "10 parsecs", "yesterday", "-5m", "2026-13-40"):
        with pytest.raises(BadMoment):
            moment_ms(wrong, 1000.0)


def test_the_summary_counts_requests_and_errors_and_takes_nearest_rank_percentiles() -> None:
    summary = Summary()
    for milliseconds in range(1, 101):
        for entry in shown(read(report(durationMs=milliseconds))):
            summary.count(entry)
    summary.count(read({"level": "ERROR", "message": "x"}))
    assert summary.in_words() == "100 requests, 0 cold starts, 1 errors, p50 50 ms, p95 95 ms"


def test_terminal_escapes_in_log_text_are_written_out() -> None:
    style = TailStyle(("x",), color=False)
    entry = read(
        {
            "level": "ERROR",
            "message": "\x1b]0;owned\x07 \x1b[2J",
            "page": "\u202egnp.exe",
            "stackTrace": ["\x1b[31m"],
            "errorType": "E",
        }
    )
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", style.line(entry))
    assert "\\x1b" in style.line(entry)


def test_a_request_line_reads_well() -> None:
    style = TailStyle(("event-collector", "x"), color=False)
    (entry,) = shown(
        read(line(route="POST /api/events", status=202, accepted=3)), read(report(initDurationMs=350))
    )
    assert style.line(entry)[12:] == (
        " x                     POST /api/events 202  12 ms, billed 13 ms, 64 of 256 MB, cold start 350 ms  accepted=3"
    )
