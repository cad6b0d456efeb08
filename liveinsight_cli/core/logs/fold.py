"""One line a request: START, END, REPORT and the function's own request line become one entry.

Their order is not given: a group's streams are interleaved, and what was written last may be seen first. So a line that
ends a request waits for Lambda's report, and a report for that line; not for long, and what waited in vain is shown.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from liveinsight_cli.core.logs.entries import Entry
from liveinsight_cli.core.logs.reading import read_wholly
from liveinsight_cli.core.logs.requests import completed, ends_request

HELD_AT_MOST = 1_000
KNOWN_AT_MOST = 2_000
PATIENCE_MS = 600  # of the clock, once the poll is over that brought a line: one more poll
PATIENCE_EVENT_MS = 1_000  # of the events' own time: where a long past is read at once, nothing is late
_NEVER = float("inf")
_INIT_KINDS = frozenset({"initStart", "initRuntimeDone", "initReport"})
_RESTORE_KINDS = frozenset({"restoreStart", "restoreRuntimeDone", "restoreReport"})
_REQUEST_KINDS = frozenset({"start", "end", "runtimeDone"})


@dataclass
class _Poll:
    """A round of reading; `over_ms` is when it was over."""

    over_ms: float = _NEVER


@dataclass
class Fold:
    """Takes entries, more or less in time order, and gives those to show.

    `is_partial`: CloudWatch leaves events out, so that halves of requests are the rule and are not waited for.
    """

    is_partial: bool = False
    _held: OrderedDict[str, tuple[Entry, _Poll]] = field(default_factory=OrderedDict)
    _open: OrderedDict[str, tuple[Entry, _Poll]] = field(default_factory=OrderedDict)
    _told_ms: dict[str, int] = field(
        default_factory=dict
    )  # request id -> time of its line, when it was shown
    _told_alone: dict[str, Entry] = field(default_factory=dict)  # request id -> its line, without the report
    _texts: dict[str, tuple[str, ...]] = field(default_factory=dict)  # what came before that which is open
    _poll: _Poll = field(default_factory=_Poll)
    _due_ms: float = _NEVER
    _inits: int = 0

    def take(self, entry: Entry) -> Sequence[Entry]:
        """Return what can be shown now."""
        if entry.timestamp_ms > self._due_ms:
            return [*self._overdue(entry.timestamp_ms), *self._take(entry)]
        return self._take(entry)

    def release(self, now_ms: int | None = None) -> Iterator[Entry]:
        """A poll is over: yield what has waited long enough. All that is left, without a time."""
        if now_ms is None:
            yield from self._emptied(self._held, _NEVER)
            yield from self._emptied(self._open, _NEVER)
            return
        self._poll.over_ms = now_ms
        self._poll = _Poll()
        latest = now_ms if self.is_partial else now_ms - PATIENCE_MS
        yield from self._emptied(self._held, latest)
        if self.is_partial:
            yield from self._emptied(self._open, latest)

    def _take(self, entry: Entry) -> Sequence[Entry]:
        request_id = entry.request_id
        if entry.kind == "platform":
            kind = entry.fields["type"]
            if kind in _REQUEST_KINDS and request_id:
                return self._begun(request_id, entry)
            if kind == "report" and request_id:
                return self._reported(request_id, entry)
            if (kind in _INIT_KINDS or kind in _RESTORE_KINDS) and entry.level != "ERROR":
                self._inits += 1  # several containers may start in the same millisecond
                return self._begun(f"{kind} {entry.source} {self._inits}", entry)
        elif request_id and ends_request(entry):
            return self._ended(request_id, entry)
        return (entry,)

    def _begun(self, key: str, entry: Entry) -> Sequence[Entry]:
        """START, END or the start of a container: the report says all that they say, so it is waited for."""
        if entry.timestamp_ms <= self._told_ms.get(key, -1):
            return ()
        held = self._held.get(key)
        if held and held[0].kind == "platform" and entry.timestamp_ms <= held[0].timestamp_ms:
            self._held[key] = (held[0]._replace(texts=entry.texts + held[0].texts), held[1])
            return ()
        before = self._open.pop(key, None)
        if before:
            self._texts[key] = self._texts.get(key, ()) + before[0].texts
        return self._wait(self._open, key, entry)

    def _reported(self, request_id: str, report: Entry) -> Sequence[Entry]:
        held = self._held.pop(request_id, None)
        begun = self._begun_with(request_id, report)
        if held and held[0].kind == "line":
            return (self._shown(completed(begun, held[0], report)),)
        before = [self._shown(completed((), None, held[0]))] if held else []
        told = self._told_alone.pop(request_id, None)
        if told:
            return [*before, self._shown(completed(begun, told, report, is_told=True))]
        waiting = report._replace(texts=begun + report.texts) if begun else report
        return [*before, *self._wait(self._held, request_id, waiting)]

    def _ended(self, request_id: str, line: Entry) -> Sequence[Entry]:
        held = self._held.pop(request_id, None)
        if held and held[0].kind == "platform":
            return (self._shown(completed((), line, held[0])),)
        before = [self._shown(held[0])] if held else []
        if line.timestamp_ms <= self._told_ms.get(request_id, -1):
            return [*before, line]  # its report has been shown: too late to become one
        return [*before, *self._wait(self._held, request_id, line)]

    def _begun_with(self, request_id: str, report: Entry) -> tuple[str, ...]:
        """Return the texts that this report makes superfluous."""
        texts: tuple[str, ...] = ()
        begun = self._open.pop(request_id, None)
        if begun:
            texts = self._texts.pop(request_id, ()) + begun[0].texts
        for fact, kinds in (("init_ms", _INIT_KINDS), ("restore_ms", _RESTORE_KINDS)):
            if fact in report.fields:
                for kind in kinds:
                    key = self._oldest(f"{kind} {report.source} ")
                    texts += self._open.pop(key)[0].texts if key else ()
        return texts

    def _oldest(self, beginning: str) -> str | None:
        return next((key for key in self._open if key.startswith(beginning)), None)

    def _wait(
        self, waiting: OrderedDict[str, tuple[Entry, _Poll]], key: str, entry: Entry
    ) -> Sequence[Entry]:
        waiting[key] = (entry, self._poll)
        if waiting is self._held or self.is_partial:
            self._due_ms = min(self._due_ms, entry.timestamp_ms + PATIENCE_EVENT_MS)
        if len(waiting) <= HELD_AT_MOST:
            return ()
        return (self._alone(waiting.popitem(last=False)[1][0]),)

    def _overdue(self, now_ms: int) -> Iterator[Entry]:
        """Yield what has waited long enough by the time of the events themselves."""
        self._due_ms = _NEVER
        for waiting in (self._held, self._open) if self.is_partial else (self._held,):
            while waiting:
                entry = next(iter(waiting.values()))[0]
                if entry.timestamp_ms + PATIENCE_EVENT_MS >= now_ms:
                    self._due_ms = min(self._due_ms, entry.timestamp_ms + PATIENCE_EVENT_MS)
                    break
                waiting.popitem(last=False)
                yield self._alone(entry)

    def _emptied(self, waiting: OrderedDict[str, tuple[Entry, _Poll]], latest_ms: float) -> Iterator[Entry]:
        while waiting:
            entry, poll = next(iter(waiting.values()))
            if poll.over_ms > latest_ms:
                return
            waiting.popitem(last=False)
            yield self._alone(entry)

    def _alone(self, entry: Entry) -> Entry:
        """Return what waited in vain as it is shown."""
        if entry.kind == "platform":
            if entry.fields["type"] == "report":
                return self._shown(completed((), None, entry))
            entry = read_wholly(entry)
            before = self._texts.pop(entry.request_id or "", ())
            return entry._replace(texts=before + entry.texts)
        return self._shown(entry)

    def _shown(self, entry: Entry) -> Entry:
        """Remember what was shown of a request, for parts that come later."""
        if entry.request_id:
            if entry.kind == "request":
                self._told_ms[entry.request_id] = entry.timestamp_ms
                _limit(self._told_ms)
            elif entry.kind == "line":
                self._told_alone[entry.request_id] = entry._replace(detail=(), texts=())
                _limit(self._told_alone)
        return entry


def _limit(known: dict[str, Any]) -> None:
    """Forget the older half of what is known of twice as many requests as needed."""
    if len(known) > 2 * KNOWN_AT_MOST:
        for key in list(islice(known, KNOWN_AT_MOST)):
            del known[key]
