"""Pictures of the page for the documentation, from made-up answers: sizes, schemes, languages and states.

Run: python -m tests.dashboard.screenshots [directory]   (default docs/images/dashboard; also docs/images/dashboard.png)
Needs Chromium and a Korean font (Debian: fonts-nanum).
"""

import base64
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Page as Tab

from tests.conftest import CHROMIUM_FLAGS, installed_chromium
from tests.dashboard import answers
from tests.dashboard.conftest import visiting
from tests.dashboard.fake_api import FakeApi, serve_api
from tests.dashboard.states import STATES

IMAGES = Path(__file__).resolve().parents[2] / "docs/images"
SIZES = {"phone": (390, 844), "desktop": (1280, 900), "wide": (1920, 1080)}
SCHEMES = ("light", "dark")
LANGUAGES = ("en", "ko")
ONE_SIZE = ("filtered", "reading_the_chart", "whole_list", "share", "loading", "silent_period")
ALONE = ("empty", "unauthorised", "error", "throttled", "fault_over_figures")
QUALITY = 80


@dataclass(frozen=True)
class Picture:
    """One file: the state of the page that it shows, and on which screen."""

    state: str
    size: str
    scheme: str
    language: str

    @property
    def name(self) -> str:
        """The file's name, without its directory."""
        return f"{self.state}-{self.size}-{self.scheme}-{self.language}.webp"


def pictures() -> Iterator[Picture]:
    """A busy month in every combination; the other states once."""
    for size in SIZES:
        for scheme in SCHEMES:
            for language in LANGUAGES:
                yield Picture("busy", size, scheme, language)
    for state in (*ONE_SIZE, *ALONE):
        yield Picture(state, "desktop", "light", "en")


def take(picture: Picture, browser: Browser) -> bytes:
    """The picture as WebP: a busy month whole, of other states what the window shows."""
    width, height = SIZES[picture.size]
    kind = {
        "viewport": {"width": width, "height": height},
        "color_scheme": picture.scheme,
        "locale": {"en": "en-US", "ko": "ko-KR"}[picture.language],
    }
    with (
        serve_api(FakeApi(answers.realtime(), answers.stats())) as api,
        visiting(browser, api, kind) as visit,
    ):
        tab = STATES[picture.state](visit)
        return shoot(tab, is_whole=picture.state == "busy" and picture.size != "phone")


def shoot(tab: Tab, *, is_whole: bool) -> bytes:
    """What the tab shows, or the page to its end."""
    tab.evaluate("document.fonts.ready")
    devtools = tab.context.new_cdp_session(tab)
    options = {"format": "webp", "quality": QUALITY, "captureBeyondViewport": is_whole}
    if is_whole:
        width, height = tab.evaluate(
            "[document.documentElement.clientWidth, document.documentElement.scrollHeight]"
        )
        options |= {"clip": {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}}
    return base64.b64decode(devtools.send("Page.captureScreenshot", options)["data"])


def main(directory: Path = IMAGES / "dashboard") -> None:
    """Take them all anew."""
    directory.mkdir(parents=True, exist_ok=True)
    wanted = list(pictures())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed_chromium(), args=CHROMIUM_FLAGS)
        for picture in wanted:
            content = take(picture, browser)
            (directory / picture.name).write_bytes(content)
            print(f"{picture.name}  {len(content) // 1024} KiB")
    for left in {path.name for path in directory.glob("*.webp")} - {picture.name for picture in wanted}:
        (directory / left).unlink()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
