"""Events as the collector stores them and records as the stream delivers them, for any rate; reproducible."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shared import keys, metrics
from shared.event import StoredEvent, to_item
from shared.keys import HOUR_MS

START = keys.start_of_day("2026-11-01")
_KINDS = ("page_view", "page_view", "page_view", "engagement", "engagement", "signup")
_AGENTS = ("Chrome/Windows/desktop", "Safari/iOS/mobile", "Chrome/Android/mobile", "Firefox/Linux/desktop")


@dataclass(frozen=True)
class Traffic:
    """How much and how varied; pages and sources have a popularity law (1 / rank)."""

    events_per_hour: int
    events_per_session: int = 3
    pages: int = 500
    sources: int = 100
    site: str = "shop.example"
    seed: int = 7

    def hour(self, hour: int) -> list[StoredEvent]:
        """The events of an hour (0 is the first of START's day), in the order of time."""
        rng = random.Random(self.seed * 1000 + hour)  # noqa: S311 - reproducible traffic, no secret
        sessions = max(1, self.events_per_hour // self.events_per_session)
        begins = (rng.randrange(HOUR_MS - 300_000) for _ in range(sessions))
        found = [event for begin in begins for event in self._session(rng, START + hour * HOUR_MS + begin)]
        return sorted(found, key=lambda event: event.timestamp)

    def _session(self, rng: random.Random, at: int) -> Iterator[StoredEvent]:
        visitor, agent = f"{rng.getrandbits(64):016x}", rng.choice(_AGENTS)
        session = metrics.begin(f"{rng.getrandbits(96):024x}", at)
        country = rng.choice(("KR", "US", "DE", "JP", "FR"))
        for number in range(self.events_per_session):
            kind = "page_view" if number == 0 else rng.choice(_KINDS)
            rank = _ranked(rng, self.pages)
            page = f"/section-{rank % 12}/page-{rank}"
            texts = {"country": country, "screen": "1920x1080", "lang": "ko-KR", "title": f"Title of {page}"}
            if number == 0:
                texts["source"] = f"source-{_ranked(rng, self.sources)}.example"
            yield StoredEvent(
                session_id=session.session_id,
                timestamp=keys.event_timestamp(at, rng.randrange(10**9)),
                event_id=f"{rng.getrandbits(128):032x}",
                event_type=kind,
                page_url=f"https://{self.site}{page}",
                user_agent=agent,
                referrer=f"https://{texts['source']}/search" if number == 0 else "",
                site=self.site,
                visitor=visitor,
                before=session,
                interactive=kind == "signup",
                texts=texts,
                numbers={"engaged_ms": 5000} if kind == "engagement" else {},
            )
            session = metrics.after(session, at, kind, kind == "signup", page)
            at += rng.randrange(1000, 90_000)


def records(events: list[StoredEvent], first_sequence: int = 1) -> list[dict[str, Any]]:
    """Stream records of events that have just been inserted."""
    return [
        {
            "eventName": "INSERT",
            "dynamodb": {
                "SequenceNumber": str(10**24 + first_sequence + index),
                "NewImage": to_item(event, event.at // 1000 + 86_400),
            },
        }
        for index, event in enumerate(events)
    ]


def _ranked(rng: random.Random, count: int) -> int:
    """A rank from 0, drawn with weight 1 / (rank + 1), closely enough."""
    return int(count ** rng.random()) - 1
