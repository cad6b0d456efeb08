"""The platform's figures from CloudWatch, in one GetMetricData a look."""

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from liveinsight_cli.adapters.metric_data import request_of
from liveinsight_cli.core.stats_metrics import Names, Window, assembled, wanted
from liveinsight_cli.core.stats_platform import Platform

if TYPE_CHECKING:
    from liveinsight_cli.adapters.aws import Aws
    from liveinsight_cli.adapters.deployed import Deployed

MOST_PAGES = 2


@dataclass(frozen=True)
class Metrics:
    """CloudWatch's metrics of one deployed environment."""

    aws: "Aws"
    names: Names

    @classmethod
    def of(cls, aws: "Aws", deployed: "Deployed") -> "Metrics":
        """Return the metrics of what is deployed."""
        functions = {name: function.function_name for name, function in deployed.functions.items()}
        return cls(
            aws,
            Names(
                functions,
                asdict(deployed.tables),
                deployed.rest_api_name,
                deployed.stage_name,
                # The embedded AWS has no SQS; terraform makes no queue there.
                failures=""
                if aws.endpoint_url
                else queue_of(functions.get("aggregator", ""), deployed.environment),
            ),
        )

    def renewed(self) -> "Metrics":
        """Return the same with clients of its own, which read the credentials again."""
        from liveinsight_cli.adapters.aws import Aws

        return replace(self, aws=Aws(self.aws.region, self.aws.profile, self.aws.endpoint_url))

    def platform(self, now: float, window_seconds: int) -> Platform:
        """Return the figures of the window that ends with the running minute."""
        window = Window.until(now, window_seconds)
        metrics = wanted(self.names)
        points: dict[str, dict[int, float]] = {key: {} for key in metrics}
        ids, request = request_of(
            metrics,
            window.begin,
            window.end,
            lambda metric: window.step_seconds if metric.in_steps else window.seconds,
        )
        for _ in range(MOST_PAGES):  # one holds 100,800 values, a look asks for fewer than 2,000
            answer = self.aws.call("cloudwatch", "get_metric_data", **request)
            for result in answer["MetricDataResults"]:
                seconds = (int(at.timestamp()) for at in result["Timestamps"])
                points[ids[result["Id"]]] |= dict(zip(seconds, result["Values"], strict=True))
            if not answer.get("NextToken"):
                break
            request["NextToken"] = answer["NextToken"]
        return assembled(self.names, points, window)


def queue_of(aggregator: str, environment: str) -> str:
    """Return the name of the queue that takes what the aggregator could not fold; terraform/main.tf names it so."""
    stem = aggregator.removesuffix(f"-{environment}")
    return f"{stem}-failures-{environment}" if stem != aggregator else ""
