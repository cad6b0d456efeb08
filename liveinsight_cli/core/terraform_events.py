"""Terraform's machine-readable UI stream (`-json`), one value per line.

The format promises that unknown messages may be ignored within a major version:
https://developer.hashicorp.com/terraform/internals/machine-readable-ui
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

KNOWN_MAJOR = "1"

Phase = Literal["start", "progress", "complete", "errored"]
PHASES: Mapping[str, Phase] = {
    "start": "start",
    "progress": "progress",
    "complete": "complete",
    "errored": "errored",
}


@dataclass(frozen=True)
class Resource:
    """A resource's address and the parts of it."""

    address: str
    type: str
    name: str
    key: str | None


@dataclass(frozen=True)
class Version:
    """First message: which terraform, which version of the stream."""

    terraform: str
    ui: str

    @property
    def is_known(self) -> bool:
        """Whether the stream is of the version that is read here."""
        return self.ui.split(".", 1)[0] == KNOWN_MAJOR


@dataclass(frozen=True)
class Change:
    """A resource that the plan would change (`is_drift` false), or that changed outside of Terraform."""

    resource: Resource
    action: str
    reason: str | None
    is_drift: bool
    previous_address: str | None = None
    import_id: str | None = None


@dataclass(frozen=True)
class Progress:
    """An operation on one resource: it started, goes on, ended or failed. `at` is when, in epoch seconds."""

    resource: Resource
    action: str
    phase: Phase
    elapsed_seconds: float
    at: float | None = None


@dataclass(frozen=True)
class Refresh:
    """The plan asks for the state of a resource, or has it."""

    address: str
    is_complete: bool


@dataclass(frozen=True)
class Snippet:
    """The lines of configuration that a diagnostic is about."""

    code: str
    start_line: int
    context: str | None
    highlight: tuple[int, int] | None = None  # offsets in `code` of what is wrong
    values: tuple[tuple[str, str], ...] = ()  # expressions in it, and what they came to


@dataclass(frozen=True)
class Diagnostic:
    """An error or a warning."""

    severity: str
    summary: str
    detail: str
    address: str | None
    filename: str | None
    line: int | None
    snippet: Snippet | None


@dataclass(frozen=True)
class Outputs:
    """The outputs: after an apply name -> value, of a plan the names of those that change."""

    values: Mapping[str, Any]
    changing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Totals:
    """How many resources an operation adds, changes and removes."""

    add: int
    change: int
    remove: int
    operation: str


@dataclass(frozen=True)
class Text:
    """A line outside the stream: terraform writes words before the stream begins, and when it panics."""

    line: str


Event = Version | Change | Progress | Refresh | Diagnostic | Outputs | Totals | Text


def parse_event(line: str) -> Event | None:
    """Return the event on a line, or None for a message that nobody here needs."""
    if not line.strip():
        return None
    try:
        message = json.loads(line)
    except ValueError:
        return Text(line.rstrip())
    if not isinstance(message, dict):
        return Text(line.rstrip())
    try:
        return _event(message)
    except (KeyError, TypeError, AttributeError, ValueError):  # a message of a shape that is not known yet
        return None


def _event(message: Mapping[str, Any]) -> Event | None:
    kind = message.get("type", "")
    if kind == "version":
        return Version(str(message.get("terraform") or message.get("tofu") or ""), str(message.get("ui", "")))
    if kind in ("planned_change", "resource_drift"):
        return _change(message["change"], is_drift=kind == "resource_drift")
    if kind.startswith("apply_"):
        return _progress(kind.removeprefix("apply_"), message["hook"], _epoch(message.get("@timestamp")))
    if kind in ("refresh_start", "refresh_complete"):
        return Refresh(message["hook"]["resource"]["addr"], kind == "refresh_complete")
    if kind == "diagnostic":
        return _diagnostic(message["diagnostic"])
    if kind == "outputs":
        outputs = message["outputs"]
        changing = sorted(name for name, one in outputs.items() if one.get("action", "noop") != "noop")
        values = {name: one["value"] for name, one in outputs.items() if "value" in one}
        return Outputs(values, tuple(changing))
    if kind == "change_summary":
        counts = message["changes"]
        return Totals(counts["add"], counts["change"], counts["remove"], counts["operation"])
    return None


def _change(source: Mapping[str, Any], *, is_drift: bool) -> Change:
    previous = source.get("previous_resource")
    importing = source.get("importing")
    return Change(
        _resource(source["resource"]),
        source["action"],
        source.get("reason"),
        is_drift,
        previous_address=previous["addr"] if previous else None,
        import_id=str(importing.get("id") or "") if isinstance(importing, Mapping) else None,
    )


def _progress(phase: str, hook: Mapping[str, Any], at: float | None) -> Progress | None:
    if phase not in PHASES:
        return None
    elapsed = float(hook.get("elapsed_seconds", 0))
    return Progress(_resource(hook["resource"]), hook["action"], PHASES[phase], elapsed, at)


def _epoch(text: object) -> float | None:
    try:
        return datetime.fromisoformat(str(text)).timestamp()
    except ValueError:
        return None


def _resource(source: Mapping[str, Any]) -> Resource:
    key = source.get("resource_key")
    return Resource(
        source["addr"], source["resource_type"], source["resource_name"], None if key is None else str(key)
    )


def _diagnostic(source: Mapping[str, Any]) -> Diagnostic:
    place = source.get("range") or {}
    shown = source.get("snippet")
    return Diagnostic(
        severity=source["severity"],
        summary=source["summary"],
        detail=source.get("detail", ""),
        address=source.get("address"),
        filename=place.get("filename"),
        line=(place.get("start") or {}).get("line"),
        snippet=_snippet(shown) if shown else None,
    )


def _snippet(source: Mapping[str, Any]) -> Snippet:
    start, end = source.get("highlight_start_offset"), source.get("highlight_end_offset")
    return Snippet(
        source["code"],
        source["start_line"],
        source.get("context"),
        highlight=(start, end) if isinstance(start, int) and isinstance(end, int) else None,
        values=tuple((one["traversal"], one["statement"]) for one in source.get("values") or ()),
    )
