"""The least that can stand in for the tables: keeps blocks and day items, counts calls and bytes, takes all else.

Only for measuring: no condition is checked. What is right is tested elsewhere.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from shared.settings import Settings

SETTINGS = Settings(events_table="events", sessions_table="sessions", state_table="state")


class MemoryTables:
    """Answers GetItem and Query of the state table from memory, as text that has to be parsed, like a real answer."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, dict[str, Any]]] = {}
        self.calls: Counter[str] = Counter()
        self._texts: dict[str, str] = {}

    def send(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer as DynamoDB would, without any of its rules."""
        self.calls[operation] += 1
        if operation == "PutItem":
            item = request["Item"]
            self.items.setdefault(item["pk"]["S"], {})[item["sk"]["S"]] = item
        if operation not in ("GetItem", "Query"):
            return {}
        answer: dict[str, Any] = json.loads(self._text(operation, request))
        return answer

    def remember(self) -> None:
        """From now on the same question has the same text as answer: only reading it is paid for."""
        self._texts = {"": ""}

    def _text(self, operation: str, request: Mapping[str, Any]) -> str:
        question = json.dumps(request, sort_keys=True)
        if question not in self._texts:
            answer = self._got(request["Key"]) if operation == "GetItem" else self._between(request)
            if not self._texts:
                return json.dumps(answer)
            self._texts[question] = json.dumps(answer)
        return self._texts[question]

    def _got(self, key: Mapping[str, Any]) -> dict[str, Any]:
        found = self.items.get(key["pk"]["S"], {}).get(key["sk"]["S"])
        return {"Item": found} if found else {}

    def _between(self, request: Mapping[str, Any]) -> dict[str, Any]:
        values: Mapping[str, Any] = request["ExpressionAttributeValues"]
        partition = next(value["S"] for name, value in values.items() if name not in (":first", ":last"))
        first = values.get(":first", {"S": ""})["S"]
        last = values.get(":last", {"S": "~"})["S"]
        kept = {"pk", "sk", *request.get("ExpressionAttributeNames", {}).values()}
        rows = self.items.get(partition, {})
        names = kept if "ProjectionExpression" in request else None
        return {
            "Items": [
                {name: value for name, value in rows[sk].items() if names is None or name in names}
                for sk in sorted(rows)
                if first <= sk <= last
            ]
        }
