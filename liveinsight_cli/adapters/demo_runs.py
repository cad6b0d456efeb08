"""What was seeded, kept in the state table so that any machine can go on, compare or remove it."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from liveinsight_cli.adapters.aws import Aws, AwsError
from liveinsight_cli.adapters.deployed import Tables
from liveinsight_cli.adapters.items import delete_items
from liveinsight_cli.core.demo import DemoSpec
from liveinsight_cli.core.demo_figures import Expected

PARTITION = "seed"
# The functions' own keys (lambdas/shared/keys.py) as far as a purge must know them; a test holds the two together.
KINDS = ("visitor", "bot", "session", "hours", "days", "visits")
SITES = "sites"


@dataclass(frozen=True)
class DemoRun:
    """A seeded demo: when it was first asked for, how many visitors are sent, what it must answer."""

    spec: DemoSpec
    anchor_ms: int
    sent: int = 0
    complete: bool = False
    expected: Expected | None = None


@dataclass(frozen=True)
class DemoRuns:
    """The runs of one environment."""

    aws: Aws
    tables: Tables

    def all(self) -> list[DemoRun]:
        """Return every run, the latest last."""
        answer = self.aws.call(
            "dynamodb",
            "query",
            TableName=self.tables.state,
            KeyConditionExpression="pk = :seed",
            ExpressionAttributeValues={":seed": {"S": PARTITION}},
            ConsistentRead=True,
        )
        return sorted((_run(item) for item in answer["Items"]), key=lambda run: run.anchor_ms)

    def save(self, run: DemoRun) -> None:
        """Write a run."""
        document = {**asdict(run), "spec": asdict(run.spec)}
        item = {
            "pk": {"S": PARTITION},
            "sk": {"S": run.spec.digest},
            "run": {"S": json.dumps(document)},
        }
        self.aws.call("dynamodb", "put_item", TableName=self.tables.state, Item=item)

    def advance(self, run: DemoRun, by: int) -> DemoRun:
        """Note that `by` more visitors are sent."""
        further = replace(run, sent=run.sent + by)
        self.save(further)
        return further

    def knows(self, site: str) -> bool:
        """Tell whether the site is in the registry: it has had traffic, of a demo or of real visitors."""
        answer = self.aws.call("dynamodb", "get_item", TableName=self.tables.state, Key=site_key(site))
        return "Item" in answer

    def is_logged(self, site: str) -> bool:
        """Tell whether the site's past is in the visit log."""
        answer = self.aws.call(
            "dynamodb", "get_item", TableName=self.tables.state, Key=visit_log_key(site), ConsistentRead=True
        )
        return "Item" in answer

    def register(self, site: str, first_day: str) -> None:
        """Make a site known; a warm aggregator that has seen it before a purge would not do so again."""
        item = {**site_key(site), "first_day": {"S": first_day}}
        condition = "attribute_not_exists(pk)"
        try:
            self.aws.call(
                "dynamodb",
                "put_item",
                TableName=self.tables.state,
                Item=item,
                ConditionExpression=condition,
            )
        except AwsError as error:
            if error.aws_code != "ConditionalCheckFailedException":
                raise

    def purge(self, sites: tuple[str, ...]) -> int:
        """Delete all data of the sites and their runs, nothing else; return the number of items."""
        values = {f":site{number}": {"S": site} for number, site in enumerate(sites)}
        named = {
            "FilterExpression": f"#site IN ({', '.join(values)})",
            "ExpressionAttributeValues": values,
        }
        names = {"#site": "site"}
        count = self._delete(
            self.tables.events,
            ("session_id", "timestamp"),
            **named,
            ExpressionAttributeNames={**names, "#timestamp": "timestamp"},
            ProjectionExpression="session_id, #timestamp",
        )
        count += self._delete(
            self.tables.sessions,
            ("session_id",),
            **named,
            ExpressionAttributeNames=names,
            ProjectionExpression="session_id",
        )
        return count + self._purge_state(sites)

    def _purge_state(self, sites: tuple[str, ...]) -> int:
        prefixes = tuple(prefix for site in sites for prefix in partitions_of(site))
        keys = [
            {"pk": item["pk"], "sk": item["sk"]}
            for item in self._scan(self.tables.state, ProjectionExpression="pk, sk")
            if item["pk"]["S"].startswith(prefixes)
        ]
        keys += [site_key(site) for site in sites if self.knows(site)]
        keys += [visit_log_key(site) for site in sites if self.is_logged(site)]
        delete_items(self.aws, self.tables.state, keys)
        # The runs last: a purge that is cut off can be repeated only while they say that this was a demo.
        runs = [
            {"pk": {"S": PARTITION}, "sk": {"S": run.spec.digest}}
            for run in self.all()
            if run.spec.site in sites
        ]
        delete_items(self.aws, self.tables.state, runs)
        return len(keys) + len(runs)

    def _delete(self, table: str, names: tuple[str, ...], **scan: Any) -> int:
        keys = [{name: item[name] for name in names} for item in self._scan(table, **scan)]
        delete_items(self.aws, table, keys)
        return len(keys)

    def _scan(self, table: str, **request: Any) -> Iterator[dict[str, Any]]:
        for page in self.aws.pages("dynamodb", "scan", TableName=table, **request):
            yield from page["Items"]


def site_key(site: str) -> dict[str, dict[str, str]]:
    """Return the key of a site in the registry."""
    return {"pk": {"S": SITES}, "sk": {"S": site}}


def visit_log_key(site: str) -> dict[str, dict[str, str]]:
    """Return the key under which it is noted that a site's past is in the visit log."""
    return {"pk": {"S": "visit-log"}, "sk": {"S": f"site#{site}"}}


def partitions_of(site: str) -> tuple[str, ...]:
    """Return what every partition of the state table that belongs to a site begins with."""
    return tuple(f"{kind}#{site}#" for kind in KINDS)


def _run(item: dict[str, Any]) -> DemoRun:
    document = json.loads(item["run"]["S"])
    figures = document["expected"]
    return DemoRun(
        spec=DemoSpec(**document["spec"]),
        anchor_ms=document["anchor_ms"],
        sent=document["sent"],
        complete=document["complete"],
        expected=Expected(**figures) if figures else None,
    )
