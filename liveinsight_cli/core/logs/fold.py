"""One line a request: START, END, REPORT and the function's own request line become one entry."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from liveinsight_cli.core.logs.entries import Entry

HELD_AT_MOST = 500
HELD_FOR_MS = 5_000


@dataclass
class Fold:
    """Takes entries in time order and gives those to show.

    A function's line that names its `route` waits for the platform's report of the same request, for a moment: both
    become one entry of kind `request`.
    """

    _held: OrderedDict[str, Entry] = field(default_factory=OrderedDict)

    def take(self, entry: Entry) -> Iterator[Entry]:
        """Yield what can be shown now."""
        if entry.kind == "platform":
            if entry.fields.get("type") == "report":
                yield self._request(entry)
        elif entry.kind == "line" and entry.request_id and "route" in entry.fields and not entry.detail:
            yield from self._hold(entry.request_id, entry)
        else:
            yield entry

    def release(self, now_ms: int | None = None) -> Iterator[Entry]:
        """Yield the lines whose report did not come, of before `now_ms`; all of them without it."""
        while self._held:
            request, entry = next(iter(self._held.items()))
            if now_ms is not None and entry.timestamp_ms > now_ms - HELD_FOR_MS:
                return
            del self._held[request]
            yield entry

    def _hold(self, request_id: str, entry: Entry) -> Iterator[Entry]:
        if request_id in self._held:
            yield self._held.pop(request_id)
        self._held[request_id] = entry
        if len(self._held) > HELD_AT_MOST:
            yield self._held.popitem(last=False)[1]

    def _request(self, report: Entry) -> Entry:
        line = self._held.pop(report.request_id or "", None)
        facts = report.fields
        fields = {
            "duration_ms": facts.get("durationMs"),
            "billed_ms": facts.get("billedDurationMs"),
            "memory_mb": facts.get("memorySizeMB"),
            "max_memory_mb": facts.get("maxMemoryUsedMB"),
            "init_ms": facts.get("initDurationMs"),
            "cold_start": facts.get("initDurationMs") is not None,
            "outcome": facts.get("status") or "success",
            "error_type": facts.get("error_type"),
        }
        own = {name: value for name, value in line.fields.items() if name != "duration_ms"} if line else {}
        failed = fields["outcome"] != "success"
        level = "ERROR" if failed else line.level if line else "INFO"
        return Entry(
            report.timestamp_ms,
            report.source,
            "request",
            level,
            _headline(line, failed, fields),
            report.request_id,
            own | {name: value for name, value in fields.items() if value is not None},
        )


def _headline(line: Entry | None, failed: bool, fields: dict[str, object]) -> str:
    if failed:
        reason = fields["error_type"] or fields["outcome"]
        return f"{line.fields['route']} failed: {reason}" if line else f"failed: {reason}"
    if line is None:
        return "done"
    status = line.fields.get("status")
    return f"{line.fields['route']} {status}" if status is not None else str(line.fields["route"])
