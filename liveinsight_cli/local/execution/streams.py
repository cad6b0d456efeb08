"""Keeps one consumer running for each event source mapping that is enabled."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from liveinsight_cli.local.execution.stream_batches import IDLE_SECONDS
from liveinsight_cli.local.execution.stream_consumer import StreamConsumer
from liveinsight_cli.local.execution.stream_mapping import MappingSource, StreamMapping

SYNC_SECONDS = 0.5
ERROR_SECONDS = 5.0
log = logging.getLogger(__name__)


@dataclass
class _Poller:
    mapping: StreamMapping
    stop: threading.Event = field(default_factory=threading.Event)
    wake: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None


class StreamPollers:
    """Starts and stops consumers as mappings come, change and go."""

    def __init__(self, mappings: MappingSource, consumer: Callable[[StreamMapping], StreamConsumer]) -> None:
        """`consumer` makes one for a mapping, from its checkpoint."""
        self._mappings = mappings
        self._consumer = consumer
        self._pollers: dict[str, _Poller] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stream-pollers", daemon=True)

    def start(self) -> "StreamPollers":
        """Begin to deliver."""
        self._thread.start()
        return self

    def wake(self, table: str) -> None:
        """There is something new in a table's stream; without this it is seen at the next look."""
        for poller in list(self._pollers.values()):
            if poller.mapping.table == table:
                poller.wake.set()

    def sync(self) -> None:
        """Start, replace and stop consumers so that they are the mappings'."""
        wanted = {mapping.id: mapping for mapping in self._mappings.mappings()}
        for name, poller in list(self._pollers.items()):
            if wanted.get(name) != poller.mapping:
                self._end(self._pollers.pop(name))
        for name, mapping in wanted.items():
            if name not in self._pollers:
                self._pollers[name] = self._begin(mapping)

    def close(self) -> None:
        """Stop every consumer after the batch it is at."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        for poller in self._pollers.values():
            poller.stop.set()
            poller.wake.set()
        for poller in self._pollers.values():
            self._end(poller)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.sync()
            except Exception:
                log.exception("looking for event source mappings failed")
            self._stop.wait(SYNC_SECONDS)

    def _begin(self, mapping: StreamMapping) -> _Poller:
        poller = _Poller(mapping)
        poller.thread = threading.Thread(
            target=self._poll, args=(poller,), name=f"stream-{mapping.table}", daemon=True
        )
        poller.thread.start()
        return poller

    def _end(self, poller: _Poller) -> None:
        poller.stop.set()
        poller.wake.set()
        if poller.thread is not None:
            poller.thread.join()

    def _poll(self, poller: _Poller) -> None:
        consumer: StreamConsumer | None = None
        while not poller.stop.is_set():
            try:
                consumer = consumer or self._consumer(poller.mapping)
                delay = consumer.step()
            except Exception:
                log.exception("delivering %s failed", poller.mapping.stream_arn)
                consumer, delay = None, ERROR_SECONDS  # anew from the checkpoint
            if delay > IDLE_SECONDS:  # after a failure: new records are no reason to hurry
                poller.stop.wait(delay)
            elif delay and poller.wake.wait(delay):
                poller.wake.clear()
