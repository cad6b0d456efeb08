"""The least that can stand in for the tables: keeps blocks and day items, counts calls and bytes, takes all else.

Only for measuring CPU: no condition is checked. What is right is tested elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any


class MemoryTables:
    """Answers GetItem and Query of the state table from memory."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, dict[str, Any]]] = {}
        self.calls: Counter[str] = Counter()

    def send(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer as DynamoDB would, without any of its rules."""
        self.calls[operation] += 1
        if operation == "PutItem":
            item = request["Item"]
            self.items.setdefault(item["pk"]["S"], {})[item["sk"]["S"]] = item
        elif operation == "GetItem":
            key = request["Key"]
            found = self.items.get(key["pk"]["S"], {}).get(key["sk"]["S"])
            return {"Item": found} if found else {}
        elif operation == "Query":
            return {"Items": self._between(request["ExpressionAttributeValues"])}
        return {}

    def _between(self, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        partition = next(value["S"] for name, value in values.items() if name not in (":first", ":last"))
        first, last = (
            values.get(name, {"S": default})["S"] for name, default in ((":first", ""), (":last", "~"))
        )
        items = self.items.get(partition, {})
        return [items[sk] for sk in sorted(items) if first <= sk <= last]
