"""How a line of `tail` looks."""

import json
import re
import time
from typing import Any

import pytest

from liveinsight_cli.core.logs.entries import Entry
from liveinsight_cli.core.logs.events import LogEvent
from liveinsight_cli.render.tail import TailStyle
from liveinsight_cli.render.tail_lines import json_line, raw_text
from tests.core.logs.lines import REQUEST, line, platform, read, report, routed, shown

STYLE = TailStyle(("event-collector", "x"), color=False)
HEAD = f"{time.strftime('%H:%M:%S', time.localtime(1))}.000 x              "


def told(entry: Entry) -> str:
    text = STYLE.line(entry).rstrip("\n")
    assert text.startswith(HEAD)
    return text.removeprefix(HEAD)


def test_a_request_line_reads_well() -> None:
    (entry,) = shown(read(routed(accepted=3)), read(report(initDurationMs=350)))
    assert told(entry) == (
        "       POST /api/events 202      12 ms, billed 13 ms, 64/256 MB, cold start 350 ms  "
        "accepted=3  #8f507cfc"
    )


def test_what_is_said_beside_messages_begins_below_each_other() -> None:
    lines = [told(read(line(message=message, n=1))) for message in ("short", "", "한국어 메시지")]
    cells = [sum(2 if ord(char) > 0x1100 else 1 for char in text.split("n=1")[0]) for text in lines]
    assert len(set(cells)) == 1
    (done,) = shown(read(report(durationMs=1234.5)))
    api = read({"method": "GET", "path": "/", "status": "200", "responseLatency": "1234"}, access=True)
    assert told(done).index("1234 ms") == told(api).index("1234 ms")


def test_what_failed_has_its_whole_id_and_its_traceback_below_the_message() -> None:
    fault = {
        "level": "ERROR",
        "errorType": "E",
        "errorMessage": "boom",
        "stackTrace": ["at f\n\tat g"],
        "requestId": REQUEST,
    }
    first, *below = STYLE.line(read(fault)).splitlines()
    assert first.endswith(f"ERROR E: boom                 #{REQUEST}")
    assert below == ["              at f", "                  at g"]


def test_values_cannot_be_taken_for_fields() -> None:
    fields: dict[str, Any] = {
        "a": "1 b=2",
        "b": 'say "no"',
        "c": "",
        "d": None,
        "e": True,
        "f": 12345678.5,
        "g": {"h": [1, "x"]},
    }
    assert told(read(line(**fields))).split("  ")[-2].strip() == (
        'a="1 b=2" b="say \\"no\\"" c="" d=null e=true f=12345678.5 g={"h":[1,"x"]}'
    )


def test_metrics_in_the_embedded_format_are_shown_without_their_envelope() -> None:
    envelope = {"_aws": {"CloudWatchMetrics": []}, "FunctionName": "shop-x-dev", "Freshness": 6}
    assert told(read({"message": "batch", **envelope})) == " INFO  batch                   Freshness=6"


def test_records_of_lambda_that_are_not_of_a_request_say_all() -> None:
    dropped = read(platform("logsDropped", droppedRecords=12, droppedBytes=345, reason="too slow"))
    assert (
        told(dropped) == ' WARN  log lines lost          droppedRecords=12 droppedBytes=345 reason="too slow"'
    )


def test_lines_that_came_on_another_day_say_which() -> None:
    text = TailStyle(("x",), color=False, dated=True).line(read("words"))
    assert text.startswith(time.strftime("%m-%d %H:%M:%S.000 x", time.localtime(1)))


def test_with_colour_the_same_words_are_there() -> None:
    entries = [
        read(line(level=level, message="m", a=1))
        for level in ("DEBUG", "INFO", "WARN", "ERROR", "FATAL", "odd")
    ]
    entries += shown(read(routed(accepted=3)), read(report(status="timeout")))
    colored = TailStyle(("event-collector", "x"), color=True)
    for entry in entries:
        text = colored.line(entry)
        assert text.count("\x1b[0m") == len(re.findall(r"\x1b\[[1-9]", text))
        assert re.sub(r"\x1b\[[\d;]*m", "", text) == STYLE.line(entry)


def test_json_is_of_stable_form() -> None:
    (entry,) = shown(read(routed(accepted=3)), read(report()))
    value = json.loads(json_line(entry))
    assert list(value) == [
        "schema", "time", "timestamp_ms", "source", "kind", "level", "message", "request_id", "fields", "detail",
    ]  # fmt: skip
    assert (value["time"], value["kind"], value["fields"]["billed_ms"]) == (
        "1970-01-01T00:00:01.000Z",
        "request",
        13,
    )
    event = json.loads(json_line(LogEvent("g", "i", 1000, "as it was\n"), "x"))
    assert (event["kind"], event["message"], event["event_id"], event["source"]) == (
        "event",
        "as it was\n",
        "i",
        "x",
    )


@pytest.mark.parametrize(
    ("text", "on_a_terminal", "piped"),
    [
        ("a\n", "a\n", "a\n"),
        ("a", "a\n", "a\n"),
        ("a\n\tb\x1b[2J\n", "a\n\tb\\x1b[2J\n", "a\n\tb\x1b[2J\n"),
    ],
)
def test_raw_is_what_was_written_but_harmless_on_a_terminal(
    text: str, on_a_terminal: str, piped: str
) -> None:
    assert raw_text(text, is_terminal=True) == on_a_terminal
    assert raw_text(text, is_terminal=False) == piped
