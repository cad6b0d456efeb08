"""Sends a load, or the loads of a search for the limit, and puts together what is known of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from liveinsight_cli.commands.load_options import Wanted
from liveinsight_cli.context import Context
from liveinsight_cli.core.load.cost import LoadCost
from liveinsight_cli.core.load.figures import LoadFigures, Stored, figures_of, stored
from liveinsight_cli.core.load.plan import LoadPlan, processes_for, throttle_of
from liveinsight_cli.core.load.progress import Progress
from liveinsight_cli.core.load.report import LoadReport, Step
from liveinsight_cli.core.load.samples import Samples
from liveinsight_cli.core.load.search import Search, Tried, outcome_of, step_of
from liveinsight_cli.core.load.verdict import judge, promise, rate, statement
from liveinsight_cli.core.times import rfc3339
from liveinsight_cli.errors import CredentialsError, LiveInsightError

if TYPE_CHECKING:
    from liveinsight_cli.adapters.load_processes import Target
    from liveinsight_cli.core.load.server import Arrival, ServerSide
    from liveinsight_cli.terminal import Step as Shown

PLAIN_SECONDS = 5.0  # between two lines where nothing can move
NOTHING_TO_LOAD = ("api_unreachable", "api_timeout", "dummy")
SETTLE_SECONDS = 2.0  # between two steps of a search
FEED_EVENTS = 3300  # page views of all sites that the live feed looks through: lambdas/realtime_api/store.py


@dataclass
class Sent:
    """What one plan came to."""

    plan: LoadPlan
    figures: LoadFigures
    stored: Stored
    answered: int
    is_whole: bool


@dataclass
class Load:
    """A command's load under way: where it goes, and what of it must be remembered for the server side."""

    context: Context
    wanted: Wanted
    limits: dict[str, float]
    before: int | None = None
    began: float = 0.0
    answered: int = 0
    accepted: int = 0
    of_unknown_fate: int = 0

    @property
    def throttle_rps(self) -> float | None:
        """What the deployed stage lets through."""
        return throttle_of(self.wanted.plan.endpoint, self.limits)

    def send(self, plan: LoadPlan, shown: "Shown") -> Sent:
        """Send a plan, and remember what the servers must know of it."""
        from liveinsight_cli.adapters.load_processes import send_load

        samples, is_whole = send_load(plan, self._target, self.context.clock, self._looker(plan, shown))
        end = plan.all_seconds if is_whole else max((one.due for one in samples), default=0.0)
        answered = sum(one.outcome > 0 for one in samples)
        kept = stored(samples)
        self.answered += answered
        self.accepted += kept.accepted
        self.of_unknown_fate += kept.of_unknown_fate
        begin = min(plan.warm_up_seconds, end)
        return Sent(plan, figures_of(samples, begin, end), kept, answered, is_whole)

    @property
    def _target(self) -> "Target":
        from liveinsight_cli.adapters.load_processes import Target

        deployed = self.context.deployed
        return Target(deployed.public_api_url, deployed.authorization().get("Authorization"))

    def _looker(self, plan: LoadPlan, shown: "Shown") -> Callable[[float, Samples], None]:
        progress, is_live = Progress(plan), self.context.terminal.is_live
        next_at = PLAIN_SECONDS

        def look(now: float, samples: Samples) -> None:
            nonlocal next_at
            line = progress.line(now, samples)
            if not is_live and now < next_at:
                return
            next_at = max(now, 0.0) + PLAIN_SECONDS
            shown.update(f"{rate(plan.rps)}: {line}", done=now, total=plan.all_seconds)

        return look


def run(context: Context, wanted: Wanted, cost: LoadCost | None) -> LoadReport:
    """Send what is wanted and return the report of it."""
    load = Load(context, wanted, _throttles(context))
    load.before = _counted_before(load)
    load.began = context.clock.now()
    found = _searched(load) if wanted.is_search else _once(load)
    ended = context.clock.now()
    found = replace(found, ended_at=rfc3339(ended), cost=cost, notes=(*found.notes, *_of_the_feed(load)))
    return _with_server_side(load, found, ended) if wanted.has_server_side else found


