"""Direct invocations that every function answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.settings import VERSION


def ping(event: Mapping[str, Any], context: Any, function: str) -> dict[str, Any] | None:
    """The smoke test's answer to `{"task": "ping"}`, or None for any other event.

    By the time it runs, settings are read and all modules imported: that is what it proves.
    """
    if event.get("task") != "ping":
        return None
    version = getattr(context, "function_version", None) or VERSION
    return {"ok": True, "function": function, "version": str(version)}
