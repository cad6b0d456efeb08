"""The checks of `doctor`: each finds out one thing, changes nothing, and says what mends it."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from liveinsight_cli.adapters import health
from liveinsight_cli.adapters.deployed import deploy_command, load
from liveinsight_cli.adapters.releases import Ledger
from liveinsight_cli.adapters.shared_outputs import refresh
from liveinsight_cli.adapters.terraform_provider import require_registry
from liveinsight_cli.context import Context
from liveinsight_cli.core.checks import Check
from liveinsight_cli.core.stages import Stage
from liveinsight_cli.errors import LiveInsightError, PreconditionError

OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True)
class Examination:
    """Examines one environment."""

    context: Context
    http: health.Http = health.send

    def checks(self) -> Iterator[Check]:
        """Yield every check, in the order in which they depend on each other."""
        yield self._python()
        yield from self._one("settings", self._settings)
        yield from self._one("project directory", self._directory)
        yield from self._one("terraform", self._terraform)
        yield from self._one("AWS provider", self._provider)
        reachable = list(self._one("AWS", self._aws))
        yield from reachable
        if all(check.state == "ok" for check in reachable):
            yield from self._one("state", self._state)
        deployed = list(self._one("deployed", self._deployed))
        yield from deployed
        if all(check.state == "ok" for check in (*reachable, *deployed)):
            yield from self._one("functions", self._functions)
            yield from self._one("read token", self._token)

    def _one(self, name: str, examine: Callable[[], Check]) -> Iterator[Check]:
        try:
            yield examine()
        except LiveInsightError as error:
            yield Check(name, "fail", error.message, error.hint)

    def _python(self) -> Check:
        version = ".".join(map(str, sys.version_info[:3]))
        if sys.version_info < OLDEST_PYTHON:
            return Check("python", "fail", version, "Install Python 3.11 or newer.")
        return Check("python", "ok", version)

    def _settings(self) -> Check:
        _ = self.context.settings
        path = self.context.project.config
        return Check("settings", "ok", str(path) if path.exists() else "built-in; no liveinsight.toml")

    def _directory(self) -> Check:
        work = self.context.project.work
        place = work if work.is_dir() else self.context.project.root
        try:
            with tempfile.TemporaryFile(dir=place):
                return Check("project directory", "ok", str(self.context.project.root))
        except OSError as error:
            found = f"{place} cannot be written: {error.strerror}"
            return Check("project directory", "fail", found, "Run the command in a directory of your own.")

    def _terraform(self) -> Check:
        binary = self.context.terraform.binary
        return Check("terraform", "ok", binary.shown)

    def _provider(self) -> Check:
        provider = self.context.terraform.provider
        if provider.is_mirror:
            return Check("AWS provider", "ok", f"mirror {provider.mirror}")
        if provider.origin == "user":
            return Check("AWS provider", "ok", "as Terraform's own CLI configuration says")
        require_registry(self.context.variables, self.context.terraform.binary.registry)
        return Check("AWS provider", "ok", self.context.terraform.binary.registry)

    def _aws(self) -> Check:
        if self.context.settings.target == "embedded":
            return self._embedded()
        expected, account = self.context.settings.account_id, self.context.aws.account()
        if expected is not None and account != expected:
            found = f"the credentials belong to account {account}, not to {expected}"
            return Check("AWS", "fail", found, "Give the right --profile.")
        return Check("AWS", "ok", f"account {account}, {self.context.settings.region}")

    def _embedded(self) -> Check:
        status = self.context.embedded.process.status()
        if status.server is not None and status.state == "running":
            return Check("AWS", "ok", f"embedded, {status.server.endpoint_url}")
        found = "the embedded AWS ended without being told to" if status.state == "stale" else "not running"
        deployed = self.context.files.outputs.exists()  # what can be told while the AWS is down
        return Check(
            "AWS", "warn", f"embedded: {found}", "liveinsight local up" if deployed else self._deploy
        )

    def _state(self) -> Check:
        place = self.context.state.require_one(self.context.environment)
        lock = place.bucket.lock(place.key) if place.bucket is not None and place.is_remote else None
        if lock is not None:
            found = f"{place.shown} is locked by {lock[0].who} ({lock[0].work})"
            return Check("state", "warn", found, f"liveinsight state show --env {self.context.environment}")
        return Check("state", "ok", place.shown if place.facts is not None else f"{place.shown} (none yet)")

    def _deployed(self) -> Check:
        refresh(self.context)
        if not self.context.files.outputs.exists():
            return Check("deployed", "warn", "never", self._deploy)
        deployed = load(self.context.files, self.context.environment, Stage.TABLES)
        if not deployed.stage.reaches(Stage.API):
            return Check("deployed", "warn", f"the stage {deployed.stage} only", self._deploy)
        release = Ledger.of(self.context).latest()
        if release is not None and release.is_dummy:
            return Check("deployed", "warn", "dummies, which keep nothing", self._deploy)
        return Check("deployed", "ok", deployed.api_gateway_url)

    def _functions(self) -> Check:
        for function in self.context.deployed.functions.values():
            self.context.aws.call(
                "lambda", "get_alias", FunctionName=function.function_name, Name=function.alias
            )
        return Check("functions", "ok", f"{len(self.context.deployed.functions)} in service")

    def _token(self) -> Check:
        deployed = self.context.deployed
        url = f"{deployed.api_gateway_url}/api/realtime?limit=1"
        try:
            answer = self.http("GET", url, deployed.authorization())
        except OSError as error:
            raise PreconditionError(f"The API does not answer: {error}", hint=self._deploy) from error
        if answer.status == 401:
            return Check("read token", "fail", "the API refuses the token of this machine", self._deploy)
        if answer.status != 200:
            return Check("read token", "fail", f"the API answers {answer.status}", "liveinsight tail")
        mode = _mode(self.context.files.read_token)
        if mode & 0o077:
            found = f"accepted, but others can read the file (mode {mode:o})"
            return Check("read token", "warn", found, f"chmod 600 {self.context.files.read_token}")
        return Check("read token", "ok", "accepted")

    @property
    def _deploy(self) -> str:
        return deploy_command(self.context.environment)


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777 if path.exists() else 0o600
