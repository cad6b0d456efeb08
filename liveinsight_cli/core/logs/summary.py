"""What went by while somebody watched, in memory that does not grow with it."""

from collections import OrderedDict
from dataclasses import dataclass, field

from liveinsight_cli.core.logs.entries import Entry, is_error
from liveinsight_cli.core.logs.histogram import Histogram
from liveinsight_cli.core.logs.values import number

API = "api"
FAILED_AT_MOST = 1_000
_MINUTE, _HOUR = 60, 3600


@dataclass
class Tally:
    """What a source has shown."""

    requests: int = 0
    errors: int = 0
    cold_starts: int = 0
    durations_ms: Histogram = field(default_factory=Histogram)


@dataclass
class Summary:
    """Counts entries as they are shown, source by source. An error that several lines of a request tell is one."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    oldest_ms: int | None = None
    newest_ms: int = 0
    _has_functions: bool = False
    _failed: OrderedDict[str, None] = field(default_factory=OrderedDict)

    def count(self, entry: Entry) -> None:
        """Take one entry into account."""
        at = entry.timestamp_ms
        if self.oldest_ms is None:
            self.oldest_ms = self.newest_ms = at
        elif at > self.newest_ms:
            self.newest_ms = at
        elif at < self.oldest_ms:
            self.oldest_ms = at
        tally = self.tallies.get(entry.source)
        if tally is None:
            tally = self.tallies[entry.source] = Tally()
        if entry.kind == "request":
            self._has_functions = True
            tally.cold_starts += entry.fields["cold_start"]
            self._request(tally, entry.fields.get("duration_ms"))
        elif entry.kind == "access":
            self._request(tally, entry.fields.get("latency_ms"))
        if entry.level != "INFO" and is_error(entry.level) and self._is_new(entry):
            tally.errors += 1

    def in_words(self) -> list[str]:
        """Return the summary as lines: of all, and of each source when there are several."""
        api = [tally for source, tally in self.tallies.items() if source == API]
        counted = [tally for source, tally in self.tallies.items() if source != API]
        whole = counted if self._has_functions or not api else api
        total = Tally(
            sum(tally.requests for tally in whole),
            sum(tally.errors for tally in whole),
            sum(tally.cold_starts for tally in whole),
            Histogram.of(tally.durations_ms for tally in whole),
        )
        head = f"{_words(total)}{self._rate(total.requests)}"
        shown = [
            (source, tally)
            for source, tally in sorted(self.tallies.items())
            if tally.requests or tally.errors
        ]
        if len(shown) < 2:
            return [head]
        width = max(len(source) for source, _ in shown)
        return [head, *(f"  {source.ljust(width)}  {_words(tally)}" for source, tally in shown)]

    def _request(self, tally: Tally, duration_ms: object) -> None:
        tally.requests += 1
        duration = number(duration_ms)
        if duration is not None:
            tally.durations_ms.add(duration)

    def _is_new(self, entry: Entry) -> bool:
        if entry.request_id is None or entry.kind == "access":
            return True
        is_new = entry.request_id not in self._failed
        self._failed[entry.request_id] = None
        if len(self._failed) > FAILED_AT_MOST:
            self._failed.popitem(last=False)
        return is_new

    def _rate(self, requests: int) -> str:
        """`, 2.1/s in 10 min`: from the first to the last entry shown."""
        if not requests or self.oldest_ms is None or self.newest_ms - self.oldest_ms < 1000:
            return ""
        seconds = (self.newest_ms - self.oldest_ms) / 1000
        return f", {_figure(requests / seconds)}/s in {_span(seconds)}"


def _words(tally: Tally) -> str:
    words = [_counted(tally.requests, "request"), _counted(tally.errors, "error")]
    if tally.cold_starts:
        words.append(_counted(tally.cold_starts, "cold start"))
    if tally.durations_ms.count:
        words += [f"p{percent} {_figure(tally.durations_ms.percentile(percent))} ms" for percent in (50, 95)]
    return ", ".join(words)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _span(seconds: float) -> str:
    whole = round(seconds)
    if whole < 2 * _MINUTE:
        return f"{whole} s"
    if whole < 2 * _HOUR:
        return f"{whole // _MINUTE} min"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"
