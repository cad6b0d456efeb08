"""The demo's visitors: who comes when, from where, and what they send. The same spec gives the same bytes, always.

A visitor sends at most four requests, because that is how many a visitor's row remembers: sending all of them
again changes nothing, so that a run may be continued from anywhere.
"""

import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from liveinsight_cli.core.demo_catalogue import (
    BOTS,
    COUNTRIES,
    ORIGINS,
    PAGES,
    PROGRAMS,
    RHYTHM,
    SITE_UTC_OFFSET_HOURS,
    Origin,
    Program,
)

Via = Literal["api", "table"]
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
MOST_REQUESTS = 4
LONGEST_SPAN_MS = 14 * 60_000  # of one request: a client's delay is honoured up to 15 minutes
QUIET_MS = 31 * 60_000  # longer than the gap that ends a session
BOT_SHARE = 0.04
RETURNING_SHARE = 0.12
BOUNCE_SHARE = 0.38
RETRY_SHARE = 0.05


@dataclass(frozen=True)
class DemoSpec:
    """What a demo is made from."""

    seed: int
    sessions: int
    days: int
    site: str
    via: Via = "table"

    @property
    def digest(self) -> str:
        """Name of this spec: the same wherever it is asked for."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class DemoEvent:
    """One thing that a visitor did, at epoch ms."""

    at: int
    kind: str
    page: str
    query: str = ""
    referrer: str = ""
    engaged_ms: int = 0
    interactive: bool = False


@dataclass(frozen=True)
class DemoRequest:
    """Events sent together at `received_at`; `repeated` when the same bytes are sent twice."""

    received_at: int
    events: tuple[DemoEvent, ...]
    repeated: bool = False


@dataclass(frozen=True)
class Visitor:
    """One visitor with all requests, in order of time."""

    number: int
    source_ip: str
    program: Program
    user_agent: str
    country: str
    is_bot: bool
    requests: tuple[DemoRequest, ...]

    def body(self, spec: DemoSpec, index: int) -> bytes:
        """The bytes of a request; the same for the same spec and anchor."""
        request = self.requests[index]
        prefix = f"{spec.digest}-{self.number}-{index}"
        events = [
            _sent(event, f"{prefix}-{position}", spec.site) for position, event in enumerate(request.events)
        ]
        envelope = {
            "site": spec.site,
            "sent_at": request.received_at,
            "screen": self.program.screen,
            "lang": "ko-KR",
        }
        return json.dumps({**envelope, "events": events}, separators=(",", ":")).encode()


def visitors(spec: DemoSpec, anchor_ms: int) -> Iterator[Visitor]:
    """Yield the visitors whose visits, `spec.sessions` together, lie in the `spec.days` days before the anchor."""
    left, number = spec.sessions, 0
    while left > 0:
        chance = random.Random(f"{spec.seed}:{spec.digest}:{number}")  # noqa: S311 - reproducible on purpose
        visits = 2 if left > 1 and spec.via == "table" and chance.random() < RETURNING_SHARE else 1
        one = _person(chance, spec, anchor_ms, number, visits)
        left -= visits
        yield one
        number += 1
        if chance.random() < BOT_SHARE:
            yield _bot(chance, spec, anchor_ms, number)
            number += 1


def _sent(event: DemoEvent, event_id: str, site: str) -> dict[str, Any]:
    url = f"https://{site}{event.page}" + (f"?{event.query}" if event.query else "")
    sent: dict[str, Any] = {
        "event_id": event_id,
        "event_type": event.kind,
        "page_url": url,
        "timestamp": event.at,
    }
    optional = {"referrer": event.referrer, "engaged_ms": event.engaged_ms, "interactive": event.interactive}
    return sent | {name: value for name, value in optional.items() if value}


def _person(chance: random.Random, spec: DemoSpec, anchor_ms: int, number: int, visits: int) -> Visitor:
    program = _chosen(chance, PROGRAMS)
    country = _chosen(chance, COUNTRIES)
    pieces = MOST_REQUESTS // visits
    if spec.via == "api":
        pieces = 1  # sent now: only within one request do times not depend on how fast it is sent
    first = _visit(chance, _chosen(chance, ORIGINS))
    offset = 0
    timeline = [first]
    if visits == 2:
        offset = first[-1].at + QUIET_MS + int(chance.expovariate(1 / (2 * HOUR_MS)))
        offset = min(offset, 10 * HOUR_MS)
        timeline.append([_moved(event, offset) for event in _visit(chance, _chosen(chance, ORIGINS))])
    length = timeline[-1][-1].at
    start = _start(chance, spec, anchor_ms, length)
    requests: list[DemoRequest] = []
    for visit in timeline:
        moved = [_moved(event, start) for event in visit]
        requests += _requests(chance, moved, pieces)
    return Visitor(
        number,
        _address(_first(spec) + number),
        program,
        _agent(chance, program, spec, number),
        country,
        False,
        tuple(requests),
    )


def _bot(chance: random.Random, spec: DemoSpec, anchor_ms: int, number: int) -> Visitor:
    at = _start(chance, spec, anchor_ms, 0)
    program = Program(chance.choice(BOTS), "other", "Other", "Other", "")
    request = DemoRequest(at, (DemoEvent(at, "page_view", _page(chance)),))
    return Visitor(
        number, _address(_first(spec) + number), program, program.user_agent, "US", True, (request,)
    )


def _visit(chance: random.Random, origin: Origin) -> list[DemoEvent]:
    """One visit beginning at 0: page views with pauses, pings while a page is read, now and then a deed."""
    page, at = _page(chance), 0
    events = [DemoEvent(0, "page_view", page, origin.query, origin.referrer)]
    views = 1 if chance.random() < BOUNCE_SHARE else min(2 + int(chance.expovariate(0.45)), 12)
    for view in range(views):
        pause = max(3_000, min(int(chance.lognormvariate(3.4, 0.9) * 1000), 8 * 60_000))
        if pause > 12_000:
            events.append(
                DemoEvent(at + min(pause - 2_000, 15_000), "engagement", page, engaged_ms=min(pause, 15_000))
            )
        if chance.random() < 0.05:
            kind = "signup" if page in ("/signup", "/pricing") else "download"
            events.append(DemoEvent(at + pause - 1_000, kind, page, interactive=True))
        at += pause
        if view < views - 1:
            page = _page(chance)
            events.append(DemoEvent(at, "page_view", page))
    return events


def _requests(chance: random.Random, events: list[DemoEvent], most: int) -> list[DemoRequest]:
    """Cut a visit into at most `most` requests; what does not fit was never done."""
    groups: list[list[DemoEvent]] = [[]]
    for event in events:
        group = groups[-1]
        if group and (event.at - group[0].at > LONGEST_SPAN_MS or len(group) >= 20):
            if len(groups) == most:
                break
            groups.append([])
        elif group and len(groups) < most and chance.random() < 0.5:
            groups.append([])
        groups[-1].append(event)
    return [DemoRequest(group[-1].at, tuple(group), chance.random() < RETRY_SHARE) for group in groups]


def _start(chance: random.Random, spec: DemoSpec, anchor_ms: int, length_ms: int) -> int:
    if spec.via == "api":
        return anchor_ms - length_ms
    span = spec.days * DAY_MS
    latest = max(span - length_ms - 1_000, 1)
    while True:
        at = anchor_ms - span + chance.randrange(latest)
        local_hour = (at // HOUR_MS + SITE_UTC_OFFSET_HOURS) % 24
        if chance.random() < RHYTHM[local_hour]:
            return at


def _moved(event: DemoEvent, by: int) -> DemoEvent:
    return replace(event, at=event.at + by)


def _page(chance: random.Random) -> str:
    return chance.choices(PAGES, [1 / rank for rank in range(1, len(PAGES) + 1)])[0]


def _chosen(chance: random.Random, weighted: tuple[tuple[Any, int], ...]) -> Any:
    return chance.choices([one for one, _ in weighted], [weight for _, weight in weighted])[0]


def _agent(chance: random.Random, program: Program, spec: DemoSpec, number: int) -> str:
    version = 130 + chance.randrange(12)
    if spec.via == "api":
        version = (
            1000 + _first(spec) + number
        )  # addresses may all be the same: the program's version tells visitors apart
    return program.user_agent.replace("{v}", str(version))


def _first(spec: DemoSpec) -> int:
    """Where a spec's visitors begin: sent now, those of another spec could still be there and go on with a visit."""
    return int(spec.digest[:5], 16) if spec.via == "api" else 0


def _address(number: int) -> str:
    """An address of the loopback network for each visitor, so that an embedded API can be called from it."""
    return f"127.{1 + number // 62_500 % 250}.{1 + number // 250 % 250}.{1 + number % 250}"
