"""A collector's way to the tables, on which calls get lost and rows are watched.

A row has accepted a request when a write that carries the request's id has taken effect, whatever the answer was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shared.connection import NoAnswer, Refusal
from tests.lambdas.traces import Fault
from tests.lambdas.world import STATE, World


class Wire:
    """A container's way to the tables: makes trouble where it is told to, and notices which rows accept a request."""

    def __init__(self, world: World, wait: Callable[[], None] = lambda: None) -> None:
        self._world = world
        self._wait = wait
        self._calls = 0
        self._fault: Fault | None = None
        self._request_id = ""
        self._on_accepted: Callable[[str], None] = lambda pk: None

    def expect(self, request_id: str, fault: Fault | None, on_accepted: Callable[[str], None]) -> None:
        """The next calls belong to this request; `on_accepted` hears the partition keys of rows that accept it."""
        self._calls, self._fault = 0, fault
        self._request_id, self._on_accepted = request_id, on_accepted

    def send(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Make a call, or fail in the way that is due."""
        self._wait()
        call, fault = self._calls, self._fault
        self._calls += 1
        if fault is None or call < fault.at_call or (call > fault.at_call and not fault.lasts):
            return self._make(operation, request)
        if fault.kind == "before":
            raise Refusal(500, "InternalServerError", {})
        if fault.kind == "half" and operation == "BatchWriteItem":
            return self._make_half(request)
        self._make(operation, request)
        raise NoAnswer("TimeoutError")

    def _make(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._world.client.send(operation, request)
        written = {**request.get("ExpressionAttributeValues", {}), **request.get("Item", {})}
        if request.get("TableName") == STATE and {"S": self._request_id} in written.values():
            self._on_accepted((request.get("Key") or request["Item"])["pk"]["S"])
        return answer

    def _make_half(self, request: Mapping[str, Any]) -> dict[str, Any]:
        [(table, writes)] = request["RequestItems"].items()
        half = -(-len(writes) // 2)
        self._make("BatchWriteItem", {"RequestItems": {table: writes[:half]}})
        return {"UnprocessedItems": {table: writes[half:]} if writes[half:] else {}}
