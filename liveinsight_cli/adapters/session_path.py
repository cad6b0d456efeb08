"""The path of one session, from the events table: no log line names a session."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liveinsight_cli.adapters.aws import Aws

# A timestamp of the table is epoch ms with nine digits more: which of the events of a millisecond.
WITHIN_A_MS = 10**9
SHOWN = ("event_type", "page_url", "title", "source", "engaged_ms", "country", "user_agent")


@dataclass(frozen=True)
class Path:
    """A session's events, oldest first; `read_units` is what reading them took."""

    rows: "tuple[Mapping[str, str], ...]"
    read_units: float


def read_path(aws: "Aws", table: str, session: str, start_ms: int, end_ms: int, limit: int) -> Path:
    """Return the events of a session between two times. Events stay for 24 hours."""
    rows: list[Mapping[str, str]] = []
    units = 0.0
    request: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": "session_id = :session AND #at BETWEEN :from AND :until",
        "ExpressionAttributeNames": {"#at": "timestamp"},
        "ExpressionAttributeValues": {
            ":session": {"S": session},
            ":from": {"N": str(start_ms * WITHIN_A_MS)},
            ":until": {"N": str((end_ms + 1) * WITHIN_A_MS - 1)},
        },
        "ReturnConsumedCapacity": "TOTAL",
    }
    while len(rows) < limit:
        page = aws.call("dynamodb", "query", **request, Limit=limit - len(rows))
        units += page.get("ConsumedCapacity", {}).get("CapacityUnits", 0.0)
        rows += [_row(item) for item in page["Items"]]
        if "LastEvaluatedKey" not in page:
            break
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
    return Path(tuple(rows), units)


def _row(item: dict[str, Any]) -> "dict[str, str]":
    from liveinsight_cli.core.insights import moment

    row = {"@timestamp": moment(int(item["timestamp"]["N"]) // WITHIN_A_MS)}
    values = {name: next(iter(item[name].values())) for name in SHOWN if name in item}
    return row | {name: str(value) for name, value in values.items() if value != ""}
