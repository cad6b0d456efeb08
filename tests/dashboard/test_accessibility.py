"""Every state of the page passes axe, light and dark, and the charts can be read by keys and by ear."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.conftest import IN_CI
from tests.dashboard.conftest import Visit
from tests.dashboard.matrix import chosen
from tests.dashboard.states import STATES, busy

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[2] / "web/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async runOnly => {
  const { violations } = await axe.run(document, { runOnly, resultTypes: ["violations"] });
  return violations.map(({ id, nodes }) => [id, nodes.map((node) => `${node.target} ${node.failureSummary}`)]);
}"""

OFTEN = ["filtered", "whole_list", "empty", "unauthorised", "error", "fault_over_figures"]


@pytest.fixture(scope="session")
def axe() -> str:
    """The rules' script."""
    if not AXE.exists():
        if IN_CI:
            pytest.fail("web/node_modules has no axe-core, and in CI its tests may not be skipped: make web")
        pytest.skip("web/node_modules has no axe-core: make web")
    return AXE.read_text()


def violations(tab: Tab, axe: str) -> list[Any]:
    """What axe finds; of the dark scheme only the colours are another question."""
    tab.evaluate(axe)
    found = tab.evaluate(RUN, {"type": "tag", "values": RULES})
    tab.emulate_media(color_scheme="dark", reduced_motion="reduce")
    return [*found, *tab.evaluate(RUN, {"type": "rule", "values": ["color-contrast"]})]


@pytest.mark.parametrize("state", chosen(OFTEN, [state for state in STATES if state not in OFTEN]))
def test_axe_has_no_complaint_about(state: str, browse: Callable[..., Visit], axe: str) -> None:
    tab = STATES[state](browse(viewport={"width": 1280, "height": 900}))

    assert violations(tab, axe) == []


def test_the_arrow_keys_read_the_chart_step_by_step(visit: Visit) -> None:
    tab = busy(visit)
    chart = tab.locator("#period").get_by_role("slider")
    expect(chart).to_have_accessible_name("Page views")
    expect(chart).to_have_attribute(
        "aria-valuetext", re.compile(r"Mon, Feb 2, 2026 · so far: 1,\d{3} page views; before: ")
    )

    chart.focus()
    chart.press("Home")
    expect(chart).to_have_attribute("aria-valuetext", re.compile("^Sun, Jan 4, 2026: "))
    chart.press("ArrowRight")
    expect(chart).to_have_attribute("aria-valuenow", "2")
    expect(tab.locator("#period .chart-tip")).to_contain_text("Mon, Jan 5, 2026")
    chart.press("Escape")
    expect(tab.locator("#period .chart-tip")).to_have_count(0)
    expect(tab.locator("#period figcaption")).to_contain_text("Highest: ")


def test_a_pointer_reads_the_exact_figures_below_it(visit: Visit) -> None:
    tab = busy(visit)

    tab.locator("#live .chart-plot").hover()

    expect(tab.locator("#live .chart-tip")).to_have_text(
        re.compile(r"^11:2\d [\d,]+ page views, [\d,]+ visitors$")
    )
