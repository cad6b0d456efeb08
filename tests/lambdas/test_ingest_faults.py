"""Every fault at every call of a request: 202 only for what is stored, and the tracker's retry makes it whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any, get_args

import pytest

from event_collector.ingest import CollectResult
from shared.connection import Refusal
from tests.lambdas.faults import MIDNIGHT, Crash, Fault, fault_at, known_salt, new_container, wipe
from tests.lambdas.test_collect_contract import event
from tests.lambdas.world import EVENTS, STATE, World

DAYS = ("2025-11-22", "2025-11-23", "2025-11-24")
MINUTE = 60_000
SHOP, BLOG = "https://shop.example/", "https://www.blog.example/"
Faults = (*get_args(Fault), "table missing", "partly written", "nothing written")


def first_request(world: World) -> list[dict[str, Any]]:
    return [event(1), event(2, event_type="click")]


def running_session(world: World) -> list[dict[str, Any]]:
    world.send(event(90))
    world.now += MINUTE
    return [event(1), event(2)]


def expired_session(world: World) -> list[dict[str, Any]]:
    world.send(event(90))
    world.now += 31 * MINUTE
    return [event(1)]


def late_event(world: World) -> list[dict[str, Any]]:
    world.send(event(90))
    world.now += MINUTE
    return [event(1, timestamp=world.now - 10 * MINUTE), event(2)]


def over_midnight(world: World) -> list[dict[str, Any]]:
    world.now = MIDNIGHT - 5 * MINUTE
    world.send(event(90))
    world.now = MIDNIGHT + 1000
    return [event(1), event(2)]


def own_session(world: World) -> list[dict[str, Any]]:
    world.send(event(90, session_id="session-of-the-app"))
    world.now += 60 * MINUTE
    return [event(1, session_id="session-of-the-app"), event(2, session_id="another-of-the-app")]


def several_sites(world: World) -> list[dict[str, Any]]:
    world.send(event(90, page_url=SHOP))
    world.now += MINUTE
    return [event(1, page_url=SHOP), event(2, page_url=BLOG), event(3, page_url=SHOP)]


def first_of_the_day(world: World) -> list[dict[str, Any]]:
    for day in DAYS:
        key = {"pk": {"S": "salts"}, "sk": {"S": day}}
        world.plane.handle("DeleteItem", {"TableName": STATE, "Key": key})
    new_container(world)
    return [event(1), event(2, page_url=BLOG)]


SITUATIONS: list[Callable[[World], list[dict[str, Any]]]] = [
    first_request, running_session, expired_session, late_event, over_midnight, own_session, several_sites,
    first_of_the_day,
]  # fmt: skip

SESSIONS_OF = dict(zip(SITUATIONS, (1, 1, 2, 1, 1, 2, 2, 2), strict=True))


def prepare(world: World, situation: Callable[[World], list[dict[str, Any]]]) -> bytes:
    """Empty tables with known salts, what came before, and the request whose calls go wrong."""
    wipe(world)
    world.now = MIDNIGHT - 200 * MINUTE
    for number, day in enumerate(DAYS):
        world.plane.handle("PutItem", {"TableName": STATE, "Item": known_salt(day, number)})
    return json.dumps({"events": situation(world)}).encode()


def try_once(world: World, body: bytes, call: int, fault: str) -> tuple[bool, CollectResult | None]:
    """Whether the call that goes wrong was reached, and the answer, which a crash does not leave."""
    with going_wrong(world, call, fault) as asked:
        try:
            result = world.send(body)
        except Crash:
            new_container(world)
            result = None
    if result is not None and result.status == 202:
        sent = {one["event_id"] for one in json.loads(body)["events"]}
        assert sent <= {item["event_id"]["S"] for item in world.items(EVENTS)}, "202 without being stored"
    return len(asked) > call, result


def going_wrong(world: World, call: int, fault: str) -> Any:
    if fault in get_args(Fault):
        return fault_at(world, call, fault)  # type: ignore[arg-type]
    return fault_at(world, call, partial(spoil, fault))


def spoil(fault: str, send: Any, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """Faults that are answers: a table that is gone for the moment, writes that are handed back."""
    if fault == "table missing":
        raise Refusal(400, "ResourceNotFoundException", {})
    if operation != "BatchWriteItem":
        return dict(send(operation, request))
    [(table, writes)] = request["RequestItems"].items()
    done = writes[: len(writes) // 2] if fault == "partly written" else []
    if done:
        send(operation, {"RequestItems": {table: done}})
    return {"UnprocessedItems": {table: writes[len(done) :]}}


def shape(items: list[dict[str, Any]], *, with_time: bool = True) -> list[Any]:
    """Events by their ids, with sessions and visitors told apart but not named: salts are made at random."""
    names: dict[str, str] = {}
    shown = []
    for item in sorted(items, key=lambda one: str(one["event_id"]["S"])):
        known = {
            name: {"S": names.setdefault(item[name]["S"], f"{name} {len(names)}")}
            for name in ("session_id", "visitor", "visitor_before")
            if name in item
        }
        if not with_time:
            known |= {"timestamp": {}, "ttl": {}, "before": item["before"]["M"]["n"]}
        shown.append({**item, **known})
    return shown


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: str(situation.__name__))
def test_a_retry_after_any_fault_at_any_call_leaves_the_same_events_as_a_run_without_faults(
    world: World, situation: Callable[[World], list[dict[str, Any]]]
) -> None:
    body = prepare(world, situation)
    assert world.send(body).status == 202
    whole = shape(world.items(EVENTS))
    assert len({item["session_id"]["S"] for item in world.items(EVENTS)}) == SESSIONS_OF[situation]
    world.new_records()
    for fault in Faults:
        call, reached = 0, True
        while reached:
            body = prepare(world, situation)
            world.new_records()
            reached, _ = try_once(world, body, call, fault)
            assert world.send(body).status == 202
            assert shape(world.items(EVENTS)) == whole, f"{fault} at call {call}"
            kinds = [record["eventName"] for record in world.new_records()]
            assert kinds == ["INSERT"] * len(json.loads(body)["events"]), f"{fault} at call {call}"
            call += 1
        assert call > 2


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: str(situation.__name__))
def test_with_another_request_between_fault_and_retry_numbers_stay_without_a_gap_or_a_double(
    world: World, situation: Callable[[World], list[dict[str, Any]]]
) -> None:
    def between() -> None:
        world.now += 1000
        own = {"session_id": "session-of-the-app"} if situation is own_session else {}
        assert world.send(event(50, **own), collector=world.new_collector()).status == 202
        world.now += 1000

    orders = []
    for is_first in (True, False):
        body = prepare(world, situation)
        if is_first:
            world.send(body)
        between()
        world.send(body)
        orders.append(shape(world.items(EVENTS), with_time=False))
    for fault in Faults[1:]:  # a crash before a call is one after the call before it
        call, reached = 0, True
        while reached:
            body = prepare(world, situation)
            reached, _ = try_once(world, body, call, fault)
            between()
            assert world.send(body).status == 202
            assert shape(world.items(EVENTS), with_time=False) in orders, f"{fault} at call {call}"
            call += 1


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: str(situation.__name__))
def test_another_request_that_comes_first_at_any_call_leaves_numbers_without_a_gap_or_a_double(
    world: World, situation: Callable[[World], list[dict[str, Any]]]
) -> None:
    own = {"session_id": "session-of-the-app"} if situation is own_session else {}

    def other_first(send: Any, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        world.client.send = send  # type: ignore[method-assign]
        assert world.send(event(50, **own), collector=world.new_collector()).status == 202
        return dict(send(operation, request))

    orders = []
    for is_first in (True, False):
        body = prepare(world, situation)
        for sent in (body, event(50, **own)) if is_first else (event(50, **own), body):
            assert world.send(sent).status == 202
        orders.append(shape(world.items(EVENTS), with_time=False))
    call, reached = 0, True
    while reached:
        body = prepare(world, situation)
        with fault_at(world, call, other_first) as asked:
            assert world.send(body).status == 202
        reached = len(asked) > call
        if reached:
            assert shape(world.items(EVENTS), with_time=False) in orders, f"at call {call}"
        call += 1
    assert call > 2


def test_writes_that_are_handed_back_for_ever_are_a_503_and_the_retry_writes_only_what_is_missing(
    world: World,
) -> None:
    body = prepare(world, first_request)
    plain = world.client.send
    world.client.send = partial(spoil_writes, plain)  # type: ignore[method-assign]
    assert world.send(body).status == 503
    assert len(world.items(EVENTS)) == 1
    world.client.send = plain  # type: ignore[method-assign]
    assert world.send(body).status == 202
    assert [record["eventName"] for record in world.new_records()] == ["INSERT"] * 2


def spoil_writes(send: Any, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    return spoil("partly written", send, operation, request)
