"""Looks for drift: a plan that nobody applies for the infrastructure, reads of AWS for what the tool itself puts there.

Nothing is written: neither to AWS nor to the state, whose lock is not taken but looked at.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from liveinsight_cli.adapters.aliases import Aliases
from liveinsight_cli.adapters.aws import AwsError
from liveinsight_cli.adapters.dashboard_upload import Site
from liveinsight_cli.adapters.deployed import Deployed, deploy_command
from liveinsight_cli.adapters.origin_secret import EdgeStore
from liveinsight_cli.adapters.releases import Ledger
from liveinsight_cli.adapters.stack import Stack
from liveinsight_cli.adapters.state_lock import locked, report
from liveinsight_cli.adapters.versions import Versions
from liveinsight_cli.context import Context
from liveinsight_cli.core.drift import Difference, Drift, Ledgered, code_drift, ledgered, unpublished
from liveinsight_cli.core.drift_infrastructure import infrastructure_drift
from liveinsight_cli.core.plan_names import owner_of
from liveinsight_cli.core.release import AliasState, FunctionCode
from liveinsight_cli.core.stages import Stage, targets
from liveinsight_cli.errors import PreconditionError, TerraformFailed

LOST = {"missing": "is missing", "changed": "was changed", "added": "was put there by somebody"}


@dataclass
class Search:
    """A search for drift in a deployed environment; `codes` and `aliases` are by function, and there once it looked."""

    context: Context
    deployed: Deployed
    codes: dict[str, FunctionCode] = field(default_factory=dict)
    aliases: dict[str, AliasState] = field(default_factory=dict)

    def all(self, stack: Stack) -> Drift:
        """Look everywhere."""
        infrastructure = self._infrastructure(stack)
        ledger = self._ledgered()
        code = [*self._code(ledger)]
        told = {owner_of(one.where) for one in infrastructure} | {one.where for one in code}
        code += unpublished(self.codes, (name for name in told if name))
        return self._drift(ledger, [*infrastructure, *code, *self._around()], code_only=False)

    def code_only(self) -> Drift:
        """Look at functions, aliases and the dashboard, without Terraform."""
        ledger = self._ledgered()
        code = [*self._code(ledger)]
        gone = [
            Difference("code", name, "the function is gone")
            for name in self.deployed.functions
            if name not in self.codes
        ]
        gone += [
            Difference("service", name, "the alias live is gone")
            for name in self.codes
            if name not in self.aliases
        ]
        code += unpublished(self.codes, [one.where for one in code])
        return self._drift(ledger, [*gone, *code, *self._around()], code_only=True)

    def _drift(self, ledger: Ledgered, found: Iterable[Difference], *, code_only: bool) -> Drift:
        release = ledger.release.id if ledger.release else None
        notes = ledger.notes if self.deployed.functions else ()
        return Drift(self.context.environment, release, code_only, tuple(found), notes)

    def _infrastructure(self, stack: Stack) -> tuple[Difference, ...]:
        terraform = self.context.terraform
        self._require_rest(stack)
        stack.prepare(stack.build(dummy=self._is_dummy()))
        wanted = targets(self.deployed.stage, terraform.workspace.root_module())
        out = self.context.files.root / "drift.tfplan"
        try:
            changes = terraform.look(out, targets=wanted)
            if not any(one.is_drift for one in changes):
                return ()
            return infrastructure_drift(terraform.document(out))
        except ValueError as error:
            raise TerraformFailed(f"What terraform shows of its plan cannot be read: {error}.") from error
        finally:
            out.unlink(missing_ok=True)

    def _is_dummy(self) -> bool:
        release = Ledger.of(self.context).latest()
        return release is not None and release.is_dummy

    def _require_rest(self, stack: Stack) -> None:
        """Raise where somebody changes the environment right now, or the state is not what was done last."""
        context, place = self.context, self.context.state
        if context.terraform.workspace.errored_state.exists():
            raise PreconditionError(
                "The last apply could not write its state: what ought to be there is not known.",
                code="state_errored",
                hint=f"{deploy_command(context.environment)} takes it over.",
            )
        found = place.bucket.lock(place.key) if place.is_remote and place.bucket is not None else None
        if found is not None:
            lock = report(context, *found, has_turn=True)
            raise locked(lock, context.environment, "what it changes would be taken for drift")

    def _ledgered(self) -> Ledgered:
        return ledgered(Ledger.of(self.context).releases())

    def _code(self, ledger: Ledgered) -> Iterable[Difference]:
        with ThreadPoolExecutor(len(self.deployed.functions) or 1) as pool:
            list(pool.map(self._read, self.deployed.functions))
        return code_drift(ledger, self.codes, self.aliases)

    def _read(self, name: str) -> None:
        """Read what Lambda holds of one function; one that is gone, or its alias, is left out."""
        aws, one = self.context.aws, replace(self.deployed, functions={name: self.deployed.functions[name]})
        _unless_gone(lambda: self.codes.update(Versions(aws, one, self.context.clock).codes()))
        _unless_gone(lambda: self.aliases.update(Aliases(aws, one).states()))

    def _around(self) -> Iterable[Difference]:
        """Yield what is not as it should be in the dashboard's bucket, and in CloudFront's key value store."""
        if not self.deployed.stage.reaches(Stage.API):
            return
        for key, how in sorted(Site.of(self.context, self.deployed).tampered().items()):
            yield Difference("dashboard", key, LOST[how])
        has_secret = self.context.files.origin_secret.exists()
        if has_secret and not EdgeStore(self.context, self.deployed.edge_store_arn).is_told():
            yield Difference("edge", "origin secret", "CloudFront holds another one than this machine")


def _unless_gone(read: Callable[[], None]) -> None:
    try:
        read()
    except AwsError as error:
        if error.aws_code != "ResourceNotFoundException":
            raise
