"""What kind of program sent a request: device, browser, operating system, or a bot and why.

Replaceable on purpose: the rest of the collector sees `classify()` and `Agent` only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from event_collector import agent_table as table
from event_collector.crawlers import crawler_reason

_LONGEST = 512


@dataclass(frozen=True, slots=True)
class Agent:
    """The class of a user agent. `bot` is the reason it counts as one, or empty."""

    browser: str
    os: str
    device: str
    bot: str = ""
    is_automation: bool = False

    def __str__(self) -> str:
        """The only form in which a user agent is ever stored."""
        return f"{self.browser}/{self.os}/{self.device}"


@lru_cache(maxsize=512)
def classify(user_agent: str) -> Agent:
    """Classify the text of a User-Agent header."""
    text = user_agent[:_LONGEST]
    lowered = text.lower()
    system = _first(table.SYSTEMS, text) or table.OTHER
    return Agent(
        browser=_first(table.BROWSERS, text) or table.OTHER,
        os=system,
        device=_device(lowered, system),
        bot=crawler_reason(lowered),
        is_automation=not text.strip() or any(word in lowered for word in table.AUTOMATION),
    )


def bot_reason(agent: Agent, screen: str) -> str:
    """Why a request is a bot's: a known crawler, or two signals that do not depend on each other."""
    if agent.bot:
        return agent.bot
    signals = [agent.is_automation, screen in table.IMPOSSIBLE_SCREENS]
    return "signals" if sum(signals) >= 2 else ""


def _first(rules: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for token, name in rules if token in text), "")


def _device(lowered: str, system: str) -> str:
    if any(word in lowered for word in table.TELEVISIONS):
        return "tv"
    if "ipad" in lowered or "tablet" in lowered or ("android" in lowered and "mobile" not in lowered):
        return "tablet"
    if "mobi" in lowered or "iphone" in lowered or "ipod" in lowered:
        return "mobile"
    return "desktop" if system in table.DESKTOP_SYSTEMS else "other"
