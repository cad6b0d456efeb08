"""A world that is emptied instead of being built anew, and a stream that delivers late, in pieces and again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from zlib import crc32

from hypothesis import strategies as st

from aggregator.batch import Folder
from tests.lambdas.world import EVENTS, SESSIONS, STATE, World

_MEMORY = Path("/dev/shm")


def stage() -> World:
    """A world in memory where there is a file system for that."""
    directory = mkdtemp(prefix="liveinsight-", dir=_MEMORY if _MEMORY.is_dir() else None)
    return World(Path(directory) / "data.sqlite")


def empty(world: World, now: int) -> None:
    """Take everything away that a test has left, and begin at another time. Half of an example would be building."""
    for table in (EVENTS, SESSIONS, STATE):
        world.plane.drop(table)
    world.now = now
    world.collector = world.new_collector()
    world.store = world.new_store()
    world.folder = Folder(world.store)
    world.delivered.clear()
    world.client.calls.clear()


@dataclass(frozen=True)
class Delivery:
    """How the stream comes: over how many shards, in batches of which sizes, each begun how much too early.

    `is_stale`: when all is delivered, the older half of it comes once more.
    """

    shards: int = 1
    sizes: tuple[int, ...] = (1000,)
    repeated: tuple[int, ...] = (0,)
    is_stale: bool = False


deliveries = st.builds(
    Delivery,
    shards=st.integers(1, 3),
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=3).map(tuple),
    repeated=st.lists(st.sampled_from((0, 0, 0, 1, 2, 20)), min_size=1, max_size=3).map(tuple),
    is_stale=st.booleans(),
)


@dataclass
class Stream:
    """What has come so far, by shard."""

    world: World
    delivery: Delivery
    pumped_at: int = 0
    _shards: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def pump(self) -> None:
        """Deliver everything that is new, with some of what is not; a repeated batch meets another container."""
        self.pumped_at = self.world.now
        begun = {shard: len(records) for shard, records in self._shards.items()}
        for record in self.world.new_records():
            partition = record["dynamodb"]["Keys"]["session_id"]["S"]
            shard = f"shardId-{crc32(partition.encode()) % self.delivery.shards}"
            self._shards.setdefault(shard, []).append(record)
        for shard, records in self._shards.items():
            self._deliver(shard, records, begun.get(shard, 0))
            if self.delivery.is_stale:
                self.world.folder = Folder(self.world.store)
                self.world.deliver(shard, records[: len(records) // 2])

    def _deliver(self, shard: str, records: list[dict[str, Any]], at: int) -> None:
        batches: Iterable[tuple[int, int]] = cycle(
            zip(cycle(self.delivery.sizes), self.delivery.repeated, strict=False)
        )
        for size, repeated in batches:
            if at >= len(records):
                return
            if repeated:
                self.world.folder = Folder(self.world.store)
            result = self.world.deliver(shard, records[max(0, at - repeated) : at + size])
            assert not result.errors
            assert not result.poison
            at += size
