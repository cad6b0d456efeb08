"""Numbers a request's events on the visitor's row: one call when the session is running, a few otherwise."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b

from event_collector.allowance import take_one
from event_collector.numbering import Arrival, Numbering, Row, decide, recall
from event_collector.store import CollectorStore, RowUnavailable
from event_collector.visitors import Visitors
from shared import keys
from shared.dynamo import StorageBusy
from shared.keys import DAY_MS, Key
from shared.metrics import AFTER_MIDNIGHT_MS

_ATTEMPTS = 12


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom a request comes from, as far as hashing needs it. Goes nowhere else."""

    site: str
    source_ip: str
    user_agent: str
    is_bot: bool = False


class Sessions:
    """The running sessions of all visitors."""

    def __init__(self, store: CollectorStore, visitors: Visitors, requests_per_minute: int) -> None:
        self._store = store
        self._visitors = visitors
        self._limit = requests_per_minute

    def number(self, arrival: Arrival, sender: Sender) -> Numbering:
        """Decide what the arrival's events are numbered from.

        Raises Exhausted when the visitor has sent too much, StorageBusy if others are always faster.
        """
        at = arrival.received_at
        # The row of a session that callers number is not one visitor's: see Allowances.
        limit = self._limit if arrival.own_session is None else 0
        for _ in range(_ATTEMPTS):
            key = self._key(arrival, sender, at)
            try:
                before = self._store.extend(key, arrival, is_limited=limit > 0)
                return Numbering(before, arrival.received_at, None)
            except RowUnavailable as unavailable:
                found = unavailable
            recalled = recall(found.row, arrival)
            if recalled is not None:
                if self._has_paid(key, found.row, at=arrival.received_at, limit=limit):
                    return recalled
                continue
            if found.moved:
                at += DAY_MS  # another collector's clock is past midnight already
                continue
            row = found.row or self._carried_over(arrival, sender, at)
            numbering = decide(row, arrival, _session_id(key, arrival), limit)
            if numbering.row is None:  # it was here before, yesterday
                yesterday = self._key(arrival, sender, at - DAY_MS)
                if self._has_paid(yesterday, row, at=arrival.received_at, limit=limit):
                    return numbering
                continue
            with suppress(RowUnavailable):  # somebody was faster: now there may be something to extend
                self._store.replace(key, found.row, numbering.row, arrival.received_at)
                return numbering
        raise StorageBusy("PutItem", "RowContended")

    def _has_paid(self, key: Key, row: Row | None, *, at: int, limit: int) -> bool:
        """A request that is sent again counts against the limit too, or it could be sent again without end."""
        if row is None or not limit:
            return True
        return self._store.set_allowance(key, row.allowance, take_one(row.allowance, at, limit))

    def _carried_over(self, arrival: Arrival, sender: Sender, at: int) -> Row | None:
        """A visitor has a new hash every day: what yesterday's row knows, when there is none under today's."""
        if arrival.own_session is not None:
            return None
        yesterday = self._key(arrival, sender, at - DAY_MS)
        # Until then a session may still hang on yesterday's row; afterwards only a late retry can.
        if at != arrival.received_at or at % DAY_MS <= AFTER_MIDNIGHT_MS:
            return self._store.take_over(yesterday, arrival.received_at)
        return self._store.read(yesterday)

    def _key(self, arrival: Arrival, sender: Sender, at: int) -> Key:
        if arrival.own_session is not None:
            return keys.own_session(sender.site, arrival.own_session)
        identity = self._visitors.identity(at, sender.site, sender.source_ip, sender.user_agent)
        return keys.visitor(sender.site, identity, is_bot=sender.is_bot)


def _session_id(key: Key, arrival: Arrival) -> str:
    """A new session's id: not to be guessed, because the row's key is not, and the same if decided twice."""
    text = f"{key.pk}#{arrival.request_id}#{arrival.received_at}"
    return blake2b(text.encode(), digest_size=12).hexdigest()
