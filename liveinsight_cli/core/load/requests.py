"""What is sent: the demo's visitors, each request as the tracker would make it, many visitors at the same time."""

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
VISITS = (
    200  # made beforehand, so that they cost nothing while requests are timed; each is used again and again
)
PRESENT = 50  # visitors who are on the site at once, for each process
MORE_IN_A_REQUEST = 0.45  # how likely the tracker has another event to send along
READER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
EVENTS = ROUTES.index("events")


@dataclass(frozen=True, slots=True)
class Request:
    """One request: `route` is its place in ROUTES, `head` the header lines of its own, `events` how many it holds."""

    route: int
    method: str
    path: str
    head: str
    body: bytes
    events: int


@dataclass(frozen=True, slots=True)
class _Visit:
    """A visit ready to be sent: `{v}` in the head is the browser's version.

    Each batch is a request: its events with the ms before it at which they happened, as JSON without the id.
    """

    head: str
    envelope: str
    batches: tuple[tuple[tuple[int, str], ...], ...]


class Requests:
    """Makes the requests of one process. All visitors of a load come from few addresses: the version of the browser
    tells them apart, as in the demo, and none sends so many that the limit per visitor is met."""

    def __init__(self, plan: LoadPlan, process: int, authorization: str | None = None) -> None:
        self._chance = random.Random(f"{plan.seed}:{process}:requests")  # noqa: S311 - no secret
        shares = shares_of(plan.endpoint)
        self._routes, self._weights = list(shares), list(shares.values())
        first = random.Random(plan.seed).randrange(10**6) * MOST_PROCESSES  # noqa: S311 - no secret
        self._numbers = count(1000 + first + process, plan.processes)
        self._name = f"load-{plan.seed:x}"
        self._visits = self._made(plan.seed * MOST_PROCESSES + process) if "events" in shares else ()
        self._events = self._batches()
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
        visit, number, place = next(self._events)
        batch = visit.batches[place]
        name = f"{self._name}-{number}-{place}"
        events = ",".join(
            f'{{"event_id":"{name}-{index}","timestamp":{now_ms - before},{rest}'
            for index, (before, rest) in enumerate(batch)
        )
        body = f'{{"sent_at":{now_ms},{visit.envelope}"events":[{events}]}}'.encode()
        head = visit.head.replace("{v}", str(number))
        return Request(EVENTS, "POST", "/api/events", head, body, len(batch))

    def _batches(self) -> Iterator[tuple[_Visit, int, int]]:
        """Yield what visitors send (visit, visitor, batch), each in order, many at once; who has gone makes room."""
        present: list[list[tuple[_Visit, int, int]]] = []
        while True:
            while len(present) < PRESENT:
                visit, number = self._chance.choice(self._visits), next(self._numbers)
                present.append([(visit, number, place) for place in reversed(range(len(visit.batches)))])
            chosen = self._chance.randrange(PRESENT)
            yield present[chosen].pop()
            if not present[chosen]:
                present[chosen] = present[-1]
                present.pop()

    def _made(self, seed: int) -> tuple[_Visit, ...]:
        """Make visits of people and no bots: those would be dropped, and cost less."""
        people = visitors(DemoSpec(seed, VISITS, 1, LOAD_SITE, "api"), 0)
        return tuple(self._visit(one) for one in people if not one.is_bot)

    def _visit(self, visitor: Visitor) -> _Visit:
        head = (
            f"User-Agent: {visitor.program.user_agent}\r\nContent-Type: text/plain;charset=UTF-8\r\n"
            f"CloudFront-Viewer-Country: {visitor.country}\r\n"
        )
        envelope = json.dumps({"site": LOAD_SITE, "screen": visitor.program.screen, "lang": "ko-KR"})
        groups = self._grouped(visitor.requests[0].events)
        batches = tuple(tuple((group[-1].at - one.at, _rest(one)) for one in group) for group in groups)
        return _Visit(head, envelope[1:-1] + ",", batches)

    def _grouped(self, events: tuple[DemoEvent, ...]) -> list[list[DemoEvent]]:
        """Return a visit's events as the tracker sends them: most alone, some together."""
        groups: list[list[DemoEvent]] = [[events[0]]]
        for event in events[1:]:
            if self._chance.random() >= MORE_IN_A_REQUEST:
                groups.append([])
            groups[-1].append(event)
        return groups


def _rest(event: DemoEvent) -> str:
    """Return an event's JSON without what is new each time, and without the bracket that opens it."""
    page = f"https://{LOAD_SITE}{event.page}" + (f"?{event.query}" if event.query else "")
    sent: dict[str, object] = {"event_type": event.kind, "page_url": page}
    optional = {"referrer": event.referrer, "engaged_ms": event.engaged_ms, "interactive": event.interactive}
    return json.dumps(sent | {name: value for name, value in optional.items() if value})[1:]
