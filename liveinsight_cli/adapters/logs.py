"""CloudWatch Logs as a source of log events."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from liveinsight_cli.adapters.aws import Aws, AwsError
from liveinsight_cli.core.logs.events import GroupMissing, LogEvent, Throttled

FIRST_PAGE_EVENTS = 100  # a short first page halves the time to the first line
THROTTLING = frozenset({"ThrottlingException", "LimitExceededException", "TooManyRequestsException"})


@dataclass
class CloudWatchLogs:
    """Reads groups with FilterLogEvents. `pattern` is CloudWatch's filter pattern, applied there."""

    aws: Aws
    pattern: str | None = None

    def read(self, group: str, start_ms: int, end_ms: int) -> Iterator[LogEvent]:
        """Yield the events of a group in [start, end], oldest first; see LogSource."""
        request: dict[str, Any] = {"logGroupName": group, "startTime": start_ms, "endTime": end_ms + 1}
        if self.pattern:
            request["filterPattern"] = self.pattern
        limit: dict[str, int] = {"limit": FIRST_PAGE_EVENTS}
        while True:
            page = self._page(request | limit)
            for event in page["events"]:
                yield LogEvent(group, event["eventId"], event["timestamp"], event["message"])
            if "nextToken" not in page:
                return
            request["nextToken"], limit = page["nextToken"], {}

    def _page(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            return self.aws.call("logs", "filter_log_events", **request)
        except AwsError as error:
            if error.aws_code == "ResourceNotFoundException":
                raise GroupMissing(request["logGroupName"]) from error
            if error.aws_code in THROTTLING:
                raise Throttled from error
            raise
