"""Error answers in the shape that each AWS protocol gives them."""

import json
import uuid
from xml.sax.saxutils import escape

from liveinsight_cli.local.http import Answer, Environ

XML_SERVICES = frozenset({"s3", "cloudfront", "iam", "sts", "sns", "route53", "monitoring", "cloudformation"})


def error_answer(environ: Environ, service: str, status: int, code: str, message: str) -> Answer:
    """Answer an error so that the SDK of that service shows its code and message."""
    request_id = str(uuid.uuid4())
    query = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
    if query or (service in XML_SERVICES and "HTTP_X_AMZ_TARGET" not in environ):
        return _xml(service, status, code, message, request_id)
    body = json.dumps({"__type": code, "message": message}).encode()
    return Answer(
        status,
        body,
        (
            ("Content-Type", "application/x-amz-json-1.0"),
            ("x-amzn-ErrorType", code),
            ("x-amzn-RequestId", request_id),
        ),
    )


def _xml(service: str, status: int, code: str, message: str, request_id: str) -> Answer:
    inner = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    if service == "s3":
        body = f"<Error>{inner}<RequestId>{request_id}</RequestId></Error>"
    else:
        sender = "Sender" if status < 500 else "Receiver"
        body = (
            f"<ErrorResponse><Error><Type>{sender}</Type>{inner}</Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'
    return Answer(status, text.encode(), (("Content-Type", "text/xml"), ("x-amzn-RequestId", request_id)))
