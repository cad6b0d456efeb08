"""A request as one entry: what its function said of it, and what Lambda reported."""

from typing import Any

from liveinsight_cli.core.logs.entries import LEVELS, Entry


def ends_request(line: Entry) -> bool:
    """Whether a function's line is the last word on a request: it names the route, or is the runtime's of a failure."""
    return "route" in line.fields or (
        line.level == "ERROR" and bool(line.detail) and not line.fields.keys() - {"location"}
    )


def completed(begun: tuple[str, ...], line: Entry | None, report: Entry, *, is_told: bool = False) -> Entry:
    """Return the entry of a request. `begun` are texts that the report makes superfluous.

    `is_told`: the line has been shown on its own, and only its route is said again.
    """
    facts = dict(report.fields)
    facts.pop("type")
    facts["cold_start"] = "init_ms" in facts or "restore_ms" in facts
    failed = facts.setdefault("outcome", "success") != "success"
    fields = facts
    if line is not None:
        fields = _told(line) if is_told else dict(line.fields)
        if "duration_ms" in fields:
            fields["logged_duration_ms"] = fields.pop("duration_ms")
        if not facts.keys().isdisjoint(fields):
            for name in facts.keys() & fields.keys():
                fields[f"logged_{name}"] = fields.pop(name)
        fields.update(facts)
    level, texts = report.level, begun + report.texts
    detail: tuple[str, ...] = ()
    if line is not None and not is_told:
        texts = begun + line.texts + report.texts
        detail = line.detail
        if LEVELS.get(line.level, 2) > LEVELS.get(level, 2):
            level = line.level
    return Entry(
        report.timestamp_ms,
        report.source,
        "request",
        level,
        _headline(line, fields, failed=failed),
        report.request_id,
        fields,
        detail,
        texts,
    )


def _told(line: Entry) -> dict[str, Any]:
    return {name: line.fields[name] for name in ("route", "status") if name in line.fields}


def _headline(line: Entry | None, fields: dict[str, Any], *, failed: bool) -> str:
    reason = fields.get("error_type") or fields["outcome"]
    if line is None:
        return f"failed: {reason}" if failed else "done"
    route = fields.get("route")
    if route is None:
        return line.message
    if failed:
        return f"{route} failed: {reason}"
    return f"{route} {fields['status']}" if "status" in fields else str(route)
