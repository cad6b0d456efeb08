"""What a look at an environment says about itself, and its rows for a spreadsheet."""

import pytest

from liveinsight_cli.core.stats import Live, Period
from liveinsight_cli.core.stats_csv import HEADER, rows
from liveinsight_cli.core.stats_dimensions import dimension
from liveinsight_cli.core.terminal_locale import is_ascii_locale
from tests.core.stats_answers import NOW, half_an_hour, look, realtime, stats


def test_warnings_of_both_answers_are_said_once() -> None:
    live = realtime()
    live["meta"]["warnings"] = ["only live", "visitors are distinct per UTC day, summed over the days"]
    found = look(live=Live.read(live))
    assert found.warnings == ("only live", "visitors are distinct per UTC day, summed over the days")


def test_freshness_is_that_of_the_newest_event_in_any_figure() -> None:
    assert look(live=Live.read(realtime(fresh_to=None))).fresh_to == NOW - 4000
    empty = stats()
    empty["meta"]["fresh_to"] = None
    assert look(live=Live.read(realtime(fresh_to=None)), period=Period.read(empty)).fresh_to is None


def test_estimated_figures_make_the_look_unsound() -> None:
    answer = stats()
    answer["meta"]["exact"] = False
    assert look().is_sound
    assert not look(period=Period.read(answer)).is_sound


def test_rows_hold_every_figure_once_and_no_data_as_nothing() -> None:
    found = list(rows(look()))
    assert all(len(row) == len(HEADER) for row in found)
    assert len({row[:3] for row in found}) == len(found)
    assert ("totals", "", "pageviews", "12345") in found
    assert ("change", "", "pageviews", "0.2345") in found
    assert ("function", "stats-api", "errors", "") in found
    assert ("table", "state", "read_units", "371.5") in found


def test_rows_of_half_an_hour_are_apart_from_those_of_the_live_minutes() -> None:
    live = Live.read(realtime(filtered=True), {"country": "KR"})
    found = list(rows(look(live=live, period=Period.read(half_an_hour()))))
    assert len({row[:3] for row in found}) == len(found)
    sections = [row[0] for row in found]
    counts = [sections.count(name) for name in ("minute", "range_minute", "previous_minute")]
    assert counts == [30, 30, 30]
    assert [row for row in found if row[0] == "where"] == [
        ("where", "page", "range", "/pricing"),
        ("where", "page", "now", ""),
        ("where", "country", "range", "KR"),
        ("where", "country", "now", "KR"),
    ]


def test_rows_have_pages_as_people_write_them() -> None:
    answer = stats()
    answer["top"]["exit_pages"] = [{"name": "/%ED%95%9C", "count": 1}]
    assert ("exit_pages", "/한", "count", "1") in list(rows(look(period=Period.read(answer))))


def test_a_name_that_a_spreadsheet_would_run_is_defused() -> None:
    assert ("utm_campaign", "'=HYPERLINK(1)", "count", "7") in list(rows(look()))


def test_the_table_tells_bots_by_reason() -> None:
    assert ("bots", "search", "count", "4") in list(rows(look()))


def test_rows_hold_only_the_lists_that_were_asked_for() -> None:
    sections = {row[0] for row in rows(look(by=("sources",)))}
    assert "sources" in sections
    assert "pages" not in sections


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("page", "pages"),
        ("entry", "entry_pages"),
        ("exit-page", "exit_pages"),
        ("Country", "countries"),
        ("device", "devices"),
        ("os", "os"),
        ("event", "event_types"),
        ("utm-term", "utm_term"),
        ("medium", "utm_medium"),
        ("o", None),
        ("", None),
    ],
)
def test_lists_are_known_by_what_people_call_them(given: str, name: str | None) -> None:
    assert dimension(given) == name


@pytest.mark.parametrize(
    ("variables", "is_ascii"),
    [
        ({}, False),
        ({"LANG": "C"}, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),  # as Python coerces it
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "POSIX"}, True),
        ({"LANG": "C", "LC_ALL": "C.UTF-8"}, False),
        ({"LANG": "C", "LC_CTYPE": "ko_KR.UTF-8"}, False),
        ({"LANG": "C.UTF-8"}, False),
    ],
)
def test_the_c_locale_means_ascii(variables: dict[str, str], is_ascii: bool) -> None:
    assert is_ascii_locale(variables) == is_ascii
