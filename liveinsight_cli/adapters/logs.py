"""CloudWatch Logs as a source of log events."""

from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from time import time
from typing import Any

from liveinsight_cli.adapters.aws import Aws, AwsError, CredentialsRefused
from liveinsight_cli.core.logs.events import GroupMissing, LogEvent, Page, TokenRefused, Trouble
from liveinsight_cli.errors import CredentialsError, LiveInsightError, PreconditionError, TimedOut

THROTTLING = frozenset(
    {"ThrottlingException", "Throttling", "LimitExceededException", "TooManyRequestsException"}
)
PASSING = frozenset(
    {
        "ServiceUnavailableException",
        "ServiceUnavailable",
        "InternalFailure",
        "InternalError",
        "InternalServerError",
        "InternalServerException",
    }
)
SKEWED = frozenset({"RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"})
SKEW_COUNTS_MS = 2_000  # the Date header has seconds, and takes its time


@dataclass
class CloudWatchLogs:
    """Reads groups with FilterLogEvents, each request once: who follows decides when to try again.

    `pattern` is CloudWatch's filter pattern, applied there.
    """

    aws: Aws
    pattern: str | None = None
    skew_ms: int = field(default=0, init=False)

    def page(self, group: str, start_ms: int, end_ms: int, token: str | None, limit: int | None) -> Page:
        """Return a page of a group's events in [start, end]; see LogSource."""
        # Both ends are included; one millisecond more is a safe reading of the other meaning.
        request: dict[str, Any] = {"logGroupName": group, "startTime": start_ms, "endTime": end_ms + 1}
        optional = {"filterPattern": self.pattern, "nextToken": token, "limit": limit}
        answer = self._call(request | {name: value for name, value in optional.items() if value})
        events = [
            LogEvent(group, one["eventId"], one["timestamp"], one["message"], one.get("logStreamName", ""))
            for one in answer["events"]
        ]
        return Page(events, answer.get("nextToken"))

    def _call(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = self.aws.call("logs", "filter_log_events", **request)
        except AwsError as error:
            if error.aws_code == "ResourceNotFoundException":
                raise GroupMissing(request["logGroupName"]) from error
            if error.aws_code == "InvalidParameterException" and "nextToken" in request:
                raise TokenRefused from error
            raise trouble_of(error, self.aws) or error from error
        except LiveInsightError as error:
            raise trouble_of(error, self.aws) or error from error
        self._look_at_date(answer)
        return answer

    def _look_at_date(self, answer: dict[str, Any]) -> None:
        date = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
        if date is None:
            return
        skew_ms = int((parsedate_to_datetime(date).timestamp() + 0.5 - time()) * 1000)
        if abs(skew_ms - self.skew_ms) > SKEW_COUNTS_MS:
            self.skew_ms = skew_ms


def trouble_of(error: LiveInsightError, aws: Aws) -> Trouble | None:
    """Return what an error is when it passes by waiting, or with new credentials; None for what does not."""
    if isinstance(error, CredentialsRefused):
        return _refused(error, aws)
    if isinstance(error, CredentialsError):
        return None if error.code == "access_denied" else _signed_out(error, aws)
    if isinstance(error, AwsError):
        return _from_code(error)
    if isinstance(error, TimedOut) or (
        isinstance(error, PreconditionError) and error.code == "aws_unreachable"
    ):
        return Trouble("unreachable", f"{error.message} Trying again.", error)
    return None


def _from_code(error: AwsError) -> Trouble | None:
    if error.aws_code in THROTTLING:
        gave_up = TimedOut(
            "CloudWatch Logs kept throttling; not everything was read.",
            hint="Try again later, or ask for less: a shorter --since, fewer functions.",
        )
        return Trouble("throttled", "CloudWatch Logs is throttling: reading less often.", gave_up)
    if error.aws_code in PASSING or error.aws_code.startswith("5"):
        return Trouble("unreachable", f"{error.message} Trying again.", error)
    return None


def _refused(error: CredentialsRefused, aws: Aws) -> Trouble:
    if error.aws_code in SKEWED or "Signature expired" in error.message or "not yet current" in error.message:
        text = f"AWS refuses requests, since this machine's clock is wrong: {error.message} Set it; trying again."
        return Trouble("clock", text, error)
    return _signed_out(error, aws)


def _signed_out(error: CredentialsError, aws: Aws) -> Trouble:
    aws.forget_session()  # the next try reads the profile and its caches again
    login = "aws sso login" + (f" --profile {aws.profile}" if aws.profile else "")
    text = f"{error.message} Trying again with what is there then; to sign in, in another terminal: {login}"
    return Trouble("credentials", text, error)
