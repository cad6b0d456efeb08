"""A reserved site for one run of `verify`: taken so that no other run has it, and left without a trace.

The partition `verify` of the state table is the command line's own, as `seed` is.
"""

import math
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from liveinsight_cli.adapters.aws import Aws, AwsError
from liveinsight_cli.adapters.demo_runs import site_key
from liveinsight_cli.adapters.deployed import Tables
from liveinsight_cli.adapters.items import delete_items
from liveinsight_cli.core.demo import DAY_MS
from liveinsight_cli.core.health import PROBE_SITES
from liveinsight_cli.errors import PreconditionError

PARTITION = "verify"
LEASE_SECONDS = 900  # beyond the time a run has: one that was killed has its events folded by then
KEPT_SECONDS = 2 * 86_400
EVENT_TYPES = ("page_view", "engagement", "signup", "bot")
LONGEST_AGO_MS = 20 * 60_000


@dataclass(frozen=True)
class Note:
    """Until when a site is taken, epoch seconds, by whom, and whether it was left clean."""

    until: int = 0
    owner: str = ""
    is_clean: bool = True


@dataclass(frozen=True)
class ProbeSites:
    """The reserved sites of one environment, for one run."""

    aws: Aws
    tables: Tables
    now: Callable[[], float] = time.time
    owner: str = field(default_factory=lambda: uuid.uuid4().hex)

    def take(self, seconds: float = 0) -> str:
        """Take the free site that was used longest ago, so that no cache remembers it, for a run of so many seconds.

        Raises PreconditionError where all are taken.
        """
        now, notes = int(self.now()), self._notes()
        until = now + math.ceil(seconds) + LEASE_SECONDS
        for site in sorted(PROBE_SITES, key=lambda one: notes.get(one, Note()).until):
            if self._note(site, until, free_at=now):
                if not notes.get(site, Note()).is_clean:
                    self.clean(site, now * 1000)
                return site
        soonest = min((note.until for note in self._notes().values()), default=until) - now
        raise PreconditionError(
            f"{len(PROBE_SITES)} runs of verify are under way, or were killed a moment ago.",
            code="verify_busy",
            hint=f"Wait {max(1, math.ceil(soonest / 60))} minutes at most, then run it again.",
        )

    def give_back(self, site: str) -> None:
        """Let others have the site, which is clean; one that another run has taken meanwhile stays theirs."""
        self._note(site, until=int(self.now()))

    def clean(self, site: str, since_ms: float) -> int:
        """Delete what was written for the site since then: events, sessions, blocks; return how many items.

        Nothing is deleted where another run has taken the site meanwhile: it has cleaned it. Rows of its visitors,
        which nobody can find without the day's salt, expire within 26 hours.
        """
        if self._notes().get(site, Note()).owner != self.owner:
            return 0
        events = [key for kind in EVENT_TYPES for key in self._events(site, kind, since_ms)]
        sessions = {event["session_id"]["S"] for event in events} | set(self._sessions(site))
        blocks = [
            key
            for partition in _partitions(site, since_ms, self.now() * 1000)
            for key in self._keys(partition)
        ]
        delete_items(self.aws, self.tables.events, events)
        delete_items(self.aws, self.tables.sessions, [{"session_id": {"S": one}} for one in sorted(sessions)])
        delete_items(
            self.aws, self.tables.state, [*blocks, site_key(site)]
        )  # early versions put the site into the registry
        return len(events) + len(sessions) + len(blocks)

    def _notes(self) -> dict[str, Note]:
        """Return the notes of the sites that were ever taken; those of early versions name no owner."""
        found = self._query(
            self.tables.state,
            KeyConditionExpression="pk = :verify",
            ExpressionAttributeValues={":verify": {"S": PARTITION}},
            ConsistentRead=True,
        )
        return {
            one["sk"]["S"]: Note(
                int(one["until"]["N"]), one.get("owner", {}).get("S", ""), one["clean"]["BOOL"]
            )
            for one in found
        }

    def _note(self, site: str, until: int, free_at: int | None = None) -> bool:
        """Write until when a site is taken; with `free_at` only where it is free then, else where it is this run's."""
        item = {
            "pk": {"S": PARTITION},
            "sk": {"S": site},
            "until": {"N": str(until)},
            "owner": {"S": self.owner},
            "clean": {"BOOL": free_at is None},
            "ttl": {"N": str(until + KEPT_SECONDS)},
        }
        condition: dict[str, Any] = {
            "ConditionExpression": "#owner = :me",
            "ExpressionAttributeNames": {"#owner": "owner"},
            "ExpressionAttributeValues": {":me": {"S": self.owner}},
        }
        if free_at is not None:
            condition = {
                "ConditionExpression": "attribute_not_exists(pk) OR #until <= :now",
                "ExpressionAttributeNames": {"#until": "until"},
                "ExpressionAttributeValues": {":now": {"N": str(free_at)}},
            }
        try:
            self.aws.call("dynamodb", "put_item", TableName=self.tables.state, Item=item, **condition)
        except AwsError as error:
            if error.aws_code == "ConditionalCheckFailedException":
                return False
            raise
        return True

    def _events(self, site: str, kind: str, since_ms: float) -> Iterator[dict[str, Any]]:
        """Yield the keys of the site's events of a type; read are those of all sites, of these few minutes."""
        from_ms = int(max(since_ms, 0)) - LONGEST_AGO_MS
        for item in self._query(
            self.tables.events,
            IndexName="EventTypeIndex",
            KeyConditionExpression="event_type = :kind AND #timestamp >= :since",
            FilterExpression="#site = :site",
            ExpressionAttributeNames={"#timestamp": "timestamp", "#site": "site"},
            ExpressionAttributeValues={
                ":kind": {"S": kind},
                ":since": {"N": str(from_ms * 10**9)},
                ":site": {"S": site},
            },
        ):
            yield {"session_id": item["session_id"], "timestamp": item["timestamp"]}

    def _sessions(self, site: str) -> Iterator[str]:
        """Yield the ids of the site's sessions that are alive, also those of a run that was killed."""
        for item in self._query(
            self.tables.sessions,
            IndexName="ActivityIndex",
            KeyConditionExpression="is_active = :true",
            FilterExpression="#site = :site",
            ExpressionAttributeNames={"#site": "site"},
            ExpressionAttributeValues={":true": {"S": "true"}, ":site": {"S": site}},
        ):
            yield item["session_id"]["S"]

    def _keys(self, partition: str) -> Iterator[dict[str, Any]]:
        for item in self._query(
            self.tables.state,
            KeyConditionExpression="pk = :partition",
            ExpressionAttributeValues={":partition": {"S": partition}},
            ProjectionExpression="pk, sk",
        ):
            yield {"pk": item["pk"], "sk": item["sk"]}

    def _query(self, table: str, **request: Any) -> Iterator[dict[str, Any]]:
        for page in self.aws.pages("dynamodb", "query", TableName=table, **request):
            yield from page["Items"]


def _partitions(site: str, since_ms: float, now_ms: float) -> Iterable[str]:
    """Return the partitions of the site's blocks, of all days of the probe and of the one before."""
    days = {_day(at) for at in range(int(since_ms) - DAY_MS, int(now_ms) + DAY_MS, DAY_MS)}
    return sorted({f"hours#{site}#{day}" for day in days} | {f"days#{site}#{day[:7]}" for day in days})


def _day(at_ms: float) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(at_ms / 1000))
