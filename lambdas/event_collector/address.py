"""Addresses as they are kept: without query, fragment and credentials, which may hold personal data.

The campaign parameters are read before the query is cut away; those that an environment names stay.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, unquote_plus, urlsplit

_CAMPAIGN = frozenset(
    {"utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "source", "ref"}
)
_HOST = re.compile(r"[\w.-]{1,253}|[0-9a-f:.]{2,45}")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\ud800-\udfff]")
_LONGEST_CAMPAIGN_VALUE = 128
_LONGEST_KEPT_PARAMETER = 160


class BadAddress(Exception):
    """A site or URL that cannot be taken."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its cleaned URL, its host without `www.`, the campaign values its query named."""

    url: str
    host: str
    campaign: dict[str, str] = field(default_factory=dict)
    query: str = field(default="", repr=False)

    def keeping(self, names: frozenset[str]) -> Page:
        """The page with some parameters of its query in its URL, in alphabetical order; nothing keeps the others."""
        if not self.query:
            return self
        parts = self.query.split("&") if names else ()
        kept = sorted(
            part
            for part in parts
            if len(part) <= _LONGEST_KEPT_PARAMETER and unquote(part.partition("=")[0]) in names
        )
        url = f"{self.url}?{'&'.join(kept)}" if kept else self.url
        return Page(url, self.host, self.campaign)


def read_page(url: str) -> Page:
    """Check and clean a page's URL."""
    parts = _split(url)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        raise BadAddress("not an http or https URL")
    campaign = _campaign(parts.query) if parts.query else {}
    return Page(_cleaned(parts, host), host.removeprefix("www."), campaign, parts.query)


def read_referrer(url: str) -> str:
    """Clean a referrer; what is no URL counts as none, because browsers and apps send all kinds of things."""
    try:
        parts = _split(url)
    except BadAddress:
        return ""
    host = parts.hostname
    return _cleaned(parts, host) if parts.scheme and host else ""


def read_site(site: object) -> str:
    """Check the name of a site: a host, without `www.`."""
    name = site.strip().lower().removeprefix("www.") if isinstance(site, str) else ""
    if not _HOST.fullmatch(name):
        raise BadAddress("site must be a host name.")
    return name


def _split(url: str) -> SplitResult:
    if _FORBIDDEN.search(url):
        raise BadAddress("spaces or control characters")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise BadAddress("not a URL") from error
    return parts


def _cleaned(parts: SplitResult, host: str) -> str:
    shown_host = f"[{host}]" if ":" in host else host
    port = parts.port
    shown_port = f":{port}" if port else ""
    return f"{parts.scheme}://{shown_host}{shown_port}{parts.path or '/'}"


def _campaign(query: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name not in _CAMPAIGN or name in found:  # nearly all are others: nothing of them is decoded
            continue
        decoded = unquote_plus(value)
        text = "".join(c for c in decoded if c.isprintable()).strip()[:_LONGEST_CAMPAIGN_VALUE]
        if text:
            found[name] = text
    return found
