"""Bars and columns: nothing above zero is invisible, nothing is larger than its room."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveinsight_cli.render.charts import ASCII, UNICODE, Glyphs, bar, columns, glyphs_for

GLYPHS = pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
counts = st.integers(0, 10**9)


@GLYPHS
@given(value=counts, largest=counts, width=st.integers(1, 60))
def test_a_bar_stays_within_its_width_and_shows_whatever_is_there(
    glyphs: Glyphs, value: int, largest: int, width: int
) -> None:
    drawn = bar(value, largest, width, glyphs)
    assert len(drawn) <= width
    assert bool(drawn) == (value > 0 and largest > 0)


@GLYPHS
@given(values=st.lists(counts, max_size=40), height=st.integers(1, 6), step=st.integers(1, 3))
def test_a_chart_has_its_height_and_a_column_for_each_value(
    glyphs: Glyphs, values: list[int], height: int, step: int
) -> None:
    rows = columns(values, height, glyphs, step=step)
    assert len(rows) == height
    assert {len(row) for row in rows} == {max(0, len(values) * step - (step > 1))}
    for number, value in enumerate(values):
        assert (rows[-1][number * step] != " ") == (value > 0)


def test_the_tallest_column_is_full_and_half_of_it_half() -> None:
    assert columns([8, 4, 0], 2, UNICODE) == ["█  ", "██ "]


@pytest.mark.parametrize(
    ("encoding", "glyphs"),
    [
        ("utf-8", UNICODE),
        ("ascii", ASCII),
        ("latin-1", ASCII),
        ("cp1252", ASCII),
        (None, ASCII),
        ("nope", ASCII),
    ],
)
def test_a_stream_without_the_characters_gets_ascii(encoding: str | None, glyphs: Glyphs) -> None:
    assert glyphs_for(encoding) is glyphs
