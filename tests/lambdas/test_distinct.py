"""Distinct counts: exact while small, within their error beyond, the same whatever the order of merging."""

from __future__ import annotations

from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.distinct import MINUTE_VISITORS, VISITORS, Distinct, Shape


def hashes(count: int, seed: int = 0) -> list[int]:
    return [
        int.from_bytes(blake2b(f"{seed}/{n}".encode(), digest_size=8).digest(), "big") for n in range(count)
    ]


def distinct(shape: Shape, values: list[int]) -> Distinct:
    made = Distinct(shape)
    for value in values:
        made.add(value)
    return made


@pytest.mark.parametrize(("count", "is_exact"), [(0, True), (1, True), (512, True), (513, False)])
def test_it_is_exact_up_to_its_limit(count: int, is_exact: bool) -> None:
    made = distinct(VISITORS, hashes(count) * 2)
    assert made.is_exact is is_exact
    assert made.count() == pytest.approx(count, rel=0.05)
    assert not is_exact or made.count() == count


@pytest.mark.parametrize("count", [1_000, 5_000, 10_000, 20_000, 50_000])
def test_the_sketch_stays_within_four_standard_errors(count: int) -> None:
    for seed in range(3):
        estimate = distinct(VISITORS, hashes(count, seed)).count()
        assert abs(estimate - count) / count < 4 * VISITORS.standard_error


@given(st.lists(st.integers(0, 2**64 - 1), max_size=200), st.integers(0, 200))
def test_merging_is_the_same_as_counting_together(values: list[int], border: int) -> None:
    shape = Shape(exact_limit=20, precision=6, width=8)
    together = distinct(shape, values)
    first, second = distinct(shape, values[:border]), distinct(shape, values[border:])
    first.merge(second)
    assert (
        first.count() == len(set(values)) if first.is_exact else first.registers == _sketched(shape, values)
    )
    assert together.is_exact or not first.is_exact or len(set(values)) > 20


def _sketched(shape: Shape, values: list[int]) -> bytearray | None:
    return distinct(Shape(exact_limit=-1, precision=shape.precision, width=shape.width), values).registers


@pytest.mark.parametrize("shape", [VISITORS, MINUTE_VISITORS])
@pytest.mark.parametrize("count", [0, 5, 2000])
def test_it_survives_being_stored(shape: Shape, count: int) -> None:
    made = distinct(shape, hashes(count))
    again = Distinct.decoded(shape, made.encoded())
    assert again.count() == made.count()
    assert again.encoded() == made.encoded()
