"""The part of API Gateway's mapping templates that needs no program: `$context`, `$stageVariables`, `$input.body`."""

import re
from typing import Any

from liveinsight_cli.local.execution.gateway_request import GatewayRequest

_VARIABLE = re.compile(
    r"\$(?:\{(context|stageVariables)\.([\w.]+)\}|(context|stageVariables)\.(\w+(?:\.\w+)*)|(input)\.body\b)"
)


def render(template: str, request: GatewayRequest) -> str:
    """The template with its variables filled in; unknown ones become nothing, as in API Gateway."""
    return _VARIABLE.sub(lambda match: _value(match, request, ""), template)


def render_log(template: str, request: GatewayRequest) -> str:
    """An access log line; what is not known is a dash."""
    return _VARIABLE.sub(lambda match: _value(match, request, "-"), template)


def _value(match: re.Match[str], request: GatewayRequest, missing: str) -> str:
    if match[5]:
        return request.body.decode("utf-8", "replace")
    kind, name = match[1] or match[3], match[2] or match[4]
    values: dict[str, Any] = request.context if kind == "context" else dict(request.stage.variables)
    value = values.get(name)
    return missing if value is None else str(value)
