"""What a log event says, in both of Lambda's formats and in the shapes of the usual loggers."""

import json
from typing import Any

import pytest

from liveinsight_cli.core.logs.reading import read_wholly
from tests.core.logs.lines import REQUEST, STAMP, platform, read, report_text, start

TRACE = (
    'Traceback (most recent call last):\n  File "/var/task/x.py", line 3, in f\n    1/0\n'
    "ZeroDivisionError: division by zero"
)
ROWS = tuple(TRACE.split("\n"))


def test_an_uncaught_exception_keeps_its_whole_traceback_and_its_request() -> None:
    frames = [
        '  File "/var/task/x.py", line 3, in f\n    1/0\n',
        '  File "/var/task/y.py", line 4, in g\n    f()\n',
    ]
    entry = read(
        {
            "timestamp": STAMP,
            "log_level": "ERROR",
            "errorType": "ZeroDivisionError",
            "errorMessage": "division by zero",
            "requestId": REQUEST,
            "stackTrace": frames,
        }
    )
    assert (entry.level, entry.message, entry.request_id) == (
        "ERROR",
        "ZeroDivisionError: division by zero",
        REQUEST,
    )
    assert "\n".join(entry.detail) + "\n" == "".join(frames)


@pytest.mark.parametrize(
    ("line", "message", "detail"),
    [
        # Powertools for AWS Lambda, with and without its structured stack trace.
        (
            {"message": "no", "exception_name": "ZeroDivisionError", "exception": TRACE},
            "no: ZeroDivisionError: division by zero",
            ROWS,
        ),
        (
            {
                "message": "no",
                "exception_name": "E",
                "stack_trace": {"frames": [{"file": "x.py", "line": 3, "function": "f", "statement": "1/0"}]},
            },
            "no: E",
            ('  File "x.py", line 3, in f', "    1/0"),
        ),
        # python-json-logger, structlog; a message of several lines; a message that is an object.
        ({"message": "no", "exc_info": TRACE}, "no: ZeroDivisionError: division by zero", ROWS),
        ({"msg": "no", "exception": TRACE}, "no: ZeroDivisionError: division by zero", ROWS),
        ({"message": "no", "exc_info": True}, "no", ()),
        ({"message": f"it broke\n{TRACE}"}, "it broke", ROWS),
        ({"message": {"a": [1]}}, '{"a":[1]}', ()),
        # The runtime's logger: what was said, and what was raised.
        (
            {"message": "no", "errorType": "E", "errorMessage": "why", "stackTrace": ["a", "b"]},
            "no: E: why",
            ("a", "b"),
        ),
        ({"message": "why", "errorType": "E", "errorMessage": "why"}, "E: why", ()),
    ],
)
def test_exceptions_of_the_usual_loggers_are_read(
    line: dict[str, Any], message: str, detail: tuple[str, ...]
) -> None:
    entry = read({"level": "ERROR", **line})
    assert (entry.message, entry.detail) == (message, detail)


def test_a_traceback_in_text_format_is_cut_where_lambda_puts_carriage_returns() -> None:
    entry = read('[ERROR] ValueError: boom\rTraceback (most recent call last):\r\xa0\xa0File "x.py", line 1')
    assert (entry.level, entry.message) == ("ERROR", "ValueError: boom")
    assert entry.detail == ("Traceback (most recent call last):", '\xa0\xa0File "x.py", line 1')


def test_what_is_not_told_elsewhere_stays_a_field() -> None:
    directive = {"Namespace": "N", "Dimensions": [["FunctionName"]], "Metrics": [{"Name": "Freshness"}]}
    beside = {
        "_aws": {"CloudWatchMetrics": [directive]},
        "FunctionName": "shop-x-dev",
        "Freshness": 6,
        "a": {"b": [1]},
    }
    entry = read({"timestamp": STAMP, "level": "INFO", "message": "batch", "requestId": REQUEST, **beside})
    assert (entry.message, entry.request_id, entry.fields) == ("batch", REQUEST, beside)
    assert read(beside).message == "metrics"


@pytest.mark.parametrize(
    ("message", "level", "said", "request_id"),
    [
        ("plain words", "INFO", "plain words", None),
        ("{broken json", "INFO", "{broken json", None),
        ("[1, 2]", "INFO", "[1, 2]", None),
        ("[NOTE]\tthis", "INFO", "[NOTE]\tthis", None),
        ('{"a": 1} and more', "INFO", '{"a": 1} and more', None),
        ('{"a": 1, "b": {"c": 1, "c": 2}}', "INFO", '{"a": 1, "b": {"c": 1, "c": 2}}', None),
        (
            '{"level": "INFO", "message": "a", "message": "b"}',
            "INFO",
            '{"level": "INFO", "message": "a", "message": "b"}',
            None,
        ),
        ('{"message": "says \\"a\\": 1", "a": 2}', "INFO", 'says "a": 1', None),
        (f"[ERROR]\t{STAMP}\t{REQUEST}\tit broke\nTraceback", "ERROR", "it broke", REQUEST),
        (f"[WARNING]\t{STAMP}\t{REQUEST}\tcareful", "WARN", "careful", REQUEST),
        (f"{STAMP}\t{REQUEST}\tINFO\tof Node.js", "INFO", "of Node.js", REQUEST),
        (f"{STAMP}\tundefined\tERROR\tof its start", "ERROR", "of its start", None),
        (f"{STAMP} {REQUEST} Task timed out after 30.00 seconds", "ERROR", None, REQUEST),
        (
            f"RequestId: {REQUEST} Error: Runtime exited with error: exit status 1\nRuntime.ExitError",
            "ERROR",
            None,
            REQUEST,
        ),
        (f"RequestId: {REQUEST} Process exited before completing request", "ERROR", None, REQUEST),
        (TRACE, "ERROR", "Traceback (most recent call last):", None),
        ('{"level": "WARNING", "message": "careful"}', "WARN", "careful", None),
        ('{"level": "warn", "msg": "pino"}', "WARN", "pino", None),
        ('{"severity": "CRITICAL", "message": "m"}', "FATAL", "m", None),
        ('{"no": "message"}', "INFO", "", None),
        ("", "INFO", "", None),
    ],
)
def test_text_of_any_kind_is_shown(
    message: str, level: str, said: str | None, request_id: str | None
) -> None:
    entry = read(message)
    assert (entry.level, entry.request_id) == (level, request_id)
    assert entry.message == (message.split("\n")[0] if said is None else said)


