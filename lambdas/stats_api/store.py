"""All DynamoDB calls of the stats API: rollups, as few as the range allows, and what reads raw events beside them.

IAM, exactly: dynamodb:Query and dynamodb:GetItem on the state table; what events.py says on the events table.
"""

from __future__ import annotations

from collections import Counter

from shared import keys
from shared.block import Minutes
from shared.cache import Cache
from shared.dynamo import DynamoDB
from shared.keys import DAY_MS, HOUR_MS
from shared.rollups import DayEntry, Rollups
from shared.settings import Settings
from shared.visit_log import VisitLog
from stats_api.events import RecentEvents
from stats_api.ranges import Range
from stats_api.summary import Summary

MOST_SITES = 100
HOUR_BLOCK_DAYS = 40
_REGISTRY_SECONDS = 30.0


class StatsStore:
    """Reads a range of one site: day blocks where a day is whole, over and folded; hour blocks elsewhere."""

    def __init__(self, dynamodb: DynamoDB, settings: Settings, rollups: Rollups | None = None) -> None:
        self._rollups = rollups or Rollups(dynamodb, settings.state_table)
        self.events = RecentEvents(dynamodb, settings.events_table)
        self.visit_log = VisitLog(dynamodb, settings.state_table)
        self._cache = Cache(_REGISTRY_SECONDS)

    def sites(self) -> tuple[dict[str, str], bool]:
        """All known sites with their first days, and whether there are more than are read."""
        found: dict[str, str] = self._cache.get("sites", lambda: self._rollups.sites(MOST_SITES + 1))
        return dict(list(found.items())[:MOST_SITES]), len(found) > MOST_SITES

    def add(self, summary: Summary, site: str, asked: Range, now: int, first_day: str | None) -> None:
        """Add everything the site has in the range. `first_day` is known already when all sites are read.

        A day that is over, without an entry, and before the site was first seen has nothing: it is not read.
        """
        days = keys.hours_by_day(asked.start, asked.end)
        whole = [day for day, hours in days.items() if hours == (0, 24) and day < keys.day_of(now)]
        entries: dict[str, DayEntry] = {}
        if whole:
            entries = self._rollups.days(site, min(whole), max(whole))
            if first_day is None:
                first_day = self.first_day(site)
        oldest = keys.day_of(now - HOUR_BLOCK_DAYS * DAY_MS)
        for day, (first_hour, end_hour) in days.items():
            entry = entries.get(day) if day in whole else None
            if entry and entry.day and (entry.is_current or day < oldest):
                summary.add_day(day, entry.day)
            elif day >= oldest and (entry or day not in whole or (first_day and day >= first_day)):
                midnight = keys.start_of_day(day)
                blocks = self._rollups.hour_blocks(site, day, first_hour, end_hour)
                summary.add_blocks((midnight + hour * HOUR_MS, lists, seen) for hour, lists, seen in blocks)

    def first_day(self, site: str) -> str | None:
        """The first UTC day on which a site was seen; None for an unknown site."""
        found: str | None = self._cache.get(f"first#{site}", lambda: self._rollups.first_day(site))
        return found

    def event_types(self, site: str, since: int, until: int) -> Counter[str]:
        """The types of a site's events in the clock hours from one moment to another, with their counts."""
        counts: Counter[str] = Counter()
        for day, (first_hour, end_hour) in keys.hours_by_day(since, until + 1).items():
            for lists in self._rollups.hour_lists(site, day, first_hour, end_hour):
                counts.update(lists.tallies.counts("event_types"))
        return counts

    def minutes(self, site: str, since: int, until: int) -> list[tuple[int, Minutes]]:
        """Minutes of the clock hours from one moment to another, each with its hour's start."""
        return self._rollups.minutes(site, since, until)
