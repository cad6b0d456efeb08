"""What the metrics mean: the one place where a session, a page view, a bounce and a duration are decided.

The collector runs a session forward event by event and stamps each event with the state it met; the aggregator
takes the difference that the event made. Both use these functions, so they cannot disagree. Times are epoch ms.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

PAGE_VIEW = "page_view"
ENGAGEMENT = "engagement"
BOT = "bot"

SESSION_GAP_MS = 1_800_000
SESSION_MAX_MS = 86_400_000
ACTIVE_VISITOR_MS = 300_000
LONGEST_CLIENT_DELAY_MS = 900_000
REALTIME_MINUTES = 30
# How far a session's `last_activity` may lag behind its `last_event`. It is the sort key of an index, and to move an
# entry of an index costs two writes where changing it in place costs one.
ACTIVITY_STEP_MS = 300_000
# For so long a live session may still have its newest event, a late one, before midnight: under yesterday's salt.
AFTER_MIDNIGHT_MS = SESSION_GAP_MS + LONGEST_CLIENT_DELAY_MS
LONGEST_PATH = 200

DIRECT = "(direct)"
UNKNOWN = "(unknown)"


class Running(NamedTuple):
    """A session as it stands between two events; `events == 0` is one that is about to begin at `start`."""

    session_id: str
    start: int
    last: int
    events: int = 0
    views: int = 0
    seen: int = 0
    interactive: bool = False
    viewed_at: int = 0
    page: str = ""

    @property
    def is_bounce(self) -> bool:
        """Fewer than two page views and nothing done on purpose."""
        return self.events > 0 and self.views < 2 and not self.interactive

    @property
    def duration_ms(self) -> int:
        """From the first event to the latest one."""
        return self.last - self.start


def begin(session_id: str, start: int) -> Running:
    """A session whose first event is still to come."""
    return Running(session_id, start, start)


def continues(session: Running, at: int) -> bool:
    """Whether an event at `at` belongs to the session: a gap of at most 1800 s, a length of at most a day."""
    return at - session.last <= SESSION_GAP_MS and at - session.start <= SESSION_MAX_MS


def after(session: Running, at: int, event_type: str, interactive: bool, path: str) -> Running:
    """The session once an event has happened. Late events count, but move neither its end nor its exit page."""
    is_view = event_type == PAGE_VIEW
    moves_exit = is_view and at >= session.viewed_at
    return Running(
        session_id=session.session_id,
        start=session.start,
        last=max(session.last, at),
        events=session.events + 1,
        views=session.views + is_view,
        seen=session.seen if event_type == ENGAGEMENT else max(session.seen, at),
        interactive=session.interactive or is_interactive(event_type, interactive),
        viewed_at=at if moves_exit else session.viewed_at,
        page=path if moves_exit else session.page,
    )


def is_interactive(event_type: str, interactive: bool) -> bool:
    """Only a custom event that says so is something the visitor did."""
    return interactive and event_type not in (PAGE_VIEW, ENGAGEMENT)


def event_time(received_at: int, client_time: float | None, sent_at: float | None) -> int:
    """When an event happened: the server's clock, less the delay the client tells (0 to 15 minutes, else none).

    With `sent_at` the delay is measured on the client's clock alone, so a wrong clock does no harm.
    """
    if client_time is None:
        return received_at
    delay = (received_at if sent_at is None else sent_at) - client_time
    return received_at - int(delay) if 0 <= delay <= LONGEST_CLIENT_DELAY_MS else received_at


def traffic_source(campaign: dict[str, str], referrer: str, own_hosts: frozenset[str]) -> str:
    """`utm_source`, else `source`, else `ref`, else the referrer's host; `(direct)` for no host or one of our own."""
    for name in ("utm_source", "source", "ref"):
        if campaign.get(name):
            return campaign[name]
    host = host_of(referrer)
    return DIRECT if not host or host in own_hosts else host


@lru_cache(maxsize=2048)
def host_of(url: str) -> str:
    """Host of a URL, lower case, without a leading `www.`; empty when there is none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


@lru_cache(maxsize=2048)
def path_of(url: str) -> str:
    """Path of a stored URL, with the parameters that were kept, shortened to what a list can show."""
    start = url.find("/", url.find("://") + 3)
    return url[start : start + LONGEST_PATH] if start >= 0 else "/"
