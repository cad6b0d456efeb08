"""Lambda versions and the alias in service: read, smoke-test, move all as one unit."""

import json
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from liveinsight_cli.adapters.aws import Aws, AwsError
from liveinsight_cli.adapters.deployed import Deployed, DeployedFunction
from liveinsight_cli.core.release import AliasState, Promotion
from liveinsight_cli.errors import HealthCheckFailed, LiveInsightError

PING = json.dumps({"task": "ping"}).encode()


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ignore Ctrl-C, SIGTERM and SIGHUP: what the block does takes a moment, and half of it would be worse."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, signal.SIG_IGN) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def restored_in_words(left: Sequence[str]) -> str:
    """Say how moving back ended, at the end of an error; `left` are the functions for which it failed."""
    if left:
        return f"\nThese aliases could not be moved back: {', '.join(left)}."
    return "\nThe versions in service before are in service again."


@dataclass(frozen=True)
class Aliases:
    """The aliases of a deployed environment."""

    aws: Aws
    deployed: Deployed

    def states(self) -> dict[str, AliasState]:
        """Return where each function's alias points; one read a function."""
        functions = self.deployed.functions.values()
        with ThreadPoolExecutor(len(functions) or 1) as pool:
            return {state.function: state for state in pool.map(self._state, functions)}

    def smoke_test(self, versions: Mapping[str, str]) -> None:
        """Invoke these versions directly; raises HealthCheckFailed naming every one that does not answer."""
        problems = self.problems(versions)
        if problems:
            raise HealthCheckFailed(
                "Code does not start, and was not put in service:\n  " + "\n  ".join(problems),
                code="smoke_test",
                hint="See its log: liveinsight tail --since 10m. The versions in service before still are.",
            )

    def problems(self, versions: Mapping[str, str]) -> list[str]:
        """Invoke these versions directly; return what is wrong with each that does not answer as it should."""
        with ThreadPoolExecutor(len(versions) or 1) as pool:
            return [problem for problem in pool.map(self._ping, versions.items()) if problem]

    def move(self, moves: Sequence[Promotion]) -> dict[str, AliasState]:
        """Move all these aliases, side by side, and return where they point then.

        When one cannot be moved, or somebody interrupts, those that were moved go back: raises HealthCheckFailed.
        """
        moved: dict[str, AliasState] = {}
        failed: list[tuple[Promotion, LiveInsightError]] = []

        def one(move: Promotion) -> None:
            try:
                moved[move.function] = self._point(move.before, move.to_version, move.weights)
            except LiveInsightError as error:
                failed.append((move, error))

        before = {move.function: move.before for move in moves}
        pool = ThreadPoolExecutor(len(moves) or 1)
        try:
            list(pool.map(one, moves))
            pool.shutdown()
        except BaseException:
            with uninterrupted():
                pool.shutdown()  # what is under way ends first, or it would be moved after its restoration
                self.restore(before, moved)
            raise
        if failed:
            move, error = failed[0]
            left = self.restore(before, moved)
            raise HealthCheckFailed(
                f"The alias of {move.function} could not be moved: {error.message}"
                + ("" if not left else f"\nNot moved back either: {', '.join(left)}."),
                code="promotion",
                hint="All aliases are where they were." if not left else "Run the command again.",
            ) from error
        return moved

    def restore(self, before: Mapping[str, AliasState], now: Mapping[str, AliasState]) -> list[str]:
        """Point the aliases that were moved (`now`) to where they were; return the functions for which that failed.

        An alias that somebody else moved meanwhile is left to them. Ctrl-C does not end this half-way.
        """
        left: list[str] = []

        def one(state: AliasState) -> None:
            to = before[state.function]
            try:
                self._point(state, to.version, to.weights)
            except LiveInsightError:
                left.append(state.function)

        with uninterrupted(), ThreadPoolExecutor(len(now) or 1) as pool:
            list(pool.map(one, now.values()))
        return sorted(left)

    def _state(self, function: DeployedFunction) -> AliasState:
        answer = self.aws.call(
            "lambda", "get_alias", FunctionName=function.function_name, Name=function.alias
        )
        weights = (answer.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
        return AliasState(function.name, answer["FunctionVersion"], answer.get("RevisionId", ""), weights)

    def _point(self, before: AliasState, version: str, weights: Mapping[str, float]) -> AliasState:
        """Move one alias, unless somebody else has since it was read; return where it points then."""
        function = self.deployed.functions[before.function]
        try:
            answer = self.aws.call(
                "lambda",
                "update_alias",
                FunctionName=function.function_name,
                Name=function.alias,
                FunctionVersion=version,
                RoutingConfig={"AdditionalVersionWeights": dict(weights)},
                **({"RevisionId": before.revision} if before.revision else {}),
            )
        except AwsError as error:
            if error.aws_code != "PreconditionFailedException":
                raise
            now = self._state(function)
            if now.routes_as(version, weights):  # a repeated request, whose first answer was lost
                return now
            raise
        return AliasState(before.function, version, answer.get("RevisionId", ""), dict(weights))

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