@pytest.mark.parametrize(
    ("record", "level", "said"),
    [
        (platform("start", requestId=REQUEST), "INFO", "started, no report so far"),
        (platform("initStart", phase="init"), "INFO", "container starting"),
        (platform("initReport", status="success", metrics={"durationMs": 1}), "INFO", "container ready"),
        (platform("initReport", status="timeout", phase="init"), "ERROR", "init failed: timeout"),
        (
            platform("initRuntimeDone", status="error", errorType="Runtime.ImportModuleError"),
            "ERROR",
            "init failed: Runtime.ImportModuleError",
        ),
        (platform("restoreReport", status="failure"), "ERROR", "restore failed: failure"),
        (platform("extension", name="otel", state="Ready"), "INFO", "extension"),
        (
            platform("telemetrySubscription", name="otel", state="Subscribed"),
            "INFO",
            "telemetry subscription",
        ),
        (platform("logsDropped", droppedRecords=12, reason="slow"), "WARN", "log lines lost"),
        (
            {"type": "platform.fault", "record": "RequestId: x Process exited"},
            "ERROR",
            "fault: RequestId: x Process exited",
        ),
        (platform("newest", some="thing"), "INFO", "platform.newest"),
        (
            "INIT_REPORT Init Duration: 10008.50 ms\tPhase: init\tStatus: timeout",
            "ERROR",
            "init failed: timeout",
        ),
        (
            "INIT_START Runtime Version: python:3.11.v18\tRuntime Version ARN: arn",
            "INFO",
            "container starting",
        ),
        (
            report_text(more="Status: error\tError Type: Runtime.OutOfMemory"),
            "ERROR",
            "failed: Runtime.OutOfMemory",
        ),
    ],
)
def test_records_of_lambda_are_put_into_words(record: object, level: str, said: str) -> None:
    entry = read(record)
    assert (entry.kind, entry.level, entry.message) == ("platform", level, said)


def test_what_records_say_becomes_fields() -> None:
    dropped = read(platform("logsDropped", droppedRecords=12, reason="slow")).fields
    assert (dropped["droppedRecords"], dropped["reason"]) == (12, "slow")
    traced = {"type": "X-Amzn-Trace-Id", "value": "Root=1-5e1b4151;Parent=5e1b;Sampled=1"}
    entry = read(
        platform("report", requestId=REQUEST, metrics={"durationMs": 1, "novelMs": 2}, tracing=traced)
    )
    assert entry.fields == {"type": "report", "duration_ms": 1, "novelMs": 2, "trace": "1-5e1b4151"}
    text = read(report_text(more="\nXRAY TraceId: 1-5e1b4151\tSegmentId: 5e1b\tSampled: true\t"))
    assert (text.fields["trace"], text.fields["max_memory_mb"]) == ("1-5e1b4151", 64)


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
@pytest.mark.parametrize("record", [start(), platform("runtimeDone", requestId=REQUEST, status="success")])
def test_records_that_the_report_repeats_are_read_by_their_id_and_wholly_when_it_does_not_come(
    record: dict[str, Any], separators: tuple[str, str]
) -> None:
    quick = read(json.dumps(record, separators=separators))
    whole = read_wholly(quick)
    assert quick == whole._replace(fields={"type": whole.fields["type"]})
    assert whole.request_id == REQUEST
    assert whole.fields.get("version", whole.fields.get("outcome")) in ("3", "success")


def test_an_invocation_that_ended_badly_is_read_wholly() -> None:
    assert read(platform("runtimeDone", requestId=REQUEST, status="timeout")).message == "failed: timeout"


@pytest.mark.parametrize(
    ("status", "level"), [("202", "INFO"), ("404", "WARN"), ("503", "ERROR"), ("-", "INFO")]
)
def test_an_access_log_line_has_the_level_of_its_status_and_the_functions_request(
    status: str, level: str
) -> None:
    line = {
        "requestId": "of-the-api",
        "method": "POST",
        "path": "/api/events",
        "status": status,
        "responseLatency": "12",
        "functionRequestId": REQUEST,
        "errorType": "-",
    }
    entry = read(line, access=True)
    assert (entry.level, entry.message, entry.request_id) == (level, f"POST /api/events {status}", REQUEST)
    assert (entry.fields["latency_ms"], entry.fields["api_request_id"]) == (12, "of-the-api")
    assert read(line | {"functionRequestId": "-"}, access=True).request_id == "of-the-api"