def _of_the_feed(load: Load) -> Iterator[str]:
    if load.accepted > FEED_EVENTS:
        yield (
            "The live feed may lack visitors from before this load for a day. Take the load out of it: "
            f"liveinsight load --env {load.context.environment} --purge"
        )


def _throttles(context: Context) -> dict[str, float]:
    from liveinsight_cli.adapters.load_server import throttles

    return throttles(context.aws, context.deployed)


def _counted_before(load: Load) -> int | None:
    """Return how many events of the site there are, None where nobody can say; a wrong token is said right away."""
    from liveinsight_cli.adapters.load_server import StoredEvents

    context = load.context
    has_reads = load.wanted.plan.endpoint != "events"
    if not (has_reads or load.wanted.has_server_side):
        return None
    now = context.clock.now()
    try:
        return StoredEvents(context.api, context.clock).count(now, now)
    except CredentialsError:
        if has_reads:
            raise
    except LiveInsightError as error:
        if error.code in NOTHING_TO_LOAD:
            raise
        context.terminal.detail(f"Stored events cannot be counted: {error.message}")
    except (LookupError, TypeError, ValueError) as error:
        context.terminal.detail(f"The statistics have no count of events: {error}")
    return None


def _once(load: Load) -> LoadReport:
    plan = load.wanted.plan
    throttle = load.throttle_rps
    if throttle is not None and plan.rps > throttle:
        load.context.terminal.say(_above_the_throttle(load.context, plan.rps, throttle))
    with load.context.terminal.progress(f"Sending {rate(plan.rps)} to {plan.endpoint}") as shown:
        sent = load.send(plan, shown)
    return _report(load, sent)


def _above_the_throttle(context: Context, rps: float, throttle: float) -> str:
    return (
        f"{rate(rps)} are more than the {throttle:.4g} that requests_per_minute = "
        f"{context.settings.requests_per_minute} leaves to this endpoint: the rest will be throttled after a burst."
    )


def _report(load: Load, sent: Sent) -> LoadReport:
    limits = load.wanted.limits
    verdict = judge(sent.figures, limits)
    notes = []
    if load.throttle_rps is not None and sent.plan.rps > load.throttle_rps:
        notes.append(_above_the_throttle(load.context, sent.plan.rps, load.throttle_rps))
    if sent.figures.outcomes.get("403"):
        notes.append("403: the load's site is refused. Deploy this version first, it lets that site through.")
    return LoadReport(
        environment=load.context.environment,
        url=load.context.deployed.public_api_url,
        began_at=rfc3339(load.began),
        ended_at=rfc3339(load.began),
        is_whole=sent.is_whole,
        plan=sent.plan,
        limits=limits,
        figures=sent.figures,
        verdict=verdict,
        statement=statement(sent.figures, verdict, limits),
        throttle_rps=load.throttle_rps,
        notes=tuple(notes),
    )


def _searched(load: Load) -> LoadReport:
    """Try rates until the limit is known; the report is that of the best one."""
    wanted, terminal = load.wanted, load.context.terminal
    throttle, most = load.throttle_rps, wanted.most_rps or wanted.plan.rps
    search = Search(min(wanted.plan.rps, throttle or most), min(most, throttle or most))
    steps: list[Step] = []
    all_sent: list[Sent] = []
    with terminal.progress(
        f"Looking for the limit from {rate(search.first)} up to {rate(search.most)}"
    ) as shown:
        while (rps := search.next_rate([Tried(one.rps, one.outcome) for one in steps])) is not None:
            if steps:
                load.context.clock.sleep(SETTLE_SECONDS)
            plan = replace(
                step_of(wanted.plan, rps),
                processes=wanted.asked_processes or processes_for(rps),
                seed=wanted.plan.seed + len(steps),
            )
            sent = load.send(plan, shown)
            all_sent.append(sent)
            if not sent.is_whole:
                break
            outcome, reason = outcome_of(sent.figures, judge(sent.figures, wanted.limits), wanted.limits)
            steps.append(Step(rps, outcome, reason, sent.figures))
            terminal.say(f"{rate(rps)} {outcome}: {reason}")
    held, broken = search.bounds([Tried(one.rps, one.outcome) for one in steps])
    best = next((one for one in all_sent if one.plan.rps == held), all_sent[-1])
    report = replace(
        _report(load, best), is_whole=all_sent[-1].is_whole, steps=tuple(steps), capacity_rps=held
    )
    return replace(report, statement=_finding(load, search, steps, held, broken))


