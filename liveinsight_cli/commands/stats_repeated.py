"""Looks at an environment again and again: what cannot be had keeps the figures it had, with their age."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from liveinsight_cli.commands.stats_look import Wanted, platform_of, product, without_platform
from liveinsight_cli.context import Context
from liveinsight_cli.core.stats import Stats
from liveinsight_cli.core.stats_platform import Platform
from liveinsight_cli.errors import CredentialsError, LiveInsightError, UsageError

if TYPE_CHECKING:
    from liveinsight_cli.adapters.api import Api
    from liveinsight_cli.adapters.metrics import Metrics

# CloudWatch learns of a minute once, and asking costs a cent for a thousand metrics.
CLOUDWATCH_SECONDS = 30.0
LONGEST_PAUSE_SECONDS = 30.0
MOST_DOUBLINGS = 6


@dataclass(frozen=True)
class Sight:
    """One look: with `error` the product's figures are those of the last look that succeeded."""

    stats: Stats
    error: LiveInsightError | None = None


@dataclass
class RepeatedLooks:
    """Remembers what the last looks saw, and when what has to be asked again."""

    context: Context
    wanted: Wanted
    failures: int = 0  # of the API, in a row
    _stats: Stats | None = None
    _platform: Platform | None = None
    _platform_problem: str | None = None
    _platform_due: float = field(default=float("-inf"))
    _api: "Api | None" = None
    _metrics: "Metrics | None" = None

    def sight(self) -> Sight:
        """Look once. Only what no waiting mends is raised, and only by the first look."""
        error = self._ask_api()
        self._ask_cloudwatch()
        self.failures = self.failures + 1 if error else 0
        problems = [f"Trying again: {error.message}"] if error else []
        problems += [self._platform_problem] if self._platform_problem else []
        seen = replace(self._stats or self.nothing(), platform=self._platform, problems=tuple(problems))
        return Sight(replace(seen, checks=()) if error else self.wanted.checked(seen), error)

    def nothing(self) -> Stats:
        """Return what is known before the first look."""
        now = int(self.context.clock.now() * 1000)
        return Stats(self.context.environment, now, self.wanted.by, None, None, None)

    def pause(self, seconds: float, elapsed: float) -> float:
        """Return how long to wait: ever longer while the API fails, and never so short that looks pile up."""
        doubled: float = seconds * 2 ** min(self.failures, MOST_DOUBLINGS)
        return max(min(doubled, max(seconds, LONGEST_PAUSE_SECONDS)) - elapsed, seconds / 2)

    def _ask_api(self) -> LiveInsightError | None:
        now = self.context.clock.now()
        try:
            if self._api is None:
                self._api = self.context.api.impatient()
            live, period = product(self._api, self.wanted, now)
        except LiveInsightError as error:
            if self._stats is None and _is_final(error):
                raise
            if isinstance(error, CredentialsError) and self._api is not None:
                self._api = self._with_new_token(self._api)
            return error
        before = self._stats or self.nothing()
        self._stats = replace(before, taken_at=int(now * 1000), live=live, period=period)
        return None

    def _with_new_token(self, api: "Api") -> "Api":
        """Return the API with the token that is on this machine now: somebody may have changed it."""
        from liveinsight_cli.adapters.deployed import read_token

        return api.with_token(read_token(self.context.files))

    def _ask_cloudwatch(self) -> None:
        now = self.context.clock.monotonic()
        if now < self._platform_due:
            return
        self._platform_due = now + CLOUDWATCH_SECONDS
        try:
            if self._metrics is None:
                self._metrics = self.context.metrics
            self._platform = platform_of(self._metrics, self.wanted, self.context.clock.now())
            self._platform_problem = None
        except LiveInsightError as error:
            self._platform_problem = without_platform(error)
            if isinstance(error, CredentialsError) and self._metrics is not None:
                self._metrics = self._metrics.renewed()


def _is_final(error: LiveInsightError) -> bool:
    return isinstance(error, (CredentialsError, UsageError)) or error.code == "not_deployed"
