"""What `status` asks AWS and the API, all of it side by side: one that does not answer leaves the others alone."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from liveinsight_cli.adapters.alarms import AlarmSource
from liveinsight_cli.adapters.deployed import Deployed
from liveinsight_cli.adapters.drift import Search
from liveinsight_cli.adapters.metric_data import values_of
from liveinsight_cli.context import Context
from liveinsight_cli.core.alarms import AlarmStatus, in_order, status_of
from liveinsight_cli.core.checks import AlarmCounts, DataAge, DriftNote, FunctionStatus, count_alarms
from liveinsight_cli.core.stats_metrics import MINUTE, Metric
from liveinsight_cli.errors import LiveInsightError

WINDOW_MINUTES = 15
Answer = TypeVar("Answer")


@dataclass
class Overview:
    """What was seen of an environment. What nobody answered is None, and `problem` says why."""

    functions: tuple[FunctionStatus, ...] = ()
    alarms: AlarmCounts | None = None
    ringing: tuple[AlarmStatus, ...] = ()
    drift: DriftNote | None = None
    data: DataAge | None = None
    problem: str | None = None


def look(context: Context, deployed: Deployed, *, is_dummy: bool) -> Overview:
    """Ask everything."""
    found = Overview(tuple(FunctionStatus(name, None, None, {}) for name in deployed.functions))
    if not deployed.functions:
        return found
    try:
        _ = context.aws, context.deployed  # threads find them made
    except LiveInsightError as error:
        found.problem = _words(error)
        return found
    with ThreadPoolExecutor(3) as pool:
        code = pool.submit(_code, context, deployed)
        alarms = pool.submit(_alarms, context) if deployed.alarm_names else None
        data = pool.submit(_data, context, deployed) if not is_dummy else None
        found.functions, found.drift = _got(found, code) or (found.functions, None)
        found.alarms, found.ringing = (_got(found, alarms) if alarms else None) or (None, ())
        found.data = _got(found, data) if data else None
    return found


def _got(found: Overview, asked: "Future[Answer]") -> Answer | None:
    """The answer; what went wrong is noted, once."""
    try:
        return asked.result()
    except LiveInsightError as error:
        found.problem = found.problem or _words(error)
        return None


def _words(error: LiveInsightError) -> str:
    message = error.message if error.message.endswith((".", ":")) else f"{error.message}."
    return f"{message} {error.hint or ''}".strip()


def _code(context: Context, deployed: Deployed) -> tuple[tuple[FunctionStatus, ...], DriftNote | None]:
    search = Search(context, deployed)
    drift = search.code_only()
    functions = tuple(
        FunctionStatus(
            name,
            search.aliases[name].version if name in search.aliases else None,
            search.codes[name].newest if name in search.codes else None,
            search.aliases[name].weights if name in search.aliases else {},
        )
        for name in deployed.functions
    )
    return functions, DriftNote(
        code_only=True, differences=tuple(f"{one.where}: {one.what}" for one in drift.differences)
    )


def _alarms(context: Context) -> tuple[AlarmCounts, tuple[AlarmStatus, ...]]:
    project, environment = context.settings.project, context.environment
    described = AlarmSource.of(context).alarms()
    alarms = in_order([status_of(alarm, project, environment) for alarm in described])
    return count_alarms(described), tuple(alarm for alarm in alarms if alarm.state == "ALARM")


def _data(context: Context, deployed: Deployed) -> DataAge:
    behind = _behind_seconds(context, deployed)
    try:
        answer = context.api.realtime(limit=1)
    except LiveInsightError as error:
        return DataAge(None, behind, error.message)
    newest = answer.get("meta", {}).get("fresh_to")
    return DataAge(None if newest is None else max(0.0, context.clock.now() - newest / 1000), behind)


def _behind_seconds(context: Context, deployed: Deployed) -> float | None:
    """How far the aggregator was behind its stream lately, at worst; None when it was not called."""
    if "aggregator" not in deployed.functions:
        return None
    end = (int(context.clock.now()) // MINUTE + 1) * MINUTE
    function = deployed.functions["aggregator"].function_name
    age = Metric("AWS/Lambda", "IteratorAge", "Maximum", {"FunctionName": function})
    begin = end - WINDOW_MINUTES * MINUTE
    values = values_of(context.aws, {"age": age}, begin, end, MINUTE)["age"]
    return max(values) / 1000 if values else None
