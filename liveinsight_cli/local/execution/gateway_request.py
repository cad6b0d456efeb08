"""One request at API Gateway's front, and the `$context` that templates and access logs can name."""

import base64
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from liveinsight_cli.local.execution.rest_api import Resource, RestApi, Stage
from liveinsight_cli.local.http import Environ


@dataclass
class GatewayRequest:
    """A request on its way; what becomes known of it later is added to `context`."""

    api: RestApi
    stage: Stage
    method: str
    path: str
    headers: dict[str, str]
    query: dict[str, list[str]]
    body: bytes
    source_ip: str
    account_id: str
    protocol: str = "HTTP/1.1"
    at: float = field(default_factory=time.time)
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    resource: Resource | None = None
    path_parameters: dict[str, str] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.extended_id = base64.b64encode(uuid.UUID(self.request_id).bytes[:11]).decode()
        self.trace_id = f"Root=1-{int(self.at):08x}-{uuid.UUID(self.request_id).hex[:24]}"
        self.context |= {
            "requestId": self.request_id,
            "extendedRequestId": self.extended_id,
            "requestTime": datetime.fromtimestamp(self.at, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "requestTimeEpoch": int(self.at * 1000),
            "apiId": self.api.id,
            "accountId": self.account_id,
            "stage": self.stage.name,
            "deploymentId": self.stage.deployment_id,
            "httpMethod": self.method,
            "path": f"/{self.stage.name}{self.path}",
            "protocol": self.protocol,
            "domainName": self.headers.get("Host", ""),
            "domainPrefix": self.headers.get("Host", "").split(".")[0].split(":")[0],
            "xrayTraceId": self.trace_id.removeprefix("Root="),
            "identity.sourceIp": self.source_ip,
            "identity.userAgent": self.headers.get("User-Agent"),
        }

    def found(self, resource: Resource, path_parameters: dict[str, str]) -> None:
        """The resource this request is for."""
        self.resource, self.path_parameters = resource, path_parameters
        self.context |= {"resourceId": resource.id, "resourcePath": resource.path}

    def failed(self, response_type: str, message: str) -> None:
        """API Gateway answers with an error of its own."""
        self.context |= {
            "error.message": message,
            "error.messageString": json.dumps(message),
            "error.responseType": response_type,
        }

    def parameter(self, source: str) -> str | None:
        """What a mapping expression stands for: `'literal'`, `method.request.header.Origin`, `context.requestId`."""
        if source.startswith("'") and source.endswith("'"):
            return source[1:-1]
        kind, _, name = source.removeprefix("method.request.").partition(".")
        if kind == "header":
            return next((value for key, value in self.headers.items() if key.lower() == name.lower()), None)
        if kind == "querystring":
            return self.query[name][-1] if name in self.query else None
        values: Mapping[str, Mapping[str, Any]] = {
            "path": self.path_parameters,
            "context": self.context,
            "stageVariables": self.stage.variables,
        }
        value = values.get(kind, {}).get(name)
        return None if value is None else str(value)


def read_request(environ: Environ, api: RestApi, stage: Stage, path: str, account_id: str) -> GatewayRequest:
    """A request from a WSGI environment."""
    body: bytes = environ["wsgi.input"].read()
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    return GatewayRequest(
        api=api,
        stage=stage,
        method=environ["REQUEST_METHOD"],
        path=path,
        headers=_headers(environ),
        query=query,
        body=body,
        source_ip=environ.get("REMOTE_ADDR", ""),
        account_id=account_id,
        protocol=environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
    )


def _headers(environ: Environ) -> dict[str, str]:
    """Header names as most clients write them: WSGI does not tell how they were sent."""
    headers = {
        "-".join(word.capitalize() for word in key[5:].split("_")): value
        for key, value in environ.items()
        if key.startswith("HTTP_") and key not in ("HTTP_CONNECTION", "HTTP_TRANSFER_ENCODING")
    }
    if environ.get("CONTENT_TYPE"):
        headers["Content-Type"] = environ["CONTENT_TYPE"]
    return headers
