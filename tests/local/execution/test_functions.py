"""Invocations of real zips in real worker processes, with AWS's runtime and with the small one."""

import base64
import json
import os
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from liveinsight_cli.local.execution.deployed import Alias, Logging
from liveinsight_cli.local.execution.functions import Functions
from liveinsight_cli.local.execution.invocation import (
    BadPayload,
    FunctionNotFound,
    PayloadTooLarge,
    ShuttingDown,
    Throttled,
)
from tests.local.execution.conftest import ARN, Log, Samples, Shelf

ECHO = """
    import os
    def handler(event, context):
        print("seen", event)
        return {"event": event, "pid": os.getpid(), "arn": context.invoked_function_arn, "id": context.aws_request_id,
                "version": context.function_version, "left": context.get_remaining_time_in_millis()}
"""


def test_the_function_gets_the_event_and_answers(functions: Functions, shelf: Shelf) -> None:
    shelf.deploy(ECHO)
    invocation = functions.invoke("demo", None, b'{"a": "\xc3\xa9"}')
    answer = json.loads(invocation.payload)
    assert (invocation.status, invocation.function_error, invocation.executed_version) == (
        200,
        None,
        "$LATEST",
    )
    assert answer["event"] == {"a": "é"}
    assert answer["arn"] == ARN + "demo"
    assert answer["id"] == invocation.request_id
    assert 0 < answer["left"] <= 3000


def test_a_warm_worker_is_used_again_and_a_new_configuration_gets_a_new_one(
    functions: Functions, shelf: Shelf
) -> None:
    shelf.deploy(ECHO)
    first, second = (json.loads(functions.invoke("demo", None, b"{}").payload)["pid"] for _ in range(2))
    shelf.deploy(ECHO, environment={"NEW": "1"})
    third = json.loads(functions.invoke("demo", None, b"{}").payload)["pid"]
    assert first == second != third


def test_an_alias_runs_the_version_it_names_and_follows_when_it_moves(
    functions: Functions, shelf: Shelf
) -> None:
    for version in ("1", "2"):
        shelf.deploy(ECHO, version=version)
    shelf.aliases["demo", "live"] = Alias("1")
    before = functions.invoke("demo", "live", b"{}")
    shelf.aliases["demo", "live"] = Alias("2")
    after = functions.invoke(ARN + "demo:live", None, b"{}")
    assert (before.executed_version, after.executed_version) == ("1", "2")
    assert json.loads(after.payload)["arn"] == ARN + "demo:live"
    assert json.loads(after.payload)["version"] == "2"


def test_a_weighted_alias_sends_its_share_to_the_other_version_and_tells_figures_by_version(
    functions: Functions, shelf: Shelf, samples: Samples
) -> None:
    for version in ("1", "2"):
        shelf.deploy(ECHO, version=version)
    shelf.aliases["demo", "live"] = Alias("1", {"2": 0.25})
    points = iter([0.0, 0.24, 0.25, 0.99])
    functions._choose = lambda: next(points)
    versions = [functions.invoke("demo", "live", b"{}").executed_version for _ in range(4)]
    assert versions == ["2", "2", "1", "1"]
    functions.invoke("demo", "2", b"{}")
    for version in ("1", "2"):
        by_version = {"FunctionName": "demo", "Resource": "demo:live", "ExecutedVersion": version}
        assert samples.of("Invocations", **by_version) == [1, 1]
        assert len(samples.of("Duration", **by_version)) == 2
    assert samples.of("Invocations", FunctionName="demo", Resource="demo:2") == [1]


@pytest.mark.parametrize(("name", "qualifier"), [("nobody", None), ("demo", "7"), ("demo", "dead")])
def test_what_is_not_deployed_is_not_found(
    functions: Functions, shelf: Shelf, name: str, qualifier: str | None
) -> None:
    shelf.deploy(ECHO)
    with pytest.raises(FunctionNotFound, match=f"function:{name}"):
        functions.invoke(name, qualifier, b"{}")


