"""Our small tables of browsers, systems and devices against others' answers, weighted by what people use."""

from __future__ import annotations

from collections import Counter

from ua_parser import parse

from event_collector.agents import classify
from tests.lambdas.corpora import Seen, seen

# ua-parser's (Apache-2.0) families in our words; what is left out means the same in both.
BROWSERS = {
    "Amazon Silk": "Silk",
    "Apple Mail": "Safari",
    "Chrome Mobile WebView": "Chrome",
    "DuckDuckGo Mobile": "DuckDuckGo",
    "Google": "Google app",
    "IE": "Internet Explorer",
    "Mobile Safari": "Safari",
    "Mobile Safari UI/WKWebView": "Safari",
    "Opera Touch": "Opera",
    "Yandex Browser": "Yandex",
}
SYSTEMS = {"Mac OS X": "macOS", "Chrome OS": "ChromeOS", "Ubuntu": "Linux"}


def browser(user_agent: str) -> str:
    found = parse(user_agent).user_agent
    family = found.family if found else "Other"
    return BROWSERS.get(family, family.removesuffix(" iOS").removesuffix(" Mobile"))


def system(user_agent: str) -> str:
    found = parse(user_agent).os
    return SYSTEMS.get(found.family, found.family) if found else "Other"


def agreement(pairs: list[tuple[str, str, Seen]]) -> tuple[float, Counter[tuple[str, str]]]:
    """The share of use for which ours equals theirs, and what does not."""
    whole = sum(one.share for _, _, one in pairs)
    different = Counter[tuple[str, str]]()
    for ours, theirs, one in pairs:
        if ours != theirs:
            different[ours, theirs] += one.share
    return 1 - sum(different.values()) / whole, different


def test_browsers_are_named_as_another_implementation_names_them() -> None:
    pairs = [(classify(one.user_agent).browser, browser(one.user_agent), one) for one in seen()]
    share, different = agreement(pairs)
    assert share >= 0.995, different


def test_systems_are_named_as_another_implementation_names_them() -> None:
    pairs = [(classify(one.user_agent).os, system(one.user_agent), one) for one in seen()]
    share, different = agreement(pairs)
    assert share >= 0.999, different


def test_devices_are_of_the_kind_that_their_browsers_told_the_collector_of_the_list() -> None:
    share, different = agreement([(classify(one.user_agent).device, one.device, one) for one in seen()])
    assert share >= 0.995, different
