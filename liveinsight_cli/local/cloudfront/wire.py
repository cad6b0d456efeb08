"""CloudFront's REST-XML, both ways, from botocore's model of the service and moto's parser and serialiser."""

import uuid
from dataclasses import dataclass
from typing import Any

from liveinsight_cli.local.http import Answer, Environ, body_of


@dataclass(frozen=True)
class Call:
    """One request: the operation's name, its input, and the model that its answer is written by."""

    operation: str
    arguments: dict[str, Any]
    model: Any


def read(environ: Environ) -> Call | None:
    """Return the call that a request makes, or None when no operation has that method and path."""
    from moto.core.parse import RestXMLParser
    from moto.core.request import Request
    from moto.core.routing import get_service_router
    from werkzeug.exceptions import NotFound

    request = Request(environ)
    try:
        model, uri = get_service_router("cloudfront").match(request)
    except NotFound:
        return None
    arguments = RestXMLParser(model).parse(
        {
            "method": request.method,
            "values": request.args,
            "headers": request.headers,
            "body": body_of(environ),
            "url_path": request.path,
            "url_params": uri,
        }
    )
    return Call(str(model.name), arguments, model)


def write(call: Call, result: dict[str, Any]) -> Answer:
    """Answer a call in the shape that its model gives the result."""
    from moto.core.serialize import DefaultAttributePicker, RestXMLSerializer

    written = RestXMLSerializer(call.model, value_picker=DefaultAttributePicker()).serialize(result)
    body = written["body"]
    headers = {**written["headers"], "x-amzn-RequestId": str(uuid.uuid4())}
    return Answer(
        int(written["status_code"]),
        body if isinstance(body, bytes) else body.encode(),
        tuple((name, str(value)) for name, value in headers.items()),
    )
