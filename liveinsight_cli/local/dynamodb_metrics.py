"""What the data plane tells of each request, as the metrics that AWS keeps under AWS/DynamoDB."""

from collections.abc import Callable

from liveinsight_cli.local.dynamodb import Capacity

NAMESPACE = "AWS/DynamoDB"
READS_ITEMS = frozenset({"Query", "Scan"})


class DynamoDBMetrics:
    """Puts the samples of one request; `put` is MetricStore.put."""

    def __init__(self, put: Callable[..., None]) -> None:
        self._put = put

    def record(self, capacity: Capacity) -> None:
        """Record consumed units, latency, and what went wrong, by AWS's names and dimensions."""
        self._units({"TableName": capacity.table}, capacity.read_units, capacity.write_units)
        for name, units in capacity.indexes.items():
            index = {"TableName": capacity.table, "GlobalSecondaryIndexName": name}
            self._units(index, units.read, units.write)
        operation = {"TableName": capacity.table, "Operation": capacity.operation}
        if capacity.outcome == "success":
            milliseconds = capacity.seconds * 1000
            self._put(NAMESPACE, "SuccessfulRequestLatency", operation, milliseconds, "Milliseconds")
            if capacity.operation in READS_ITEMS:
                self._count("ReturnedItemCount", operation, capacity.returned_items)
        elif capacity.outcome == "condition_failed":
            self._count("ConditionalCheckFailedRequests", {"TableName": capacity.table})
        elif capacity.outcome == "throttled":
            self._count("ThrottledRequests", operation)
        elif capacity.outcome == "system_error":
            self._count("SystemErrors", operation)
        else:
            self._count("UserErrors", {})

    def _units(self, dimensions: dict[str, str], read: float, write: float) -> None:
        if read:
            self._count("ConsumedReadCapacityUnits", dimensions, read)
        if write:
            self._count("ConsumedWriteCapacityUnits", dimensions, write)

    def _count(self, name: str, dimensions: dict[str, str], value: float = 1) -> None:
        self._put(NAMESPACE, name, dimensions, value, "Count")