def _finding(load: Load, search: Search, steps: list[Step], held: float | None, broken: float | None) -> str:
    """Return the capacity in a sentence, with what sets it."""
    if held is None:
        last = steps[-1] if steps else None
        return (
            "No step came to its end."
            if last is None
            else f"Even {rate(last.rps)} is too much: {last.reason}."
        )
    said = f"This stack answers {rate(held)} {promise(load.wanted.limits)}"
    if broken is not None:
        step = next(one for one in steps if one.rps == broken)
        whose = "At" if step.outcome != "invalid" else "The limit may be this machine's: at"
        return f"{said}. {whose} {rate(broken)}: {step.reason.rstrip('.')}."
    if load.throttle_rps is not None and held >= load.throttle_rps:
        setting = load.context.settings.requests_per_minute
        return f"{said}. The limit is set by requests_per_minute = {setting}."
    return f"{said}, and more: the search ended at --max-rps."


def _with_server_side(load: Load, found: LoadReport, ended: float) -> LoadReport:
    """Add what CloudWatch and the statistics say; without them the load is still an answer."""
    notes = list(found.notes)
    server: ServerSide | None = None
    arrival: Arrival | None = None
    try:
        with load.context.terminal.progress("Waiting for the server side") as shown:
            arrival = _arrival(load, ended, _sayer(load.context, shown), notes)
            server = _server(load, ended, _sayer(load.context, shown), notes)
    except KeyboardInterrupt:
        notes.append("The server side was not waited for.")
    return replace(found, server=server, arrival=arrival, notes=tuple(notes))


def _sayer(context: Context, shown: "Shown") -> Callable[[str], None]:
    """Return what shows a line: always where it can move, else now and then."""
    next_at = context.clock.monotonic() + PLAIN_SECONDS

    def say(text: str) -> None:
        nonlocal next_at
        now = context.clock.monotonic()
        if context.terminal.is_live or now >= next_at:
            next_at = now + PLAIN_SECONDS
            shown.update(text)

    return say


def _arrival(load: Load, ended: float, say: Callable[[str], None], notes: list[str]) -> "Arrival | None":
    from liveinsight_cli.adapters.load_server import StoredEvents

    if load.wanted.plan.endpoint in ("realtime", "stats"):
        return None
    if load.before is None:
        notes.append(
            "Whether the events are stored was not looked at: this machine cannot read the statistics."
        )
        return None
    try:
        events = StoredEvents(load.context.api, load.context.clock)
        return events.arrival(load.before, load.accepted, load.of_unknown_fate, (load.began, ended), say)
    except LiveInsightError as error:
        notes.append(f"Whether the events are stored is not known: {error.message}")
        return None


def _server(load: Load, ended: float, say: Callable[[str], None], notes: list[str]) -> "ServerSide | None":
    from liveinsight_cli.adapters.load_server import ServerFigures
    from liveinsight_cli.core.load.server import Window

    context = load.context
    is_embedded = context.settings.target == "embedded"
    figures = ServerFigures(
        context.metrics, context.clock, 1.0 if is_embedded else 10.0, 15.0 if is_embedded else 240.0
    )
    try:
        server = figures.of(Window.around(load.began, ended), load.answered, say)
    except LiveInsightError as error:
        notes.append(f"CloudWatch has no figures for us: {error.message}")
        return None
    if not server.is_complete:
        had = server.platform.api.requests or 0
        notes.append(
            f"After {server.waited_seconds:.0f} s CloudWatch has {had:,.0f} of {load.answered:,} requests: "
            "the server side is incomplete."
        )
    return server
