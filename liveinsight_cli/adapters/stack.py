"""An environment on its way to being deployed: account checked, embedded AWS up, zips built, Terraform ready."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from liveinsight_cli.adapters.account import require_account
from liveinsight_cli.adapters.deployed import deploy_command
from liveinsight_cli.adapters.domain import certificate_is_issued
from liveinsight_cli.adapters.files import make_private_home, require_space
from liveinsight_cli.adapters.origin_secret import ensure_origin_secret
from liveinsight_cli.adapters.read_token import ensure_token, token_sha256
from liveinsight_cli.adapters.terraform_environment import Target
from liveinsight_cli.adapters.turns import turn
from liveinsight_cli.context import Context
from liveinsight_cli.core.build import Build
from liveinsight_cli.core.plan import Plan
from liveinsight_cli.core.stack_variables import stack_variables
from liveinsight_cli.core.stages import Stage, stage_of, targets
from liveinsight_cli.core.terraform_events import Event
from liveinsight_cli.errors import PreconditionError
from liveinsight_cli.settings import filled_variables


@dataclass
class Stack:
    """What `plan`, `deploy` and `destroy` have in common, step by step."""

    context: Context

    @property
    def is_embedded(self) -> bool:
        """Whether the environment is on the embedded AWS."""
        return self.context.settings.target == "embedded"

    def require(self) -> None:
        """Raise what would make all that follows useless: no terraform, no provider, no place to write, no turn."""
        make_private_home(self.context.project.work)
        require_space(self.context.project.work)
        self.context.terraform.require()
        self._require_state()
        context = self.context
        path = context.files.root / "turn.lock"
        context.closing.enter_context(turn(path, context.command, context.variables, context.clock))

    def _require_state(self) -> None:
        """Raise PreconditionError where something is deployed and the state is gone: all of it would be made twice."""
        files = self.context.files
        if not files.outputs.exists() or files.state.exists():
            return
        backup = files.state.with_name(f"{files.state.name}.backup")
        raise PreconditionError(
            f"{self.context.environment} is deployed, but its Terraform state {files.state} is missing.",
            code="state_missing",
            hint=f"Bring it back: cp {backup} {files.state}"
            if backup.exists()
            else f"Bring back a copy. If nothing of it exists any more, remove {files.outputs} and deploy.",
        )

    def connect(self) -> None:
        """Point at AWS: start the embedded one when it is down; ask the real one whose account it is."""
        if self.is_embedded:
            _ = self.embedded_urls
        if not self.is_embedded or self.context.settings.account_id is not None:
            require_account(self.context)  # Terraform would say so much later

    @cached_property
    def embedded_urls(self) -> tuple[str, str]:
        """Endpoint of the embedded AWS and of its API Gateway; starts it."""
        context = self.context
        if context.embedded.process.running():
            server = context.embedded.up()
        else:
            with context.terminal.progress("Starting the embedded AWS"):
                server = context.embedded.up()
        region = context.settings.region
        context.terraform.target = Target(region, endpoint_url=server.endpoint_url)
        return server.endpoint_url, server.api_url

    def build(self, *, dummy: bool = False) -> Build:
        """Build the zips, of the functions or of dummies in their place."""
        packager = self.context.packager
        return (packager.of_dummies() if dummy else packager).build()

    def prepare(self, build: Build) -> None:
        """Write Terraform's working copy for this build."""
        api_url = self.embedded_urls[1] if self.is_embedded else None
        context = self.context
        variables = stack_variables(
            context.environment,
            filled_variables(context.settings),
            build,
            token_sha256(ensure_token(context.files)),
            api_url,
            origin_secret_sha256=token_sha256(ensure_origin_secret(context)),
            domain_ready=certificate_is_issued(context),
        )
        context.terraform.prepare(variables)

    def plan(
        self,
        *,
        destroy: bool = False,
        stage: Stage = Stage.ALL,
        out: Path | None = None,
        listen: Callable[[Event], None] | None = None,
    ) -> Plan:
        """Plan everything, or as far as `stage`, into `out`, or into the environment's own place."""
        terraform = self.context.terraform
        path = out or self.context.files.root / ("destroy.tfplan" if destroy else "deploy.tfplan")
        wanted = targets(stage, terraform.workspace.root_module())
        return terraform.plan(path, destroy=destroy, targets=wanted, listen=listen or (lambda _: None))

    def require_stage(self, stage: Stage) -> None:
        """Raise PreconditionError where more than `stage` is deployed already; the state is asked."""
        if stage is Stage.ALL:
            return
        reached = stage_of(self.context.terraform.outputs())
        if reached is not None and reached is not stage and reached.reaches(stage):
            name = self.context.environment
            raise PreconditionError(
                f"{name} is deployed as far as the stage {reached}: --stage {stage} would take nothing away.",
                code="stage",
                hint=f"Bring all of it up to date: {deploy_command(name)}. Take all of it away: liveinsight destroy.",
            )
