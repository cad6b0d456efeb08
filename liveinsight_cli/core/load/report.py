"""The answer of `load`."""

from dataclasses import dataclass

from liveinsight_cli.core.load.cost import LoadCost
from liveinsight_cli.core.load.figures import LoadFigures
from liveinsight_cli.core.load.plan import LoadPlan
from liveinsight_cli.core.load.search import Outcome
from liveinsight_cli.core.load.server import Arrival, ServerSide
from liveinsight_cli.core.load.verdict import Limits, Verdict


@dataclass(frozen=True)
class Step:
    """One rate of `--find-limit`, and why it ended as it did."""

    rps: float
    outcome: Outcome
    reason: str
    figures: LoadFigures


@dataclass(frozen=True)
class LoadReport:
    """All of a load: what was asked, what came of it here, and what the servers say of the same minutes.

    With `steps`, `plan`, `figures` and `verdict` are those of the highest rate that held, or of the last one tried.
    `statement` is the finding in a sentence. `throttle_rps` is what the deployed stage lets through to this endpoint.
    """

    environment: str
    url: str
    began_at: str
    ended_at: str
    is_whole: bool
    plan: LoadPlan
    limits: Limits
    figures: LoadFigures
    verdict: Verdict
    statement: str
    throttle_rps: float | None = None
    capacity_rps: float | None = None
    steps: tuple[Step, ...] = ()
    server: ServerSide | None = None
    arrival: Arrival | None = None
    cost: LoadCost | None = None
    notes: tuple[str, ...] = ()
