"""Who a visitor is, without keeping who they are: a keyed hash under a random salt that lives for two days."""

from __future__ import annotations

from hashlib import blake2b
from typing import Protocol

from shared import keys


class SaltSource(Protocol):
    """Where the salt of a UTC day comes from: made once, the same for all."""

    def salt(self, day: str) -> bytes:
        """32 random bytes."""
        ...


class Visitors:
    """Hashes visitors; salts are remembered for as long as this object lives."""

    def __init__(self, salts: SaltSource) -> None:
        self._source = salts
        self._salts: dict[str, bytes] = {}

    def identity(self, at: int, site: str, source_ip: str, user_agent: str) -> str:
        """32 hex digits for a visitor of a site on the UTC day of `at`."""
        text = "\0".join((site, source_ip, user_agent))
        key = self._salt(keys.day_of(at))
        return blake2b(text.encode("utf-8", "surrogatepass"), key=key, digest_size=16).hexdigest()

    def _salt(self, day: str) -> bytes:
        if day not in self._salts:
            newest = dict(sorted(self._salts.items())[-2:])
            self._salts = {**newest, day: self._source.salt(day)}
        return self._salts[day]


def visitor_of(identity: str) -> str:
    """What is stored with an event: 64 of the identity's bits."""
    return identity[:16]
