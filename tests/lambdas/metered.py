"""A world that counts what its requests cost, and traffic like that of real visits to send into it."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liveinsight_cli.core.usage import Traffic
from liveinsight_cli.local.dynamodb import Capacity, DataPlane
from tests.lambdas.world import EVENTS, SESSIONS, STATE, World

START = 1_763_895_600_000 // 3_600_000 * 3_600_000

BATCH_MS = 5_000  # terraform/streams.tf: maximum_batching_window_in_seconds
_PAGE_VIEW = {"event_type": "page_view", "title": "A title", "referrer": "https://www.google.com/"}
SWEEP_MS = 300_000  # terraform/streams.tf: rate(5 minutes)


class MeteredWorld(World):
    """Adds up write and read units by table and by index, as DynamoDB bills them."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.plane.close()
        self.plane = DataPlane(path, self.tables, clock=self.seconds, on_request=self._count)
        self.client.plane = self.plane
        self.written: Counter[str] = Counter()
        self.read: Counter[str] = Counter()
        self.batches = 0

    def _count(self, capacity: Capacity) -> None:
        used = {capacity.table: (capacity.write_units, capacity.read_units)}
        used |= {name: (units.write, units.read) for name, units in capacity.indexes.items()}
        for name, (written, read) in used.items():
            self.written[name] += written
            self.read[name] += read

    def run(self, visits: list[Request]) -> None:
        """Send requests at their times, fold every five seconds, sweep every five minutes until all is silent."""
        pump_at = visits[0].at + BATCH_MS
        for request in visits:
            while pump_at <= request.at:
                self._pump(pump_at)
                pump_at += BATCH_MS
            self.now = request.at
            assert self.send(request.body, ip=request.ip, country="KR").status == 202
        self._pump(self.now + BATCH_MS)
        self.now += 1_800_000 + SWEEP_MS
        self.sweep()

    def _pump(self, at: int) -> None:
        self.now = at
        before = len(self.delivered)
        self.pump()
        self.batches += len(self.delivered) - before


@dataclass(frozen=True)
class Request:
    """One request of a visit."""

    at: int
    ip: str
    body: dict[str, Any]


def visits(count: int, events: int, per_request: int, requests_a_minute: int, start: int) -> list[Request]:
    """Visits of so many events each, half a minute apart, begun so that requests come at that rate."""
    rng = random.Random(11)
    every_ms = 60_000 * (events // per_request) / requests_a_minute
    found = [
        request
        for number in range(count)
        for request in _visit(rng, number, events, per_request, start + int(number * every_ms))
    ]
    return sorted(found, key=lambda request: request.at)


def _visit(rng: random.Random, visit: int, events: int, per_request: int, at: int) -> Iterator[Request]:
    for first in range(0, events, per_request):
        batch = [_event(rng, visit, index, at) for index in range(first, first + per_request)]
        body = {"events": batch, "sent_at": at, "screen": "1920x1080", "lang": "ko-KR"}
        yield Request(at, f"10.{visit >> 16}.{visit >> 8 & 255}.{visit & 255}", body)
        at += rng.randrange(10_000, 50_000) * per_request


def _event(rng: random.Random, visit: int, index: int, at: int) -> dict[str, Any]:
    rank = int(500 ** rng.random())
    return {
        "event_id": f"{visit:08x}-{index:04x}",
        "event_type": "page_view" if index % 3 == 0 else "engagement",
        "page_url": f"https://shop.example/section-{rank % 12}/page-{rank}",
        "title": "A page with a title of usual length",
        "referrer": "https://www.google.com/" if index == 0 else "https://shop.example/",
        "timestamp": at - 20 * (25 - index),
        "engaged_ms": 5000,
    }


@dataclass(frozen=True)
class Visits:
    """Visits that are begun evenly; `per_request` of their events are sent together."""

    count: int
    events: int
    per_request: int
    requests_a_minute: int

    @property
    def hours(self) -> float:
        """For how long they are begun."""
        return self.traffic.requests / self.requests_a_minute / 60

    @property
    def traffic(self) -> Traffic:
        """The same for the model; each event stands for half a minute, as it does in `visits`."""
        return Traffic(
            views=self.count * self.events,
            events_per_request=self.per_request,
            views_per_visit=self.events,
            visit_seconds=(self.events - self.per_request) * 30.0,
        )


@dataclass(frozen=True)
class Counted:
    """What visits took; `written` are write units by table and index."""

    events: int
    requests: int
    batches: int
    written: dict[str, float]
    read_units: float
    event_bytes: int


def counted(path: Path, asked: Visits) -> Counted:
    """Run visits from the beginning of an hour on, and count."""
    world = MeteredWorld(path)
    world.now = START
    requests = visits(asked.count, asked.events, asked.per_request, asked.requests_a_minute, START)
    world.run(requests)
    read_units = sum(world.read.values())  # before the events are read for their size
    items = world.items(EVENTS)
    assert len(items) == asked.count * asked.events
    names = {EVENTS: "events", SESSIONS: "sessions", STATE: "state"}
    found = Counted(
        events=len(items),
        requests=len(requests),
        batches=world.batches,
        written={names.get(name, name): units for name, units in world.written.items() if units},
        read_units=read_units,
        event_bytes=sum(len(json.dumps(item)) for item in items),
    )
    world.close()
    return found


def realtime_read_units(path: Path, sessions: int, events_a_session: int) -> float:
    """Read units of one answer about the present while sessions begun within the last 25 minutes are alive."""
    world = MeteredWorld(path)
    for number in range(sessions):
        world.now = 1_763_895_000_000 + number * 1_500_000 // sessions
        page = f"https://shop.example/section-{number % 12}/page-{number % 300}"
        for first in range(0, events_a_session, 25):
            ids = range(first, min(first + 25, events_a_session))
            batch = [
                {**_PAGE_VIEW, "event_id": f"{number:08x}-{index:04x}", "page_url": page} for index in ids
            ]
            assert world.send({"events": batch}, ip=f"10.0.{number >> 8}.{number & 255}").status == 202
        if number % 100 == 0 or number == sessions - 1:
            world.pump()
    world.read.clear()
    answer = world.realtime(site="shop.example")
    assert answer["active_sessions"] == sessions
    assert len(answer["recent"]) == 20
    units = sum(world.read.values())
    world.close()
    return units
