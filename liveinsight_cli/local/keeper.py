"""Saves the control plane in the background: when writes have settled, and at the end."""

import logging
import threading
import time
from pathlib import Path

from liveinsight_cli.local import snapshot
from liveinsight_cli.local.moto_host import Gate

SETTLE_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 1.0
log = logging.getLogger(__name__)


class Keeper:
    """Saves in the background once writes have settled, and what is left at the end."""

    def __init__(self, path: Path, gate: Gate) -> None:
        self._path, self._gate = path, gate
        self._changed = False
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="snapshot", daemon=True)
        self.left_out: tuple[str, ...] = ()
        self.saved_at: float | None = None

    def start(self) -> None:
        """Begin to watch for changes."""
        self._thread.start()

    def touch(self) -> None:
        """Say that something changed."""
        self._changed = True
        self._wake.set()

    def close(self) -> None:
        """Save what changed since the last time, and stop."""
        self._ending.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._ending.is_set():
            self._wake.wait()
            self._settle()
            self._save()
        self._save()

    def _settle(self) -> None:
        """Wait until no write came for a moment, but never long."""
        started = time.monotonic()
        while self._wake.is_set() and time.monotonic() - started < LONGEST_WAIT_SECONDS:
            self._wake.clear()
            self._ending.wait(SETTLE_SECONDS)

    def _save(self) -> None:
        if not self._changed:
            return
        try:
            with self._gate.alone():
                self._changed = False
                self.left_out = snapshot.save(self._path)
            self.saved_at = time.time()
        except Exception:
            log.exception("the control plane could not be saved")
