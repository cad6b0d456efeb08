"""Text from visitors reaches a terminal without being able to command it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveinsight_cli.render.text import JOINERS, UNSAFE, encodable, plain

HOSTILE = [
    ("\x1b[2J\x1b[H", "\\x1b[2J\\x1b[H"),
    ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
    ("\x9b31m", "\\x9b31m"),
    ("a\rb\nc\td\x7f", "a\\x0db\\x0ac\\x09d\\x7f"),
    ("/invoice\u202efdp.exe", "/invoice\\u202efdp.exe"),
    ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
    ("line\u2028break", "line\\u2028break"),
    ("lone\ud800", "lone\\ud800"),
    ("tag\U000e0041", "tag\\U000e0041"),
]


@pytest.mark.parametrize(("text", "shown"), HOSTILE)
def test_what_a_terminal_would_act_upon_is_written_out(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize(
    "text", ["/pricing", "한국어 /가격", "naïve “quoted”", "👩\u200d💻", "non\u00a0breaking"]
)
def test_ordinary_text_of_any_language_stays(text: str) -> None:
    assert plain(text) == text


def test_characters_that_the_caller_keeps_stay() -> None:
    assert plain("Traceback:\n\tline\x1b", keep="\n\t") == "Traceback:\n\tline\\x1b"


@given(st.text())
def test_nothing_unsafe_is_left_of_any_text(text: str) -> None:
    assert all(char in JOINERS or unicodedata.category(char) not in UNSAFE for char in plain(text))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_can_be_written_to_an_ascii_terminal(text: str) -> None:
    assert encodable(text, "ascii").isascii()
