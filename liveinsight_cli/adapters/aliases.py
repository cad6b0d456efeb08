"""Lambda versions and the alias in service: read, smoke-test, move all as one unit."""

import json
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from liveinsight_cli.adapters.aws import Aws, AwsError
from liveinsight_cli.adapters.deployed import Deployed, DeployedFunction
from liveinsight_cli.core.release import AliasState, Promotion
from liveinsight_cli.errors import HealthCheckFailed, LiveInsightError

PING = json.dumps({"task": "ping"}).encode()


@dataclass(frozen=True)
class Aliases:
    """The aliases of a deployed environment."""

    aws: Aws
    deployed: Deployed

    def states(self) -> dict[str, AliasState]:
        """Return where each function's alias points; one read a function."""
        _ = self.aws.client("lambda")  # clients are not made in threads
        functions = self.deployed.functions.values()
        with ThreadPoolExecutor(len(functions) or 1) as pool:
            return {state.function: state for state in pool.map(self._state, functions)}

    def smoke_test(self, versions: Mapping[str, str]) -> None:
        """Invoke these versions directly; raises HealthCheckFailed naming every one that does not answer."""
        _ = self.aws.client("lambda")
        with ThreadPoolExecutor(len(versions) or 1) as pool:
            problems = [problem for problem in pool.map(self._ping, versions.items()) if problem]
        if problems:
            raise HealthCheckFailed(
                "New code does not start, and was not put in service:\n  " + "\n  ".join(problems),
                code="smoke_test",
                hint="See its log: liveinsight tail --since 10m. The versions in service before still are.",
            )

    def promote(self, moves: Iterable[Promotion]) -> None:
        """Move the aliases; when one cannot be moved, those that were moved go back."""
        moved: list[Promotion] = []
        try:
            for move in moves:
                self._point(move.function, move.to_version, {}, move.before.revision)
                moved.append(move)
        except LiveInsightError as error:
            left = self.restore(moved)
            raise HealthCheckFailed(
                f"The alias of {move.function} could not be moved: {error.message}"
                + ("" if not left else f"\nNot moved back either: {', '.join(left)}."),
                code="promotion",
                hint="All aliases are where they were." if not left else "Run the deploy again.",
            ) from error

    def restore(self, moves: Iterable[Promotion]) -> list[str]:
        """Point aliases to where they were; returns the functions for which that failed."""
        left: list[str] = []
        for move in moves:
            try:
                self._point(move.function, move.before.version, move.before.weights, None)
            except LiveInsightError:
                left.append(move.function)
        return left

    def _state(self, function: DeployedFunction) -> AliasState:
        answer = self.aws.call(
            "lambda", "get_alias", FunctionName=function.function_name, Name=function.alias
        )
        weights = (answer.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
        return AliasState(function.name, answer["FunctionVersion"], answer.get("RevisionId", ""), weights)

    def _point(self, name: str, version: str, weights: Mapping[str, float], revision: str | None) -> None:
        function = self.deployed.functions[name]
        guard: dict[str, Any] = {"RevisionId": revision} if revision else {}
        self.aws.call(
            "lambda",
            "update_alias",
            FunctionName=function.function_name,
            Name=function.alias,
            FunctionVersion=version,
            RoutingConfig={"AdditionalVersionWeights": dict(weights)},
            **guard,
        )

    def _ping(self, wanted: tuple[str, str]) -> str | None:
        """Return what is wrong with a version, or None."""
        name, version = wanted
        function = self.deployed.functions[name]
        try:
            answer = self.aws.call(
                "lambda", "invoke", FunctionName=function.function_name, Qualifier=version, Payload=PING
            )
            payload = json.loads(answer["Payload"].read())
        except (AwsError, ValueError) as error:
            return f"{name} version {version}: {error}"
        if answer.get("FunctionError"):
            reason = payload.get("errorMessage", payload) if isinstance(payload, dict) else payload
            return f"{name} version {version}: {reason}"
        if not isinstance(payload, dict) or payload.get("ok") is not True:
            return f"{name} version {version}: does not answer the ping as it should"
        return None
