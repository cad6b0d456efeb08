"""The value of one setting: what a text stands for, and whether a value is of the right type and obeys its rule."""

from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

from liveinsight_cli.errors import ConfigurationError


def _base_type(annotation: Any) -> tuple[Any, bool]:
    """Return the type below `X | None`, and whether None is allowed."""
    arguments = get_args(annotation)
    if type(None) in arguments:
        return next(a for a in arguments if a is not type(None)), True
    return annotation, False


def from_text(text: str, annotation: Any, origin: str) -> object:
    """Return the value that an environment variable's text stands for."""
    kind, _ = _base_type(annotation)
    if kind is bool:
        if text.lower() in ("1", "true", "yes", "on"):
            return True
        if text.lower() in ("0", "false", "no", "off"):
            return False
        raise ConfigurationError(f"{origin}: {text!r} is neither true nor false.")
    if kind is int:
        try:
            return int(text)
        except ValueError as error:
            raise ConfigurationError(f"{origin}: {text!r} is not a whole number.") from error
    if get_origin(kind) is list:
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def checked(name: str, value: object, annotation: Any, metadata: Mapping[str, Any], origin: str) -> object:
    """Return the value, or raise ConfigurationError naming its origin: for another type, or a rule it breaks."""
    kind, optional = _base_type(annotation)
    if value is None and optional:
        return None
    if get_origin(kind) is Literal:
        fits, expected = value in get_args(kind), " or ".join(map(repr, get_args(kind)))
    elif get_origin(kind) is list:
        fits = isinstance(value, list) and all(isinstance(part, str) for part in value)
        expected = "a list of strings"
    else:
        fits = type(value) is kind
        expected = {str: "a string in quotes", int: "a whole number", bool: "true or false"}[kind]
    if not fits:
        raise ConfigurationError(f"{origin}: {name} must be {expected}.")
    if not metadata["check"](value):
        raise ConfigurationError(
            f"{origin}: {name} = {value!r} is not allowed.", hint=f"Rule: {metadata['rule']}."
        )
    return value
