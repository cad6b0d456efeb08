"""What happens to a request with events, from its bytes to the answer.

Used by the handler with the wall clock, and by the demo seeder with times of the past.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from event_collector.agents import Agent, bot_reason, classify
from event_collector.allowance import Allowances, Exhausted
from event_collector.fields import BadEvent
from event_collector.numbering import Arrival, Forgotten, Stamped, stamp
from event_collector.parse import ClientEvent, Rejection, Submission, parse
from event_collector.sessions import Sender, Sessions
from event_collector.store import CollectorStore
from event_collector.visitors import Visitors, visitor_of
from shared import keys, metrics
from shared.dynamo import DynamoDB, Item, StorageError, Transport
from shared.event import UTM_PARAMETERS, StoredEvent, to_item
from shared.http import HttpError, check_origin
from shared.keys import DAY_MS
from shared.settings import Settings

EVENT_TTL_SECONDS = 24 * 3600
# An event may be up to 15 minutes older than its request, and what has expired would be counted as new.
LATEST_REPETITION_MS = (EVENT_TTL_SECONDS - 3600) * 1000
_COUNTRY = re.compile(r"[A-Za-z]{2}")


@dataclass(frozen=True)
class CollectResult:
    """The answer to a request: HTTP status, JSON body, extra headers, and fields for the log line."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    log: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Context:
    """What a request's events have in common; the address and the user agent's text are used for hashing only."""

    source_ip: str
    user_agent: str
    agent: Agent
    country: str
    bot: str
    screen: str
    lang: str


