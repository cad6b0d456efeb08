"""A world and an oracle that are told the same: whatever is asked, both have to answer alike."""

from __future__ import annotations

import json
from typing import Any

from tests.lambdas.figures import Glance, Look, assert_realtime_equal, assert_stats_equal
from tests.lambdas.oracle import Oracle
from tests.lambdas.traces import PEOPLE
from tests.lambdas.world import World

MONDAY = 1_763_942_400_000  # 2025-11-24


def moment(clock: str) -> int:
    """Epoch ms of a time of that Monday; `24:15:00` is a quarter past midnight."""
    hours, minutes, seconds = (int(part) for part in clock.split(":"))
    return MONDAY + ((hours * 60 + minutes) * 60 + seconds) * 1000


def view(path: str, **fields: Any) -> dict[str, Any]:
    """A page view of `shop.example`, or what `fields` make of it."""
    return {"event_type": "page_view", "page_url": f"https://shop.example{path}", **fields}


class Told:
    """Sends to both, asks both."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.oracle = Oracle()
        self._number = 0

    def send(self, clock: str, *events: dict[str, Any], who: str = "Ann", **envelope: Any) -> bytes:
        """A request of somebody at a time; its bytes, to be sent again."""
        self._number += 1
        numbered = [{"event_id": f"event-{self._number:03}-{i}", **event} for i, event in enumerate(events)]
        document = {"events": numbered, **envelope}
        body = json.dumps(document).encode()
        self.send_again(clock, body, who)
        self.oracle.tell(self.world.now, PEOPLE[who], document)
        return body

    def send_again(self, clock: str, body: bytes, who: str = "Ann", status: int = 202) -> None:
        """The same request once more: nothing that the oracle would have to know."""
        self.world.now = moment(clock)
        sender = PEOPLE[who]
        result = self.world.send(
            body, ip=sender.ip, user_agent=sender.user_agent, country=sender.country or None
        )
        assert result.status == status, result.body
        self.world.pump()

    def stats(self, clock: str, **parameters: Any) -> dict[str, Any]:
        """What `GET /api/stats` answers at a time."""
        self.world.now = moment(clock)
        look = Look(**parameters)
        assert_stats_equal(self.world, self.oracle, look)
        return self.world.stats(**{name: str(value) for name, value in parameters.items()})

    def live(self, clock: str) -> dict[str, Any]:
        """What `GET /api/realtime` answers at a time."""
        self.world.now = moment(clock)
        assert_realtime_equal(self.world, self.oracle, Glance())
        return self.world.realtime()
