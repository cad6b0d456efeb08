"""The made-up answers that the page is tested with have the fields that the functions really give."""

from realtime_api import live
from shared.event import StoredEvent
from shared.metrics import begin
from stats_api.summary import Summary
from tests.dashboard import answers


def test_the_made_up_statistics_have_the_fields_of_the_real_ones() -> None:
    summary = Summary([0], answers.HOUR_MS)
    made_up = answers.stats()

    assert made_up["totals"].keys() == summary.totals_shown().keys()
    assert made_up["series"][0].keys() == summary.series_shown(0)[0].keys()
    assert made_up["top"].keys() <= summary.top_shown(10).keys()


def test_the_made_up_live_figures_have_the_fields_of_the_real_ones() -> None:
    session = live.LiveSession(
        "example.com", "v", "", answers.NOW_MS, answers.NOW_MS, "/", "(direct)", "KR", "mobile"
    )
    figures = live.live_figures([session], answers.NOW_MS, 10)
    series, _ = live.series([], answers.NOW_MS)
    made_up = answers.realtime()

    assert made_up.keys() >= figures.keys()
    assert made_up["top"].keys() == figures["top"].keys()
    assert made_up["series"][0].keys() == series[0].keys()
    assert len(made_up["series"]) == len(series)
    assert answers.top({"/": 1})[0].keys() == figures["top"]["pages"][0].keys()


def test_the_made_up_feed_has_the_fields_of_the_real_one() -> None:
    event = StoredEvent(
        session_id="0123456789abcdef",
        timestamp=answers.NOW_MS * 10**9,
        event_id="12345678",
        event_type="page_view",
        page_url="https://example.com/",
        user_agent="Firefox/Linux/desktop",
        referrer="",
        site="example.com",
        visitor="v",
        before=begin("0123456789abcdef", answers.NOW_MS),
    )

    assert answers.realtime()["recent"][0].keys() == live.shown_event(event).keys()
