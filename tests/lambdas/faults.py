"""Faults at one chosen call of a run, and a trace that has something of everything the aggregator tells apart."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Literal

from aggregator.batch import Folder
from shared.connection import NoAnswer, Refusal
from tests.lambdas.test_collect_contract import event
from tests.lambdas.world import EVENTS, SESSIONS, STATE, World

MIDNIGHT = 1_763_942_400_000
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
Fault = Literal["crash before", "crash after", "throttled", "no answer", "answer lost", "made twice"]
Send = Callable[[str, dict[str, Any]], dict[str, Any]]


class Crash(BaseException):
    """The process is gone: nothing in it can catch this."""


@contextmanager
def fault_at(
    world: World, call: int, fault: Fault | Callable[[Send, str, dict[str, Any]], dict[str, Any]]
) -> Iterator[list[str]]:
    """Let the call of that number (from 0) go wrong; yields the operations that were asked for.

    A function is a fault of its own: it answers in the call's place. `made twice` is what the connection does when
    the answer to its first attempt is lost: it asks again.
    """
    plain: Send = world.client.send  # type: ignore[assignment]
    asked: list[str] = []

    def send(operation: str, request: dict[str, Any]) -> dict[str, Any]:
        asked.append(operation)
        if len(asked) != call + 1:
            return plain(operation, request)
        if not isinstance(fault, str):
            return fault(plain, operation, request)
        if fault == "crash before":
            raise Crash
        if fault == "throttled":
            raise Refusal(400, "ThrottlingException", {})
        if fault == "no answer":
            raise NoAnswer("TimeoutError")
        with suppress(Refusal):  # its condition failed: lost is that answer
            plain(operation, request)
        if fault == "crash after":
            raise Crash
        if fault == "answer lost":
            raise NoAnswer("TimeoutError")
        assert fault == "made twice"
        return plain(operation, request)

    world.client.send = send  # type: ignore[method-assign, assignment]
    try:
        yield asked
    finally:
        world.client.send = plain  # type: ignore[method-assign, assignment]


def traffic(world: World) -> list[dict[str, Any]]:
    """Stream records of two sites and two visitors: over clock hours and midnight, bots, a late event, two sessions."""

    def send(minute: float, number: int, ip: str = "203.0.113.1", **more: Any) -> None:
        world.now = MIDNIGHT + round(minute * 60_000)
        user_agent = more.pop("user_agent", None)
        world.send(event(number, **more), ip=ip, **({"user_agent": user_agent} if user_agent else {}))

    shop, blog, other = "https://shop.example", "https://www.blog.example", "203.0.113.2"
    send(-70, 1, page_url=f"{shop}/?utm_source=news", user_id="customer-1")
    send(-62, 2, page_url=f"{shop}/pricing")
    send(-61, 3, page_url=f"{shop}/", user_agent=BOT)
    send(-58, 4, page_url=f"{shop}/pricing", event_type="click", interactive=True)
    send(-57, 5, page_url=f"{blog}/first", ip=other, referrer="https://www.google.com/")
    send(-35, 6, page_url=f"{blog}/second", ip=other)
    send(-20, 7, page_url=f"{shop}/again")
    send(-3, 8, page_url=f"{shop}/again", event_type="engagement", engaged_ms=1500)
    send(-1, 9, page_url=f"{shop}/late", timestamp=MIDNIGHT - 16 * 60_000)
    send(4, 10, page_url=f"{shop}/done")
    send(6, 11, page_url=f"{blog}/third", ip=other)
    send(8, 12, page_url=f"{blog}/", user_agent=BOT)
    return world.new_records()


def derived(world: World) -> list[dict[str, Any]]:
    """All that the aggregator writes, but for how often a day was marked: that counts deliveries."""
    kept = [
        {name: value for name, value in item.items() if name not in ("marks", "folded_marks")}
        for item in world.items(STATE)
        if "now" not in item and "salt" not in item
    ]
    return kept + world.items(SESSIONS)


def settled(world: World, now: int) -> tuple[Any, ...]:
    """Everything derived and the figures, once the scheduled tasks have run at that time."""
    world.now = now
    world.sweep()
    world.fold_days()
    assert world.fold_days() == {"days_folded": 0}
    answers = [world.stats(range="7d", limit="100", **site) for site in ({}, {"site": "shop.example"})]
    return derived(world), answers, world.realtime()


def new_container(world: World) -> None:
    """What comes next runs in a process that knows nothing."""
    world.folder = Folder(world.store)
    world.collector = world.new_collector()


def wipe(world: World) -> None:
    """Empty all tables."""
    for table, names in (
        (EVENTS, ("session_id", "timestamp")),
        (SESSIONS, ("session_id",)),
        (STATE, ("pk", "sk")),
    ):
        for item in world.items(table):
            key = {name: item[name] for name in names}
            world.plane.handle("DeleteItem", {"TableName": table, "Key": key})
    new_container(world)


def known_salt(day: str, number: int) -> dict[str, Any]:
    """The item of a day's salt, in place of one that is made at random; it expires `number` days after midnight."""
    return {
        "pk": {"S": "salts"},
        "sk": {"S": day},
        "salt": {"B": b64encode(bytes([number]) * 32).decode()},
        "ttl": {"N": str(MIDNIGHT // 1000 + 86_400 * number)},
    }
