"""Terraform's machine-readable UI stream (`-json`), one value per line.

The format promises that unknown messages may be ignored within a major version:
https://developer.hashicorp.com/terraform/internals/machine-readable-ui
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Progress:
    """An operation on one resource: it started, goes on, ended or failed."""

    resource: Resource
    action: str
    phase: Phase
    elapsed_seconds: float


@dataclass(frozen=True)
class Snippet:
    """The lines of configuration that a diagnostic is about."""

    code: str
    start_line: int
    context: str | None


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
    """The outputs after an apply, name -> value."""

    values: Mapping[str, Any]


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


Event = Version | Change | Progress | Diagnostic | Outputs | Totals | Text


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
    except (KeyError, TypeError, AttributeError):  # a message of a shape that is not known yet
        return None


def _event(message: Mapping[str, Any]) -> Event | None:
    kind = message.get("type", "")
    if kind == "version":
        return Version(str(message.get("terraform") or message.get("tofu") or ""), str(message["ui"]))
    if kind in ("planned_change", "resource_drift"):
        change = message["change"]
        reason = change.get("reason")
        return Change(_resource(change["resource"]), change["action"], reason, kind == "resource_drift")
    if kind.startswith("apply_"):
        return _progress(kind.removeprefix("apply_"), message["hook"])
    if kind == "diagnostic":
        return _diagnostic(message["diagnostic"])
    if kind == "outputs":
        return Outputs({name: one["value"] for name, one in message["outputs"].items() if "value" in one})
    if kind == "change_summary":
        counts = message["changes"]
        return Totals(counts["add"], counts["change"], counts["remove"], counts["operation"])
    return None


def _progress(phase: str, hook: Mapping[str, Any]) -> Progress | None:
    if phase not in PHASES:
        return None
    elapsed = float(hook.get("elapsed_seconds", 0))
    return Progress(_resource(hook["resource"]), hook["action"], PHASES[phase], elapsed)


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
        snippet=Snippet(shown["code"], shown["start_line"], shown.get("context")) if shown else None,
    )
