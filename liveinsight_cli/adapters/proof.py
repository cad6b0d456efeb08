"""Proves what is deployed before functions are in service: the tables alone, or everything around dummy functions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from liveinsight_cli.adapters.aws import Aws
from liveinsight_cli.adapters.deployed import Deployed, deploy_command
from liveinsight_cli.adapters.health import Http, send, until
from liveinsight_cli.context import Clock
from liveinsight_cli.core.health import USER_AGENT
from liveinsight_cli.core.proof import Probe, gateway_response_objection, probes, throttle_objection
from liveinsight_cli.errors import HealthCheckFailed

NOBODY = {"S": "liveinsight-proof"}  # no session, event type or row has this name


@dataclass(frozen=True)
class TablesProof:
    """The tables by themselves: there, with their indexes, and answering."""

    aws: Aws
    deployed: Deployed

    def run(self) -> None:
        """Raise HealthCheckFailed naming the tables that are not as they should be."""
        tables = self.deployed.tables
        names = (tables.events, tables.sessions, tables.state)
        problems = [problem for name in names for problem in self._problems(name)]
        if problems:
            raise HealthCheckFailed(
                "; ".join(problems) + ".",
                hint=f"Bring it up to date: {deploy_command(self.deployed.environment)}",
            )

    def _problems(self, name: str) -> Iterator[str]:
        table = self.aws.call("dynamodb", "describe_table", TableName=name)["Table"]
        if table["TableStatus"] != "ACTIVE":
            yield f"{name} is {table['TableStatus']}"
            return
        for index in (None, *table.get("GlobalSecondaryIndexes", ())):
            if index is not None and index["IndexStatus"] != "ACTIVE":
                yield f"{index['IndexName']} of {name} is {index['IndexStatus']}"
                continue
            self._read(name, index, (index or table)["KeySchema"])

    def _read(self, name: str, index: dict[str, Any] | None, keys: list[dict[str, str]]) -> None:
        """Look for what is not there: only a table that answers can say so."""
        key = next(one["AttributeName"] for one in keys if one["KeyType"] == "HASH")
        where = {} if index is None else {"IndexName": index["IndexName"]}
        self.aws.call(
            "dynamodb",
            "query",
            TableName=name,
            **where,
            KeyConditionExpression="#key = :nobody",
            ExpressionAttributeNames={"#key": key},
            ExpressionAttributeValues={":nobody": NOBODY},
            Limit=1,
        )


@dataclass(frozen=True)
class DummyProof:
    """Everything around the functions: routes, CORS, throttles, the answers that API Gateway makes itself."""

    aws: Aws
    deployed: Deployed
    allowed_origins: tuple[str, ...]
    requests_per_minute: int
    clock: Clock
    seconds: float
    http: Http = send

    def run(self) -> None:
        """Raise HealthCheckFailed for what is set wrongly, TimedOut for what does not answer as it must."""
        self._read_back()
        deadline = self.clock.monotonic() + self.seconds
        names = {name: function.function_name for name, function in self.deployed.functions.items()}
        for probe in probes(self.deployed.environment, names, self.allowed_origins):
            what = f"{probe.method} {probe.path} is not answered as it should be"
            until(self.clock, deadline, self.seconds, lambda one=probe: self._objection(one), what)  # type: ignore[misc]

    def _objection(self, probe: Probe) -> str | None:
        headers = {"User-Agent": USER_AGENT, **probe.headers}
        body = b"{}" if probe.method == "POST" else None
        answer = self.http(probe.method, f"{self.deployed.api_gateway_url}{probe.path}", headers, body)
        objection = probe.expected.objection(answer.status, answer.headers, answer.body)
        return objection and f"it {objection}"

    def _read_back(self) -> None:
        """Look at what cannot be tried without hundreds of requests."""
        api = {"restApiId": self.deployed.rest_api_id}
        stage = self.aws.call("apigateway", "get_stage", **api, stageName=self.deployed.stage_name)
        responses = self.aws.call("apigateway", "get_gateway_responses", **api, limit=500)
        for objection in (
            throttle_objection(stage.get("methodSettings", {}), self.requests_per_minute),
            gateway_response_objection(responses.get("items", ())),
        ):
            if objection:
                raise HealthCheckFailed(
                    f"{self.deployed.rest_api_name} {objection}.",
                    hint=f"See what was changed by hand: liveinsight plan --env {self.deployed.environment}",
                )
