"""Troubles on the way: said once when one begins and once when it is over, and waited for in between."""

from collections.abc import Callable
from dataclasses import dataclass, field

from liveinsight_cli.core.logs.events import Kind, Trouble

OVER = {
    "throttled": "CloudWatch Logs has stopped throttling; nothing was lost.",
    "unreachable": "AWS answers again; reading goes on where it was, nothing is lost.",
    "credentials": "The credentials work again; reading goes on where it was, nothing is lost.",
    "clock": "The clock is right again; reading goes on where it was, nothing is lost.",
    "live": "Live Tail is back.",
}
CALM_SECONDS = {
    "throttled": 30.0,
    "unreachable": 3.0,
}  # they come and go; the others are over with the first answer
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 15.0


@dataclass
class _Open:
    last: float
    stuck_since: float | None  # None: something was answered since
    tries: int = 0


@dataclass
class Troubles:
    """Those under way. `say` is told what a reader should know."""

    say: Callable[[str], None]
    monotonic: Callable[[], float]
    _open: dict[Kind, _Open] = field(default_factory=dict)

    def met(self, trouble: Trouble) -> float:
        """Note one; return the seconds after which to try again."""
        now = self.monotonic()
        if trouble.kind not in self._open:
            self._open[trouble.kind] = _Open(now, now)
            self.say(trouble.text)
        known = self._open[trouble.kind]
        known.last = now
        known.stuck_since = now if known.stuck_since is None else known.stuck_since
        known.tries += 1
        return float(min(FIRST_WAIT_SECONDS * 2 ** min(known.tries - 1, 10), LONGEST_WAIT_SECONDS))

    def stuck_seconds(self, kind: Kind) -> float:
        """How long nothing but this has been the answer."""
        known = self._open.get(kind)
        since = known.stuck_since if known else None
        return 0.0 if since is None else self.monotonic() - since

    def passed(self) -> None:
        """CloudWatch Logs answered a read: say what is over with that."""
        now = self.monotonic()
        for kind, known in list(self._open.items()):
            if kind == "live":
                continue
            known.stuck_since, known.tries = None, 0
            if now - known.last >= CALM_SECONDS.get(kind, 0.0):
                self.over(kind)

    def over(self, kind: Kind) -> None:
        """Say that one is over, if it was there."""
        if self._open.pop(kind, None) is not None:
            self.say(OVER[kind])