def test_payloads_that_lambda_refuses_start_no_worker(functions: Functions, shelf: Shelf, log: Log) -> None:
    shelf.deploy(ECHO)
    with pytest.raises(PayloadTooLarge):
        functions.invoke("demo", None, b" " * 6_291_457)
    with pytest.raises(BadPayload):
        functions.invoke("demo", None, b"{nonsense")
    assert log.events == []


def test_the_log_has_init_start_output_end_and_report(functions: Functions, shelf: Shelf, log: Log) -> None:
    shelf.deploy(ECHO, version="3")
    request_id = functions.invoke("demo", "3", b"1").request_id
    init, start, output, end, report = log.messages
    assert init.startswith("INIT_START Runtime Version: python:3.")
    assert start == f"START RequestId: {request_id} Version: 3\n"
    assert output == "seen 1\n"
    assert end == f"END RequestId: {request_id}\n"
    pattern = (
        r"REPORT RequestId: \S+\tDuration: (\d+\.\d\d) ms\tBilled Duration: (\d+) ms\tMemory Size: 128 MB\t"
        r"Max Memory Used: (\d+) MB\tInit Duration: (\d+\.\d\d) ms\t\n"
    )
    duration, billed, memory, init_ms = map(float, re.fullmatch(pattern, report).groups())
    assert billed - 1 <= duration + init_ms + 0.02
    assert memory > 5
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[3\][0-9a-f]{32}", log.streams[0])
    assert {group for group, *_ in log.events} == {"/aws/lambda/demo"}
    functions.invoke("demo", "3", b"1")
    assert "Init Duration" not in log.messages[-1]
    assert len(log.streams) == 1


def test_json_logs_have_platform_records_and_are_filtered_by_level(
    functions: Functions, shelf: Shelf, log: Log
) -> None:
    source = """
        import logging, json
        def handler(event, context):
            logging.getLogger().info("quiet")
            logging.getLogger().warning("loud")
            print(json.dumps({"level": "DEBUG", "timestamp": "2026-01-01T00:00:00Z", "message": "dropped"}))
            print(json.dumps({"level": "ERROR", "timestamp": "2026-01-01T00:00:00Z", "message": "kept"}))
    """
    shelf.deploy(source, logging=Logging("group", "JSON", application_level="WARN"))
    request_id = functions.invoke("demo", None, b"{}").request_id
    lines = [json.loads(message) for message in log.messages]
    assert [line["type"] for line in lines if "type" in line] == [
        "platform.initStart",
        "platform.start",
        "platform.report",
    ]
    assert sorted(line["message"] for line in lines if "message" in line) == ["kept", "loud"]
    assert next(line for line in lines if line.get("message") == "loud")["requestId"] == request_id
    metrics = lines[-1]["record"]["metrics"]
    assert metrics["durationMs"] > 0
    assert metrics["initDurationMs"] > 0
    assert lines[-1]["record"]["status"] == "success"


def test_an_exception_is_a_function_error_with_its_traceback(
    functions: Functions, shelf: Shelf, log: Log
) -> None:
    shelf.deploy("def handler(event, context):\n    raise ValueError('no such luck')\n")
    invocation = functions.invoke("demo", None, b"{}")
    error = json.loads(invocation.payload)
    assert invocation.function_error == "Unhandled"
    assert (error["errorType"], error["errorMessage"]) == ("ValueError", "no such luck")
    assert error["requestId"] == invocation.request_id
    assert "app.py" in error["stackTrace"][0]
    event = next(
        message for message in log.messages if message.startswith("[ERROR] ValueError: no such luck")
    )
    assert "Traceback (most recent call last):" in event
    assert "app.py" in event, "one event holds the whole traceback"


def test_a_function_that_cannot_be_imported_reports_an_init_error_each_time(
    functions: Functions, shelf: Shelf
) -> None:
    shelf.deploy("import typer\ndef handler(event, context): pass\n")
    for _ in range(2):
        error = json.loads(functions.invoke("demo", None, b"{}").payload)
        assert error["errorType"] == "Runtime.ImportModuleError"
        assert "No module named 'typer'" in error["errorMessage"]


