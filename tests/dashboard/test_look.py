"""How the page looks on any screen: nothing sticks out, and every text can be read, light and dark."""

from collections.abc import Callable
from itertools import product

import pytest
from playwright.sync_api import expect

from tests.dashboard import answers
from tests.dashboard.conftest import Visit
from tests.dashboard.fake_api import TOKEN, FakeApi

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("state", ["figures", "empty", "unauthorised"])
def test_nothing_sticks_out_at_any_width(visit: Visit, api: FakeApi, state: str) -> None:
    if state == "empty":
        api.realtime, api.stats = answers.silent_realtime(), answers.silent_stats()
    tab = visit.dashboard(fragment="" if state == "unauthorised" else f"#token={TOKEN}")
    expect(tab.locator(f"[data-state={state}]")).to_be_visible()

    for width in (320, 390, 768, 1920):
        tab.set_viewport_size({"width": width, "height": 800})
        assert tab.evaluate("document.documentElement.scrollWidth") <= width


PAIRS = [
    *product(("--text", "--quiet", "--accent-text"), ("--page", "--card")),
    ("--text", "--accent-soft"),
    ("--accent-text", "--accent-soft"),
    ("--on-accent", "--accent"),
    ("--warn-text", "--warn-bg"),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(browse: Callable[..., Visit], scheme: str) -> None:
    tab = browse(color_scheme=scheme).dashboard()
    colours = tab.evaluate(
        "names => names.map(name => getComputedStyle(document.documentElement).getPropertyValue(name))",
        [name for pair in PAIRS for name in pair],
    )

    ratios = {pair: contrast(*colours[2 * at : 2 * at + 2]) for at, pair in enumerate(PAIRS)}
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < 4.5} == {}  # WCAG 2.2, AA


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours written #rgb or #rrggbb, by WCAG 2.2."""
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1."""
    digits = colour.strip().removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
