"""Parts of the server that are started in one order and closed in the other."""

import logging
from typing import Protocol, TypeVar

log = logging.getLogger(__name__)


class Closes(Protocol):
    """A part that must be closed at the end."""

    def close(self) -> None:
        """Stop and free what it holds."""


Part = TypeVar("Part", bound=Closes)


class Parts:
    """What was kept last is closed first; one part's failure does not keep the others from closing."""

    def __init__(self) -> None:
        self._parts: list[Closes] = []

    def keep(self, part: Part) -> Part:
        """Remember a part and return it."""
        self._parts.append(part)
        return part

    def close(self) -> None:
        """Close every part once."""
        while self._parts:
            part = self._parts.pop()
            try:
                part.close()
            except Exception:
                log.exception("stopping %s failed", type(part).__name__)
