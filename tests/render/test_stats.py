"""The screen of stats: as drawn at two widths, within every terminal, and deaf to what visitors sent."""

import dataclasses
import io
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from liveinsight_cli.core.stats import Live, Named, Period, Stats
from liveinsight_cli.core.stats_platform import ApiFigures, FunctionFigures, TableFigures
from liveinsight_cli.core.thresholds import Check
from liveinsight_cli.render.charts import ASCII, UNICODE
from liveinsight_cli.render.stats import StatsView
from liveinsight_cli.render.text import JOINERS, UNSAFE
from tests.core.stats_answers import NOW, half_an_hour, look, platform, realtime, stats

SCREENS = Path(__file__).parent / "screens"
sizes = st.tuples(st.integers(20, 220), st.integers(5, 80))


def drawn(view: StatsView, width: int, height: int = 100, encoding: str = "utf-8") -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    console = Console(file=stream, width=width, height=height, color_system=None, legacy_windows=False)
    console.print(view)
    stream.flush()
    return "\n".join(line.rstrip() for line in raw.getvalue().decode(encoding).splitlines()) + "\n"


EMPTY_TOTALS = {
    **dict.fromkeys(stats()["totals"], 0),
    **dict.fromkeys(("bounce_rate", "avg_duration_s", "views_per_session")),
}


def empty() -> Stats:
    """A look at an environment that has seen nobody yet, a moment after its first deploy."""
    answer = stats(totals=EMPTY_TOTALS, top={}, series=[])
    answer["comparison"] |= {"totals": EMPTY_TOTALS, "change": dict.fromkeys(EMPTY_TOTALS)}
    answer["meta"] |= {"fresh_to": None, "bots": {}, "warnings": []}
    live = realtime(fresh_to=None)
    live |= dict.fromkeys(("active_visitors", "active_sessions", "visitors_30m", "pageviews_30m"), 0)
    live["series"] = [{**minute, "pageviews": 0, "visitors": 0} for minute in live["series"]]
    unused = platform(
        functions=tuple(FunctionFigures(f.name, *[None] * 7) for f in platform().functions),
        api=ApiFigures(*[None] * 6),
        tables=tuple(TableFigures(table.name, None, None, None) for table in platform().tables),
        iterator_age_ms=None,
        fresh_to=None,
        requests=(None,) * 60,
    )
    return look(live=Live.read(live), period=Period.read(answer), platform=unused)


