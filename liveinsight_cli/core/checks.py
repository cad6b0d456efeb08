"""What `doctor` finds out, as values."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Check:
    """One precondition: how it stands, and the command that mends it."""

    name: str
    state: Literal["ok", "warn", "fail"]
    found: str
    mend: str | None = None


@dataclass(frozen=True)
class Doctor:
    """The answer of `doctor`."""

    environment: str
    checks: tuple[Check, ...]

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if check.state == "fail")
