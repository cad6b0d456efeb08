"""Lambda's queue of asynchronous invocations: accepted at once, run in the background, tried again after errors."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from liveinsight_cli.local.execution.invocation import InvocationRefused
from liveinsight_cli.local.execution.invoker import Invoker

RETRY_SECONDS = (60.0, 120.0)  # Lambda waits one minute before the second attempt and two before the third
log = logging.getLogger(__name__)

Later = Callable[[float, Callable[[], None]], None]


class EventQueue:
    """Runs invocations whose caller does not wait."""

    def __init__(
        self,
        functions: Invoker,
        retries: Callable[[str, str | None], int] = lambda _name, _qualifier: 2,
        later: Later | None = None,
        workers: int = 4,
    ) -> None:
        """`retries` tells how often an invocation of a function is repeated; `later` runs something after seconds."""
        self._functions = functions
        self._retries = retries
        self._later = later or self._start_timer
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix="lambda-event")
        self._timers: set[threading.Timer] = set()
        self._is_closed = False

    def put(self, name: str, qualifier: str | None, payload: bytes) -> None:
        """Accept an invocation."""
        self._submit(name, qualifier, payload, attempt=0)

    def close(self) -> None:
        """Forget what waits for another attempt; let what runs come to its end."""
        self._is_closed = True
        for timer in list(self._timers):
            timer.cancel()
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _submit(self, name: str, qualifier: str | None, payload: bytes, attempt: int) -> None:
        if not self._is_closed:
            self._executor.submit(self._run, name, qualifier, payload, attempt)

    def _run(self, name: str, qualifier: str | None, payload: bytes, attempt: int) -> None:
        try:
            failure = self._functions.invoke(name, qualifier, payload).function_error
            retries = self._retries(name, qualifier)
        except InvocationRefused as error:
            if error.status == 404:
                log.warning("dropped an event: %s", error)
                return
            failure, retries = str(error), len(RETRY_SECONDS)
        if failure is None:
            return
        if attempt >= retries:
            log.warning("dropped an event for %s after %d attempts: %s", name, attempt + 1, failure)
            return
        delay = RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)]
        self._later(delay, lambda: self._submit(name, qualifier, payload, attempt + 1))

    def _start_timer(self, seconds: float, action: Callable[[], None]) -> None:
        timer = threading.Timer(seconds, action)
        timer.daemon = True
        self._timers = {known for known in self._timers if known.is_alive()} | {timer}
        timer.start()
