"""An environment on its way to being deployed: account checked, embedded AWS up, zips built, Terraform ready."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from liveinsight_cli.adapters import shared_outputs
from liveinsight_cli.adapters.account import require_account
from liveinsight_cli.adapters.account_part import AccountPart
from liveinsight_cli.adapters.deployed import deploy_command
from liveinsight_cli.adapters.domain import certificate_is_issued
from liveinsight_cli.adapters.files import make_private_home, require_space
from liveinsight_cli.adapters.origin_secret import ensure_origin_secret
from liveinsight_cli.adapters.read_token import read_token_digest, require_same_token, token_sha256
from liveinsight_cli.adapters.state_lock import release_dead
from liveinsight_cli.adapters.state_place import Place
from liveinsight_cli.adapters.terraform_environment import Target
from liveinsight_cli.adapters.turns import turn
from liveinsight_cli.context import Context
from liveinsight_cli.core.build import Build
from liveinsight_cli.core.plan import HANDED_OVER, Plan
from liveinsight_cli.core.stack_variables import stack_variables
from liveinsight_cli.core.stages import Stage, stage_of, targets
from liveinsight_cli.core.terraform_events import Event, Refresh
from liveinsight_cli.errors import PreconditionError
from liveinsight_cli.settings import filled_variables
from liveinsight_cli.terminal import Step

NO_DIGEST = "0" * 64
DATA = re.compile(r"(^|\.)data\.")


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
        self.take_turn()

    def take_turn(self) -> None:
        """Be the one command that changes this environment, until this command ends; raises StateLocked."""
        context = self.context
        make_private_home(context.project.work)
        held = turn(
            context.files.turn, context.command, context.variables, context.clock, context.terminal.say
        )
        context.closing.enter_context(held)

    def connect(self) -> None:
        """Point at AWS, and at the state; raises where the account or the state is not the right one."""
        self.reach_aws()
        context = self.context
        context.terraform.mend_state()
        place = context.state.require_one(context.environment)
        if place.facts is None:
            self._require_first_deploy(place)
        else:
            context.terraform.binary.require_writer(place.facts.writer, place.shown)
        if place.verdict == "local" and context.settings.state_bucket is not None:
            context.terminal.warn(
                f"The state of {context.environment} is still a file of this machine, although state_bucket is set. "
                f"Move it: liveinsight state migrate --to s3 --env {context.environment}"
            )
        if place.is_remote and place.bucket is not None and context.files.unfinished.exists():
            release_dead(context, place.bucket, place.key)
        context.terraform.backend = place.backend
        shared_outputs.remember(context, place)

    def reach_aws(self) -> None:
        """Point at AWS: start the embedded one when it is down; ask the real one whose account it is."""
        if self.is_embedded:
            _ = self.embedded_urls
        if not self.is_embedded or self.context.settings.account_id is not None:
            require_account(self.context)  # Terraform would say so much later

    def _require_first_deploy(self, place: Place) -> None:
        """Raise PreconditionError where something is deployed and the state is gone: all of it would be made twice."""
        files = self.context.files
        if not files.outputs.exists():
            return
        backup = files.state.with_name(f"{files.state.name}.backup")
        gone = f"If nothing of it exists any more, remove {files.outputs} and deploy."
        hint = f"Bring back a copy. {gone}"
        if shared_outputs.remembered(self.context) is not None:
            hint = (
                f"It was in the bucket {place.bucket_name}, which keeps old versions: bring one back. {gone}"
            )
        elif backup.exists():
            hint = f"Bring it back: cp {backup} {files.state}"
        raise PreconditionError(
            f"{self.context.environment} is deployed, but its Terraform state {place.shown} is missing.",
            code="state_missing",
            hint=hint,
        )

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

    def account_part_if_missing(self) -> AccountPart | None:
        """Return the account-wide part where API Gateway has no CloudWatch role, and say so; one read tells."""
        part = AccountPart(self.context)
        if part.role() is not None:
            return None
        self.context.terminal.say(
            "API Gateway has no CloudWatch role in this account and region yet: deploy sets one first."
        )
        return part

    def forget_account_part(self) -> None:
        """Have a state of an earlier version forget the role that other environments of the account use as well.

        The stack's `removed` blocks do that in a deploy; a plan to destroy does not heed them.
        """
        facts = self.context.state.facts
        held = [one for one in facts.resources if one.startswith(HANDED_OVER)] if facts else []
        if held:
            self.context.terraform.forget(held)

    def build(self, *, dummy: bool = False) -> Build:
        """Build the zips, of the functions or of dummies in their place."""
        packager = self.context.packager
        return (packager.of_dummies() if dummy else packager).build()

    def prepare(self, build: Build, *, destroy: bool = False) -> None:
        """Write Terraform's working copy for this build; to destroy, no token is needed or made."""
        api_url = self.embedded_urls[1] if self.is_embedded else None
        context = self.context
        variables = stack_variables(
            context.environment,
            filled_variables(context.settings),
            _seen_from(build, context.files.stack),
            NO_DIGEST if destroy else read_token_digest(context),
            api_url,
            origin_secret_sha256=NO_DIGEST if destroy else token_sha256(ensure_origin_secret(context)),
            domain_ready=not destroy and certificate_is_issued(context),
        )
        context.terraform.prepare(variables)

    def plan(
        self,
        *,
        destroy: bool = False,
        stage: Stage = Stage.ALL,
        out: Path | None = None,
        listen: Callable[[Event], None] | None = None,
        only_looks: bool = False,
    ) -> Plan:
        """Plan everything, or as far as `stage`, into `out`, or into the environment's own place.

        `only_looks`: nobody applies this plan, and the state stays as it is.
        """
        terraform = self.context.terraform
        path = out or self.context.files.root / ("destroy.tfplan" if destroy else "deploy.tfplan")
        wanted = targets(stage, terraform.workspace.root_module())
        planned = terraform.plan(
            path,
            destroy=destroy,
            targets=wanted,
            listen=listen or (lambda _: None),
            untaints=not only_looks,
        )
        if not destroy:
            require_same_token(self.context)
        return planned

    def refreshing(self, step: Step) -> Callable[[Event], None]:
        """Return a listener that shows how many resources a plan has looked up so far."""
        facts = self.context.state.facts
        known = len([one for one in facts.resources if not DATA.search(one)]) if facts else 0
        seen: set[str] = set()

        def listen(event: Event) -> None:
            if isinstance(event, Refresh) and event.is_complete and self.context.terminal.is_live:
                seen.add(event.address)
                total = max(known, len(seen))
                step.update(f"Planning: looked up {len(seen)} of {total}", done=len(seen), total=total)

        return listen

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


def _seen_from(build: Build, directory: Path) -> Build:
    """Return a build whose paths begin at `directory`: absolute ones would differ in every other clone's plan."""
    functions = (replace(one, path=os.path.relpath(one.path, directory)) for one in build.functions)
    return Build(tuple(functions))
