"""Numbers: canonical text, byte order and size, against Python's exact decimals."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveinsight_cli.local.dynamodb import DynamoDBError, decimals

numbers = st.builds(
    lambda sign, digits, exponent: f"{sign}{digits}E{exponent}",
    st.sampled_from(("", "-")),
    st.integers(0, 10**38 - 1),
    st.integers(-130, 80),
)


@given(numbers)
def test_canonical_text_keeps_the_value_and_has_no_exponent(text: str) -> None:
    canonical = decimals.canonical(text)
    assert Decimal(canonical) == Decimal(text)
    assert "E" not in canonical
    assert decimals.canonical(canonical) == canonical


@given(numbers, numbers)
def test_sortable_bytes_order_as_the_numbers_do(one: str, two: str) -> None:
    left, right = (decimals.sortable(decimals.canonical(text)) for text in (one, two))
    assert (left < right) == (Decimal(one) < Decimal(two))
    assert (left == right) == (Decimal(one) == Decimal(two))


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("1.50", "1.5"),
        ("1E2", "100"),
        ("-0", "0"),
        ("0.00", "0"),
        ("-5e-3", "-0.005"),
        ("007", "7"),
        (".5", "0.5"),
    ],
)
def test_numbers_come_back_in_their_shortest_plain_form(text: str, canonical: str) -> None:
    assert decimals.canonical(text) == canonical


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "cannot be converted"),
        ("abc", "cannot be converted"),
        ("1_0", "cannot be converted"),
        ("NaN", "cannot be converted"),
        ("1" * 39, "38 significant digits"),
        ("1E126", "overflow"),
        ("1E-131", "underflow"),
        ("1E99999999999999999999", "overflow"),
        ("1E-99999999999999999999", "underflow"),
    ],
)
def test_numbers_beyond_the_limits_are_refused(text: str, reason: str) -> None:
    with pytest.raises(DynamoDBError, match=reason):
        decimals.canonical(text)


@pytest.mark.parametrize(
    ("text", "size"), [("0", 1), ("1", 2), ("-1", 3), ("12", 2), ("123", 3), ("1.2", 3), ("100", 2)]
)
def test_a_number_takes_one_byte_for_two_digits_and_one_more(text: str, size: int) -> None:
    assert decimals.stored_size(text) == size


def test_sums_are_exact_or_refused() -> None:
    assert decimals.total("0.1", "0.2") == "0.3"
    assert decimals.difference("1", "3") == "-2"
    with pytest.raises(DynamoDBError, match="38 significant digits"):
        decimals.total("1" + "0" * 125, "1")
