"""The account-wide part, `terraform/account`: looked at by every deploy, applied by the first that finds no role set.

A role that somebody else set is never touched: API Gateway has one setting for all APIs of an account and region.
"""

import dataclasses
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property

from liveinsight_cli.adapters.aws import AwsError
from liveinsight_cli.adapters.state_place import Place, find
from liveinsight_cli.adapters.terraform import Terraform
from liveinsight_cli.adapters.turns import turn
from liveinsight_cli.assets import terraform_sources
from liveinsight_cli.context import Context
from liveinsight_cli.core.account_part import AccountReport, is_of_ours
from liveinsight_cli.core.stack_variables import EMBEDDED_RETRIES
from liveinsight_cli.core.state import ACCOUNT, account_key
from liveinsight_cli.project import EnvironmentFiles

SETTING = "aws_api_gateway_account.this"


@dataclass
class AccountPart:
    """The part of one account and region; AWS must be reachable."""

    context: Context

    @property
    def files(self) -> EnvironmentFiles:
        """Its own place below `.liveinsight/`."""
        account, region = self.context.aws.account(), self.context.settings.region
        return EnvironmentFiles(self.context.project.work / ACCOUNT / f"{account}-{region}")

    @cached_property
    def place(self) -> Place:
        """Where its state is."""
        return find(self.context, account_key(self.context.settings.region), self.files.state)

    def role(self) -> str | None:
        """Return the role that is set now; one of ours that is set, but gone, is none."""
        arn = self._setting()
        if arn is None:
            return None
        if is_of_ours(arn, self.context.settings.project) and not self._exists(arn):
            return None
        return arn

    def report(self) -> AccountReport:
        """Return what is set, and whether our state holds it."""
        place, role = self.place, self.role()
        ours = place.facts.outputs.get("cloudwatch_role_arn") if place.facts is not None else None
        settings = self.context.settings
        return AccountReport(
            self.context.aws.account(), settings.region, role, role is not None and role == ours, place.shown
        )

    def deploy(self) -> None:
        """Set the role, unless one is set by now."""
        with self._turn():
            self._mend()
            if self.role() is None:
                self._prepared().apply_now()

    def destroy(self) -> bool:
        """Remove what our state holds, if anything; a setting that somebody else changed meanwhile stays."""
        with self._turn():
            self._mend()
            facts = self.place.require_one(ACCOUNT).facts
            if facts is None or not facts.resources:
                return False
            terraform = self._prepared()
            if self._setting() == facts.outputs.get("cloudwatch_role_arn"):
                reset = {"op": "replace", "path": "/cloudwatchRoleArn", "value": ""}
                self.context.aws.call("apigateway", "update_account", patchOperations=[reset])
            if SETTING in facts.resources:  # destroying it does nothing in AWS, and Terraform warns of that
                terraform.forget([SETTING])
            terraform.apply_now(destroy=True)
            return True

    def _setting(self) -> str | None:
        return self.context.aws.call("apigateway", "get_account").get("cloudwatchRoleArn") or None

    def _prepared(self) -> Terraform:
        settings = self.context.settings
        terraform = dataclasses.replace(
            self.context.terraform,
            files=self.files,
            sources=terraform_sources() / ACCOUNT,
            backend=self.place.require_one(ACCOUNT).backend,
            environment_name=ACCOUNT,
        )
        embedded = settings.target == "embedded"
        retries = EMBEDDED_RETRIES if embedded else None
        terraform.prepare({"project": settings.project, "region": settings.region, "max_retries": retries})
        return terraform

    def _mend(self) -> None:
        """Put right what a killed apply left, before the state is looked at."""
        dataclasses.replace(self.context.terraform, files=self.files).mend_state()

    def _turn(self) -> AbstractContextManager[None]:
        context = self.context
        return turn(self.files.turn, context.command, context.variables, context.clock, context.terminal.say)

    def _exists(self, arn: str) -> bool:
        try:
            self.context.aws.call("iam", "get_role", RoleName=arn.rsplit("/", 1)[-1])
        except AwsError as error:
            if error.aws_code in ("NoSuchEntity", "NoSuchEntityException"):
                return False
            raise
        return True
