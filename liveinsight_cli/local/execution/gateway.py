"""API Gateway's public side: a WSGI application for `/<api-id>/<stage>/<path>` that does what was deployed."""

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any

from liveinsight_cli.local.execution.gateway_errors import GatewayError, error_answer, no_such_method
from liveinsight_cli.local.execution.gateway_request import GatewayRequest, read_request
from liveinsight_cli.local.execution.invocation import InvocationRefused
from liveinsight_cli.local.execution.invoker import Invoker
from liveinsight_cli.local.execution.mock import mock_answer
from liveinsight_cli.local.execution.proxy import malformed, proxy_answer, proxy_event
from liveinsight_cli.local.execution.rest_api import ApiSource, Integration
from liveinsight_cli.local.execution.sinks import Logs, Metrics
from liveinsight_cli.local.execution.templates import render, render_log
from liveinsight_cli.local.execution.throttle import Throttle
from liveinsight_cli.local.http import Answer, Environ

MAX_BODY_BYTES = 10 << 20
_FUNCTION_URI = re.compile(r".*/functions/(?P<name>[^/]+)/invocations")


class Gateway:
    """Answers requests to deployed APIs, writes their access logs and their metrics."""

    def __init__(
        self,
        apis: ApiSource,
        functions: Invoker,
        logs: Logs,
        metrics: Metrics,
        *,
        account_id: str = "123456789012",
        throttle: Throttle | None = None,
        max_waiting: int = 64,
    ) -> None:
        self._apis = apis
        self._functions = functions
        self._logs = logs
        self._metrics = metrics
        self._account_id = account_id
        self._throttle = throttle or Throttle()
        # An integration may take longer than its caller waits: it runs beside, not inside, the request.
        self._integrations = ThreadPoolExecutor(max_waiting, thread_name_prefix="integration")

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
        _, api_id, stage_name, *rest = [*path.split("/", 3), "", "", ""][:4]
        api = self._apis.api(api_id)
        stage = api.stages.get(stage_name) if api is not None else None
        if api is None or stage is None:
            return _not_deployed(api_id, stage_name, api is None).send(start_response)
        request = read_request(environ, api, stage, f"/{rest[0]}", self._account_id)
        return self.answer(request).send(start_response)

    def answer(self, request: GatewayRequest) -> Answer:
        """The whole answer, with API Gateway's own headers; never raises."""
        started = time.perf_counter()
        try:
            answer = self._integrate(request)
        except GatewayError as error:
            request.context["integrationErrorMessage"] = str(error) if str(error) != error.message else None
            answer = error_answer(request, error)
        own = (("x-amzn-RequestId", request.request_id), ("x-amz-apigw-id", request.extended_id))
        answer = Answer(answer.status, answer.body, answer.headers + own)
        latency_ms = (time.perf_counter() - started) * 1000
        request.context |= {
            "status": answer.status,
            "responseLength": len(answer.body),
            "responseLatency": round(latency_ms),
        }
        self._measure(request, answer.status, latency_ms)
        self._log(request)
        return answer

    def close(self) -> None:
        """Let go of the threads; what still runs comes to its end by itself."""
        self._integrations.shutdown(wait=False, cancel_futures=True)

    def _integrate(self, request: GatewayRequest) -> Answer:
        route = request.api.route(request.path)
        integration = route[0].integration(request.method) if route is not None else None
        if route is None or integration is None:
            raise no_such_method(request)
        request.found(*route)
        settings = request.stage.settings_of(route[0].path, request.method)
        key = (request.api.id, request.stage.name, route[0].path, request.method)
        if not self._throttle.admits(key, settings.rate, settings.burst):
            raise GatewayError("THROTTLED", 429, "Too Many Requests")
        if len(request.body) > MAX_BODY_BYTES:
            raise GatewayError("REQUEST_TOO_LARGE", 413, "Request Too Long")
        if integration.kind == "MOCK":
            return mock_answer(request, integration)
        if integration.kind == "AWS_PROXY":
            return self._proxy(request, integration)
        reason = f"integrations of type {integration.kind} do not exist here"
        raise GatewayError("API_CONFIGURATION_ERROR", 500, "Internal server error", reason)

    def _proxy(self, request: GatewayRequest, integration: Integration) -> Answer:
        started = time.perf_counter()
        try:
            payload = self._invoke(request, integration)
        finally:
            milliseconds = (time.perf_counter() - started) * 1000
            request.context |= {
                "integrationLatency": round(milliseconds),
                "integration.latency": round(milliseconds),
            }
            self._put(request, "IntegrationLatency", milliseconds, "Milliseconds")
        return proxy_answer(payload, request)

    def _invoke(self, request: GatewayRequest, integration: Integration) -> bytes:
        uri = _FUNCTION_URI.fullmatch(render(integration.uri, request))
        if uri is None:
            reason = f"not a function: {integration.uri}"
            raise GatewayError("API_CONFIGURATION_ERROR", 500, "Internal server error", reason)
        event = json.dumps(proxy_event(request)).encode()
        call = self._integrations.submit(self._functions.invoke, uri["name"], None, event)
        try:
            invocation = call.result(integration.timeout_seconds)
        except FutureTimeoutError as error:
            request.context |= {"integrationStatus": 504, "integration.status": 504}
            raise GatewayError("INTEGRATION_TIMEOUT", 504, "Endpoint request timed out") from error
        except InvocationRefused as error:
            request.context |= {"integrationStatus": error.status, "integration.status": error.status}
            raise GatewayError("INTEGRATION_FAILURE", 500, "Internal server error", str(error)) from error
        request.context |= {
            "integrationStatus": invocation.status,
            "integration.status": invocation.status,
            "integration.requestId": invocation.request_id,
        }
        if invocation.function_error is not None:
            raise malformed("the function failed")
        return invocation.payload

    def _measure(self, request: GatewayRequest, status: int, latency_ms: float) -> None:
        self._put(request, "Count", 1)
        self._put(request, "4XXError", 1 if 400 <= status < 500 else 0)
        self._put(request, "5XXError", 1 if status >= 500 else 0)
        self._put(request, "Latency", latency_ms, "Milliseconds")

    def _put(self, request: GatewayRequest, name: str, value: float, unit: str = "Count") -> None:
        by_api = {"ApiName": request.api.name}
        by_stage = {**by_api, "Stage": request.stage.name}
        groups = [by_api, by_stage]
        if request.resource is not None:
            path = request.resource.path
            if request.stage.settings_of(path, request.method).has_detailed_metrics:
                groups.append({**by_stage, "Resource": path, "Method": request.method})
        for dimensions in groups:
            self._metrics.put("AWS/ApiGateway", name, dimensions, round(value, 2), unit)

    def _log(self, request: GatewayRequest) -> None:
        stage = request.stage
        if stage.log_group is None or not stage.log_format:
            return
        stream = hashlib.sha256(f"{request.api.id}/{stage.name}".encode()).hexdigest()[:32]
        line = render_log(stage.log_format, request)
        self._logs.put(stage.log_group, stream, [(int(request.at * 1000), line)])


def _not_deployed(api_id: str, stage: str, is_api_missing: bool) -> Answer:
    missing = f"no API {api_id!r}" if is_api_missing else f"no stage {stage!r} of API {api_id!r}"
    body = json.dumps({"message": f"The embedded AWS has {missing}; is the address from the last deploy?"})
    return Answer(404, body.encode(), (("Content-Type", "application/json"),))
