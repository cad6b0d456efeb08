"""How the page looks on any screen: nothing sticks out, and every text and line can be seen, light and dark."""

from collections.abc import Callable
from itertools import product

import pytest

from tests.dashboard.conftest import Visit
from tests.dashboard.matrix import chosen
from tests.dashboard.states import STATES

pytestmark = pytest.mark.browser

WIDTHS = (320, 360, 390, 768, 1024, 1280, 1920, 2560)
MAY_STICK_OUT = ".unseen, .skip, .scroll, pre, svg, .chart-read, .chart-times"
STICKS_OUT = """inside => [...document.querySelectorAll("#app *")]
  .filter((element) => !element.closest(inside) && element.checkVisibility())
  .map((element) => [`${element.tagName}.${element.className}`, element.getBoundingClientRect()])
  .filter(([, { left, right, width }]) => width > 0 && (left < -1 || right > innerWidth + 1))
  .map(([name, { left, right }]) => [name, left, right])"""


@pytest.mark.parametrize(
    "state", chosen(["filtered", "hostile", "whole_list", "unauthorised"], ["busy", "empty", "error"])
)
def test_nothing_sticks_out_at_any_width(visit: Visit, state: str) -> None:
    tab = STATES[state](visit)

    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 800})
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        assert tab.evaluate(STICKS_OUT, MAY_STICK_OUT) == [], width


def test_a_name_of_any_length_leaves_its_count_and_its_row_as_they_are(visit: Visit) -> None:
    tab = STATES["hostile"](visit)
    tab.set_viewport_size({"width": 360, "height": 800})

    heights = tab.locator(".row").evaluate_all(
        "rows => rows.map((row) => row.getBoundingClientRect().height)"
    )
    assert len(set(heights)) == 1
    inside = """rows => rows.every((row) =>
      row.querySelector(".count").getBoundingClientRect().right <= row.getBoundingClientRect().right)"""
    assert tab.locator(".row").evaluate_all(inside)
    assert tab.locator("#app img").count() == 1  # the brand's; a name with markup in it is text


def test_everything_to_press_is_large_enough_for_a_finger(browse: Callable[..., Visit]) -> None:
    tab = STATES["filtered"](browse(viewport={"width": 390, "height": 844}, has_touch=True))

    sizes = tab.locator("button, a, select, summary, input[type=date], label.check").evaluate_all(
        """all => all.filter((one) => one.checkVisibility() && !one.closest(".skip, .unseen"))
          .map((one) => [one.className || one.tagName, one.getBoundingClientRect()])
          .filter(([, { width, height }]) => width < 24 || height < 24).map(([name]) => name)"""
    )
    assert [name for name in sizes if name != "skip"] == []  # WCAG 2.2, target size


GROUNDS = ("--page", "--card", "--sunk")
TEXTS = [
    *product(("--text", "--quiet", "--accent-text"), GROUNDS),
    *product(("--text", "--accent-text"), ("--accent-soft",)),
    *product(("--good", "--bad"), ("--card", "--accent-soft")),
    ("--on-accent", "--accent"),
    ("--warn-text", "--warn-bg"),
    ("--warn-text", "--card"),
    ("--card", "--text"),
]
GRAPHICS = [
    *product(("--accent", "--before", "--edge", "--live", "--stale"), ("--card",)),
    ("--accent", "--page"),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_stands_out_from_its_ground(browse: Callable[..., Visit], scheme: str) -> None:
    tab = STATES["unauthorised"](browse(color_scheme=scheme))
    names = sorted({name for pair in (*TEXTS, *GRAPHICS) for name in pair})
    values = tab.evaluate(
        "names => names.map(name => getComputedStyle(document.documentElement).getPropertyValue(name))", names
    )
    colours = dict(zip(names, values, strict=True))

    for pairs, least in ((TEXTS, 4.5), (GRAPHICS, 3.0)):  # WCAG 2.2, AA
        ratios = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in pairs}
        assert {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < least} == {}


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
