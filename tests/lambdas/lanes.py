"""Several collectors at once, interleaved call by call in an order that the test chooses: one runs, the others wait."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Semaphore, Thread

_STUCK_SECONDS = 30


class Lane:
    """A job that stops before each of its calls until it is its turn."""

    def __init__(self, job: Callable[[], None]) -> None:
        self._job = job
        self._may_go = Semaphore(0)
        self._has_stopped = Semaphore(0)
        self._thread = Thread(target=self._run, daemon=True)
        self.is_done = False
        self.error: BaseException | None = None

    def wait(self) -> None:
        """Called by the job before a call: let the others have their turns."""
        self._has_stopped.release()
        _acquire(self._may_go)

    def start(self) -> None:
        """Run to the first call."""
        self._thread.start()
        _acquire(self._has_stopped)

    def step(self) -> None:
        """Make the call that is due and run to the next one, or to the end."""
        self._may_go.release()
        _acquire(self._has_stopped)

    def _run(self) -> None:
        try:
            self._job()
        except BaseException as error:  # noqa: BLE001 - told to the test's own thread
            self.error = error
        self.is_done = True
        self._has_stopped.release()


def run(lanes: Sequence[Lane], schedule: Sequence[int]) -> list[int]:
    """Run all lanes to their ends; the schedule says who is next among those that are not done, then the first is.

    Returns the order in which the calls were made, by the lanes' numbers.
    """
    for lane in lanes:
        lane.start()
    order: list[int] = []
    choices = iter(schedule)
    while waiting := [number for number, lane in enumerate(lanes) if not lane.is_done]:
        number = waiting[next(choices, 0) % len(waiting)]
        lanes[number].step()
        order.append(number)
    for lane in lanes:
        if lane.error is not None:
            raise lane.error
    return order


def _acquire(semaphore: Semaphore) -> None:
    if not semaphore.acquire(timeout=_STUCK_SECONDS):
        raise TimeoutError("a lane is stuck: it waits for something else than its turn")
