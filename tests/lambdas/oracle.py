"""Every metric computed the slow way from the list of requests. Shares no code with the functions, on purpose.

Sessions are decided in the order in which requests are accepted (docs/metrics.md, "Order of arrival"); everything
else is recounted from the whole list for every question.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from tests.lambdas import oracle_realtime, oracle_stats
from tests.lambdas.oracle_traffic import DAY, Row, Seen, Sender, Visit, read_event, site_of

GAP = 1800 * 1000
RESERVED_SITES = {"smoke.liveinsight.invalid", "load.liveinsight.invalid"}


@dataclass
class Oracle:
    """Told of every request once (a retry is not another request), asked for figures afterwards."""

    visits: list[Visit] = field(default_factory=list)
    bots: list[tuple[str, Seen]] = field(default_factory=list)  # with their reasons
    running: dict[Row, Visit] = field(default_factory=dict)

    @staticmethod
    def rows(sender: Sender, document: dict[str, Any]) -> list[Row]:
        """The rows that a request concerns."""
        return list(_by_row(sender, document))

    def tell(
        self,
        received_at: int,
        sender: Sender,
        document: dict[str, Any],
        rows: Collection[Row] | None = None,
    ) -> None:
        """A request was accepted, or the part of it that concerns some rows."""
        for row, sent in _by_row(sender, document).items():
            if rows is not None and row not in rows:
                continue
            events = [read_event(one, document, received_at, sender) for one in sent]
            if row.kind == "bot":
                reason = sender.bot_reason(document.get("screen", ""))
                self.bots += [(reason, event) for event in events]
            else:
                self._visit(row, sorted(events, key=lambda event: event.at))

    def _visit(self, row: Row, events: list[Seen]) -> None:
        running, begins_at = self.running.get(row), events[0].at
        continues = running and (
            row.kind == "session" or (begins_at - running.last <= GAP and begins_at - running.first.at <= DAY)
        )
        if not running or not continues:
            running = self.running[row] = Visit(row)
            self.visits.append(running)
        running.events += events

    @property
    def events(self) -> list[Seen]:
        """All events but those of bots."""
        return [event for visit in self.visits for event in visit.events]

    def sites(self) -> list[str]:
        """All sites that anything was heard of, bots or not; the health check's is none of them."""
        heard = {visit.row.site for visit in self.visits} | {event.site for _, event in self.bots}
        return sorted(heard - RESERVED_SITES)

    def narrowed(self, passes: Callable[[Visit], bool]) -> Oracle:
        """As if there had been no other visits, and no bots."""
        return Oracle([visit for visit in self.visits if passes(visit)])

    def has_twins(self) -> bool:
        """Whether one session has two events of the same id and time, which is one event (docs/metrics.md)."""
        keys = [(id(visit), event.at, event.event_id) for visit in self.visits for event in visit.events]
        keys += [
            (0, event.at, f"{event.visitor} {event.event_id}") for _, event in self.bots if event.event_id
        ]
        named = [key for key in keys if key[2]]
        return len(named) != len(set(named))

    def stats(self, now: int, **query: Any) -> dict[str, Any]:
        """What `GET /api/stats` has to answer."""
        return oracle_stats.stats(self, now, oracle_stats.Query(**query))

    def realtime(
        self, now: int, site: str = "", limit: int = 20, filters: tuple[tuple[str, str], ...] = ()
    ) -> dict[str, Any]:
        """What `GET /api/realtime` has to answer, but for the feed."""
        return oracle_realtime.realtime(self, now, site, limit, filters)

    def feed(self, now: int, site: str = "", event_type: str = "page_view") -> list[dict[str, Any]]:
        """All that `recent` may show, newest first; `session` is the visit's number."""
        return oracle_realtime.feed(self, now, site, event_type)


def _by_row(sender: Sender, document: dict[str, Any]) -> dict[Row, list[dict[str, Any]]]:
    rows: dict[Row, list[dict[str, Any]]] = {}
    for sent in document["events"]:
        site, own = site_of(sent, document), sent.get("session_id")
        if sender.bot_reason(document.get("screen", "")):
            row = Row("bot", site, f"{sender.ip} {sender.user_agent}")
        elif own:
            row = Row("session", site, own)
        else:
            row = Row("visitor", site, f"{sender.ip} {sender.user_agent}")
        rows.setdefault(row, []).append(sent)
    return rows
