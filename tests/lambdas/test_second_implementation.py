"""The same traffic through all functions on two DynamoDBs that share no code leaves the same items and answers.

The other one is dynalite. It has no streams: what was inserted is found out around each BatchWriteItem, for both.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from event_collector.ingest import Collector
from shared.connection import Connection, Refusal
from shared.signing import Credentials
from tests.lambdas.faults import BOT, MIDNIGHT, known_salt
from tests.lambdas.world import CHROME, EVENTS, SESSIONS, STATE, World
from tests.strict.schemas import tables

REQUESTS = 100
Carry = Callable[[str, dict[str, Any]], dict[str, Any]]
SITES = ("https://shop.example", "https://www.blog.example", "https://docs.example")
KINDS = ("page_view", "page_view", "page_view", "engagement", "click")


@dataclass
class Recording:
    """Calls as they are; events that were not there before become records of a stream."""

    carry: Carry
    records: list[dict[str, Any]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(10**20))

    def send(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        if operation != "BatchWriteItem":
            return self.carry(operation, request)
        items = [write["PutRequest"]["Item"] for write in request["RequestItems"][EVENTS]]
        keys = [{name: item[name] for name in ("session_id", "timestamp")} for item in items]
        found = self.carry("BatchGetItem", {"RequestItems": {EVENTS: {"Keys": keys}}})["Responses"][EVENTS]
        known = {(item["session_id"]["S"], item["timestamp"]["N"]) for item in found}
        answer = self.carry(operation, request)
        for key, item in zip(keys, items, strict=True):
            if (key["session_id"]["S"], key["timestamp"]["N"]) not in known:
                change = {"Keys": key, "NewImage": item, "SequenceNumber": str(next(self.numbers))}
                self.records.append({"eventName": "INSERT", "dynamodb": change})
        return answer


@dataclass
class Dynalite:
    """dynalite with the one answer that it does not know: the item that made a condition fail (AWS: June 2023)."""

    connection: Connection

    def send(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        try:
            return self.connection.send(operation, request)
        except Refusal as refusal:
            if "ReturnValuesOnConditionCheckFailure" not in request or "Item" in refusal.answer:
                raise
            table = tables()[request["TableName"]]
            of = request.get("Key") or request["Item"]
            key = {"TableName": table.name, "Key": {name: of[name] for name in table.keys}}
            found = self.connection.send("GetItem", {**key, "ConsistentRead": True})
            raise Refusal(refusal.status, refusal.code, {**refusal.answer, **found}) from refusal


class RecordedWorld(World):
    """A world over either of the two, with everything in it that is usually left to chance made certain."""

    def __init__(self, path: Path, carry: Carry | None = None) -> None:
        super().__init__(path)
        self.recording = Recording(carry or self.client.carry)
        self.client.carry = self.recording.send
        for number, day in enumerate(("2025-11-22", "2025-11-23", "2025-11-24", "2025-11-25")):
            self.client.send("PutItem", {"TableName": STATE, "Item": known_salt(day, number)})

    def new_collector(self) -> Collector:
        ids = map("made-{:06}".format, itertools.count())
        no_sleep: Callable[[float], None] = lambda seconds: None  # noqa: E731
        return Collector(
            self.client, self.settings, clock=self.seconds, sleep=no_sleep, new_id=lambda: next(ids)
        )

    def new_records(self) -> list[dict[str, Any]]:
        taken, self.recording.records = self.recording.records, []
        return taken


def body_of(chance: random.Random, number: int, now: int) -> bytes:
    events = []
    for index in range(chance.choice((1, 1, 2, 3, 5))):
        query = chance.choice(("", "", "?utm_source=news&email=a@b.example", "?ref=friend"))
        page = f"{chance.choice(SITES)}/{chance.randrange(5)}{query}"
        sent: dict[str, Any] = {"event_type": chance.choice(KINDS), "page_url": page}
        if chance.random() < 0.9:
            sent["event_id"] = f"event-{number:04}-{index}"
        if chance.random() < 0.3:
            sent["timestamp"] = now - chance.randrange(900_000)
        if chance.random() < 0.15:
            sent["session_id"] = f"session-{chance.randrange(3)}-of-{page.split('/')[2]}"
        sent |= {"interactive": chance.random() < 0.3, "engaged_ms": chance.randrange(3000), "title": "T ü"}
        sent["referrer"] = chance.choice(("", "https://www.google.com/search?q=x", f"{SITES[0]}/other"))
        events.append(sent)
    return json.dumps({"events": events}).encode()


def play(world: World) -> list[Any]:
    """Random requests from an evening to the morning after the next day; everything that was answered."""
    chance = random.Random(20_251_123)
    answers: list[Any] = []
    sent: list[tuple[bytes, str, str]] = []
    world.now = MIDNIGHT - 4 * 3_600_000
    for number in range(REQUESTS):
        world.now += chance.choice((0, 1000, 20_000, 90_000, 400_000, 1_000_000, 1_801_000))
        if sent and chance.random() < 0.2:
            body, ip, user_agent = sent[-chance.randint(1, min(4, len(sent)))]
        else:
            user_agent = chance.choice((CHROME, CHROME, CHROME, "Mozilla/5.0 (iPhone) Mobile Safari", BOT))
            body, ip = body_of(chance, number, world.now), f"203.0.113.{chance.randrange(6)}"
            sent.append((body, ip, user_agent))
        result = world.send(body, ip=ip, user_agent=user_agent, country=chance.choice(("KR", "DE", None)))
        answers.append((result.status, result.body))
        if chance.random() < 0.3:
            world.pump(shards=2, batch=chance.randint(1, 20))
        if chance.random() < 0.05:
            answers += [world.sweep(), world.fold_days()]
            answers += [world.realtime(limit="50"), world.realtime(site="shop.example", event_type="click")]
    world.pump(shards=2)
    world.redeliver()
    answers += [world.fold_days(), world.sweep()]
    for parameters in ({"range": "24h"}, {"range": "7d", "compare": "previous"}, {"range": "yesterday"}):
        for site in ({}, {"site": "blog.example"}):
            answers.append(world.stats(limit="100", timezone="Asia/Seoul", **parameters, **site))
    return answers


def contents(world: World) -> dict[str, list[str]]:
    return {
        table: sorted(json.dumps(_with_sorted_sets(item), sort_keys=True) for item in world.items(table))
        for table in (EVENTS, SESSIONS, STATE)
    }


def _with_sorted_sets(item: dict[str, Any]) -> dict[str, Any]:
    """Sets have no order: each implementation answers them in its own."""
    return {name: {"SS": sorted(value["SS"])} if "SS" in value else value for name, value in item.items()}


def test_all_items_and_all_answers_are_the_same_on_dynalite(tmp_path: Path, dynalite_port: int) -> None:
    connection = Connection(
        f"http://127.0.0.1:{dynalite_port}", "ap-northeast-2", lambda: Credentials("testing", "testing", "")
    )
    for table in tables().values():
        connection.send("CreateTable", table.creation())
        while connection.send("DescribeTable", {"TableName": table.name})["Table"]["TableStatus"] != "ACTIVE":
            pass
    ours = RecordedWorld(tmp_path / "ours.sqlite")
    theirs = RecordedWorld(tmp_path / "unused.sqlite", Dynalite(connection).send)
    try:
        our_answers, their_answers = play(ours), play(theirs)
        assert [json.dumps(a) for a in our_answers] == [json.dumps(a) for a in their_answers]
        assert contents(ours) == contents(theirs)
        assert ours.client.calls == theirs.client.calls
        assert len(ours.items(EVENTS)) > REQUESTS
        assert theirs.plane.item_count(EVENTS) == (0, 0)
    finally:
        connection.close()
        ours.close()
        theirs.close()
