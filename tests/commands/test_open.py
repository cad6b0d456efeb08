"""`liveinsight open`: the right page, the token in no argument, nothing started where nobody looks on."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from liveinsight_cli.adapters.browser import Browser
from liveinsight_cli.context import Context
from tests.commands.world import World
from tests.conftest import CommandLine


@dataclass
class FakeBrowser:
    """Takes addresses down."""

    why_not: str | None = None
    works: bool = True
    shown: list[str] = field(default_factory=list)

    def missing(self) -> str | None:
        return self.why_not

    def show(self, address: str) -> bool:
        self.shown.append(address)
        return self.works


@pytest.fixture
def browser(liveinsight: CommandLine, world: World) -> FakeBrowser:
    """A browser beside what is deployed."""
    made = FakeBrowser()
    assert liveinsight("deploy", "--yes").code == 0

    def prepare(context: Context) -> None:
        context.browser = made  # type: ignore[assignment]

    liveinsight.prepare.append(prepare)
    return made


def test_the_dashboard_opens_by_a_private_page_that_has_the_token(
    liveinsight: CommandLine, world: World, browser: FakeBrowser
) -> None:
    token = (world.files / "read-token").read_text().strip()
    done = liveinsight("open")
    assert done.code == 0
    assert f"#token={token}" in done.out
    [address] = browser.shown
    assert token not in address
    page = Path(address.removeprefix("file://"))
    assert page.stat().st_mode & 0o777 == 0o600
    assert f'#token={token}"' in page.read_text()


def test_other_pages_are_opened_by_their_address(
    liveinsight: CommandLine, world: World, browser: FakeBrowser
) -> None:
    for page, ending in {
        "demo": "/demo/index.html",
        "cloudwatch": "#dashboards/dashboard/liveinsight-local",
        "alarms": "#alarmsV2:?search=liveinsight-",
        "logs": "#logsV2:log-groups$3FlogGroupNameFilter$3Dliveinsight-",
        "queries": "#logsV2:logs-insights",
    }.items():
        assert liveinsight("open", page).code == 0
        assert browser.shown[-1].endswith(ending), page


def test_where_nobody_looks_on_the_address_is_only_printed(
    liveinsight: CommandLine, world: World, browser: FakeBrowser
) -> None:
    assert liveinsight("open", "--print").out.startswith("http")
    assert json.loads(liveinsight("open", "demo", "--json").out)["data"]["opened"] is False
    assert browser.shown == []
    browser.works = False
    assert "Not opened: no browser took it." in liveinsight("open").err
    browser.why_not = "there is no display here"
    assert "no display" in liveinsight("open").err
    assert len(browser.shown) == 1


def test_the_embedded_aws_has_no_console(
    liveinsight: CommandLine, world: World, browser: FakeBrowser
) -> None:
    def on_the_laptop(context: Context) -> None:
        context.variables = {**context.variables, "LIVEINSIGHT_TARGET": "embedded"}

    liveinsight.prepare.append(on_the_laptop)
    done = liveinsight("open", "logs")
    assert done.code == 3
    assert "liveinsight tail" in done.err


def test_a_browser_in_the_terminal_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert Browser({}).missing() is not None
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        assert Browser({variable: "x"}).missing() is None


def test_what_a_browser_says_stays_off_the_answer(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import os
    import webbrowser

    def noisy(_: str) -> bool:
        os.write(1, b"Opening in existing browser session.\n")
        return True

    monkeypatch.setattr(webbrowser, "open", noisy)
    assert Browser({}).show("https://example.org") is True
    assert capfd.readouterr().out == ""
