"""Mock integrations: API Gateway answers by itself, as the templates say."""

import json
import re

from liveinsight_cli.local.execution.gateway_errors import GatewayError
from liveinsight_cli.local.execution.gateway_request import GatewayRequest
from liveinsight_cli.local.execution.rest_api import Integration, IntegrationResponse
from liveinsight_cli.local.execution.templates import render
from liveinsight_cli.local.http import Answer


def mock_answer(request: GatewayRequest, integration: Integration) -> Answer:
    """The integration response of the status that the request's template names. Raises GatewayError."""
    status = _status(request, integration)
    response = _response_for(status, integration.responses)
    if response is None:
        raise _misconfigured(f"no integration response for {status}")
    content_type, template = next(iter(response.templates.items()), ("application/json", ""))
    headers = {"Content-Type": content_type}
    for target, source in response.parameters.items():
        value = request.parameter(source)
        if target.startswith("method.response.header.") and value is not None:
            headers[target.removeprefix("method.response.header.")] = value
    return Answer(response.status, render(template, request).encode(), tuple(headers.items()))


def _status(request: GatewayRequest, integration: Integration) -> str:
    template = _template(request, integration)
    try:
        return str(json.loads(render(template, request))["statusCode"])
    except (ValueError, KeyError, TypeError) as error:
        raise _misconfigured("the mock integration's request template names no statusCode") from error


def _template(request: GatewayRequest, integration: Integration) -> str:
    """The template of the request's media type; the body itself where the integration lets it through."""
    templates = integration.request_templates
    media_type = request.parameter("method.request.header.Content-Type") or "application/json"
    template = templates.get(media_type.split(";")[0].strip().lower())
    if template is not None:
        return template
    if integration.passthrough == "WHEN_NO_MATCH" or (
        integration.passthrough == "WHEN_NO_TEMPLATES" and not templates
    ):
        return "$input.body"
    raise GatewayError("UNSUPPORTED_MEDIA_TYPE", 415, "Unsupported Media Type")


def _response_for(status: str, responses: tuple[IntegrationResponse, ...]) -> IntegrationResponse | None:
    for response in responses:
        if response.pattern and re.fullmatch(response.pattern, status):
            return response
    return next((response for response in responses if not response.pattern), None)


def _misconfigured(reason: str) -> GatewayError:
    return GatewayError("API_CONFIGURATION_ERROR", 500, "Internal server error", reason)
