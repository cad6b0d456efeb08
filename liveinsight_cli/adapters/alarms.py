"""CloudWatch's alarms of one environment, and of no other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from liveinsight_cli.adapters.aws import Aws
    from liveinsight_cli.context import Context

BILLING_REGION = "us-east-1"
NAMES_A_CALL = 100


def described_alarms(aws: "Aws", names: Sequence[str]) -> list[dict[str, Any]]:
    """Return DescribeAlarms' entries of these alarms, without those that are not there."""
    return [
        alarm
        for first in range(0, len(names), NAMES_A_CALL)
        for page in aws.pages(
            "cloudwatch", "describe_alarms", AlarmNames=list(names[first : first + NAMES_A_CALL])
        )
        for alarm in page["MetricAlarms"]
    ]


@dataclass(frozen=True)
class AlarmSource:
    """The alarms that the last deploy made, by their names; that on charges is in a region of its own."""

    aws: "Aws"
    names: tuple[str, ...]
    charges: str | None

    @classmethod
    def of(cls, context: "Context") -> "AlarmSource":
        """Return the alarms of the environment in use."""
        has_charges = context.settings.charges_alarm_usd is not None
        charges = f"{context.settings.project}-charges-{context.environment}" if has_charges else None
        return cls(context.aws, context.deployed.alarm_names, charges)

    def alarms(self) -> list[dict[str, Any]]:
        """Return DescribeAlarms' entries."""
        found: list[dict[str, Any]] = []
        for aws, names in self._places():
            found += described_alarms(aws, names)
        return found

    def history(self, name: str | None, since: float, until: float) -> list[dict[str, Any]]:
        """Return DescribeAlarmHistory's changes of state, of one alarm or of all of the environment."""
        found: list[dict[str, Any]] = []
        for aws, names in self._places():
            if name is not None and name not in names:
                continue
            pages = aws.pages(
                "cloudwatch",
                "describe_alarm_history",
                **({} if name is None else {"AlarmName": name}),
                HistoryItemType="StateUpdate",
                StartDate=datetime.fromtimestamp(since, UTC),
                EndDate=datetime.fromtimestamp(until, UTC),
            )
            found += [
                item for page in pages for item in page["AlarmHistoryItems"] if item["AlarmName"] in names
            ]
        return found

    def _places(self) -> "list[tuple[Aws, Sequence[str]]]":
        """The alarms by region; without names AWS would answer with all there are."""
        places: list[tuple[Aws, Sequence[str]]] = [(self.aws, self.names)] if self.names else []
        if self.charges is not None:
            places.append((self.aws.in_region(BILLING_REGION), (self.charges,)))
        return places