def test_only_the_zip_and_the_runtime_are_importable(functions: Functions, shelf: Shelf) -> None:
    source = """
        import importlib, sys
        def handler(event, context):
            found = []
            for name in event:
                try:
                    importlib.import_module(name)
                    found.append(name)
                except ImportError:
                    pass
            return {"found": found, "path": sys.path}
    """
    shelf.deploy(source, timeout_seconds=20)
    names = ["boto3", "botocore", "dateutil", "jmespath", "urllib3", "six", "json"]
    foreign = ["moto", "rich", "psutil", "pytest", "liveinsight_cli", "shim", "launcher"]
    answer = json.loads(functions.invoke("demo", None, json.dumps(names + foreign).encode()).payload)
    assert answer["found"] == names


def test_the_environment_is_that_of_lambda_and_has_nothing_of_the_users(
    functions: Functions, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("SECRET_OF_THE_USER", "1")
    shelf.deploy(
        "import os\ndef handler(event, context):\n    return dict(os.environ, cwd=os.getcwd())\n",
        environment={"EVENTS_TABLE": "events", "AWS_REGION": "mars"},
        memory_mb=256,
    )
    found = json.loads(functions.invoke("demo", None, b"{}").payload)
    assert found["EVENTS_TABLE"] == "events"
    assert found["AWS_REGION"] == "ap-northeast-2"
    assert found["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert found["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert found["AWS_LAMBDA_LOG_GROUP_NAME"] == "/aws/lambda/demo"
    assert found["TZ"] == ":UTC"
    assert found["cwd"] == found["LAMBDA_TASK_ROOT"]
    assert not {"AWS_PROFILE", "SECRET_OF_THE_USER", "VIRTUAL_ENV", "USER"} & found.keys()


def test_a_timeout_ends_the_worker_and_the_next_invocation_gets_a_new_one(
    functions: Functions, shelf: Shelf, log: Log
) -> None:
    source = """
        import os, time
        def handler(event, context):
            print("pid", os.getpid())
            time.sleep(event)
    """
    shelf.deploy(source, timeout_seconds=1)
    invocation = functions.invoke("demo", None, b"60")
    assert invocation.function_error == "Unhandled"
    assert json.loads(invocation.payload) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {invocation.request_id} Error: Task timed out after 1.00 seconds",
    }
    assert any(
        message.endswith(f"{invocation.request_id} Task timed out after 1.00 seconds\n\n")
        for message in log.messages
    )
    assert "Status: timeout" in log.messages[-1]
    pid = int(next(message for message in log.messages if message.startswith("pid")).split()[1])
    assert not psutil.pid_exists(pid)
    assert functions.invoke("demo", None, b"0").function_error is None


def test_a_crash_is_an_exit_error_and_what_was_printed_is_kept(
    functions: Functions, shelf: Shelf, log: Log
) -> None:
    shelf.deploy(
        "import os\ndef handler(event, context):\n    print('last words', flush=True)\n    os._exit(7)\n"
    )
    invocation = functions.invoke("demo", None, b"{}")
    assert json.loads(invocation.payload) == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {invocation.request_id} Error: Runtime exited with error: exit status 7",
    }
    assert "last words\n" in log.messages
    assert "Error Type: Runtime.ExitError" in log.messages[-1]


def test_a_warm_worker_that_died_is_replaced_without_an_error(functions: Functions, shelf: Shelf) -> None:
    shelf.deploy(ECHO)
    pid = json.loads(functions.invoke("demo", None, b"{}").payload)["pid"]
    os.kill(pid, 9)
    while functions._runner._pool._idle[0].worker.is_alive:
        threading.Event().wait(0.01)
    again = functions.invoke("demo", None, b"{}")
    assert again.function_error is None
    assert json.loads(again.payload)["pid"] != pid


def test_an_unserialisable_answer_is_a_marshal_error(functions: Functions, shelf: Shelf) -> None:
    shelf.deploy("def handler(event, context):\n    return {1, 2}\n")
    error = json.loads(functions.invoke("demo", None, b"{}").payload)
    assert error["errorType"] == "Runtime.MarshalError"
    assert "set is not JSON serializable" in error["errorMessage"]


