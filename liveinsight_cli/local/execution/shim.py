"""A small pure-Python Lambda runtime for machines that have no awslambdaric (it has no wheel for macOS).

Same protocol, same error shapes, same log lines. Imports nothing of this project: it runs inside the worker.
"""

import http.client
import importlib
import json
import logging
import os
import sys
import time
import traceback
from decimal import Decimal
from typing import Any

_API = "/2018-06-01/runtime"
_state = {"request_id": ""}


class Context:
    """What a handler gets as its second argument."""

    def __init__(self, headers: Any) -> None:
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.client_context = self.identity = None
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self) -> int:
        """How long until the invocation is ended."""
        return max(0, self._deadline - int(time.time() * 1000))


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            "requestId": _state["request_id"],
        }
        if record.exc_info and record.exc_info[0]:
            line["stackTrace"] = traceback.format_tb(record.exc_info[2])  # type: ignore[assignment]
            line["errorType"] = record.exc_info[0].__name__
            line["errorMessage"] = str(record.exc_info[1])
        return json.dumps(line)


class _TextFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        trace = "\n" + self.formatException(record.exc_info) if record.exc_info else ""
        request_id, text = _state["request_id"], record.getMessage() + trace
        return f"[{record.levelname}]\t{stamp}.{int(record.msecs):03d}Z\t{request_id}\t{text}"


def run(handler: str) -> None:
    """Import the handler, then answer invocations until the process is ended."""
    is_json = os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, write_through=True)  # type: ignore[union-attr]
    output = logging.StreamHandler(sys.stdout)
    output.setFormatter(_JsonFormatter() if is_json else _TextFormatter())
    logging.getLogger().addHandler(output)
    if is_json:
        logging.getLogger().setLevel(os.environ.get("AWS_LAMBDA_LOG_LEVEL", "INFO"))
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        function = _load(handler)
    except BaseException as error:  # noqa: BLE001 (whatever the module raises is reported)
        failure = _failure(error, "", is_json)
        _call(connection, "POST", "/init/error", failure, failure["errorType"])
        raise SystemExit(1) from None
    while True:
        _serve(connection, function, is_json)


def _serve(connection: http.client.HTTPConnection, function: Any, is_json: bool) -> None:
    event, headers = _call(connection, "GET", "/invocation/next")
    request_id = _state["request_id"] = headers["Lambda-Runtime-Aws-Request-Id"]
    try:
        answer = json.dumps(function(json.loads(event), Context(headers)), default=_unserialisable)
    except Exception as error:  # noqa: BLE001 (whatever the handler raises is reported)
        failure = _failure(error, request_id, is_json)
        _call(connection, "POST", f"/invocation/{request_id}/error", failure, failure["errorType"])
        return
    _call(connection, "POST", f"/invocation/{request_id}/response", answer)


def _load(handler: str) -> Any:
    module, _, name = handler.rpartition(".")
    try:
        return getattr(importlib.import_module(module.replace("/", ".")), name)
    except ImportError as error:
        raise _Fault("Runtime.ImportModuleError", f"Unable to import module '{module}': {error}") from error
    except AttributeError as error:
        raise _Fault("Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module}'") from error


class _Fault(Exception):
    """A fault that has a name of Lambda's own and no traceback of interest."""


def _unserialisable(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    message = f"Unable to marshal response: Object of type {type(value).__name__} is not JSON serializable"
    raise _Fault("Runtime.MarshalError", message)


def _failure(error: BaseException, request_id: str, is_json: bool) -> dict[str, Any]:
    if isinstance(error, _Fault):
        kind, message, trace = error.args[0], error.args[1], []
    else:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename != __file__]
        kind, message, trace = type(error).__name__, str(error), traceback.format_list(frames)
    failure = {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": trace}
    if is_json:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        text = json.dumps({"timestamp": stamp, "level": "ERROR", **failure})
    else:
        # One event although it has many lines: a carriage return does not end a line of output.
        lines = "".join(trace).replace("  ", "\u00a0\u00a0").splitlines()
        text = "\r".join([f"[ERROR] {kind}: {message}", "Traceback (most recent call last):", *lines])
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
    return failure


def _call(
    connection: http.client.HTTPConnection, method: str, path: str, body: Any = None, kind: str = ""
) -> tuple[bytes, Any]:
    sys.stdout.flush()
    text = body if body is None or isinstance(body, str) else json.dumps(body)
    headers = {"Lambda-Runtime-Function-Error-Type": kind} if kind else {}
    connection.request(method, _API + path, text and text.encode(), headers)
    response = connection.getresponse()
    return response.read(), response.headers