class Collector:
    """Takes requests; all it needs of AWS is something that makes calls to DynamoDB."""

    def __init__(
        self,
        transport: Transport,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
    ) -> None:
        self._settings = settings
        self._store = CollectorStore(DynamoDB(transport), settings, clock, sleep)
        self._visitors = Visitors(self._store)
        self._sessions = Sessions(self._store, self._visitors, settings.visitor_requests_per_minute)
        self._allowances = Allowances(settings.visitor_requests_per_minute)
        self._new_id = new_id

    def collect(
        self,
        body: bytes,
        *,
        source_ip: str,
        user_agent: str,
        country: str | None = None,
        origin: str | None = None,
        received_at_ms: int,
    ) -> CollectResult:
        """Take one request; never raises for what a caller or the storage did wrong.

        Requests of one visitor have to come in the order of `received_at_ms`. Events expire 24 h after it.
        """
        try:
            check_origin(self._settings, origin)
            submission = parse(body, self._settings.kept_parameters)
            agent = classify(user_agent)
            bot = bot_reason(agent, submission.screen)
            region = country.upper() if country and _COUNTRY.fullmatch(country) else ""
            context = _Context(source_ip, user_agent, agent, region, bot, submission.screen, submission.lang)
            return self._take(body, submission, context, received_at_ms)
        except HttpError as error:
            return _refused(error)
        except Forgotten:
            message = "This request came first too long ago: whether it was stored can no longer be told."
            return _refused(HttpError(400, "sent_too_late", message))
        except Exhausted as exhausted:
            message = "Too many requests of one visitor. Send the same request again later."
            headers = {"Retry-After": str(exhausted.retry_after_seconds)}
            return _refused(HttpError(429, "rate_limited", message, headers=headers))
        except StorageError as error:
            return _unavailable(error)

    def _take(
        self, body: bytes, submission: Submission, context: _Context, received_at: int
    ) -> CollectResult:
        groups, rejected = self._by_session(submission, is_bot=bool(context.bot))
        for site in {site for site, own_session in groups if own_session is not None}:
            identity = self._visitors.identity(received_at, site, context.source_ip, context.user_agent)
            self._allowances.take_one(identity, received_at)
        request_id = self._request_id(body, groups)
        items: list[Item] = []
        taken: set[int] = set()
        for (site, own_session), events in groups.items():
            arrival = Arrival(request_id, received_at, submission.sent_at, tuple(events), own_session)
            items += self._items(site, arrival, context, taken)
        if items:
            self._store.write_events(items)
        return _answer(len(items), rejected, is_bot=bool(context.bot))

    def _by_session(
        self, submission: Submission, *, is_bot: bool
    ) -> tuple[dict[tuple[str, str | None], list[ClientEvent]], list[Rejection]]:
        """The good events by site and by the session id that the caller gave; ids are made where there are none."""
        groups: dict[tuple[str, str | None], list[ClientEvent]] = {}
        rejected = list(submission.rejected)
        allowed = self._settings.allowed_sites
        for event in submission.events:
            site = submission.site or event.page.host
            if allowed and site not in allowed:
                reason = BadEvent("site_not_allowed", "This site is not on the list.", "site")
                rejected.append(Rejection(event.index, reason))
                continue
            # A bot cannot join a session by naming it: its events would move the numbers of the visitor's.
            own_session = None if is_bot else event.session_id
            groups.setdefault((site, own_session), []).append(event)
        return groups, sorted(rejected, key=lambda rejection: rejection.index)

    def _request_id(self, body: bytes, groups: dict[tuple[str, str | None], list[ClientEvent]]) -> str:
        """What makes a request the same request. Without ids of its events it is always another one."""
        is_repeatable = all(event.event_id for events in groups.values() for event in events)
        return sha256(body if is_repeatable else self._new_id().encode()).hexdigest()[:24]

    def _items(self, site: str, arrival: Arrival, context: _Context, taken: set[int]) -> list[Item]:
        sender = Sender(site, context.source_ip, context.user_agent, is_bot=bool(context.bot))
        numbering = self._sessions.number(arrival, sender)
        if arrival.received_at - numbering.received_at > LATEST_REPETITION_MS:
            raise Forgotten
        stamped, _ = stamp(numbering.before, arrival.timeline(numbering.received_at))
        visitors: dict[int, str] = {}  # by UTC day: a request's events have one or two

        def visitor_at(at: int) -> str:
            day = at // DAY_MS
            if day not in visitors:
                visitors[day] = self._visitor(at, site, context)
            return visitors[day]

        items = []
        for one in stamped:
            event_id = one.event.event_id or f"{arrival.request_id}-{one.event.index}"
            timestamp = _free(keys.event_timestamp(one.at, keys.event_suffix(event_id)), taken)
            taken.add(timestamp)
            visitor = visitor_at(one.at)
            is_near_midnight = one.at % DAY_MS <= metrics.AFTER_MIDNIGHT_MS
            visitor_before = visitor_at(one.at - DAY_MS) if is_near_midnight else ""
            stored = _stored(one, timestamp, event_id, site, visitor, visitor_before, context)
            items.append(to_item(stored, one.at // 1000 + EVENT_TTL_SECONDS))
        return items

    def _visitor(self, at: int, site: str, context: _Context) -> str:
        return visitor_of(self._visitors.identity(at, site, context.source_ip, context.user_agent))


def _stored(
    one: Stamped,
    timestamp: int,
    event_id: str,
    site: str,
    visitor: str,
    visitor_before: str,
    context: _Context,
) -> StoredEvent:
    event = one.event
    texts = {
        **event.texts,
        "visitor_before": visitor_before,
        "country": context.country,
        "screen": context.screen,
        "lang": context.lang,
    }
    if one.before.events == 0:
        own_hosts = frozenset({site, event.page.host})
        texts["source"] = metrics.traffic_source(event.page.campaign, event.referrer, own_hosts)
        texts |= {name: event.page.campaign.get(name, "") for name in UTM_PARAMETERS}
    return StoredEvent(
        session_id=one.before.session_id,
        timestamp=timestamp,
        event_id=event_id,
        event_type=event.event_type,
        page_url=event.page.url,
        user_agent=str(context.agent),
        referrer=event.referrer,
        site=site,
        visitor=visitor,
        before=one.before,
        interactive=event.interactive,
        bot=context.bot,
        texts=texts,
        numbers=event.numbers,
    )


def _free(timestamp: int, taken: set[int]) -> int:
    """The next sort key that no other event of this request has: hashes may collide, events must not."""
    while timestamp in taken:
        timestamp += 1
    return timestamp


def _answer(stored: int, rejected: list[Rejection], *, is_bot: bool) -> CollectResult:
    accepted, dropped = (0, stored) if is_bot else (stored, 0)
    body: dict[str, Any] = {
        "accepted": accepted,
        "rejected": [rejection.answer() for rejection in rejected],
        "dropped": dropped,
    }
    log = {"accepted": accepted, "rejected": len(rejected), "dropped": dropped}
    if stored:
        return CollectResult(202, body, log=log)
    first = rejected[0].reason
    is_foreign = all(rejection.reason.code == "site_not_allowed" for rejection in rejected)
    error = first.error()
    if len(rejected) > 1 and not is_foreign:
        error = {"code": "all_rejected", "message": "No event of the request could be taken."}
    status = 403 if is_foreign else 400
    return CollectResult(status, {"error": error, **body}, log=log | {"error_code": error["code"]})


def _refused(error: HttpError) -> CollectResult:
    return CollectResult(error.status, error.body(), error.headers, {"error_code": error.code})


def _unavailable(error: StorageError) -> CollectResult:
    body = {"error": {"code": "storage_unavailable", "message": "Not stored. Send the same request again."}}
    return CollectResult(
        503, body, {"Retry-After": "2"}, {"error_code": error.reason, "operation": error.operation}
    )
