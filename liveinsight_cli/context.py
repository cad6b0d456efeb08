"""The composition root: what commands work with, made lazily; tests hand in other parts instead of patching."""

import os
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from liveinsight_cli.assets import lambda_sources
from liveinsight_cli.errors import ConfigurationError, UsageError
from liveinsight_cli.project import EnvironmentFiles, Project
from liveinsight_cli.settings import Effective, Settings, resolve
from liveinsight_cli.terminal import Terminal

if TYPE_CHECKING:
    import typer

    from liveinsight_cli.adapters.api import Api
    from liveinsight_cli.adapters.aws import Aws
    from liveinsight_cli.adapters.browser import Browser
    from liveinsight_cli.adapters.deployed import Deployed
    from liveinsight_cli.adapters.embedded import Embedded
    from liveinsight_cli.adapters.metrics import Metrics
    from liveinsight_cli.adapters.package import Packager
    from liveinsight_cli.adapters.state_place import Place
    from liveinsight_cli.adapters.terraform import Terraform
    from liveinsight_cli.adapters.used import Usage


@dataclass(frozen=True)
class GlobalOptions:
    """The options common to all commands, as given."""

    environment: str = "local"
    config: Path | None = None
    flags: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Clock:
    """Time, handed to whatever needs it."""

    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass
class Context:
    """Everything a command needs. Attributes are made on first use and may be replaced before it."""

    options: GlobalOptions
    terminal: Terminal
    variables: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    clock: Clock = field(default_factory=Clock)
    closing: ExitStack = field(default_factory=ExitStack)  # what is given back when the command ends
    command: str = "cli"
    is_excused: bool = False  # the settings are not those of the configuration, which cannot be used

    @staticmethod
    def of(context: "typer.Context") -> "Context":
        """Return the Context that cli.py put into typer's."""
        found = context.find_object(Context)
        if found is None:  # a bug: every command runs below the root callback
            raise RuntimeError("command started without a Context")
        return found

    @property
    def environment(self) -> str:
        """Name of the environment in use."""
        return self.options.environment

    def require_name(self, confirmed: str | None) -> None:
        """Raise UsageError for a `--confirm` that names another environment, before anything is done for this one."""
        if confirmed is not None and confirmed != self.environment:
            raise UsageError(
                f"--confirm names {confirmed!r}, but the environment is {self.environment!r}.",
                hint=f"Give the same name twice: --env {confirmed} --confirm {confirmed}",
            )

    def confirm(self, question: str, confirmed: str | None) -> None:
        """Ask before something is written; a protected environment wants its name. Raises Declined."""
        protected = self.environment if self.settings.protected else None
        self.terminal.confirm(question, protected_name=protected, confirmed_name=confirmed)

    def dashboard_link(self, deployed: "Deployed") -> str:
        """Return the dashboard's address: with the token, but where none is needed or what is printed is kept."""
        from liveinsight_cli.core.deploying import dashboard_link

        public = self.settings.public_dashboard or self.terminal.keeps_secrets
        return dashboard_link(deployed.cloudfront_url, deployed.token, public=public)

    @cached_property
    def project(self) -> Project:
        """The project directory."""
        return Project.find(self.options.config)

    @cached_property
    def effective(self) -> Effective:
        """The settings, and where each came from; raises ConfigurationError."""
        return resolve(self.environment, self.project.config, self.options.flags, self.variables)

    def excuse_settings(self) -> None:
        """For commands that need no setting: a configuration that cannot be used is a warning, not their end."""
        config = self.project.config
        try:
            _ = self.effective
        except ConfigurationError as error:
            self.is_excused = True
            nothing = config.with_name("nothing")
            self.effective = resolve(self.environment, nothing, {}, {})  # a wrong name is still an error
            self.terminal.warn(f"{error.message} The built-in settings are used.")

    @property
    def settings(self) -> Settings:
        """The settings of the environment in use."""
        return self.effective.values

    @cached_property
    def files(self) -> EnvironmentFiles:
        """Paths of the environment in use; what is wrong with its name or its settings is said first."""
        _ = self.effective
        return self.project.environment(self.environment)

    @cached_property
    def embedded(self) -> "Embedded":
        """The project's embedded AWS, running or not."""
        from liveinsight_cli.adapters.embedded import Embedded

        return Embedded(self.project.root, self.settings.region, self.settings.local_port)

    @cached_property
    def aws(self) -> "Aws":
        """AWS as this environment sees it; for the embedded one it must be running."""
        from liveinsight_cli.adapters.aws import Aws

        if self.settings.target == "embedded":
            return Aws(self.settings.region, endpoint_url=self.embedded.require().endpoint_url)
        return Aws(self.settings.region, profile=self.settings.profile)

    def real_aws(self, region: str, profile: str | None) -> "Aws":
        """AWS itself, whatever the environment in use is."""
        from liveinsight_cli.adapters.aws import Aws

        return Aws(region, profile=profile)

    @cached_property
    def state(self) -> "Place":
        """Where the Terraform state is; AWS must be reachable. It may be one that must not be gone on with."""
        from liveinsight_cli.adapters.state_place import locate

        return locate(self)

    @cached_property
    def deployed(self) -> "Deployed":
        """What the last deploy left, on this machine or another; raises PreconditionError when there was none."""
        from liveinsight_cli.adapters import deployed, shared_outputs

        shared_outputs.refresh(self)
        return deployed.load(self.files, self.environment)

    @cached_property
    def api(self) -> "Api":
        """The deployed HTTP API, with this machine's read token; for the embedded AWS it must be running."""
        from liveinsight_cli.adapters.api import Api

        if self.settings.target == "embedded":
            self.embedded.require_serving(self.deployed.api_gateway_url)
        return Api(self.deployed)

    @cached_property
    def browser(self) -> "Browser":
        """The browser of whoever sits here."""
        from liveinsight_cli.adapters.browser import Browser

        return Browser(self.variables)

    @cached_property
    def metrics(self) -> "Metrics":
        """CloudWatch's metrics of what is deployed."""
        from liveinsight_cli.adapters.metrics import Metrics

        return Metrics.of(self.aws, self.deployed)

    @cached_property
    def usage(self) -> "Usage":
        """What is used of AWS, and paid for, by what is deployed."""
        from liveinsight_cli.adapters.used import Usage

        return Usage(self.aws, self.deployed)

    @cached_property
    def packager(self) -> "Packager":
        """Builds the functions' zips: for Lambda, or for the Python here that the embedded AWS runs them with."""
        from liveinsight_cli.adapters.binaries import this_machine
        from liveinsight_cli.adapters.package import Packager
        from liveinsight_cli.core.lambda_platform import LAMBDA

        return Packager(
            lambda_sources(),
            self.files.build,
            this_machine() if self.settings.target == "embedded" else LAMBDA,
            self.project.dependencies,
            variables=self.variables,
            say=self.terminal.say,
        )

    @cached_property
    def terraform(self) -> "Terraform":
        """Terraform for the environment in use."""
        from liveinsight_cli.adapters.terraform import Terraform

        return Terraform.find(self)
