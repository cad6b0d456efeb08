"""The Invoke operation of the Lambda API, in front of moto, which would run $LATEST in Docker."""

import json
import re
from urllib.parse import parse_qs, unquote

from liveinsight_cli.local.execution.asynchronous import EventQueue
from liveinsight_cli.local.execution.functions import Functions
from liveinsight_cli.local.execution.invocation import BadPayload, Invocation, InvocationRefused, Throttled
from liveinsight_cli.local.http import Answer, Environ, body_of

_PATH = re.compile(r"/2015-03-31/functions/(?P<name>[^/]+)/invocations/?")


class InvokeApi:
    """Answers Invoke; leaves every other operation to the control plane."""

    def __init__(self, functions: Functions, events: EventQueue) -> None:
        self._functions = functions
        self._events = events

    def answer(self, environ: Environ, _operation: str) -> Answer | None:
        """The answer to an Invoke request, None for any other."""
        path = _PATH.fullmatch(environ["PATH_INFO"])
        if path is None or environ["REQUEST_METHOD"] != "POST":
            return None
        qualifier = parse_qs(environ.get("QUERY_STRING", "")).get("Qualifier", [None])[0]
        body = body_of(environ)
        try:
            return self._invoke(environ, unquote(path["name"]), qualifier, body)
        except InvocationRefused as error:
            return _refusal(error)

    def _invoke(self, environ: Environ, name: str, qualifier: str | None, body: bytes) -> Answer:
        kind = environ.get("HTTP_X_AMZ_INVOCATION_TYPE", "RequestResponse")
        if kind == "RequestResponse":
            tail = environ.get("HTTP_X_AMZ_LOG_TYPE") == "Tail"
            trace = environ.get("HTTP_X_AMZN_TRACE_ID")
            return _response(self._functions.invoke(name, qualifier, body, tail=tail, trace=trace))
        self._functions.check(name, qualifier, body)
        if kind == "DryRun":
            return Answer(204)
        self._events.put(name, qualifier, body)
        return Answer(202)


def _response(invocation: Invocation) -> Answer:
    headers = [
        ("Content-Type", "application/json"),
        ("X-Amz-Executed-Version", invocation.executed_version),
        ("x-amzn-RequestId", invocation.request_id),
    ]
    if invocation.function_error is not None:
        headers.append(("X-Amz-Function-Error", invocation.function_error))
    if invocation.log_tail is not None:
        headers.append(("X-Amz-Log-Result", invocation.log_tail))
    return Answer(invocation.status, invocation.payload, tuple(headers))


def _refusal(error: InvocationRefused) -> Answer:
    body = {"Type": "User", "Message" if not isinstance(error, BadPayload) else "message": str(error)}
    if isinstance(error, Throttled):
        body["Reason"] = error.reason
    headers = (("Content-Type", "application/json"), ("x-amzn-ErrorType", error.code))
    return Answer(error.status, json.dumps(body).encode(), headers)
