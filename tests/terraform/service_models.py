"""Reads a recorded request back through botocore's model of the service and says what does not fit.

moto checks little of this, AWS all of it: required members, types, enumerations, patterns, lengths, ranges.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote

from botocore.validate import ParamValidator
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.utils import get_service_model
from werkzeug.datastructures import Headers, MultiDict

from tests.terraform.recorder import Sent

MODELS = {"monitoring": "cloudwatch"}


def objections(sent: Sent) -> tuple[str, list[str]]:
    """The operation's name, and everything that is wrong with the request."""
    model = get_service_model(MODELS.get(sent.service, sent.service))
    path, _, query = sent.target.partition("?")
    asked = dict(parse_qsl(query, keep_blank_values=True))
    values = MultiDict(asked)
    in_path: dict[str, str] = {}
    header = {name.lower(): value for name, value in sent.headers.items()}
    if "x-amz-target" in header:
        protocol, name = "json", header["x-amz-target"].rpartition(".")[2]
    elif "urlencoded" in header.get("content-type", ""):
        values.update(dict(parse_qsl(sent.body.decode(), keep_blank_values=True)))
        protocol, name = "query", values["Action"]
    else:
        spoken = model.metadata.get("protocols") or [model.metadata["protocol"]]
        protocol = next(one for one in spoken if one.startswith("rest"))
        name, in_path = _rest_operation(model, sent.method, path, asked)
    operation = model.operation_model(name)
    shape = operation.input_shape
    if shape is None:
        return name, []
    parameters = PROTOCOL_PARSERS[protocol](operation).parse(
        {
            "method": sent.method,
            "values": values,
            "headers": Headers(list(sent.headers.items())),
            "body": sent.body,
            "url_path": path,
            "url_params": in_path,
        }
    )
    report = ParamValidator().validate(parameters, shape)
    missing = report.generate_report().splitlines() if report.has_errors() else []
    return name, [f"{name}: {one}" for one in [*missing, *_wrong(shape, parameters, "")]]


def _rest_operation(model: Any, method: str, path: str, asked: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The most specific operation whose method, path and fixed query parameters are the request's."""
    best: tuple[tuple[int, int], str, dict[str, str]] | None = None
    for name in model.operation_names:
        http = model.operation_model(name).http
        template, _, fixed = http["requestUri"].partition("?")
        parts = re.split(r"\{([^}]+)\}", template)
        pattern = "".join(
            f"({'.+' if part.endswith('+') else '[^/]+'})" if number % 2 else re.escape(part)
            for number, part in enumerate(parts)
        )
        match = re.fullmatch(pattern + "/?", path)
        wanted = dict(parse_qsl(fixed, keep_blank_values=True))
        if method != http["method"] or match is None:
            continue
        if any(key not in asked or value not in ("", asked[key]) for key, value in wanted.items()):
            continue
        rank = (len(wanted), -len(parts))
        if best is None or rank > best[0]:
            names = [part.rstrip("+") for part in parts[1::2]]
            best = rank, name, dict(zip(names, map(unquote, match.groups()), strict=True))
    if best is None:
        raise LookupError(f"no operation of {model.service_name} is {method} {path}")
    return best[1], best[2]


def _wrong(shape: Any, value: Any, path: str) -> Iterator[str]:
    if shape.type_name == "structure":
        for name, part in value.items():
            if name in shape.members:
                yield from _wrong(shape.members[name], part, f"{path}.{name}")
            else:
                yield f"{path}.{name} is unknown"
    elif shape.type_name == "list":
        yield from _outside(shape, len(value), path)
        for number, part in enumerate(value):
            yield from _wrong(shape.member, part, f"{path}[{number}]")
    elif shape.type_name == "map":
        yield from _outside(shape, len(value), path)
        for key, part in value.items():
            yield from _wrong(shape.key, key, f"{path} key {key}")
            yield from _wrong(shape.value, part, f"{path}.{key}")
    elif shape.type_name == "string":
        yield from _outside(shape, len(value), path)
        if shape.enum and value not in shape.enum:
            yield f"{path} is {value!r}, not one of {shape.enum}"
        pattern = shape.metadata.get("pattern")
        if pattern and not _matches(pattern, value):
            yield f"{path} is {value!r}, which does not match {pattern}"
    elif shape.type_name in ("integer", "long", "float", "double"):
        yield from _outside(shape, float(value), path)


def _matches(pattern: str, value: str) -> bool:
    """Patterns are Java's; the few with classes that Python lacks (`\\p{L}`) are let pass."""
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        return True


def _outside(shape: Any, size: float, path: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if (least is not None and size < least) or (most is not None and size > most):
        yield f"{path}: {size} is outside {least}..{most}"
