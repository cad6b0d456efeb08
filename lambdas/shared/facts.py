"""What the lists call a visit: the facts of its first event, by list. Counted by the fold, asked for by filters."""

from __future__ import annotations

from shared import metrics
from shared.event import UTM_PARAMETERS, StoredEvent


def facts_of(first: StoredEvent) -> dict[str, str]:
    """List -> name in it, of a visit that begins with this event; a list in which the visit is not is left out."""
    browser, system, device = (*first.user_agent.split("/"), *[metrics.UNKNOWN] * 3)[:3]
    facts = {
        "entry_pages": metrics.path_of(first.page_url),
        "sources": first.texts.get("source", metrics.DIRECT),
        "countries": first.texts.get("country", metrics.UNKNOWN),
        "browsers": browser,
        "os": system,
        "devices": device,
    }
    host = metrics.host_of(first.referrer)
    if host and host not in (first.site, metrics.host_of(first.page_url)):
        facts["referrers"] = host + metrics.path_of(first.referrer).rstrip("/")
    for name in UTM_PARAMETERS:
        if name in first.texts:
            facts[name] = first.texts[name]
    return facts