def test_the_tail_is_the_end_of_the_log(functions: Functions, shelf: Shelf) -> None:
    shelf.deploy("def handler(event, context):\n    print('x' * 5000)\n    print('the end')\n")
    tail = base64.b64decode(functions.invoke("demo", None, b"{}", tail=True).log_tail)
    assert len(tail) == 4096
    assert b"the end\nEND RequestId" in tail


def test_metrics_are_counted_for_the_function_and_for_the_alias(
    functions: Functions, shelf: Shelf, samples: Samples
) -> None:
    shelf.deploy("def handler(event, context):\n    return 1 / event\n", version="1")
    shelf.aliases["demo", "live"] = Alias("1")
    functions.invoke("demo", "live", b"1")
    functions.invoke("demo", "live", b"0")
    for dimensions in ({"FunctionName": "demo"}, {"FunctionName": "demo", "Resource": "demo:live"}):
        assert samples.of("Invocations", **dimensions) == [1, 1]
        assert samples.of("Errors", **dimensions) == [0, 1]
        assert samples.of("Throttles", **dimensions) == [0, 0]
        assert all(value > 0 for value in samples.of("Duration", **dimensions))


def test_embedded_metrics_reach_their_namespace(functions: Functions, shelf: Shelf, samples: Samples) -> None:
    source = """
        import json, time
        def handler(event, context):
            directive = {"Namespace": "LiveInsight", "Dimensions": [["Route"], []],
                         "Metrics": [{"Name": "Accepted", "Unit": "Count"}]}
            print(json.dumps({"_aws": {"Timestamp": time.time() * 1000, "CloudWatchMetrics": [directive]},
                              "Route": "POST", "Accepted": [2, 3]}))
    """
    shelf.deploy(source)
    functions.invoke("demo", None, b"{}")
    assert samples.of("Accepted", Route="POST") == [2, 3]
    assert samples.of("Accepted") == [2, 3]


def test_reserved_concurrency_throttles_what_is_above_it(
    functions: Functions, shelf: Shelf, samples: Samples
) -> None:
    shelf.deploy(ECHO)
    shelf.reserved["demo"] = 0
    with pytest.raises(Throttled):
        functions.invoke("demo", None, b"{}")
    assert samples.of("Throttles", FunctionName="demo") == [1]


def test_invocations_at_the_same_time_run_in_workers_of_their_own(functions: Functions, shelf: Shelf) -> None:
    source = """
        import os, pathlib, time
        def handler(event, context):
            pathlib.Path(event, str(os.getpid())).touch()
            while len(os.listdir(event)) < 3:
                time.sleep(0.01)
            return os.getpid()
    """
    shelf.deploy(source, timeout_seconds=20)
    meeting = functions._runner._code._root / "meeting"
    meeting.mkdir()
    with ThreadPoolExecutor(3) as pool:
        payload = json.dumps(str(meeting)).encode()
        calls = [pool.submit(functions.invoke, "demo", None, payload) for _ in range(3)]
        assert len({call.result().payload for call in calls}) == 3


def test_close_ends_idle_and_busy_workers(functions: Functions, shelf: Shelf, log: Log) -> None:
    shelf.deploy(ECHO)
    idle = json.loads(functions.invoke("demo", None, b"{}").payload)["pid"]
    begun = functions._runner._code._root / "begun"
    source = f"""
        import os, pathlib, time
        def handler(event, context):
            pathlib.Path({str(begun)!r}).write_text(str(os.getpid()))
            time.sleep(60)
    """
    shelf.deploy(source, name="slow", timeout_seconds=60)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(functions.invoke, "slow", None, b"{}")
        while not (begun.exists() and begun.read_text()):
            threading.Event().wait(0.01)
        busy = int(begun.read_text())
        functions.close()
        assert isinstance(call.exception(), ShuttingDown), "no crash of the function's own"
    assert not psutil.pid_exists(idle)
    assert not psutil.pid_exists(busy)
