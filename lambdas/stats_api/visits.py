"""Visits put together from their parts, and which of them the filters choose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from shared.filters import FACTS
from shared.keys import DAY_MS
from shared.parts import Part

VisitKey = tuple[str, int]


@dataclass(slots=True)
class Visit:
    """The parts of a visit that are known, in any order. `is_whole`: none of them can be missing."""

    parts: list[Part] = field(default_factory=list)
    is_whole: bool = True

    @property
    def start(self) -> int:
        """When the visit began, epoch ms; every part knows it."""
        return self.parts[0].start

    @property
    def newest(self) -> int:
        """When its last event was."""
        return max(part.newest for part in self.parts)

    @property
    def is_long(self) -> bool:
        """Whether it lasts longer than the key by which its parts know each other."""
        return self.newest - self.start > DAY_MS

    def passes(self, filters: Mapping[str, str]) -> bool | None:
        """Whether all filters hold; None when that depends on events that are not known."""
        facts = next((part.facts for part in self.parts if part.facts is not None), None)
        is_open = False
        for name, value in filters.items():
            if name == "exit_page":
                holds = max(self.parts, key=lambda part: part.rank).page == value
                is_known = True
            elif name in FACTS:
                holds = facts is not None and facts.get(FACTS[name]) == value
                is_known = self.is_whole or facts is not None
            else:
                holds = any(value in (part.pages if name == "page" else part.types) for part in self.parts)
                is_known = self.is_whole
            if not holds and is_known:
                return False
            is_open = is_open or not holds
        return None if is_open else True


def visits_of(parts: Iterable[Part]) -> dict[VisitKey, Visit]:
    """The visits that parts belong to."""
    found: dict[VisitKey, Visit] = {}
    for part in parts:
        found.setdefault((part.site, part.key), Visit()).parts.append(part)
    return found
