"""Runs checks side by side: each has its time, none hides another, and what depends on a failed one is skipped."""

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from liveinsight_cli.core.checks import Check
from liveinsight_cli.errors import LiveInsightError

SECONDS = 30.0


@dataclass(frozen=True)
class Remedy:
    """What mends a check without costing or losing anything; `what` says it as an order."""

    what: str
    apply: Callable[[], None]


@dataclass(frozen=True)
class Finding:
    """A check that was made, and what may be done about it."""

    check: Check
    remedy: Remedy | None = None


@dataclass(frozen=True)
class Question:
    """Something to find out; it makes sense only where the checks that it `needs` are ok.

    Credentials that may not look are no failure, unless what they may not look at `is_vital`: a deploy needs it.
    """

    name: str
    ask: Callable[[], "Check | Finding"]
    needs: tuple[str, ...] = ()
    is_vital: bool = False
    seconds: float = SECONDS


def examined(questions: Sequence[Question]) -> list[Finding]:
    """Answer all questions, as many at once as depend on nothing unanswered; return them in the order given."""
    answers: queue.Queue[tuple[str, Finding]] = queue.Queue()
    found: dict[str, Finding] = {}
    waiting = list(questions)
    while waiting or len(found) < len(questions):
        for question in [one for one in waiting if all(name in found for name in one.needs)]:
            waiting.remove(question)
            missing = next((name for name in question.needs if found[name].check.state != "ok"), None)
            if missing is None:
                _start(question, answers)
            else:
                answers.put((question.name, _skipped(question.name, found[missing].check)))
        name, finding = answers.get()
        found.setdefault(name, finding)  # an answer after the time is up comes second
    return [found[question.name] for question in questions]


def _start(question: Question, answers: "queue.Queue[tuple[str, Finding]]") -> None:
    """Ask in a thread that ends with the program: one that hangs must not keep it."""

    def late() -> None:
        answers.put((question.name, Finding(_late(question))))

    timer = threading.Timer(question.seconds, late)
    timer.daemon = True

    def run() -> None:
        answers.put((question.name, _answered(question)))
        timer.cancel()

    timer.start()
    threading.Thread(target=run, daemon=True).start()


def _answered(question: Question) -> Finding:
    try:
        answer = question.ask()
    except LiveInsightError as error:
        is_unseen = error.code == "access_denied" and not question.is_vital
        return Finding(Check(question.name, "warn" if is_unseen else "fail", error.message, error.hint))
    except Exception as error:  # noqa: BLE001 - one broken check must not take the others with it
        return Finding(
            Check(question.name, "fail", f"the check itself failed: {type(error).__name__}: {error}")
        )
    finding = answer if isinstance(answer, Finding) else Finding(answer)
    if finding.remedy is None:
        return finding
    return replace(finding, check=replace(finding.check, fix=finding.remedy.what))


def _late(question: Question) -> Check:
    return Check(question.name, "fail", f"no answer within {question.seconds:g} s", "Run it again.")


def _skipped(name: str, cause: Check) -> Finding:
    """Blame the check that failed first, not the one between."""
    reason = cause.found if cause.state == "skipped" else f"needs {cause.name}"
    return Finding(Check(name, "skipped", reason))
