"""`#names` and `:values` of a request: checked, handed out, and asked in the end which of them nobody used."""

from __future__ import annotations

import re
from typing import Any

from liveinsight_cli.local.dynamodb.errors import DynamoDBError, validation
from liveinsight_cli.local.dynamodb.values import AttributeValue, canonical

_NAME = re.compile(r"#[A-Za-z0-9_]+")
_VALUE = re.compile(r":[A-Za-z0-9_]+")
_NAMES = "ExpressionAttributeNames"
_VALUES = "ExpressionAttributeValues"


class Placeholders:
    """The substitutions of one request."""

    def __init__(self, names: dict[str, str] | None = None, values: dict[str, Any] | None = None) -> None:
        self._names = _checked_keys(_NAMES, names, _NAME)
        self._values = {
            key: _checked_value(key, value) for key, value in _checked_keys(_VALUES, values, _VALUE).items()
        }
        self._used: set[str] = set()

    def name(self, kind: str, placeholder: str) -> str:
        """The attribute name behind `#n`."""
        if placeholder not in self._names:
            raise validation(
                f"Invalid {kind}: An expression attribute name used in the document path is not defined; "
                f"attribute name: {placeholder}"
            )
        self._used.add(placeholder)
        return str(self._names[placeholder])

    def value(self, kind: str, placeholder: str) -> AttributeValue:
        """The canonical value behind `:v`."""
        if placeholder not in self._values:
            raise validation(
                f"Invalid {kind}: An expression attribute value used in expression is not defined; "
                f"attribute value: {placeholder}"
            )
        self._used.add(placeholder)
        return self._values[placeholder]

    def check_all_used(self) -> None:
        """Every name and value must stand in some expression."""
        for parameter, defined in ((_NAMES, self._names), (_VALUES, self._values)):
            unused = [key for key in defined if key not in self._used]
            if unused:
                raise validation(
                    f"Value provided in {parameter} unused in expressions: keys: {{{', '.join(unused)}}}"
                )


def placeholders_of(request: dict[str, Any], *expressions: str) -> Placeholders:
    """The placeholders of a request whose expressions go by these parameter names."""
    given = [name for name in expressions if request.get(name) is not None]
    if request.get(_NAMES) is not None and not given:
        raise validation(f"{_NAMES} can only be specified when using expressions")
    with_values = [name for name in expressions if name != "ProjectionExpression"]
    if request.get(_VALUES) is not None and not set(given) & set(with_values):
        verb = "are" if len(with_values) > 1 else "is"
        raise validation(
            f"{_VALUES} can only be specified when using expressions: {' and '.join(with_values)} {verb} null"
        )
    return Placeholders(request.get(_NAMES), request.get(_VALUES))


def _checked_keys(parameter: str, given: dict[str, Any] | None, form: re.Pattern[str]) -> dict[str, Any]:
    if given is None:
        return {}
    if not given:
        raise validation(f"{parameter} must not be empty")
    for key in given:
        if not form.fullmatch(key):
            raise validation(f'{parameter} contains invalid key: Syntax error; key: "{key}"')
    return given


def _checked_value(key: str, value: Any) -> AttributeValue:
    try:
        return canonical(value)
    except DynamoDBError as error:
        if error.code != "ValidationException":
            raise
        raise validation(f"{_VALUES} contains invalid value: {error.message} for key {key}") from error
