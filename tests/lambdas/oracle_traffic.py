"""Requests as the oracle understands them: who sent them, what each event says, and the visits they make up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import SplitResult, unquote_plus, urlsplit

HOUR = 3600 * 1000
DAY = 24 * HOUR
CAMPAIGN = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "source", "ref")


@dataclass(frozen=True)
class Agent:
    """What a user agent is: told, not found out; `crawler` says of which kind a known crawler is."""

    browser: str
    os: str
    device: str
    crawler: str = ""
    is_automation: bool = False


@dataclass(frozen=True)
class Sender:
    """Who sends a request."""

    ip: str
    user_agent: str
    agent: Agent
    country: str = ""

    def bot_reason(self, screen: str) -> str:
        """A known crawler, or two signs that have nothing to do with each other."""
        is_impossible = screen in ("0x0", "1x1")
        return self.agent.crawler or ("signals" if self.agent.is_automation and is_impossible else "")


class Row(NamedTuple):
    """What runs one session at a time: a visitor of a site, a bot, or a session that the caller numbers."""

    kind: str
    site: str
    name: str


@dataclass(frozen=True)
class Seen:
    """One accepted event."""

    at: int
    kind: str
    site: str
    sender: Sender
    page: str
    referrer: str
    campaign: dict[str, str]
    is_interactive: bool
    engaged_ms: int
    title: str
    event_id: str

    @property
    def visitor(self) -> tuple[str, str, str, int]:
        """Who this is on this day: another one tomorrow, and another one on another site."""
        return (self.site, self.sender.ip, self.sender.user_agent, self.at // DAY)

    @property
    def path(self) -> str:
        """The page as lists name it."""
        return path_of(self.page)

    @property
    def own_hosts(self) -> tuple[str, str]:
        """Hosts from which nobody can be referred."""
        return (self.site, host_of(self.page))


@dataclass
class Visit:
    """A session: its events in the order in which they were accepted."""

    row: Row
    events: list[Seen] = field(default_factory=list)

    @property
    def first(self) -> Seen:
        return self.events[0]

    @property
    def last(self) -> int:
        return max(event.at for event in self.events)

    @property
    def seen(self) -> int:
        """When its visitor last did something else than stay."""
        return max((event.at for event in self.events if event.kind != "engagement"), default=0)

    @property
    def views(self) -> list[Seen]:
        return [event for event in self.events if event.kind == "page_view"]

    @property
    def is_bounce(self) -> bool:
        custom = [event for event in self.events if event.kind not in ("page_view", "engagement")]
        return len(self.views) < 2 and not any(event.is_interactive for event in custom)

    @property
    def exit_page(self) -> str:
        """Of two views at the same time, the one that came later is the last."""
        latest = max((view.at for view in self.views), default=0)
        return next((view.path for view in reversed(self.views) if view.at == latest), "")

    @property
    def source(self) -> str:
        for name in ("utm_source", "source", "ref"):
            if name in self.first.campaign:
                return self.first.campaign[name]
        host = host_of(self.first.referrer)
        return host if host and host not in self.first.own_hosts else "(direct)"

    @property
    def referrer(self) -> str:
        host = host_of(self.first.referrer)
        is_foreign = host and host not in self.first.own_hosts
        return (host + path_of(self.first.referrer).rstrip("/")) if is_foreign else ""


def read_event(sent: dict[str, Any], document: dict[str, Any], received_at: int, sender: Sender) -> Seen:
    """What an event says when its request is accepted at this time."""
    at = received_at
    if "timestamp" in sent:
        delay = document.get("sent_at", received_at) - sent["timestamp"]
        if 0 <= delay <= 15 * 60 * 1000:
            at = received_at - delay
    parts = urlsplit(sent["page_url"])
    return Seen(
        at=at,
        kind=sent["event_type"],
        site=site_of(sent, document),
        sender=sender,
        page=_cleaned(parts),
        referrer=_referrer(sent.get("referrer", "")),
        campaign=_campaign(parts.query),
        is_interactive=sent.get("interactive", False),
        engaged_ms=sent.get("engaged_ms", 0),
        title=sent.get("title", ""),
        event_id=sent.get("event_id", ""),
    )


def site_of(sent: dict[str, Any], document: dict[str, Any]) -> str:
    """The site that the request names, else the host of the page."""
    return str(document.get("site") or urlsplit(sent["page_url"]).hostname).removeprefix("www.")


def host_of(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def path_of(url: str) -> str:
    return urlsplit(url).path[:200]


def _referrer(text: str) -> str:
    parts = urlsplit(text)
    return _cleaned(parts) if parts.scheme and parts.hostname and " " not in text else ""


def _cleaned(parts: SplitResult) -> str:
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path or '/'}"


def _campaign(query: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in query.split("&"):
        name, _, text = pair.partition("=")
        value = unquote_plus(text).strip()[:128]
        if name in CAMPAIGN and value and name not in found:
            found[name] = value
    return found
