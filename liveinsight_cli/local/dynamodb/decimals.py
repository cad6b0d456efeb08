"""DynamoDB numbers: 38 significant digits between 1E-130 and 9.99E+125, exact, and sortable as bytes."""

from __future__ import annotations

import re
from decimal import Context, Decimal, InvalidOperation

from .errors import validation

MAX_DIGITS = 38
MAX_EXPONENT = 125
MIN_EXPONENT = -130

_FORM = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_PLAIN_INTEGER = re.compile(r"-?[1-9]\d{0,36}|0", re.ASCII)
# Wide enough to add the largest to the smallest number without rounding; the sum is checked afterwards.
_EXACT = Context(prec=400)


def canonical(text: str) -> str:
    """The number as DynamoDB gives it back: no exponent, no needless zeros."""
    if _PLAIN_INTEGER.fullmatch(text):
        return text
    if not text or not _FORM.fullmatch(text):
        told = f": {text}" if text else ""
        raise validation(f"The parameter cannot be converted to a numeric value{told}")
    try:
        return _checked(Decimal(text))
    except InvalidOperation as error:  # an exponent that even Decimal refuses
        raise _underflow() if "e-" in text.lower() else _overflow() from error


def total(left: str, right: str) -> str:
    """Exact sum of two canonical numbers."""
    return _checked(_EXACT.add(Decimal(left), Decimal(right)))


def difference(left: str, right: str) -> str:
    """Exact difference of two canonical numbers."""
    return _checked(_EXACT.subtract(Decimal(left), Decimal(right)))


def _checked(number: Decimal) -> str:
    if not number:
        return "0"
    if number.adjusted() > MAX_EXPONENT:
        raise _overflow()
    if number.adjusted() < MIN_EXPONENT:
        raise _underflow()
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if len(text.lstrip("-").replace(".", "").strip("0")) > MAX_DIGITS:
        raise validation("Attempting to store more than 38 significant digits in a Number")
    return text


def _overflow() -> Exception:
    return validation(
        "Number overflow. Attempting to store a number with magnitude larger than supported range"
    )


def _underflow() -> Exception:
    return validation(
        "Number underflow. Attempting to store a number with magnitude smaller than supported range"
    )


def _scientific(text: str) -> tuple[bool, int, str]:
    """Sign, decimal exponent of the first digit, and digits without zeros at either end."""
    negative = text.startswith("-")
    whole, _, fraction = text.lstrip("-").partition(".")
    significant = (whole + fraction).lstrip("0")
    exponent = len(whole) - 1 - (len(whole + fraction) - len(significant))
    return negative, exponent, significant.rstrip("0")


def sortable(text: str) -> bytes:
    """Bytes that compare as the canonical numbers do: sign, biased exponent, digits.

    Of a negative number everything after the sign is inverted and a high byte ends it, so that more digits sort lower.
    """
    if text == "0":
        return b"\x80"
    negative, exponent, digits = _scientific(text)
    magnitude = (exponent - MIN_EXPONENT + 1).to_bytes(2, "big") + digits.encode()
    if not negative:
        return b"\x81" + magnitude
    return b"\x7f" + bytes(255 - byte for byte in magnitude) + b"\xff"


def stored_size(text: str) -> int:
    """Bytes AWS counts for a number: one for two digits (pairs are aligned to the point), one more, one for a minus."""
    if text == "0":
        return 1
    negative, exponent, digits = _scientific(text)
    leading = 1 if exponent % 2 == 0 else 2
    pairs = 1 + (max(len(digits) - leading, 0) + 1) // 2
    return 1 + pairs + negative
