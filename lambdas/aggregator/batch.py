"""Folds one batch of stream records. Whatever is delivered again, in whatever batches, changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aggregator.projection import sessions_of
from aggregator.records import Poison, Record, read
from aggregator.store import HOUR_BLOCK_TTL_SECONDS, SESSION_TTL_SECONDS, AggregatorStore
from shared import keys
from shared.block import Block
from shared.dynamo import ConditionFailed, StorageBusy, StorageError
from shared.fold import fold, hours_of
from shared.keys import DAY_MS, Key, hour_start
from shared.metrics import PAGE_VIEW, SESSION_GAP_MS
from shared.settings import RESERVED_SITES
from shared.visit_log import SETTLING_MS

_ATTEMPTS = 5
_MOST_REMEMBERED = 32
_NEVER = "9999-12-32"


@dataclass(slots=True)
class Folded:
    """What was folded for the first time: as often as a batch is delivered, it is counted once."""

    events: int = 0
    pageviews: int = 0
    sessions: int = 0
    bot_events: int = 0

    def add(self, hour: int, records: Iterable[Record]) -> None:
        """Count the records that belong to the block of an hour themselves, not only by their sessions."""
        for event in (record.event for record in records if hour_start(record.event.at) == hour):
            if event.bot:
                self.bot_events += 1
            elif event.site not in RESERVED_SITES:
                self.events += 1
                self.pageviews += event.event_type == PAGE_VIEW
                self.sessions += event.is_entry


@dataclass(slots=True)
class BatchResult:
    """What became of a batch: the first sequence number that has to be delivered again, if any.

    `oldest` is when the oldest of its events was written, epoch ms, None when that is not known.
    """

    records: int = 0
    oldest: int | None = None
    folded: Folded = field(default_factory=Folded)
    blocks: int = 0
    sessions: int = 0
    poison: list[Poison] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    retry_from: int | None = None

    def fail(self, sequence: int, error: StorageError) -> None:
        """Ask for everything from this record on again."""
        self.retry_from = sequence if self.retry_from is None else min(self.retry_from, sequence)
        self.errors.append(str(error))


class Folder:
    """Folds batches. Remembers what it has written, which spares writing or reading it again: sites, and blocks.

    A remembered block may be out of date when another container has written it since: then the conditional write
    fails, and the block is read.
    """

    def __init__(self, store: AggregatorStore) -> None:
        self._store = store
        self._known_sites: dict[str, str] = {}
        self._written: dict[Key, tuple[Block, int]] = {}

    def fold_batch(self, shard: str, records: Iterable[Mapping[str, Any]], now_ms: int) -> BatchResult:
        """Fold the records of one shard and bring the sessions they belong to up to date."""
        good, poison = read(records)
        oldest = min((record.written_at for record in good if record.written_at), default=None)
        result = BatchResult(records=len(good), oldest=oldest, poison=poison)
        self._fold_blocks(shard, _by_block(good), keys.day_of(now_ms), result)
        self._reopen(good, now_ms, result)
        self._project(good, now_ms, result)
        return result

    def _fold_blocks(
        self, shard: str, groups: dict[tuple[str, int], list[Record]], today: str, result: BatchResult
    ) -> None:
        past_days: dict[tuple[str, str], int] = {}
        for (site, hour), records in groups.items():
            day, first = keys.day_of(hour), records[0].sequence
            try:
                self._register(site, day)
                result.folded.add(hour, self._fold_block(shard, site, hour, records))
                result.blocks += 1
            except StorageError as error:
                result.fail(first, error)
            if day < today:
                past_days[site, day] = min(first, past_days.get((site, day), first))
        # After the blocks, and even if nothing was new: a crash in between must not hide a late arrival.
        for (site, day), first in past_days.items():
            try:
                self._store.mark_day(site, day)
            except StorageError as error:
                result.fail(first, error)

    def _reopen(self, records: list[Record], now_ms: int, result: BatchResult) -> None:
        """Have hours logged once more that late events belong to: a request may be sent again hours later."""
        late = {hour_start(record.event.at) for record in records if not record.event.bot}
        closed = {hour for hour in late if now_ms - DAY_MS < hour < hour_start(now_ms - SETTLING_MS)}
        if closed:
            try:
                self._store.visit_log.reopen(closed, now_ms)
            except StorageError as error:
                result.fail(records[0].sequence, error)

    def _project(self, records: list[Record], now_ms: int, result: BatchResult) -> None:
        for view in sessions_of(record.event for record in records):
            silent_ms = now_ms - view.now.last
            if silent_ms > SESSION_TTL_SECONDS * 1000:
                continue  # traffic of the past: the session's item would be expired before it is written
            try:
                self._store.project(view, is_active=silent_ms <= SESSION_GAP_MS)
                result.sessions += 1
            except StorageError as error:
                first = next(r.sequence for r in records if r.event.session_id == view.now.session_id)
                result.fail(first, error)

    def _fold_block(self, shard: str, site: str, hour: int, records: list[Record]) -> list[Record]:
        """Fold the records that the block does not know yet, and return them."""
        key = keys.hour_block(site, hour, shard)
        for _ in range(_ATTEMPTS):
            # Taken out while it is worked on: whatever goes wrong from here, nobody meets it half folded.
            block, last = self._written.pop(key) if key in self._written else self._store.read_block(key)
            news = [record for record in records if record.sequence > last]
            if not news:
                return []
            for record in news:
                fold(block, hour, record.event)
            expires = hour // 1000 + HOUR_BLOCK_TTL_SECONDS
            try:
                self._store.write_block(key, block, news[-1].sequence, last, expires)
            except ConditionFailed:
                continue
            self._remember(key, block, news[-1].sequence)
            return news
        raise StorageBusy("PutItem", "BlockContended")

    def _remember(self, key: Key, block: Block, sequence: int) -> None:
        if len(self._written) >= _MOST_REMEMBERED:
            self._written.clear()
        self._written[key] = (block, sequence)

    def _register(self, site: str, day: str) -> None:
        if site not in RESERVED_SITES and day < self._known_sites.get(site, _NEVER):
            self._store.register_site(site, day)
            self._known_sites[site] = day


def _by_block(records: list[Record]) -> dict[tuple[str, int], list[Record]]:
    """Records by (site, hour), each list in the order of the shard, the earliest hours first."""
    groups: dict[tuple[str, int], list[Record]] = {}
    for record in records:
        for hour in hours_of(record.event):
            groups.setdefault((record.event.site, hour), []).append(record)
    return dict(sorted(groups.items()))
