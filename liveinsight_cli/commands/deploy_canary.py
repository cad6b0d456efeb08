"""The part of `deploy` that `--canary` adds: between the smoke test and the promotion."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from liveinsight_cli.context import Context
from liveinsight_cli.core.canary import Canary, CanaryReport, InvalidCanary, StepReport, parse_canary
from liveinsight_cli.core.release import Promotion, Release
from liveinsight_cli.core.stages import Stage
from liveinsight_cli.errors import Interrupted, UsageError

if TYPE_CHECKING:
    from liveinsight_cli.adapters.canary import CanaryRun
    from liveinsight_cli.adapters.finish import Finish
    from liveinsight_cli.core.build import Build

SLOWEST_SECONDS = 120  # CloudWatch shows Lambda's figures one to two minutes late


def trial_of(text: str | None, conditions: list[str], stage: Stage, *, dummy: bool) -> Canary | None:
    """Return the canary that was asked for; raises UsageError for words that make none."""
    if text is None:
        if conditions:
            raise UsageError(
                "--abort-if is about a canary, and there is none.",
                hint=f"deploy --canary 10:5m,50:5m --abort-if '{conditions[0]}'",
            )
        return None
    if dummy or stage is Stage.TABLES:
        raise UsageError(
            "--canary needs functions with traffic.", hint="Leave --dummy or --stage tables out."
        )
    try:
        return parse_canary(text, conditions)
    except InvalidCanary as error:
        raise UsageError(str(error), hint=error.hint) from error


def require_functions_of(trial: Canary | None, build: "Build") -> None:
    """Raise UsageError for a condition on a function that there is none of."""
    for gate in trial.gates if trial else ():
        function, dot, _ = gate.metric.rpartition(".")
        if dot and function not in build.digests:
            raise UsageError(
                f"--abort-if '{gate.text}': there is no function {function!r}.",
                hint=f"Functions: {', '.join(build.digests)}.",
            )


@dataclass
class Tried:
    """What is left to do when a canary went well, or there was none."""

    finish: "Finish"
    moves: tuple[Promotion, ...]
    report: CanaryReport | None = None
    noted: Release | None = field(default=None)
    is_recorded: bool = False

    def record(self) -> Release:
        """Note the release as the one in service."""
        if self.noted is None:
            return self.finish.record()
        self.finish.ledger.mark(self.noted.id, "active")
        self.is_recorded = True
        return self.noted


@contextmanager
def tried(
    context: Context, finish: "Finish", trial: Canary | None, moves: tuple[Promotion, ...]
) -> Iterator[Tried]:
    """Try the new versions on a part of the traffic, and note how it ends; the block puts them into service.

    What goes wrong in the block after it has recorded the release ends no canary any more.
    """
    from liveinsight_cli.adapters.aliases import uninterrupted

    tested = tuple(one for one in moves if one.before.version != one.to_version)
    if trial is None or not tested:
        if trial is not None:
            context.terminal.say("No canary: no function gets another version.")
        yield Tried(finish, moves)
        return
    noted = finish.begin_canary(trial)
    run = _canary(context, finish, trial, tested)
    outcome = Tried(finish, moves, None, noted)
    try:
        outcome.report = _watched(context, run, trial, tested)
        names = {one.function for one in tested}
        rest = tuple(one for one in moves if one.function not in names)
        outcome.moves = (*run.left(), *rest)
        yield outcome
    except BaseException as error:
        if outcome.is_recorded:
            raise
        with uninterrupted():
            run.take_back(error)
            finish.end_canary(noted)
        if isinstance(error, KeyboardInterrupt):
            raise Interrupted(
                "Interrupted: the canary was ended, and all traffic goes to the versions before.",
                hint="Go on with the same command; a deploy without --canary leaves the new versions out of service.",
            ) from error
        raise


def _canary(context: Context, finish: "Finish", trial: Canary, tested: Sequence[Promotion]) -> "CanaryRun":
    from liveinsight_cli.adapters.canary import CanaryRun
    from liveinsight_cli.adapters.canary_metrics import CanaryMetrics

    if context.settings.target == "aws" and trial.steps[0].seconds < SLOWEST_SECONDS:
        context.terminal.warn(
            "CloudWatch tells figures one to two minutes late: steps shorter than that end before they are judged."
        )
    metrics = CanaryMetrics(
        context.aws,
        finish.deployed,
        new={one.function: one.to_version for one in tested},
        old={one.function: one.before.version for one in tested},
        began=context.clock.now(),
    )
    return CanaryRun(finish.aliases, metrics.look, context.clock)


def _watched(context: Context, run: "CanaryRun", trial: Canary, tested: Sequence[Promotion]) -> CanaryReport:
    """Go through the steps and show them: every look on a terminal, elsewhere the begin and the end of each."""
    begun: set[int] = set()
    with context.terminal.progress(f"Canary {trial.text}") as shown:

        def tell(step: StepReport, left: float) -> None:
            if context.terminal.is_live:
                shown.update(_in_words(step, left), done=step.seconds - left, total=step.seconds)
            elif not left or step.percent not in begun:
                context.terminal.say(_in_words(step, left))
            begun.add(step.percent)

        report = run.run(trial, tested, tell)
    for gate in report.unjudged:
        context.terminal.warn(
            f"--abort-if '{gate}' was not judged: there were no figures of the new versions."
        )
    return report


def _in_words(step: StepReport, left: float) -> str:
    new = _figures("new", step.invocations, step.error_rate, step.p95)
    old = _figures("before", step.before_invocations, step.before_error_rate, step.before_p95)
    minutes, seconds = divmod(round(left), 60)
    rest = f", {minutes}:{seconds:02} left" if left else ", over"
    return f"Canary {step.percent} %{rest}; {new}; {old}"


def _figures(name: str, invocations: int, error_rate: float | None, p95: float | None) -> str:
    if not invocations:
        return f"{name}: no traffic"
    return f"{name}: {invocations} requests, {error_rate or 0:.2g} % errors" + (
        f", p95 {p95:.0f} ms" if p95 is not None else ""
    )
