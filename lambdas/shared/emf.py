"""Metrics for CloudWatch, carried by log lines: the embedded metric format. No call is made for them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
The only dimension is the function's name, which holds project and environment: every further value of a dimension is a
metric to be paid for, so none may grow with traffic, and no site, page, visitor or session may be one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

NAMESPACE = "LiveInsight"
Metric = Literal[
    "ColdStarts",
    "HandledFailures",
    "StorageThrottles",
    "Freshness",
    "Events",
    "PageViews",
    "Sessions",
    "BotEvents",
]
_UNITS = {"Freshness": "Milliseconds"}


def embedded(values: Mapping[Metric, int], function_name: str, at_ms: int) -> dict[str, Any]:
    """The fields that make metrics of a log line."""
    metrics = [{"Name": name, "Unit": _UNITS.get(name, "Count")} for name in values]
    directive = {"Namespace": NAMESPACE, "Dimensions": [["FunctionName"]], "Metrics": metrics}
    return {
        "_aws": {"Timestamp": at_ms, "CloudWatchMetrics": [directive]},
        "FunctionName": function_name,
        **{str(name): value for name, value in values.items()},
    }
