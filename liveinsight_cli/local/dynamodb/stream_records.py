"""Stream records: what a change looks like to readers, and how sequence numbers are written."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from .schema import ViewType
from .values import Item, item_size

# A sequence number has at least 21 digits; the row number is added to this.
FIRST_SEQUENCE = 100_000_000_000_000_000_000
RETENTION_SECONDS = 24 * 3600
SERVICE = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


def sequence_number(row: int) -> str:
    """The sequence number of a row; the numbers rise with the rows and are never used twice."""
    return str(FIRST_SEQUENCE + row)


def row_of(sequence: int) -> int:
    """The row of a sequence number; numbers before the first mean the beginning."""
    return max(0, sequence - FIRST_SEQUENCE)


def record_of(
    view_type: ViewType, key: Item, old: Item | None, new: Item | None, identity: dict[str, str] | None
) -> dict[str, Any]:
    """A record without what its row knows: sequence number and time."""
    name = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
    images: dict[str, Item] = {}
    if new is not None and view_type in ("NEW_IMAGE", "NEW_AND_OLD_IMAGES"):
        images["NewImage"] = new
    if old is not None and view_type in ("OLD_IMAGE", "NEW_AND_OLD_IMAGES"):
        images["OldImage"] = old
    size = item_size(key) + sum(item_size(image) for image in images.values())
    body: dict[str, Any] = {
        "eventName": name,
        "dynamodb": {"Keys": key, **images, "SizeBytes": size, "StreamViewType": view_type},
    }
    if identity is not None:
        body["userIdentity"] = identity
    return body


def finished(row: int, created_at: float, body: str, stream_arn: str) -> dict[str, Any]:
    """A stored record as Lambda hands it to a function."""
    record: dict[str, Any] = json.loads(body)
    image = {"ApproximateCreationDateTime": int(created_at), **record["dynamodb"]}
    image["SequenceNumber"] = sequence_number(row)
    shown = {
        "eventID": hashlib.sha256(f"{stream_arn}/{row}".encode()).hexdigest()[:32],
        "eventName": record["eventName"],
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": stream_arn.split(":")[3],
        "dynamodb": image,
        "eventSourceARN": stream_arn,
    }
    if "userIdentity" in record:
        shown["userIdentity"] = record["userIdentity"]
    return shown


def shard_id(stream_arn: str) -> str:
    """The one shard of a stream."""
    digest = hashlib.sha256(stream_arn.encode()).hexdigest()
    return f"shardId-{int(digest[:12], 16):020d}-{digest[12:20]}"
