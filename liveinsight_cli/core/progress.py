"""How far an apply is, by the events of its stream in whatever order they come; and about how long it still takes."""

from collections.abc import Iterable
from dataclasses import dataclass

from liveinsight_cli.core.durations import Durations
from liveinsight_cli.core.terraform_events import Event, Progress

# What the stream's hooks do to resources that a plan counts; reads and what later versions add are not counted.
COUNTED = frozenset({"create", "update", "delete"})
Operation = tuple[str, str, str]  # address, type, action


@dataclass(frozen=True)
class Running:
    """An operation under way; `since` by the clock of whoever shows it, `began_at` by Terraform's."""

    address: str
    type: str
    action: str
    since: float
    began_at: float | None


@dataclass(frozen=True)
class Finished:
    """An operation that ended."""

    address: str
    type: str
    action: str
    seconds: float


class ApplyProgress:
    """The planned operations, what is under way and what is done. A replacement is two operations."""

    def __init__(self, planned: Iterable[Operation], durations: Durations) -> None:
        self.durations = durations
        self.running: dict[tuple[str, str], Running] = {}
        self.done: dict[tuple[str, str], Finished] = {}
        self.failed: dict[tuple[str, str], Finished] = {}
        self._types = {(address, action): kind for address, kind, action in planned}
        self._began: float | None = None
        self._ended: float | None = None

    @property
    def total(self) -> int:
        """How many operations there are; never less than what is done."""
        return len(self._types.keys() | self.done.keys())

    @property
    def finished(self) -> int:
        """How many of them are done."""
        return len(self.done)

    def take(self, event: Event, now: float) -> Running | Finished | None:
        """Take in an event of the stream; returns what it says of an operation. Anything else is ignored."""
        if not isinstance(event, Progress) or event.action not in COUNTED:
            return None
        if event.at is not None:
            self._began = event.at if self._began is None else min(self._began, event.at)
            self._ended = event.at if self._ended is None else max(self._ended, event.at)
        key = (event.resource.address, event.action)
        if event.phase in ("start", "progress"):
            return self._goes_on(key, event, now)
        return self._ends(key, event)

    def remaining_seconds(self, now: float) -> float | None:
        """Return about how long it still takes; None when nothing is left."""
        left = [
            self.durations.expected(kind, key[1])
            for key, kind in self._types.items()
            if key not in self.done and key not in self.failed and key not in self.running
        ]
        left += [
            max(0.0, self.durations.expected(one.type, one.action) - (now - one.since))
            for one in self.running.values()
        ]
        return max(sum(left) / self.durations.concurrency, *left) if left else None

    def measured(self) -> Durations:
        """Return the durations with those of this apply."""
        found: dict[str, list[float]] = {}
        for one in self.done.values():
            found.setdefault(f"{one.type} {one.action}", []).append(one.seconds)
        means = {name: round(sum(values) / len(values), 2) for name, values in found.items()}
        return self.durations.with_run(means, self._concurrency())

    def _goes_on(self, key: tuple[str, str], event: Progress, now: float) -> Running | None:
        if key in self.done or key in self.failed:  # said once more, or too late
            return None
        if key not in self.running:
            since = now - event.elapsed_seconds if event.phase == "progress" else now
            self.running[key] = Running(
                event.resource.address, event.resource.type, event.action, since, event.at
            )
        return self.running[key]

    def _ends(self, key: tuple[str, str], event: Progress) -> Finished | None:
        begun = self.running.pop(key, None)
        if key in self.done or key in self.failed:
            return None
        exact = begun is not None and begun.began_at is not None and event.at is not None
        seconds = event.at - begun.began_at if exact else event.elapsed_seconds  # type: ignore[union-attr,operator]
        ended = Finished(event.resource.address, event.resource.type, event.action, max(0.0, seconds))
        (self.done if event.phase == "complete" else self.failed)[key] = ended
        return ended

    def _concurrency(self) -> float | None:
        if self._began is None or self._ended is None or self._ended - self._began < 1:
            return None
        return round(sum(one.seconds for one in self.done.values()) / (self._ended - self._began), 2)
