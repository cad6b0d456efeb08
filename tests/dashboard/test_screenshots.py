"""The documentation's pictures of the page: there is one of each, small, and the tool that takes them runs."""

import pytest
from playwright.sync_api import Browser

from tests.dashboard.screenshots import IMAGES, Picture, pictures, take

LOOK = IMAGES.parent / "dashboard-look.md"
LARGEST = 150 * 1024


def test_the_documentation_shows_each_picture_and_no_other() -> None:
    names = {picture.name for picture in pictures()}
    files = {path.name: path.stat().st_size for path in (IMAGES / "dashboard").iterdir()}

    assert set(files) == names
    assert {name: size for name, size in files.items() if not 5_000 < size <= LARGEST} == {}
    text = LOOK.read_text()
    assert [name for name in sorted(names) if f"images/dashboard/{name})" not in text] == []


@pytest.mark.browser
def test_a_picture_is_taken_of_the_page_as_it_is(chromium: Browser) -> None:
    light, dark = (take(Picture("busy", "phone", scheme, "ko"), chromium) for scheme in ("light", "dark"))

    assert light[:4] == b"RIFF"
    assert light[8:12] == b"WEBP"
    assert light != dark
    assert min(len(light), len(dark)) > 5_000
