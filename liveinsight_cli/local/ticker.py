"""Work that is done again and again in the background of the server: sweeping, expiring, evaluating."""

import logging
import threading
from collections.abc import Callable
from typing import Any

log = logging.getLogger(__name__)


class Ticker:
    """Calls an action every so many seconds in a thread of its own; an error is logged and does not end it."""

    def __init__(
        self, name: str, seconds: float, action: Callable[[], Any], *, at_the_end: bool = False
    ) -> None:
        """`at_the_end`: once more when it is closed."""
        self._seconds, self._action, self._at_the_end = seconds, action, at_the_end
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> "Ticker":
        """Begin to tick."""
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop, after the action that may be under way."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.wait(self._seconds):
            self._act()
        if self._at_the_end:
            self._act()

    def _act(self) -> None:
        try:
            self._action()
        except Exception:
            log.exception("%s failed", self._thread.name)
