"""Every schedule of two invocations at once, call by call.

What an invocation asks next depends only on the answers it had so far. So an invocation is run over its recorded
answers up to its next request, and schedules that have led to the same answers and the same tables are followed once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from aggregator.batch import Folder
from aggregator.store import AggregatorStore
from shared.connection import Refusal
from shared.dynamo import DynamoDB
from tests.lambdas.world import SESSIONS, STATE, World

Contents = frozenset[str]
KEYS = {STATE: ("pk", "sk"), SESSIONS: ("session_id",)}


@dataclass(frozen=True)
class Call:
    """What an invocation asks, as JSON."""

    operation: str
    request: str


class NextCall(BaseException):
    """The recorded answers are used up; this is what is asked next."""

    def __init__(self, call: Call) -> None:
        super().__init__(call.operation)
        self.call = call


@dataclass(frozen=True)
class State:
    """The answers that each of the invocations has had, as JSON, and all items of the tables."""

    answers: tuple[tuple[str, ...], ...]
    contents: Contents


class Schedules:
    """The states that invocations with the given batches can be in, whatever the order of their calls."""

    def __init__(self, world: World, shard: str, batches: list[list[dict[str, Any]]]) -> None:
        self._world = world
        self._shard = shard
        self._batches = batches
        self._next = lru_cache(maxsize=None)(self._asked_next)
        self._answer = lru_cache(maxsize=None)(self._made)

    def states(self) -> Iterator[tuple[State, bool, int]]:
        """Each state once: whether all invocations have ended in it, and how many schedules lead there."""
        first = State(((),) * len(self._batches), contents(self._world))
        ways = {first: 1}
        while ways:  # level by level: all states of a level have had the same number of calls
            level, ways = ways, {}
            for state, count in level.items():
                successors = list(self._successors(state))
                yield state, not successors, count
                for successor in successors:
                    ways[successor] = ways.get(successor, 0) + count

    def _successors(self, state: State) -> Iterator[State]:
        for number, answers in enumerate(state.answers):
            asked = self._next(number, answers)
            if asked is not None:
                answer, contents_after = self._answer(state.contents, asked)
                others = list(state.answers)
                others[number] = (*answers, answer)
                yield State(tuple(others), contents_after)

    def _made(self, before: Contents, asked: Call) -> tuple[str, Contents]:
        """The answer to a call and what the tables hold after it; the same call in the same state is made once."""
        restore(self._world, before)
        return _answered(self._world, asked), contents(self._world)

    def _asked_next(self, number: int, answers: tuple[str, ...]) -> Call | None:
        store = AggregatorStore(DynamoDB(_Recorded(answers)), self._world.settings)
        try:
            result = Folder(store).fold_batch(self._shard, self._batches[number], self._world.now)
        except NextCall as asked:
            return asked.call
        assert result.retry_from is None, result.errors
        return None


class _Recorded:
    def __init__(self, answers: tuple[str, ...]) -> None:
        self._answers = iter(answers)

    def send(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        for text in self._answers:
            recorded: dict[str, Any] = json.loads(text)
            if "refused" in recorded:
                raise Refusal(400, recorded["refused"], recorded["answer"])
            return recorded["answer"]
        raise NextCall(Call(operation, json.dumps(request)))


def _answered(world: World, asked: Call) -> str:
    try:
        return json.dumps(
            {"answer": world.client.send(asked.operation, json.loads(asked.request))}, sort_keys=True
        )
    except Refusal as refusal:
        return json.dumps({"refused": refusal.code, "answer": dict(refusal.answer)}, sort_keys=True)


def contents(world: World) -> Contents:
    """All items of the derived tables, each with its table."""
    return frozenset(
        json.dumps([table, item], sort_keys=True) for table in KEYS for item in world.items(table)
    )


def restore(world: World, wanted: Contents) -> None:
    """Make the derived tables what they were."""
    present = contents(world)
    for text in present - wanted:
        table, item = json.loads(text)
        key = {name: item[name] for name in KEYS[table]}
        world.plane.handle("DeleteItem", {"TableName": table, "Key": key})
    for text in wanted - present:
        table, item = json.loads(text)
        world.plane.handle("PutItem", {"TableName": table, "Item": item})
