"""How many requests a visitor may send in a minute: decisions over two numbers, which are kept in the visitor's row.

Every request takes one of `left`; when none is left, they come back at once, but not before a minute has passed since
they came last. So nobody with at most the limit in every minute is ever refused, nobody gets more than twice the limit
in any minute, and a request costs no call of its own: only the one that finds nothing left does.
"""

from __future__ import annotations

from typing import NamedTuple

WINDOW_MS = 60_000
_MOST_KEPT = 10_000


class Allowance(NamedTuple):
    """Requests that are left, and when they came, epoch ms."""

    left: int
    since: int


class Allowances:
    """Allowances that this container keeps in memory: of visitors whose sessions have rows by other names than theirs.

    Who numbers their sessions themselves could otherwise have a new row, and a new allowance, with every request.
    There are as many of these as containers, so the limit is a rough one; a call for each request would be exact.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: dict[str, Allowance] = {}

    def take_one(self, identity: str, at: int) -> None:
        """Take one from a visitor's allowance; raises Exhausted."""
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[identity] = take_one(self._kept.get(identity), at, self._limit)


class Exhausted(Exception):
    """Nothing is left; it will be in `retry_after_seconds`."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__("no request is left in this minute")
        self.retry_after_seconds = retry_after_seconds


def take_one(allowance: Allowance | None, at: int, limit: int) -> Allowance:
    """What is left after a request at `at`, epoch ms; a limit of 0 is none. Raises Exhausted."""
    if limit == 0:
        return Allowance(0, at)
    # A time in the future is another collector's clock, or nonsense: beyond a minute the latter.
    if allowance is None or abs(at - allowance.since) >= WINDOW_MS:
        return Allowance(limit - 1, at)
    if allowance.left > 0:
        return Allowance(allowance.left - 1, allowance.since)
    raise Exhausted(max(1, -(-(allowance.since + WINDOW_MS - at) // 1000)))
