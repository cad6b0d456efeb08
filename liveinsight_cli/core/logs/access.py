"""Lines of API Gateway's access log, in the format that terraform/api_gateway.tf gives it."""

from typing import Any

from liveinsight_cli.core.logs.entries import Entry
from liveinsight_cli.core.logs.values import in_words, number_in

_NONE = (None, "", "-")


def from_access_log(timestamp_ms: int, source: str, text: str, record: dict[str, Any]) -> Entry:
    """Return a request as API Gateway saw it.

    The entry's request id is the function's, so that both are found by one; API Gateway's own, which the caller got in
    a header, is the field `api_request_id`.
    """
    take = record.pop
    status, latency, reason = take("status", None), take("responseLatency", None), take("errorType", None)
    message = f"{_word(take('method', None))} {_word(take('path', None))} {_word(status)}"
    api_id, function_id = take("requestId", None), take("functionRequestId", None)
    number, latency_ms = number_in(status), number_in(latency)
    level = "INFO" if number is None or number < 400 else "WARN" if number < 500 else "ERROR"
    if number is not None:
        record["status"] = int(number)
    if latency_ms is not None:
        record["latency_ms"] = latency_ms
    if reason not in _NONE:
        record["error_type"] = reason
    if api_id not in _NONE:
        record["api_request_id"] = api_id
    request_id = api_id if function_id in _NONE else function_id
    return Entry(
        timestamp_ms,
        source,
        "access",
        level,
        message,
        _word(request_id) if request_id else None,
        record,
        (),
        (text,),
    )


def _word(value: object) -> str:
    return value if isinstance(value, str) else "-" if value is None else in_words(value)
