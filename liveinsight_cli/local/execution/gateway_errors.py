"""The answers that API Gateway makes itself: errors, shaped by the gateway responses that were deployed."""

from liveinsight_cli.local.execution.gateway_request import GatewayRequest
from liveinsight_cli.local.execution.rest_api import GatewayResponse
from liveinsight_cli.local.execution.templates import render
from liveinsight_cli.local.http import Answer

DEFAULT_TEMPLATE = '{"message":$context.error.messageString}'
# https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
ERROR_TYPES = {
    "MISSING_AUTHENTICATION_TOKEN": "MissingAuthenticationTokenException",
    "INVALID_SIGNATURE": "IncompleteSignatureException",
    "THROTTLED": "TooManyRequestsException",
    "REQUEST_TOO_LARGE": "RequestTooLargeException",
    "UNSUPPORTED_MEDIA_TYPE": "UnsupportedMediaTypeException",
    "API_CONFIGURATION_ERROR": "InternalServerErrorException",
    "INTEGRATION_FAILURE": "InternalServerErrorException",
    "INTEGRATION_TIMEOUT": "IntegrationTimeoutException",
}


class GatewayError(Exception):
    """API Gateway answers instead of the integration."""

    def __init__(self, response_type: str, status: int, message: str, reason: str = "") -> None:
        """`reason` is for the access log only: what the caller must not learn."""
        super().__init__(reason or message)
        self.response_type = response_type
        self.status = status
        self.message = message


def error_answer(request: GatewayRequest, error: GatewayError) -> Answer:
    """The error as the deployed gateway responses shape it: the one of its type, else DEFAULT_4XX or DEFAULT_5XX."""
    request.failed(error.response_type, error.message)
    deployed = request.api.gateway_responses
    general = "DEFAULT_4XX" if error.status < 500 else "DEFAULT_5XX"
    shape = deployed.get(error.response_type) or deployed.get(general) or GatewayResponse()
    content_type, template = _template(shape)
    headers = {"Content-Type": content_type, "x-amzn-ErrorType": ERROR_TYPES.get(error.response_type, "")}
    for target, source in shape.parameters.items():
        value = request.parameter(source)
        if target.startswith("gatewayresponse.header.") and value is not None:
            headers[target.removeprefix("gatewayresponse.header.")] = value
    body = render(template, request).encode()
    return Answer(shape.status or error.status, body, tuple((k, v) for k, v in headers.items() if v))


def no_such_method(request: GatewayRequest) -> GatewayError:
    """An unknown path or method: API Gateway looks for a signature first, and finds none or one it cannot read."""
    if request.parameter("method.request.header.Authorization") is None:
        return GatewayError("MISSING_AUTHENTICATION_TOKEN", 403, "Missing Authentication Token")
    message = "Invalid key=value pair (missing equal-sign) in Authorization header"
    return GatewayError("INVALID_SIGNATURE", 403, message)


def _template(shape: GatewayResponse) -> tuple[str, str]:
    if not shape.templates:
        return "application/json", DEFAULT_TEMPLATE
    content_type = (
        "application/json" if "application/json" in shape.templates else next(iter(shape.templates))
    )
    return content_type, shape.templates[content_type]
