"""The screen of stats: as drawn at two widths, within every terminal, and deaf to what visitors sent."""

import io
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from liveinsight_cli.core.stats import Live, Named, Period, Stats
from liveinsight_cli.core.thresholds import Check
from liveinsight_cli.render.charts import ASCII, UNICODE
from liveinsight_cli.render.stats import StatsView
from liveinsight_cli.render.text import JOINERS, UNSAFE
from tests.core.stats_answers import look, platform, realtime, stats

SCREENS = Path(__file__).parent / "screens"
sizes = st.tuples(st.integers(20, 220), st.integers(5, 80))


def drawn(view: StatsView, width: int, height: int = 100, encoding: str = "utf-8") -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    console = Console(file=stream, width=width, height=height, color_system=None, legacy_windows=False)
    console.print(view)
    stream.flush()
    return "\n".join(line.rstrip() for line in raw.getvalue().decode(encoding).splitlines()) + "\n"


SHOWN = [
    ("stats-80.txt", StatsView(look()), 80, "utf-8"),
    ("stats-120.txt", StatsView(look()), 120, "utf-8"),
    ("stats-80-ascii.txt", StatsView(look()), 80, "ascii"),
    ("stats-80x24.txt", StatsView(look(), fill=True, footer="every 2 s, Ctrl-C ends"), 80, "utf-8"),
    ("stats-120-by.txt", StatsView(look(by=("utm_campaign",))), 120, "utf-8"),
]


@pytest.mark.parametrize(("name", "view", "width", "encoding"), SHOWN, ids=[case[0] for case in SHOWN])
def test_the_screen_looks_as_it_did(name: str, view: StatsView, width: int, encoding: str) -> None:
    assert drawn(view, width, 24, encoding) == (SCREENS / name).read_text(encoding="utf-8")


@settings(deadline=None, max_examples=40)
@given(sizes)
def test_a_watched_screen_fits_every_terminal(size: tuple[int, int]) -> None:
    width, height = size
    lines = StatsView(look(), fill=True, footer="x").lines(width, height, UNICODE)
    assert len(lines) <= height
    printed = drawn(StatsView(look(), fill=True), width, height)
    assert len(printed.splitlines()) <= height


@settings(deadline=None, max_examples=40)
@given(st.text(min_size=1, max_size=40))
def test_text_from_visitors_never_reaches_the_terminal_as_a_command(text: str) -> None:
    answer = stats()
    answer["top"]["pages"] = [{"name": text, "count": 1}]
    answer["top"]["devices"] = [{"name": text, "count": 1}]
    shown = drawn(StatsView(look(period=Period.read(answer)), fill=True), 80, 24)
    assert all(char in f"\n{JOINERS}" or unicodedata.category(char) not in UNSAFE for char in shown)


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=40))
def test_a_terminal_without_unicode_gets_ascii_only(text: str) -> None:
    entries = {"pages": (Named(text, 3),)}
    period = Period.read(stats())
    shown = StatsView(look(period=Period(**{**vars(period), "top": entries})))
    assert drawn(shown, 80, encoding="ascii").isascii()


def test_a_function_without_data_shows_dashes_and_no_zero() -> None:
    (row,) = (line for line in drawn(StatsView(look()), 80).splitlines() if line.startswith("stats-api"))
    assert row.split() == ["stats-api", *["–"] * 6]  # noqa: RUF001 - the dash that is drawn


def test_before_the_first_event_the_screen_says_so() -> None:
    empty = stats(
        totals={**stats()["totals"], "bounce_rate": None, "avg_duration_s": None, "views_per_session": None}
    )
    empty["meta"]["fresh_to"] = None
    empty["top"] = {}
    shown = drawn(StatsView(look(live=Live.read(realtime(fresh_to=None)), period=Period.read(empty))), 120)
    assert "no events yet" in shown
    assert shown.count("none yet") == 4


def test_bots_are_shown_by_reason_the_most_frequent_first() -> None:
    answer = stats()
    answer["meta"]["bots"] = {"ai": 1200, "crawler": 7, "search": 34}
    shown = drawn(StatsView(look(period=Period.read(answer))), 80)
    assert "bot events left out: 1,241 (ai 1,200, search 34, crawler 7)" in shown
    answer["meta"]["bots"] = {}
    assert "bot events left out: none" in drawn(StatsView(look(period=Period.read(answer))), 80)


def test_problems_and_conditions_are_said_in_words() -> None:
    checks = (
        Check("p95>100ms", "p95", 120.5, "ms", failed=True),
        Check("errors>9", "errors", 1, "", failed=False),
    )
    shown = drawn(
        StatsView(look(problems=("No figures of the platform: x",), platform=None, checks=checks)), 80
    )
    assert "No figures of the platform: x" in shown
    assert "failed  p95>100ms: p95 is 120.5 ms" in shown
    assert "passed  errors>9: errors is 1" in shown
    assert "throttled" not in shown


def test_a_look_that_never_succeeded_still_draws() -> None:
    nothing = Stats("local", 0, (), None, None, None, problems=("Trying again: The API cannot be reached.",))
    assert "Trying again" in drawn(StatsView(nothing, fill=True), 80, 24)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=str)
def test_a_watched_screen_does_not_jump_when_lists_fill_or_troubles_come(size: tuple[int, int]) -> None:
    def headings(**changed: Any) -> list[int]:
        lines = StatsView(look(**changed), fill=True, footer="x").lines(*size, UNICODE)
        return [number for number, line in enumerate(lines) if UNICODE.rule * 2 in line.plain]

    empty = Period.read(stats(top={}))
    assert headings() == headings(period=empty) == headings(problems=("Trying again: " + "x" * 300,))


def test_errors_stand_out_and_their_absence_does_not() -> None:
    lines = StatsView(look(platform=platform())).lines(80, None, ASCII)
    (row,) = (line for line in lines if line.plain.startswith("aggregator"))
    assert any(span.style == "bold red" and row.plain[span.start : span.end] == "1" for span in row.spans)
    (row,) = (line for line in lines if line.plain.startswith("event-collector"))
    assert not any(span.style == "bold red" for span in row.spans)
