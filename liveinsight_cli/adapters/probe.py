"""Sends the visits of `verify` to a reserved site, waits until they are counted, compares, and cleans up."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from liveinsight_cli.adapters.api import ApiError
from liveinsight_cli.adapters.deployed import deploy_command
from liveinsight_cli.adapters.probe_site import ProbeSites
from liveinsight_cli.context import Context
from liveinsight_cli.core.demo_figures import Comparison
from liveinsight_cli.core.probe import Act, Request, Timings, is_repeated, requests_of
from liveinsight_cli.core.probe_figures import Seen, Sent, compare_feed, compare_realtime, compare_stats
from liveinsight_cli.core.ranges import explicit
from liveinsight_cli.errors import LiveInsightError, PreconditionError, TimedOut

FEED_SECONDS = 0.3  # between two looks at what the API answers
CUT_SECONDS = 3.0  # without a change: then nothing more comes into a feed that is cut off
STATS_SECONDS = 1.0
SETTLING_SECONDS = 12.0  # answers may be as old as the functions' caches: 5 s
FIRST_VERSION = 1000  # of a browser, far from any that there is


@dataclass(frozen=True)
class Probed:
    """What came of a probe; `deleted_items` were cleaned up."""

    site: str
    range: str
    rows: tuple[Comparison, ...]
    timings: Timings
    deleted_items: int


@dataclass
class Answers:
    """What the collector answered, added up over requests that were sent for the first time."""

    counts: dict[str, int] = field(default_factory=lambda: {"accepted": 0, "rejected": 0, "dropped": 0})

    def add(self, answer: Mapping[str, Any]) -> None:
        """Add an answer of `POST /api/events`."""
        self.counts["accepted"] += int(answer["accepted"])
        self.counts["rejected"] += len(answer["rejected"])
        self.counts["dropped"] += int(answer["dropped"])


@dataclass
class Probe:
    """One run. Times are the server's, as far as `skew` (the least and the most it is ahead, ms) tells."""

    context: Context
    seconds: float
    skew: tuple[float, float] = (0.0, 0.0)
    answers: Answers = field(default_factory=Answers)
    acts: list[Act] = field(default_factory=list)

    def run(self) -> Probed:
        """Raise TimedOut where what was sent is not counted in time.

        After anything that went wrong once something was sent, the site stays taken until nothing can come any more.
        """
        sites = ProbeSites(self.context.aws, self.context.deployed.tables, self.context.clock.now)
        site, began = sites.take(self.seconds), self._now()
        try:
            self._meet(site)
        except BaseException as error:
            sites.give_back(site)
            if isinstance(error, ApiError) and error.code == "site_not_allowed":
                raise _too_old(self.context.environment) from error
            raise
        try:
            probed = self._on(site)
        except BaseException:
            with suppress(LiveInsightError):
                sites.clean(site, began)
            raise
        deleted = sites.clean(site, began)
        sites.give_back(site)
        return replace(probed, deleted_items=deleted)

    def _on(self, site: str) -> Probed:
        deadline = self.context.clock.monotonic() + self.seconds
        started = self._now()
        with self.context.terminal.progress("Sending known visits"):
            sent, accepted_ms, again = self._send(site, started)
        stored = self._now()
        with self.context.terminal.progress("Waiting until they are counted"):
            feed, shown = self._feed(site, sent, deadline)
            stats = self._stats(site, sent, deadline)
            counted = self._now()
            rows = self._settled(site, sent, stats, deadline)
        first, end = sent.span
        wanted = {
            "accepted": len(sent.seen),
            "rejected": sum(one.is_wrong for one in self.acts),
            "dropped": sent.bots,
        }
        collected = [
            Comparison(
                f"collector {name}", count, self.answers.counts[name], count == self.answers.counts[name]
            )
            for name, count in wanted.items()
        ]
        timings = Timings(
            accepted_ms, round(shown - stored), round(counted - stored), round(self._now() - started)
        )
        return Probed(site, explicit(first, end), (*collected, again, *feed, *rows), timings, 0)

    def _meet(self, site: str) -> None:
        """Ask what time it is there."""
        before = self._now()
        there = int(self.context.api.realtime(site=site, limit=100)["now"])
        self.skew = (
            there - self._now(),
            there + 1000 - before,
        )  # an answer may come from a cache, one second old

    def _send(self, site: str, started: float) -> tuple[Sent, int, Comparison]:
        """Send all requests, one of them again at the end; return what was stored of it."""
        run = str(FIRST_VERSION + int(started) % 1_000_000)
        seen: list[Seen] = []
        bots, accepted_ms, repeated = 0, 0, None
        for request in requests_of(site, run, int(started)):
            sent_at = self._now()
            answer = self._post(request)
            answered_at = self._now()
            self.answers.add(answer)
            self.acts += request.acts
            accepted_ms = accepted_ms or max(1, round(answered_at - sent_at))
            if is_repeated(request):
                repeated = request, answer
            if request.person.is_bot:
                bots += len(request.acts)
            else:
                seen += self._seen(request, sent_at, answered_at)
        if repeated is None:  # a bug: one of the requests is
            raise RuntimeError("no request was sent again")
        first, again = repeated[1]["accepted"], self._post(repeated[0])["accepted"]
        places = self.context.settings.target == "embedded"  # elsewhere the edge says where we are
        return (
            Sent(tuple(seen), bots, with_countries=places),
            accepted_ms,
            Comparison("collector accepts again", first, again, first == again),
        )

    def _seen(self, request: Request, sent_at: float, answered_at: float) -> Iterable[Seen]:
        behind, ahead = self.skew
        for act in request.acts:
            if not act.is_wrong:
                ago = act.ago_s * 1000
                yield Seen(request.person, act, sent_at + behind - ago, answered_at + ahead - ago)

    def _post(self, request: Request) -> dict[str, Any]:
        headers = {"CloudFront-Viewer-Country": request.person.country} if request.person.country else None
        return self.context.api.send(request.body, request.user_agent, headers)

    def _feed(self, site: str, sent: Sent, deadline: float) -> tuple[list[Comparison], float]:
        """Return the comparison of the feed once it shows everything, and when it did.

        Where so many page views come that the API does not look through all of them, the oldest never show. What is
        missing is left out then, with a warning, once nothing more comes.
        """
        since = min(one.earliest for one in sent.seen)
        before: list[Comparison] = []
        shown, changed_at = self._now(), self.context.clock.monotonic()
        while True:
            live = self.context.api.realtime(site=site, limit=100)
            rows = [*compare_feed(sent, live["recent"], since)]
            missing = [row for row in rows if not row.ok and row.answered < row.expected]
            if rows != before:
                before, shown, changed_at = rows, self._now(), self.context.clock.monotonic()
            if not missing:
                return rows, shown
            is_settled = self.context.clock.monotonic() - changed_at >= CUT_SECONDS
            if is_settled and any(row.ok for row in rows) and not live["meta"]["complete"]:
                self.context.terminal.warn(
                    f"{len(missing)} of {len(rows)} pages of the feed were not compared: the realtime API does not "
                    "look through all page views that came meanwhile."
                )
                return [row for row in rows if row not in missing], shown
            if self.context.clock.monotonic() >= deadline:
                raise _late(
                    f"{len(missing)} of {len(rows)} pages are not shown by the realtime API", self.seconds
                )
            self.context.clock.sleep(FEED_SECONDS)

    def _stats(self, site: str, sent: Sent, deadline: float) -> dict[str, Any]:
        """Return the answer that has all events for the first time."""
        first, end = sent.span
        wanted = len(sent.seen)
        while True:
            answer = self.context.api.stats(site=site, range=explicit(first, end), limit=100)
            events, bots = int(answer["totals"]["events"]), sum(answer["meta"].get("bots", {}).values())
            if events >= wanted and bots >= sent.bots:
                return answer
            if self.context.clock.monotonic() >= deadline:
                raise _late(
                    f"{events} of {wanted} events and {bots} of {sent.bots} bots are counted", self.seconds
                )
            self.context.clock.sleep(STATS_SECONDS)

    def _settled(
        self, site: str, sent: Sent, stats: Mapping[str, Any], deadline: float
    ) -> tuple[Comparison, ...]:
        """Compare, again and again for some seconds where an answer may be an old one."""
        give_up_at = min(deadline, self.context.clock.monotonic() + SETTLING_SECONDS)
        first, end = sent.span
        while True:
            live = self.context.api.realtime(site=site, limit=100)
            rows = (*compare_stats(sent, stats), *compare_realtime(sent, live))
            if all(row.ok for row in rows) or self.context.clock.monotonic() >= give_up_at:
                return rows
            self.context.clock.sleep(STATS_SECONDS)
            stats = self.context.api.stats(site=site, range=explicit(first, end), limit=100)

    def _now(self) -> float:
        return self.context.clock.now() * 1000


def _late(words: str, seconds: float) -> TimedOut:
    return TimedOut(
        f"{words}, after {seconds:.0f} s.",
        code="verify_timeout",
        hint="See what the aggregator says: liveinsight tail aggregator --since 10m; and liveinsight doctor.",
    )


def _too_old(environment: str) -> PreconditionError:
    return PreconditionError(
        "The deployed functions are of an earlier version, and do not know the site that this check uses.",
        code="verify_site",
        hint=f"Bring them up to date: {deploy_command(environment)}. Or: liveinsight verify --only seeded",
    )
