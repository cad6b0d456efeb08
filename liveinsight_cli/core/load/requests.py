"""What is sent: the demo's visitors, each request as the tracker would make it, all at the same time."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlencode

from liveinsight_cli.core.demo import DemoEvent, DemoSpec, Visitor, visitors
from liveinsight_cli.core.load.plan import MOST_PROCESSES, ROUTES, LoadPlan, shares_of

# Always accepted, never part of figures for all sites: docs/architecture.md, "Contract: functions".
LOAD_SITE = "load.liveinsight.invalid"
PRESENT = 50  # visitors who are on the site at once, for each process
MORE_IN_A_REQUEST = 0.45  # how likely the tracker has another event to send along
A_CHUNK = 500  # visitors are made from specs of so many
READER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@dataclass(frozen=True, slots=True)
class Request:
    """One request: `route` is its place in ROUTES, `head` the header lines of its own, `events` how many it holds."""

    route: int
    method: str
    path: str
    head: str
    body: bytes
    events: int


class Requests:
    """Makes the requests of one process; no two visitors of any load have the same user agent, hence are one."""

    def __init__(self, plan: LoadPlan, process: int, authorization: str | None = None) -> None:
        self._chance = random.Random(f"{plan.seed}:{process}:requests")  # noqa: S311 - as above
        shares = shares_of(plan.endpoint)
        self._routes, self._weights = list(shares), list(shares.values())
        self._seed = (plan.seed, process)
        self._numbers = count(self._chance.randrange(10**7) * MOST_PROCESSES + process, plan.processes)
        self._events = self._visitors_requests()
        self._reader = f"User-Agent: {READER}\r\n"
        if authorization:
            self._reader += f"Authorization: {authorization}\r\n"

    def next(self, now_ms: int) -> Request:
        """Return the next request, sent at this time of the wall clock."""
        routes = self._routes
        route = routes[0] if len(routes) == 1 else self._chance.choices(routes, self._weights)[0]
        return self._sent(now_ms) if route == "events" else self._read(route)

    def _read(self, route: str) -> Request:
        query = {"site": LOAD_SITE} | ({"range": "24h"} if route == "stats" else {})
        return Request(ROUTES.index(route), "GET", f"/api/{route}?{urlencode(query)}", self._reader, b"", 0)

    def _sent(self, now_ms: int) -> Request:
        visitor, user_agent, name, events = next(self._events)
        late = now_ms - events[-1].at
        sent = [
            {
                "event_id": f"{name}-{number}",
                "event_type": event.kind,
                "page_url": f"https://{LOAD_SITE}{event.page}" + (f"?{event.query}" if event.query else ""),
                "timestamp": event.at + late,
                **({"referrer": event.referrer} if event.referrer else {}),
                **({"engaged_ms": event.engaged_ms} if event.engaged_ms else {}),
                **({"interactive": True} if event.interactive else {}),
            }
            for number, event in enumerate(events)
        ]
        envelope = {"site": LOAD_SITE, "sent_at": now_ms, "screen": visitor.program.screen, "lang": "ko-KR"}
        body = json.dumps({**envelope, "events": sent}, separators=(",", ":")).encode()
        head = (
            f"User-Agent: {user_agent}\r\nContent-Type: text/plain;charset=UTF-8\r\n"
            f"CloudFront-Viewer-Country: {visitor.country}\r\n"
        )
        return Request(0, "POST", "/api/events", head, body, len(sent))

    def _visitors_requests(self) -> Iterator[tuple[Visitor, str, str, list[DemoEvent]]]:
        """Yield what visitors send, each in order, many at once; who has gone makes room for another."""
        coming = self._people()
        present: list[tuple[Visitor, str, Iterator[tuple[str, list[DemoEvent]]]]] = []
        while True:
            while len(present) < PRESENT:
                visitor, name = next(coming)
                # All come from one address or few: the version of the browser tells them apart, as in the demo.
                user_agent = visitor.program.user_agent.replace("{v}", str(1000 + next(self._numbers)))
                present.append((visitor, user_agent, self._batches(visitor, name)))
            place = self._chance.randrange(PRESENT)
            visitor, user_agent, batches = present[place]
            batch = next(batches, None)
            if batch is None:
                present[place] = present[-1]
                present.pop()
            else:
                yield visitor, user_agent, *batch

    def _people(self) -> Iterator[tuple[Visitor, str]]:
        """Yield people and no bots: those would be dropped, and cost less."""
        number = 0
        while True:
            spec = DemoSpec(hash((*self._seed, number)), A_CHUNK, 1, LOAD_SITE, "api")
            for visitor in visitors(spec, 0):
                if not visitor.is_bot:
                    yield visitor, f"{spec.digest}-{visitor.number}"
            number += 1

    def _batches(self, visitor: Visitor, name: str) -> Iterator[tuple[str, list[DemoEvent]]]:
        """Yield a visit's events as the tracker sends them: most alone, some together."""
        batch: list[DemoEvent] = []
        number = 0
        for event in visitor.requests[0].events:
            batch.append(event)
            if self._chance.random() >= MORE_IN_A_REQUEST:
                yield f"{name}-{number}", batch
                batch, number = [], number + 1
        if batch:
            yield f"{name}-{number}", batch
