"""The code that Lambda holds: read, put right where it is not the build's, published as versions."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liveinsight_cli.adapters.aws import Aws
from liveinsight_cli.adapters.deployed import Deployed, DeployedFunction
from liveinsight_cli.context import Clock
from liveinsight_cli.core.build import Build
from liveinsight_cli.core.release import LATEST, FunctionCode
from liveinsight_cli.errors import LiveInsightError, TimedOut

# What a version freezes; all else in Lambda's answer is about the version itself.
FROZEN = (
    "CodeSha256", "Runtime", "Role", "Handler", "Timeout", "MemorySize", "Environment", "TracingConfig", "KMSKeyArn",
    "DeadLetterConfig", "Layers", "Architectures", "EphemeralStorage", "LoggingConfig", "VpcConfig",
)  # fmt: skip
LARGEST_DIRECT_BYTES = 45 * 2**20  # Lambda takes 50 MB in a call; boto3 encodes them as base64 first
UPDATE_SECONDS = 60.0
BETWEEN_SECONDS = 0.2


@dataclass(frozen=True)
class Versions:
    """The functions of a deployed environment and their versions."""

    aws: Aws
    deployed: Deployed
    clock: Clock

    def codes(self) -> dict[str, FunctionCode]:
        """Return what Lambda holds of each function; one read a function."""
        functions = self.deployed.functions.values()
        with ThreadPoolExecutor(len(functions) or 1) as pool:
            return {code.function: code for code in pool.map(self._code, functions)}

    def give(self, code: FunctionCode, build: Build) -> FunctionCode:
        """Have $LATEST hold the code of the build, unless it has changed since it was read.

        The bytes go with the call where they are few enough: what lies in the artifact bucket may be anybody's.
        """
        function = self.deployed.functions[code.function]
        content = Path(build.zips[code.function]).read_bytes()
        source: dict[str, Any] = {"ZipFile": content}
        if len(content) > LARGEST_DIRECT_BYTES:
            bucket, key = self.deployed.artifact_bucket, f"direct/{code.function}.zip"
            self.aws.call("s3", "put_object", Bucket=bucket, Key=key, Body=content)
            source = {"S3Bucket": bucket, "S3Key": key}
        self.aws.call(
            "lambda",
            "update_function_code",
            FunctionName=function.function_name,
            RevisionId=code.revision,
            **source,
        )
        self.wait(code.function)
        return self._code(function)

    def publish(self, code: FunctionCode) -> FunctionCode:
        """Publish $LATEST, unless it has changed since it was read."""
        function = self.deployed.functions[code.function]
        self.aws.call(
            "lambda",
            "publish_version",
            FunctionName=function.function_name,
            CodeSha256=code.latest_sha256,
            RevisionId=code.revision,
        )
        return self._code(function)

    def delete(self, versions: Mapping[str, Sequence[str]]) -> tuple[dict[str, list[str]], list[str]]:
        """Delete these versions (function -> numbers); return those that are gone, and what went wrong."""
        deleted: dict[str, list[str]] = {}
        problems: list[str] = []

        def one(wanted: tuple[str, str]) -> None:
            name, version = wanted
            known = self.deployed.functions[name].function_name
            try:
                self.aws.call("lambda", "delete_function", FunctionName=known, Qualifier=version)
            except LiveInsightError as error:
                problems.append(f"{name} version {version}: {error.message}")
            else:
                deleted.setdefault(name, []).append(version)

        with ThreadPoolExecutor(4) as pool:
            list(
                pool.map(one, ((name, version) for name, numbers in versions.items() for version in numbers))
            )
        return deleted, problems

    def wait(self, name: str) -> None:
        """Wait until Lambda has taken over an update of $LATEST; raises TimedOut."""
        function = self.deployed.functions[name]
        deadline = self.clock.monotonic() + UPDATE_SECONDS
        while True:
            answer = self.aws.call(
                "lambda", "get_function_configuration", FunctionName=function.function_name
            )
            if answer.get("LastUpdateStatus", "Successful") == "Successful":
                return
            if self.clock.monotonic() > deadline or answer["LastUpdateStatus"] == "Failed":
                raise TimedOut(
                    f"Lambda did not take over the new code of {name}: {answer.get('LastUpdateStatusReason', '-')}.",
                    code="function_update",
                    hint="Run the deploy again: it goes on from here.",
                )
            self.clock.sleep(BETWEEN_SECONDS)

    def _code(self, function: DeployedFunction) -> FunctionCode:
        pages = self.aws.pages("lambda", "list_versions_by_function", FunctionName=function.function_name)
        found = {one["Version"]: one for page in pages for one in page["Versions"]}
        latest = found.pop(LATEST)
        in_order = sorted(found, key=int)
        newest = found[in_order[-1]] if in_order else {}
        return FunctionCode(
            function=function.name,
            latest_sha256=latest["CodeSha256"],
            revision=latest.get("RevisionId", ""),
            published={version: found[version]["CodeSha256"] for version in in_order},
            is_published=_frozen(latest) == _frozen(newest),
            tokens={one: token for one, held in {**found, LATEST: latest}.items() if (token := _token(held))},
        )


def _frozen(configuration: Mapping[str, Any]) -> dict[str, Any]:
    return {name: configuration.get(name) for name in FROZEN}


def _token(configuration: Mapping[str, Any]) -> str | None:
    """Return the hash of the read token that a version knows; None where Lambda does not say."""
    variables: Mapping[str, str] = (configuration.get("Environment") or {}).get("Variables", {})
    return variables.get("READ_TOKEN_SHA256")
