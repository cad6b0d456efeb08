"""What a deployed environment uses: the CloudWatch metrics that tell it, and what they come to in a month."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from liveinsight_cli.core.stats_metrics import Metric
from liveinsight_cli.core.usage import GB, HOURS_A_MONTH, MOST_EVENTS_A_REQUEST, StackShape, Traffic

NAMESPACE = "LiveInsight"  # of the metrics that our functions report
COLLECTOR = "event-collector"
INDEXES = {"events": "EventTypeIndex", "sessions": "ActivityIndex"}

Figures = Mapping[str, float | None]


@dataclass(frozen=True)
class UsedNames:
    """What the paid parts are called in AWS; functions and tables by their short names."""

    functions: Mapping[str, str]
    tables: Mapping[str, str]
    api: str
    stage: str
    log_groups: Sequence[str]
    distribution: str


@dataclass(frozen=True)
class Used:
    """What was found. `figures` of the metrics, by key, None where there is no data; the rest is what there is now."""

    seconds: int
    figures: Figures
    table_bytes: float | None
    stored_log_bytes: float | None
    alarm_metrics: float | None
    custom_metrics: float | None


def regional_metrics(names: UsedNames) -> dict[str, Metric]:
    """Return every metric of the environment's region by a key of its own, all of them sums."""
    found = {
        "api_requests": Metric("AWS/ApiGateway", "Count", "Sum", {"ApiName": names.api, "Stage": names.stage})
    }
    for short, name in names.functions.items():
        function = {"FunctionName": name}
        found[f"invocations {short}"] = Metric("AWS/Lambda", "Invocations", "Sum", function)
        found[f"duration {short}"] = Metric("AWS/Lambda", "Duration", "Sum", function)
    for short, name in names.tables.items():
        index = INDEXES.get(short)
        for part in ({}, *([{"GlobalSecondaryIndexName": index}] if index else [])):
            for kind in ("Read", "Write"):
                key = " ".join((kind.lower(), short, *part.values()))
                dimensions = {"TableName": name, **part}
                found[key] = Metric("AWS/DynamoDB", f"Consumed{kind}CapacityUnits", "Sum", dimensions)
    for group in names.log_groups:
        found[f"logs {group}"] = Metric("AWS/Logs", "IncomingBytes", "Sum", {"LogGroupName": group})
    return found


def global_metrics(names: UsedNames) -> dict[str, Metric]:
    """Return the metrics that CloudFront reports in us-east-1."""
    distribution = {"DistributionId": names.distribution, "Region": "Global"}
    return {
        "cdn_requests": Metric("AWS/CloudFront", "Requests", "Sum", distribution),
        "cdn_bytes": Metric("AWS/CloudFront", "BytesDownloaded", "Sum", distribution),
    }


def monthly_units(used: Used, stack: StackShape, modelled: Mapping[str, float]) -> dict[str, float | None]:
    """Return the units of a month that goes on like this, None where AWS tells nothing.

    What there is whether it is used or not (dashboard, web ACLs, keys) is the model's.
    """
    times = HOURS_A_MONTH * 3600 / used.seconds
    figures = used.figures
    durations = _total(figures, "duration ")
    logs = _total(figures, "logs ")
    measured: dict[str, float | None] = {
        "api_requests": _times(figures["api_requests"], times),
        "lambda_requests": _times(_total(figures, "invocations "), times),
        "lambda_gb_seconds": _times(durations, times / 1000 * stack.memory_mb / 1024),
        "write_units": _times(_total(figures, "write "), times),
        "read_units": _times(_total(figures, "read "), times),
        "table_gb": _times(used.table_bytes, 1 / GB),
        "backup_gb": _times(used.table_bytes, 1 / GB) if stack.is_protected else 0.0,
        "log_gb": _times(logs, times / GB),
        "log_stored_gb": _times(used.stored_log_bytes, 1 / GB),
        "alarm_metrics": used.alarm_metrics,
        "custom_metrics": used.custom_metrics,
        "cdn_requests": _times(figures["cdn_requests"], times),
        "cdn_gb": _times(figures["cdn_bytes"], times / GB),
        "transfer_gb": None,
        "bucket_gb": None,
    }
    if stack.has_waf:
        measured["waf_requests"] = None
    return {**modelled, **measured}


def modelled_traffic(used: Used, expected: Traffic) -> Traffic | None:
    """Return the traffic that the model has to explain: as many events and requests as were counted.

    An event is a write unit of the events table, as long as it has no more than a KB; what a visit is like, and how
    many dashboards are open, is as expected.
    """
    times = HOURS_A_MONTH * 3600 / used.seconds
    events, requests = used.figures["write events"], used.figures[f"invocations {COLLECTOR}"]
    if not events or not requests:
        return None
    together = min(max(1.0, events / requests), MOST_EVENTS_A_REQUEST)
    return replace(
        expected,
        views=events * times / expected.events_per_view,
        events_per_request=together,
        views_per_visit=max(expected.views_per_visit, together / expected.events_per_view),
    )


def _total(figures: Figures, beginning: str) -> float | None:
    """Return the sum of the figures whose key begins so, None when there are none."""
    known = [value for key, value in figures.items() if key.startswith(beginning) and value is not None]
    return sum(known) if known else None


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
