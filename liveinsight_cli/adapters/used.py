"""What a deployed environment used, asked of CloudWatch and of the services that know what there is."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from liveinsight_cli.adapters.alarms import described_alarms
from liveinsight_cli.adapters.log_groups import stored_bytes
from liveinsight_cli.adapters.metric_data import values_of
from liveinsight_cli.core.cost_actual import (
    NAMESPACE,
    Used,
    UsedNames,
    global_metrics,
    regional_metrics,
)
from liveinsight_cli.core.stats_metrics import Metric, merged

if TYPE_CHECKING:
    from liveinsight_cli.adapters.aws import Aws
    from liveinsight_cli.adapters.deployed import Deployed

MINUTE, HOUR = 60, 3600
CLOUDFRONT_REGION = "us-east-1"


@dataclass(frozen=True)
class Usage:
    """The usage of one deployed environment."""

    aws: "Aws"
    deployed: "Deployed"

    def last(self, seconds: int, now: float) -> Used:
        """Return what was used in the seconds before the end of the running minute."""
        names = self._names()
        end = (int(now) // MINUTE + 1) * MINUTE
        figures = self._sums(self.aws, regional_metrics(names), end - seconds, end)
        edge = self.aws.in_region(CLOUDFRONT_REGION)
        figures |= self._sums(edge, global_metrics(names), end - seconds, end)
        return Used(
            seconds=seconds,
            figures=figures,
            table_bytes=self._table_bytes(),
            stored_log_bytes=stored_bytes(self.aws, self.deployed.log_groups),
            alarm_metrics=self._alarm_metrics(),
            custom_metrics=self._custom_metrics(),
        )

    def _names(self) -> UsedNames:
        deployed = self.deployed
        return UsedNames(
            functions={name: function.function_name for name, function in deployed.functions.items()},
            tables=asdict(deployed.tables),
            api=deployed.rest_api_name,
            stage=deployed.stage_name,
            log_groups=deployed.log_groups,
            distribution=deployed.distribution_id,
        )

    @staticmethod
    def _sums(aws: "Aws", metrics: Mapping[str, Metric], begin: int, end: int) -> dict[str, float | None]:
        values = values_of(aws, metrics, begin, end, HOUR)
        return {key: merged(metrics[key], found) for key, found in values.items()}

    def _table_bytes(self) -> float:
        """Bytes of the tables and their indexes, as DynamoDB counted them within the last six hours."""
        total = 0.0
        for name in asdict(self.deployed.tables).values():
            table = self.aws.call("dynamodb", "describe_table", TableName=name)["Table"]
            total += table.get("TableSizeBytes", 0)
            total += sum(index.get("IndexSizeBytes", 0) for index in table.get("GlobalSecondaryIndexes", ()))
        return total

    def _alarm_metrics(self) -> float:
        """What the alarms are charged for: each metric that one looks at."""
        return float(
            sum(
                1 if "MetricName" in alarm else sum("MetricStat" in query for query in alarm["Metrics"])
                for alarm in described_alarms(self.aws, self.deployed.alarm_names)
            )
        )

    def _custom_metrics(self) -> float:
        functions = {function.function_name for function in self.deployed.functions.values()}
        return float(sum(1 for name in self._reported() if name in functions))

    def _reported(self) -> Iterator[str]:
        """The function of each metric of our own that had data lately."""
        for page in self.aws.pages("cloudwatch", "list_metrics", Namespace=NAMESPACE):
            for metric in page["Metrics"]:
                yield from (one["Value"] for one in metric["Dimensions"] if one["Name"] == "FunctionName")
