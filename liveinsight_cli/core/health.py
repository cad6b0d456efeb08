"""The smoke event of a deploy: traffic of a site of its own, which every figure without `site` leaves out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Always accepted, never part of figures for all sites: docs/architecture.md, "Contract: functions".
SMOKE_SITE = "smoke.liveinsight.invalid"
# Of the same kind, for `verify`: each run takes one that no other has at the time.
PROBE_SITES = tuple(f"probe-{number}.{SMOKE_SITE}" for number in range(8))
# A browser's name, because what looks like a program is counted as a bot and would prove less.
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@dataclass(frozen=True)
class SmokeEvent:
    """One event that can be told from all others by its page."""

    id: str

    @property
    def page_url(self) -> str:
        """The page that only this event is of."""
        return f"https://{SMOKE_SITE}/{self.id}"

    def body(self) -> bytes:
        """Return the request; the id makes a repetition harmless."""
        event = {"event_id": self.id, "event_type": "page_view", "page_url": self.page_url}
        return json.dumps({"site": SMOKE_SITE, "events": [event]}).encode()

    def is_accepted(self, answer: Mapping[str, Any]) -> bool:
        """Tell whether an answer of `POST /api/events` says that the event is stored."""
        return answer.get("accepted") == 1

    def is_in(self, realtime: Mapping[str, Any]) -> bool:
        """Tell whether an answer of `GET /api/realtime` shows the event."""
        recent = realtime.get("recent") or ()
        return any(isinstance(one, Mapping) and self.id in str(one.get("page_url", one)) for one in recent)
