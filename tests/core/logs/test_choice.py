"""Which entries are shown, and from when to when."""

import re
from datetime import datetime, timedelta

import pytest

from liveinsight_cli.core.logs.choice import Choice
from liveinsight_cli.core.logs.moments import BadMoment, moment_ms, start_of_day_ms
from tests.core.logs.lines import REQUEST, read, report, routed, shown, start

NOW = 1_800_000_000.0
TODAY = datetime.fromtimestamp(NOW).astimezone().replace(hour=0, minute=0, second=0, microsecond=0)


def test_filters_look_at_everything_that_is_shown() -> None:
    entry = read(routed(status=500, level="ERROR", site="shop.example", city="Zürich"))
    assert Choice(grep=re.compile("shop")).wants(entry)
    assert Choice(grep=re.compile("Zürich")).wants(entry)  # which was written as Z\u00fcrich
    assert Choice(grep=re.compile("site=shop")).wants(entry)  # as it is shown
    assert Choice(grep=re.compile('"site":"shop')).wants(entry)  # as it was written
    assert not Choice(grep=re.compile("nothing")).wants(entry)
    assert Choice(level="WARN").wants(entry)
    assert not Choice(level="WARN").wants(read("hello"))
    assert Choice(request_id=REQUEST[:8]).wants(entry)
    assert not Choice(request_id="ffff").wants(entry)


def test_a_folded_request_is_chosen_by_any_of_its_parts() -> None:
    (entry,) = shown(
        read(start()), read(routed(word="inside")), read(report(status="error", error="E.Worst"))
    )
    assert Choice(level="ERROR").wants(entry)
    for part in ("inside", "E\\.Worst", "^POST /api", '"version":"3"', "platform.report"):
        assert Choice(grep=re.compile(part)).wants(entry), part


def test_a_request_is_found_by_either_of_its_ids() -> None:
    entry = read({"requestId": "of-the-api", "functionRequestId": REQUEST, "status": "200"}, access=True)
    assert Choice(request_id="of-the").wants(entry)
    assert Choice(request_id=REQUEST[:4]).wants(entry)


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("10m", timedelta(minutes=10)),
        ("1h30m", timedelta(minutes=90)),
        ("1.5h", timedelta(minutes=90)),
        ("2d", timedelta(days=2)),
        (" 1W ", timedelta(weeks=1)),
        ("now", timedelta()),
    ],
)
def test_durations_go_back_from_now(text: str, ago: timedelta) -> None:
    assert moment_ms(text, NOW) == (NOW - ago.total_seconds()) * 1000


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("today", TODAY),
        ("Yesterday", TODAY - timedelta(days=1)),
        ("10:30", TODAY.replace(hour=10, minute=30)),
        ("2026-11-23", datetime.fromisoformat("2026-11-23")),
        ("2026-11-23 10:00", datetime.fromisoformat("2026-11-23T10:00")),
        ("2026-11-23T10:00:00Z", datetime.fromisoformat("2026-11-23T10:00:00+00:00")),
        ("2026-11-23T10:00:00+09:00", datetime.fromisoformat("2026-11-23T01:00:00+00:00")),
    ],
)
def test_times_are_local_unless_they_name_a_zone(text: str, moment: datetime) -> None:
    assert moment_ms(text, NOW) == moment.timestamp() * 1000


@pytest.mark.parametrize(
    "text", ["", "10", "10 parsecs", "tomorrow", "-5m", "2026-13-40", "25:00", "5m ago", "9" * 400 + "w"]
)
def test_other_words_are_no_moment(text: str) -> None:
    with pytest.raises(BadMoment):
        moment_ms(text, NOW)


def test_a_day_begins_at_midnight() -> None:
    assert start_of_day_ms(NOW) == TODAY.timestamp() * 1000
