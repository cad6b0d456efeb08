"""Holds requests against botocore's model of the API: parameters, types, lengths, enumerations.

Attribute values are left to `values.py`. A parameter that the model does not have is refused: AWS would
ignore it, but here it is a typo.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

from .errors import DynamoDBError, serialization, validation

Check = Callable[[Any, str, list[str]], None]

LEGACY = (
    "AttributesToGet",
    "AttributeUpdates",
    "ConditionalOperator",
    "Expected",
    "KeyConditions",
    "QueryFilter",
    "ScanFilter",
)
_MAX_PROBLEMS = 10
_MAX_SHOWN = 200
_SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "boolean": (bool,),
    "double": (int, float),
    "blob": (str,),
    "timestamp": (int, float),
}


class RequestModel:
    """The shapes of all operations."""

    def check(self, operation: str, request: Any) -> dict[str, Any]:
        """The request without null parameters; raises what AWS would answer to a malformed one."""
        if not isinstance(request, dict):
            raise serialization("Start of structure or map found where not expected")
        given = {name: value for name, value in request.items() if value is not None}
        _refuse_legacy(given)
        problems: list[str] = []
        _check(operation)(given, "", problems)
        if problems:
            count = len(problems)
            plural = "s" if count > 1 else ""
            raise validation(
                f"{count} validation error{plural} detected: {'; '.join(problems[:_MAX_PROBLEMS])}"
            )
        return given


@cache
def _check(operation: str) -> Check:
    """An operation's shape, compiled to a check when it is first needed."""
    service = next(model for model in _services() if operation in model.operation_names)
    return _compiled(service.operation_model(operation).input_shape)


@cache
def _services() -> tuple[ServiceModel, ...]:
    """Botocore's models. Half a megabyte of JSON: read once a process, however many data planes there are."""
    loader = Loader()
    return tuple(
        ServiceModel(loader.load_service_model(name, "service-2"), name)
        for name in ("dynamodb", "dynamodbstreams")
    )


def _refuse_legacy(request: dict[str, Any]) -> None:
    legacy = [name for name in LEGACY if name in request]
    if legacy:
        raise validation(
            f"Legacy parameters are not supported: {{{', '.join(legacy)}}}; use expression parameters instead"
        )


def _compiled(shape: Shape | None) -> Check:
    if shape is None or shape.name == "AttributeValue":
        return _accept
    if isinstance(shape, StructureShape):
        return _structure(shape)
    if isinstance(shape, MapShape):
        return _map(shape)
    if isinstance(shape, ListShape):
        return _list(shape)
    return _scalar(shape)


def _accept(_value: Any, _path: str, _problems: list[str]) -> None:
    return


def _structure(shape: StructureShape) -> Check:
    members = {name: _compiled(member) for name, member in shape.members.items()}
    required = tuple(shape.required_members)

    def check(value: Any, path: str, problems: list[str]) -> None:
        if not isinstance(value, dict):
            raise serialization("Unexpected value type in payload")
        _refuse_legacy(value)
        for name, content in value.items():
            if name not in members:
                raise _unknown(name)
            if content is not None:
                members[name](content, _below(path, name), problems)
        missing = (name for name in required if value.get(name) is None)
        problems.extend(_problem(None, _below(path, name), "Member must not be null") for name in missing)

    return check


def _unknown(name: str) -> DynamoDBError:
    return validation(f"Unknown parameter in the request: {name}")


def _below(path: str, name: str) -> str:
    member = name[0].lower() + name[1:]
    return f"{path}.{member}" if path else member


def _map(shape: MapShape) -> Check:
    check_entry, check_length = _compiled(shape.value), _length(shape)

    def check(value: Any, path: str, problems: list[str]) -> None:
        if not isinstance(value, dict):
            raise serialization("Unexpected field type")
        check_length(value, path, problems)
        for name, content in value.items():
            if content is None:
                raise validation(f"A null entry is not allowed: {name}")
            check_entry(content, f"{path}.{name}.member", problems)

    return check


def _list(shape: ListShape) -> Check:
    check_element, check_length = _compiled(shape.member), _length(shape)

    def check(value: Any, path: str, problems: list[str]) -> None:
        if not isinstance(value, list):
            raise serialization("Unexpected field type")
        check_length(value, path, problems)
        for place, element in enumerate(value, 1):
            check_element(element, f"{path}.{place}.member", problems)

    return check


def _scalar(shape: Shape) -> Check:
    types = _SCALARS[shape.type_name]
    choices = list(getattr(shape, "enum", []))
    check_bounds = _length(shape) if shape.type_name == "string" else _range(shape)

    def check(value: Any, path: str, problems: list[str]) -> None:
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise serialization(f"{type(value).__name__} cannot be converted to {shape.type_name}")
        if choices and value not in choices:
            rule = f"Member must satisfy enum value set: [{', '.join(choices)}]"
            problems.append(_problem(value, path, rule))
        check_bounds(value, path, problems)

    return check


def _length(shape: Shape) -> Check:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")

    def check(value: Any, path: str, problems: list[str]) -> None:
        if low is not None and len(value) < low:
            problems.append(_problem(value, path, f"Member must have length greater than or equal to {low}"))
        if high is not None and len(value) > high:
            problems.append(_problem(value, path, f"Member must have length less than or equal to {high}"))

    return check


def _range(shape: Shape) -> Check:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")

    def check(value: Any, path: str, problems: list[str]) -> None:
        if low is not None and value < low:
            problems.append(_problem(value, path, f"Member must have value greater than or equal to {low}"))
        if high is not None and value > high:
            problems.append(_problem(value, path, f"Member must have value less than or equal to {high}"))

    return check


def _problem(value: Any, path: str, rule: str) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    shown = "null" if value is None else f"'{text[:_MAX_SHOWN]}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {rule}"
