"""User agents that others published, read from installed packages; none of them is copied here.

- Matomo's fixtures (LGPL-3.0-or-later), as `device-detector` (MIT) carries them: bots, and real devices by kind.
- `fake-useragent` (Apache-2.0): browsers in use, with their shares and their kind of device.

The list in the collector is made of two other packages; see docs/decisions/0009-bots.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

MATOMO_PEOPLE = (
    *("camera", "car_browser", "console", "desktop", "feature_phone", "mobile_apps", "peripheral", "phablet"),
    *("portable_media_player", "smart_display", "smart_speaker", "smartphone", "tablet", "tv", "wearable"),
)


@dataclass(frozen=True)
class Seen:
    """A user agent in use; `share` is in percent of its kind of device."""

    user_agent: str
    device: str
    share: float


@lru_cache
def matomo(name: str) -> list[str]:
    """Return the user agents of a fixture, which is one file or several with a number each."""
    directory = files("device_detector").joinpath("tests", "fixtures", "upstream")
    parts = [
        path for path in directory.iterdir() if path.name.removesuffix(".yml").rstrip("-0123456789") == name
    ]
    return [text for path in parts for text in _user_agents(path.read_text(encoding="utf-8"))]


@lru_cache
def seen() -> list[Seen]:
    """Return what `fake-useragent` carries."""
    lines = (
        files("fake_useragent").joinpath("data", "browsers.jsonl").read_text(encoding="utf-8").splitlines()
    )
    read = map(json.loads, lines)
    return [Seen(one["useragent"], one["type"], one["percent"]) for one in read]


def fake_useragents() -> list[str]:
    """Return each user agent that `fake-useragent` carries, once."""
    return list(dict.fromkeys(one.user_agent for one in seen()))


def _user_agents(text: str) -> Iterator[str]:
    """Yield the values of `user_agent:` in a YAML file of which a real parser would read ten megabytes for us."""
    for line in text.splitlines():
        key, _, value = line.strip().removeprefix("- ").partition(": ")
        value = value.strip()
        if key == "user_agent" and value:
            yield value[1:-1].replace("''", "'").replace('\\"', '"') if value[0] in "'\"" else value
