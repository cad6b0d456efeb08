"""CloudWatch Logs Insights: the saved queries of an environment, and a query from its start to its result."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from liveinsight_cli.adapters.aws import AwsError
from liveinsight_cli.adapters.log_groups import stored_bytes
from liveinsight_cli.adapters.metric_data import values_of
from liveinsight_cli.core.insights import Preset, Question
from liveinsight_cli.core.stats_metrics import Metric
from liveinsight_cli.errors import LiveInsightError, TimedOut, UsageError

if TYPE_CHECKING:
    from liveinsight_cli.adapters.aws import Aws
    from liveinsight_cli.context import Clock

FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 2.0
BUSY = frozenset({"LimitExceededException", "ThrottlingException", "ServiceUnavailableException"})
RUNNING = frozenset({"Scheduled", "Running", "Unknown"})
HOUR = 3600


class QueryFailed(LiveInsightError):
    """CloudWatch began a query and did not end it well."""

    code = "query_failed"


@dataclass(frozen=True)
class Insights:
    """Logs Insights of one account and region."""

    aws: "Aws"
    clock: "Clock"

    def presets(self, folder: str) -> tuple[Preset, ...]:
        """Return the saved queries of a folder, such as `liveinsight/prod/`, by name."""
        found: list[Preset] = []
        request: dict[str, Any] = {"queryDefinitionNamePrefix": folder}
        while True:
            page = self.aws.call("logs", "describe_query_definitions", **request)
            found += [
                Preset(
                    one["name"].removeprefix(folder), one["queryString"], tuple(one.get("logGroupNames", ()))
                )
                for one in page["queryDefinitions"]
            ]
            if "nextToken" not in page:
                return tuple(sorted(found, key=lambda preset: preset.name))
            request["nextToken"] = page["nextToken"]

    def bytes_of(self, question: Question) -> float:
        """Return about how much a query will scan: what the groups took in meanwhile, or else all that they hold."""
        metrics = {
            group: Metric("AWS/Logs", "IncomingBytes", "Sum", {"LogGroupName": group})
            for group in question.groups
        }
        begin, end = question.start_ms // 1000 // HOUR * HOUR, question.end_ms // 1000 + HOUR
        values = values_of(self.aws, metrics, begin, end, HOUR)
        taken_in = {group: sum(found) for group, found in values.items() if found}
        unmeasured = set(question.groups) - taken_in.keys()
        return float(sum(taken_in.values())) + (stored_bytes(self.aws, unmeasured) if unmeasured else 0)

    def run(
        self, question: Question, timeout_seconds: float, scanned: Callable[[int], None]
    ) -> dict[str, Any]:
        """Return GetQueryResults' last answer; `scanned` hears how many events were looked at so far.

        A query that takes too long, or that somebody interrupts, is stopped: it would go on to cost. Raises TimedOut,
        UsageError for a query that is wrong, QueryFailed.
        """
        deadline = self.clock.monotonic() + timeout_seconds
        id_ = self._started(question, deadline)
        try:
            return self._result(id_, deadline, scanned)
        except BaseException:
            self._stop(id_)
            raise

    def _started(self, question: Question, deadline: float) -> str:
        wait = FIRST_WAIT_SECONDS
        while True:
            try:
                answer = self.aws.call(
                    "logs",
                    "start_query",
                    logGroupNames=list(question.groups),
                    startTime=question.start_ms // 1000,
                    endTime=-(-question.end_ms // 1000),
                    queryString=question.query,
                    limit=question.limit,
                )
                return str(answer["queryId"])
            except AwsError as error:
                if error.aws_code == "MalformedQueryException":
                    raise malformed(question.query, error) from error
                if error.aws_code not in BUSY:
                    raise
                wait = self._pause(wait, deadline, "CloudWatch runs as many queries as it may.")

    def _result(self, id_: str, deadline: float, scanned: Callable[[int], None]) -> dict[str, Any]:
        wait = FIRST_WAIT_SECONDS
        while True:
            try:
                answer = self.aws.call("logs", "get_query_results", queryId=id_)
            except AwsError as error:
                if error.aws_code not in BUSY:
                    raise
            else:
                scanned(int(answer.get("statistics", {}).get("recordsScanned", 0)))
                if answer["status"] == "Complete":
                    return answer
                if answer["status"] not in RUNNING:
                    raise QueryFailed(
                        f"The query ended as {answer['status']}.",
                        hint="Ask for less: --since, function names.",
                    )
            wait = self._pause(wait, deadline, "The query is still running.")

    def _pause(self, wait: float, deadline: float, why: str) -> float:
        if self.clock.monotonic() + wait > deadline:
            raise TimedOut(
                f"{why} It was given up.",
                hint="Ask for less: --since, --function; or wait longer: --timeout.",
            )
        self.clock.sleep(wait)
        return min(wait * 1.5, LONGEST_WAIT_SECONDS)

    def _stop(self, id_: str) -> None:
        try:
            self.aws.call("logs", "stop_query", queryId=id_)
        except LiveInsightError:
            return  # it has ended, or AWS cannot be reached: nothing more can be done about it


def malformed(query: str, error: AwsError) -> UsageError:
    """Return what is wrong with a query, and where, as CloudWatch says it."""
    response = getattr(error.__cause__, "response", {})
    compiled = response.get("queryCompileError", {})
    reason = compiled.get("message") or response.get("Error", {}).get("Message") or error.message
    start = compiled.get("location", {}).get("startCharOffset")
    if start is None:
        return UsageError(f"The query is wrong: {reason}", code="malformed_query")
    line, column = query.count("\n", 0, start) + 1, start - (query.rfind("\n", 0, start) + 1)
    shown = query.splitlines()[line - 1] if line <= len(query.splitlines()) else ""
    return UsageError(
        f"The query is wrong at character {start + 1}: {reason}",
        code="malformed_query",
        hint=f"{shown}\n  {' ' * column}^",
    )
