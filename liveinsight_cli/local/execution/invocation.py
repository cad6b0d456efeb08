"""The outcome of an invocation, and the ways in which Lambda refuses one."""

from dataclasses import dataclass

MAX_PAYLOAD_BYTES = 6_291_456
MAX_RESPONSE_BYTES = 6_291_556


@dataclass(frozen=True)
class Invocation:
    """What Invoke answers: `function_error` is None when the function returned."""

    status: int
    payload: bytes
    executed_version: str
    request_id: str
    function_error: str | None = None
    log_tail: str | None = None  # the last 4 KiB of its log, base64


class InvocationRefused(Exception):
    """Lambda did not run the function; `code` is the error's name in AWS's answers."""

    code = "ServiceException"
    status = 500


class FunctionNotFound(InvocationRefused):
    """No such function, version or alias."""

    code = "ResourceNotFoundException"
    status = 404

    def __init__(self, arn: str) -> None:
        super().__init__(f"Function not found: {arn}")


class Throttled(InvocationRefused):
    """Too many invocations at once."""

    code = "TooManyRequestsException"
    status = 429

    def __init__(self, reason: str = "ReservedFunctionConcurrentInvocationLimitExceeded") -> None:
        super().__init__("Rate Exceeded.")
        self.reason = reason


class ShuttingDown(InvocationRefused):
    """The embedded AWS ends, and the worker with it: whether the function did its work nobody knows."""

    code = "ServiceException"
    status = 503

    def __init__(self) -> None:
        super().__init__("The embedded AWS is shutting down.")


class PayloadTooLarge(InvocationRefused):
    """More than Lambda takes in one request."""

    code = "RequestTooLargeException"
    status = 413

    def __init__(self, size: int) -> None:
        super().__init__(
            f"{size} byte payload is too large for the RequestResponse invocation type "
            f"(limit {MAX_PAYLOAD_BYTES} bytes)"
        )


class BadPayload(InvocationRefused):
    """The payload is not JSON."""

    code = "InvalidRequestContentException"
    status = 400

    def __init__(self, reason: str) -> None:
        super().__init__(f"Could not parse request body into json: {reason}")
