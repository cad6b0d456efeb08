"""The visits that filters choose: from the visit log where it has been written, from raw events elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from shared import keys
from shared.event import StoredEvent
from shared.keys import HOUR_MS, MINUTE_MS, hour_start
from shared.metrics import BOT, ENGAGEMENT, LONGEST_CLIENT_DELAY_MS, PAGE_VIEW
from shared.parts import Keys, Part, parts_of
from shared.raw_events import without_collection
from shared.settings import RESERVED_SITES
from shared.tallies import OTHER
from shared.visit_log import Coverage
from stats_api.events import KEPT_MS
from stats_api.ranges import Range
from stats_api.store import StatsStore
from stats_api.visits import Visit, VisitKey, visits_of

Sites = Mapping[str, str | None]
MOST_PARTS = 50_000  # of an answer; about 60 MB and five seconds at 256 MB
MOST_LOOKED_UP = 100
MOST_TYPES = 40
_LEAST_PARTS = 500  # of a site
_NEVER = "9999-12-32"
_LONGEST_HOURS = 25  # that a visit can go on for after the hour in which it began


@dataclass(slots=True)
class Chosen:
    """Parts of the visits that pass, and what is known about what could not be read.

    Everything is known from `start` on, epoch ms, but for `gaps` hours; `events` raw events and `logged` parts were
    read; `untold` visits nobody can tell of any more. `is_cut`: there were more events than are read, `is_log_cut`:
    there were more visits. `has_past`: the range before is known, too.
    """

    start: int
    parts: list[Part] = field(default_factory=list)
    has_past: bool = False
    gaps: int = 0
    events: int = 0
    logged: int = 0
    looked_at: int = 0
    untold: int = 0
    is_cut: bool = False
    is_log_cut: bool = False
    has_all_types: bool = True


class Reader:
    """Reads one question's visits."""

    def __init__(
        self, store: StatsStore, asked: Range, filters: Mapping[str, str], sites: Sites, now: int
    ) -> None:
        self._store = store
        self._asked = asked
        self._filters = filters
        self._sites = sites
        self._now = now
        self._is_minutes = asked.step == "minute"
        self._coverage = Coverage() if self._is_minutes else store.visit_log.coverage(now)
        self._first_days = {site: day or store.first_day(site) or _NEVER for site, day in sites.items()}
        self._oldest = now - KEPT_MS
        self._keys = Keys(store.visit_log.key_of_day)
        self._session_ids: dict[VisitKey, str] = {}
        self._unknown: set[int] = set()
        self._dropped: set[int] = set()
        self._logged_from = 0
        self._width = MINUTE_MS if self._is_minutes else HOUR_MS

    def choose(self, *, compare: bool) -> Chosen:
        """Read what is needed, and choose."""
        before = self._asked.previous()
        chosen = Chosen(self._asked.start)
        chosen.has_past = compare and self._is_known(before.start, before.end)
        since = before.start if chosen.has_past else self._asked.start
        with without_collection():
            # What a visit did while its first event was still on its way is older than that event.
            read_from = since - LONGEST_CLIENT_DELAY_MS
            parts, has_raw = self._read(read_from, since, chosen)
            visits = visits_of(parts)
            if not has_raw:
                self._read_on(visits)
            self._judge(visits, max(read_from, chosen.start if chosen.is_cut else 0), since, chosen)
        return chosen

    def _is_known(self, start: int, end: int) -> bool:
        return not any(self._unknown_hours(start, end))

    def _unknown_hours(self, start: int, end: int) -> Iterable[int]:
        """Hours of a stretch that neither the log nor raw events know, and that some site may have visits in."""
        for hour in range(hour_start(start), end, HOUR_MS):
            if max(hour, start) < self._oldest and not all(
                self._coverage.has(site, hour)
                or (keys.day_of(hour) < first_day and site not in RESERVED_SITES)
                for site, first_day in self._first_days.items()
            ):
                yield hour

    def _read(self, read_from: int, since: int, chosen: Chosen) -> tuple[list[Part], bool]:
        """All parts since a moment, and whether raw events are among them, which then are all there are until now."""
        asked = self._asked
        unknown = list(self._unknown_hours(since, asked.end))
        first_known = hour_start(since)
        while first_known in unknown:
            first_known += HOUR_MS
        chosen.start = max(chosen.start, min(first_known, asked.end))
        parts, start = self._logged(hour_start(read_from), asked.end, MOST_PARTS)
        chosen.logged = len(parts)
        if start > hour_start(read_from):
            self._logged_from = start
            chosen.is_log_cut = start > asked.start
            chosen.has_past = chosen.has_past and start <= since
            chosen.start = max(chosen.start, start)
        raw_from = self._first_raw(max(read_from, self._oldest))
        has_raw = raw_from < asked.end
        if has_raw:
            self._add_raw(parts, raw_from, since, chosen)
        self._unknown = {*unknown, *self._dropped}
        chosen.gaps = len([hour for hour in self._unknown if hour >= chosen.start])
        if chosen.start > asked.start or self._unknown:
            chosen.has_past = False
        return parts, has_raw

    def _add_raw(self, parts: list[Part], raw_from: int, since: int, chosen: Chosen) -> None:
        types, chosen.has_all_types = types_of(self._store, self._sites, raw_from, self._now)
        found = self._store.events.read(types, self._sites, raw_from, self._now)
        chosen.events, chosen.looked_at = len(found.events), found.looked_at
        if found.is_cut:
            cut_at = found.first_minute
            if not chosen.logged:
                self._width = MINUTE_MS
                chosen.is_cut = cut_at > self._asked.start
                chosen.start = max(chosen.start, cut_at)
                chosen.has_past = chosen.has_past and cut_at <= since
            elif cut_at > since:
                self._dropped = {
                    hour
                    for hour in range(hour_start(raw_from), cut_at, HOUR_MS)
                    if not all(self._coverage.has(site, hour) for site in self._sites)
                }
        parts += self._raw_parts(found.events)

    def _first_raw(self, start: int) -> int:
        """From when on raw events are needed: where the log ends."""
        for hour in range(hour_start(start), self._now + 1, HOUR_MS):
            if not all(self._coverage.has(site, hour) for site in self._sites):
                return max(hour, start)
        return self._now + 1

    def _raw_parts(self, events: Iterable[StoredEvent]) -> list[Part]:
        """Parts of raw events in hours that were not read from the log."""
        return parts_of(
            (
                event
                for event in events
                if hour_start(event.at) not in self._dropped
                and (event.at >= self._asked.end or not self._coverage.has(event.site, hour_start(event.at)))
            ),
            self._width,
            self._key,
        )

    def _key(self, event: StoredEvent) -> int:
        key = self._keys.of(event)
        self._session_ids[event.site, key] = event.session_id
        return key

    def _logged(self, first: int, end: int, most: int) -> tuple[list[Part], int]:
        """Parts out of the log, and from when on it was read for all sites."""
        found: list[Part] = []
        reached = first
        share = max(_LEAST_PARTS, most // (len(self._sites) or 1))
        for site in self._sites:
            hours = [hour for hour in range(first, end, HOUR_MS) if self._coverage.has(site, hour)]
            if not hours:
                continue
            covered = frozenset(hours)
            parts, start = self._store.visit_log.read(
                site, hours[0], hours[-1] + HOUR_MS, share, covered.__contains__
            )
            found += parts
            if start > hours[0]:
                reached = max(reached, start)
        return found, reached

    def _read_on(self, visits: dict[VisitKey, Visit]) -> None:
        """Read what visits did after the range: hour by hour, as long as some of them go on."""
        at = hour_start(self._asked.end - 1) + HOUR_MS
        going_on = {key for key, visit in visits.items() if visit.newest >= at - HOUR_MS}
        for hour in range(at, at + _LONGEST_HOURS * HOUR_MS, HOUR_MS):
            if not going_on or hour > self._now:
                return
            if not all(self._coverage.has(site, hour) for site, _ in going_on):
                if hour + HOUR_MS > self._oldest:
                    types, _ = types_of(self._store, self._sites, hour, self._now)
                    found = self._store.events.read(types, self._sites, max(hour, self._oldest), self._now)
                    _extend(visits, self._raw_parts(found.events))
                return
            parts, _ = self._logged(hour, hour + HOUR_MS, MOST_PARTS)
            going_on &= {(part.site, part.key) for part in parts}
            _extend(visits, parts)

    def _judge(self, visits: dict[VisitKey, Visit], read_from: int, since: int, chosen: Chosen) -> None:
        start = max(since, chosen.start) if not chosen.has_past else since
        asked = [
            (key, visit) for key, visit in visits.items() if any(part.at >= start for part in visit.parts)
        ]
        known_from = max(read_from, self._logged_from)
        first_hour = hour_start(known_from)
        for (site, _), visit in asked:
            is_there = visit.start >= known_from or (
                visit.start >= first_hour and self._coverage.has(site, first_hour)
            )
            visit.is_whole = is_there and not visit.is_long and not self._touches_unknown(visit)
        open_ones = {key: visit for key, visit in asked if visit.passes(self._filters) is None}
        self._read_back(open_ones, read_from)
        looked_up = 0
        for key, visit in asked:
            passes = visit.passes(self._filters)
            if passes is None and key in self._session_ids and looked_up < MOST_LOOKED_UP:
                looked_up += 1
                visit = self._looked_up(key, visit)
                passes = visit.passes(self._filters)
            if passes:
                chosen.parts += visit.parts
            elif passes is None:
                chosen.untold += 1
        chosen.looked_at += looked_up

    def _touches_unknown(self, visit: Visit) -> bool:
        return bool(self._unknown) and any(
            hour in self._unknown for hour in range(hour_start(visit.start), visit.newest + 1, HOUR_MS)
        )

    def _read_back(self, visits: dict[VisitKey, Visit], read_from: int) -> None:
        """Read the log before what was read, where visits began of which it is not known yet whether they pass."""
        end = hour_start(read_from)
        starts = [
            visit.start for visit in visits.values() if end - _LONGEST_HOURS * HOUR_MS <= visit.start < end
        ]
        if not starts:
            return
        parts, reached = self._logged(hour_start(min(starts)), end, MOST_PARTS)
        _extend(visits, parts)
        for (site, _), visit in visits.items():
            hours = range(hour_start(visit.start), end, HOUR_MS)
            visit.is_whole = visit.is_whole or (
                reached <= visit.start < end
                and not visit.is_long
                and all(self._coverage.has(site, hour) for hour in hours)
                and not self._touches_unknown(visit)
            )

    def _looked_up(self, key: VisitKey, visit: Visit) -> Visit:
        """The visit with all of its raw events that are still kept."""
        site, _ = key
        events = [
            event
            for event in self._store.events.of_session(self._session_ids[key], self._oldest)
            if event.site == site and not event.bot
        ]
        if visit.start >= self._oldest:
            return Visit(parts_of(events, self._width, self._key)) if events else visit
        logged = [part for part in visit.parts if self._coverage.has(site, hour_start(part.at))]
        return Visit(logged + self._raw_parts(events) or visit.parts, is_whole=False)


def types_of(store: StatsStore, sites: Sites, since: int, now: int) -> tuple[list[str], bool]:
    """The event types that there were, and whether that is all of them. Rollups may be seconds behind events."""
    counts = Counter({PAGE_VIEW: 1, ENGAGEMENT: 1})
    for site in sites:
        counts.update(store.event_types(site, since, now))
    named = [name for name, _ in counts.most_common() if name not in (OTHER, BOT)]
    return named[:MOST_TYPES], len(named) <= MOST_TYPES and OTHER not in counts


def _extend(visits: dict[VisitKey, Visit], parts: Iterable[Part]) -> None:
    """Add parts to the visits that they belong to; other visits are of no interest."""
    for part in parts:
        visit = visits.get((part.site, part.key))
        if visit:
            visit.parts.append(part)