def wide_names() -> Stats:
    """Names of double width, of joined characters, and longer than any column."""
    names = (
        "/블로그/실시간-분석-" * 9,
        "/日本語/ページ",
        "/🛒/결제",
        "/docs/👩‍💻",
        "/naïve",
        "/" + "a" * 190,
    )
    answer = stats()
    answer["top"]["pages"] = [{"name": name, "count": 900 // (n + 1)} for n, name in enumerate(names)]
    answer["top"]["sources"] = [
        {"name": "검색.네이버.com", "count": 7},
        {"name": "x\x1b[31m\u202ey", "count": 3},
    ]
    return look(period=Period.read(answer))


def failing() -> Stats:
    """Everything wrong at once, half a minute after the last good answer."""
    functions = (
        FunctionFigures("aggregator", 90, 90, 3, 2900.0, 29500.0, 30000.0, 2),
        FunctionFigures("event-collector", 1234567, 45678, 999, 750.2, 2999.0, 30000.0, 1000),
        FunctionFigures("stats-api", None, None, None, None, None, None, None),
    )
    ill = platform(
        functions=functions,
        api=ApiFigures(1300000, 130000, 65000, 812.0, 3020.0, 29000.0),
        tables=(TableFigures("events", 0.5, 1752345, 812), TableFigures("state", 371.5, 1253, 3)),
        iterator_age_ms=7_039_000,
        dead_letters=12,
        asked_at=NOW - 90_000,
    )
    problems = ("Trying again: GET /api/stats answers 503: The storage is busy.",)
    return look(platform=ill, taken_at=NOW - 35_000, problems=problems)


def chosen(*filters: str) -> Stats:
    """Half an hour of some visits; the live figures follow one of the filters."""
    live = Live.read(realtime(filtered=True), {"country": "KR"})
    answer = half_an_hour()
    answer["query"]["filters"] |= dict(text.split("=", 1) for text in filters)
    return look(live=live, period=Period.read(answer))


def watching(found: Stats) -> StatsView:
    return StatsView(
        found, fill=True, footer="every 2 s, Ctrl-C ends", now=lambda: NOW / 1000, stale_seconds=6
    )


SHOWN = [
    ("stats-80.txt", StatsView(look()), 80, "utf-8"),
    ("stats-120.txt", StatsView(look()), 120, "utf-8"),
    ("stats-80-ascii.txt", StatsView(look()), 80, "ascii"),
    ("stats-80x24.txt", watching(look()), 80, "utf-8"),
    ("stats-80x24-empty.txt", watching(empty()), 80, "utf-8"),
    ("stats-80x24-failing.txt", watching(failing()), 80, "utf-8"),
    ("stats-80x24-no-platform.txt", watching(look(platform=None)), 80, "utf-8"),
    ("stats-80-wide-names.txt", StatsView(wide_names()), 80, "utf-8"),
    ("stats-200-failing.txt", StatsView(failing()), 200, "utf-8"),
    ("stats-120-where.txt", StatsView(chosen()), 120, "utf-8"),
    ("stats-80x24-where.txt", watching(chosen("exit_page=/블로그/" + "실시간-" * 20)), 80, "utf-8"),
    ("stats-120-by.txt", StatsView(look(by=("utm_campaign",))), 120, "utf-8"),
]


@pytest.mark.parametrize(("name", "view", "width", "encoding"), SHOWN, ids=[case[0] for case in SHOWN])
def test_the_screen_looks_as_it_did(name: str, view: StatsView, width: int, encoding: str) -> None:
    assert drawn(view, width, 24, encoding) == (SCREENS / name).read_text(encoding="utf-8")


def test_figures_that_begin_later_than_the_range_say_from_when_on_they_are() -> None:
    answer = stats()
    answer["query"]["filters"] = {"os": "iOS"}
    answer["query"]["from"] = "2026-11-23T14:00:00+00:00"
    warning = "figures are from the newest 25000 events only"
    reason = {"code": "filter_cut", "events": 25000, "from_ms": NOW - 1}
    answer["meta"] |= {"complete": False, "warnings": [warning], "reasons": [reason]}
    shown = drawn(StatsView(look(period=Period.read(answer))), 120)
    assert "2026-11-23 14:00 to 2026-11-23 22:00" in shown
    assert warning in shown
    assert "last 24 hours" not in shown


@settings(deadline=None, max_examples=40)
@given(sizes)
def test_a_watched_screen_fits_every_terminal(size: tuple[int, int]) -> None:
    width, height = size
    for found in (look(), chosen("utm_term=" + "한" * 30)):
        lines = StatsView(found, 1000, fill=True, footer="x").lines(width, height, UNICODE)
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
    assert row.split() == ["stats-api", *["–"] * 7]  # noqa: RUF001 - the dash that is drawn


def test_before_the_first_event_the_screen_says_so() -> None:
    shown = drawn(StatsView(empty()), 120)
    assert "no events yet" in shown
    assert "no calls yet" in shown
    assert shown.count("none yet") == 4


def test_figures_that_have_aged_say_so_and_stand_out() -> None:
    title, *_ = watching(failing()).lines(120, 40, UNICODE)
    assert title.plain.endswith("newest event 39s ago · as of 35s ago")
    assert any(span.style == "yellow" for span in title.spans)
    (heading,) = (line for line in watching(failing()).lines(80, 60, UNICODE) if "Platform" in line.plain)
    assert "as of 1m 30s ago" in heading.plain
    fresh, *_ = watching(look(taken_at=NOW - 2000)).lines(120, 40, UNICODE)
    assert fresh.plain.endswith("newest event  6s ago · as of  2s ago")
    assert not any(span.style == "yellow" for span in fresh.spans)


def test_estimated_visitors_are_marked_and_exact_ones_are_not() -> None:
    answer = stats()
    assert "~2,730" not in drawn(StatsView(look()), 120)
    answer["meta"]["exact"] = False
    answer["meta"]["warnings"] = ["visitors are estimated, with a standard error of 0.8%"]
    assert "~2,730" in drawn(StatsView(look(period=Period.read(answer))), 120)


def test_figures_that_leave_something_out_stand_out_and_estimates_do_not() -> None:
    answer = stats()
    styles = []
    for complete, exact in ((True, False), (False, True)):
        answer["meta"] |= {"complete": complete, "exact": exact}
        *_, last = StatsView(look(period=Period.read(answer))).lines(80, None, UNICODE)
        styles.append(str(last.style))
    assert styles == ["dim", "yellow"]


def test_a_change_from_nothing_is_not_available_and_that_of_nothing_a_dash() -> None:
    shown = drawn(StatsView(look()), 80)
    assert "n/a" in shown
    assert "n/a" not in drawn(StatsView(empty()), 80).replace("n/a          n/a          n/a", "")


@pytest.mark.parametrize("size", [(80, 24), (200, 60), (40, 10)], ids=str)
def test_what_does_not_fit_is_cut_and_never_the_trouble(size: tuple[int, int]) -> None:
    checks = tuple(Check(f"errors>{n}", "errors", 1, "", failed=n < 1) for n in range(30))
    lines = watching(dataclasses.replace(failing(), checks=checks)).lines(*size, UNICODE)
    assert len(lines) <= size[1]
    assert lines[-1].plain.startswith("Trying again: GET")


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


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
def test_bars_stay_where_they_are_while_counts_grow(size: tuple[int, int]) -> None:
    def begins(count: int) -> int:
        answer = stats()
        answer["top"]["pages"] = [{"name": "/first", "count": count}]
        lines = watching(look(period=Period.read(answer))).lines(*size, UNICODE)
        return next(line.plain.index(UNICODE.full) for line in lines if line.plain.startswith("/first"))

    assert begins(7) == begins(99_999)


def test_errors_stand_out_and_their_absence_does_not() -> None:
    lines = StatsView(look(platform=platform())).lines(80, None, ASCII)
    (row,) = (line for line in lines if line.plain.startswith("aggregator"))
    assert any(span.style == "bold red" and row.plain[span.start : span.end] == "1" for span in row.spans)
    (row,) = (line for line in lines if line.plain.startswith("event-collector"))
    assert not any(span.style == "bold red" for span in row.spans)


def test_encoded_pages_are_shown_as_people_write_them_where_the_terminal_can() -> None:
    answer = stats()
    answer["top"]["pages"] = [{"name": "/%ED%95%9C", "count": 1}]
    answer["query"]["filters"] = {"entry_page": "/%ED%95%9C"}
    shown = StatsView(look(period=Period.read(answer)), fill=True)
    able = drawn(shown, 100, 30)
    assert "%ED" not in able
    assert able.count("/한") == 2
    assert drawn(shown, 100, 30, "ascii").count("/%ED%95%9C") == 2
