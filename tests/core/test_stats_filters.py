"""What `--where` takes, and which figures it chooses visits for."""

import pytest

from liveinsight_cli.core.stats_filters import (
    FILTERS,
    LIVE_FILTERS,
    OF_LIVE_VISITS,
    OF_MINUTES,
    InvalidFilter,
    read_filters,
    unfiltered,
)
from liveinsight_cli.core.thresholds import METRICS
from realtime_api.report import FILTERS as DEPLOYED_LIVE_FILTERS
from shared import filters as deployed


def test_filters_are_those_of_the_api() -> None:
    assert set(FILTERS) == set(deployed.DIMENSIONS)
    assert set(LIVE_FILTERS) == set(DEPLOYED_LIVE_FILTERS)


def test_a_value_is_all_behind_the_first_equals_sign() -> None:
    found = read_filters(["page=/a?b=c d ", "Entry-Page=/", "source=(direct)"])
    assert found == {"page": "/a?b=c d ", "entry_page": "/", "source": "(direct)"}


def test_pages_may_be_written_as_they_are_shown() -> None:
    found = read_filters(["page=/한 %EA%B5%AD?a=b", "source=한"])
    assert found == {"page": "/%ED%95%9C %EA%B5%AD?a=b", "source": "한"}


@pytest.mark.parametrize("given", [["page"], ["page="], ["=/"], ["pages=/"], ["os=a", "os=a"]])
def test_what_is_no_filter_is_refused_with_all_names(given: list[str]) -> None:
    with pytest.raises(InvalidFilter) as raised:
        read_filters(given)
    assert all(name in raised.value.hint for name in FILTERS)


@pytest.mark.parametrize(
    ("metric", "filters", "is_other"),
    [
        ("pageviews_30m", {}, False),
        ("pageviews_30m", {"country": "KR"}, True),
        ("active_visitors", {"country": "KR", "device": "mobile"}, False),
        ("active_visitors", {"country": "KR", "page": "/"}, True),
        ("visitors", {"page": "/"}, False),
        ("p95", {"page": "/"}, False),
    ],
)
def test_conditions_that_filters_cannot_follow_are_found(
    metric: str, filters: dict[str, str], is_other: bool
) -> None:
    assert (unfiltered(["sessions", metric], filters) == metric) == is_other


def test_live_figures_are_metrics() -> None:
    assert set(METRICS) >= OF_MINUTES | OF_LIVE_VISITS
