"""Runs the stack's Terraform: init when it is due, plan into a file, apply of that file; each one process."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from liveinsight_cli.adapters.files import make_private_home
from liveinsight_cli.adapters.state_copy import StateCopy, mend
from liveinsight_cli.adapters.terraform_environment import Target
from liveinsight_cli.adapters.terraform_imports import Importing, Search, nothing_found
from liveinsight_cli.adapters.terraform_provider import require_registry
from liveinsight_cli.adapters.terraform_runner import Listener, Run, Runner, nobody, shown
from liveinsight_cli.context import Context
from liveinsight_cli.core.plan import Plan, read_plan
from liveinsight_cli.core.plan_diff import PlanDetails, read_details
from liveinsight_cli.core.recovery import Creation, Found
from liveinsight_cli.core.terraform_errors import kind_of
from liveinsight_cli.core.terraform_events import (
    Change,
    Event,
    Outputs,
    Progress,
)
from liveinsight_cli.errors import PreconditionError, TerraformFailed

LOCK_TIMEOUT = "-lock-timeout=3s"
NO_CHANGES, CHANGES = 0, 2  # exit codes of plan -detailed-exitcode


@dataclass
class Terraform(Runner):
    """Terraform for one environment. Set first: `target`, where the stack goes, and `backend`, where its state is."""

    search: Search = nothing_found
    takes_over_all: bool = False  # also what no apply of this directory began
    is_partial: bool = False  # the last plan was for some addresses only

    @classmethod
    def find(cls, context: Context) -> "Terraform":
        """Return the runner of a command's environment."""
        settings = context.settings

        def search(wanted: Sequence[Creation]) -> Found:
            from liveinsight_cli.adapters import orphans

            return orphans.find(context.aws, wanted)

        return cls(
            project=context.project,
            files=context.files,
            terminal=context.terminal,
            variables=context.variables,
            chosen_binary=settings.terraform,
            chosen_mirror=settings.provider_mirror,
            target=Target(settings.region, settings.profile),
            environment_name=context.environment,
            now=context.clock.now,
            search=search,
        )

    def mend_state(self) -> None:
        """Put a state file right that a killed apply left torn; this environment's turn must be held."""
        mend(self.files.state, self.unfinished.path, self.terminal.say)

    def require(self) -> None:
        """Raise what would keep terraform from running at all, before anything is written."""
        _ = self.binary, self.provider
        if not self._is_initialised() and self.provider.origin == "registry":
            require_registry(self.variables, self.binary.registry)

    def prepare(self, variables: Mapping[str, object]) -> None:
        """Write the working copy with these variables of the stack; `init` when that is due."""
        make_private_home(self.project.work, self.files.root, self.files.logs)
        self.workspace.prepare(variables, self.provider.configuration, self.backend)
        if not self._is_initialised():
            self._init()
        if self.workspace.errored_state.exists():
            self._take_over_errored_state()

    def plan(
        self,
        out: Path,
        *,
        destroy: bool = False,
        targets: Sequence[str] = (),
        listen: Listener = nobody,
        untaints: bool = True,
    ) -> Plan:
        """Plan into the file `out`, everything or these addresses; raises what keeps terraform from planning.

        What an interrupted apply left marked as tainted is taken over as it is and brought up to date. Terraform would
        create a second one first, under a name that is taken, and try that for ten minutes. `untaints` is off for those
        who only look, as this writes into the state. What was created and not written into the state is imported.
        """
        scope = (*(("-destroy",) if destroy else ()), *_targets(targets))
        run = self._plan(out, scope, listen)
        tainted = [one.resource.address for one in run.changes if one.reason == "tainted"]
        if tainted and untaints and not destroy:
            for address in tainted:
                self._untaint(address)
            run = self._plan(out, scope, listen)
        self.is_partial = bool(targets)
        if not destroy:
            run, _ = self._importing.replan(run, out, lambda: self._plan(out, scope, listen))
            if run.exit_code == NO_CHANGES:
                self._settled()
        return read_plan(
            run.changes,
            has_changes=run.exit_code == CHANGES,
            destroys=destroy,
            path=str(out),
            outputs=run.changing_outputs,
        )

    def look(self, out: Path, *, targets: Sequence[str] = ()) -> list[Change]:
        """Plan into `out` without the lock of the state, for those who only read; nothing is taken over."""
        return self._plan(out, [f"-target={address}" for address in targets], nobody, "-lock=false").changes

    def _plan(self, out: Path, scope: Sequence[str], listen: Listener, locking: str = LOCK_TIMEOUT) -> Run:
        arguments = ["plan", "-json", "-input=false", "-no-color", locking, "-detailed-exitcode", *scope]
        run = self.run([*arguments, f"-out={out}"], listen)
        if kind_of(run.errors) == "not_initialised":
            self.workspace.forget_init()
            self._init()
            run = self.run([*arguments, f"-out={out}"], listen)
        if run.exit_code not in (NO_CHANGES, CHANGES) or run.errors:
            raise self.failed(run, "plan")
        return run

    def take_in(self) -> None:
        """Before a destroy: write into the state what an interrupted apply created, so that it goes with the rest."""
        begun = self.unfinished.creations()
        if not begun:
            return
        out = self.files.root / "take-in.tfplan"

        def planned(addresses: Iterable[str]) -> frozenset[str]:
            scope = _targets(addresses)
            run = self._plan(out, scope, nobody)
            return importing.replan(run, out, lambda: self._plan(out, scope, nobody))[1]

        importing = self._importing
        imported = planned(begun)
        if imported:
            importing = replace(importing, say=lambda _: None)
            planned(imported)  # these alone: what nothing was found of is not created just to be destroyed
            self._apply([str(out)], nobody)
        self.unfinished.end()

    @property
    def _importing(self) -> Importing:
        return Importing(
            self.unfinished,
            self.workspace,
            self.search,
            self.document,
            self.target.region,
            self.terminal.say,
            everything=self.takes_over_all,
        )

    def _settled(self) -> None:
        """Forget what earlier applies began, once everything is as planned; a part says nothing about the rest."""
        if not self.is_partial:
            self.unfinished.end()

    def _untaint(self, address: str) -> None:
        """Have Terraform keep a resource whose creation was interrupted; needs the state only, no provider."""
        run = self.run(["untaint", "-no-color", LOCK_TIMEOUT, address], nobody)
        if run.exit_code != 0:
            raise self.failed(run, "untaint")
        self.terminal.say(f"Taking over {address}, whose creation was interrupted.")

    def apply(self, plan: Path, listen: Listener = nobody) -> dict[str, Any]:
        """Apply a saved plan and return the stack's outputs afterwards, name -> value."""
        run = self._apply([str(plan)], listen)
        outputs = [one for one in run.events if isinstance(one, Outputs)]
        return dict(outputs[-1].values) if outputs else self.outputs()

    def apply_now(self, listen: Listener = nobody, *, destroy: bool = False) -> None:
        """Plan and apply in one process; for a stack that is too small to be worth a question of its own."""
        if self.unfinished.creations():
            plan = self.files.root / "again.tfplan"
            if destroy:
                self.take_in()
            self.plan(plan, destroy=destroy)
            self.apply(plan, listen)
            return
        self._apply(["-auto-approve", *(["-destroy"] if destroy else [])], listen)

    def _apply(self, what: Sequence[str], listen: Listener) -> Run:
        """Apply, so that the next command knows where to go on if this is the last that is heard of it."""
        log, copy = self.new_log("apply"), StateCopy(self.files.state)
        is_first = not self.unfinished.path.exists()
        self.unfinished.begin(log)
        copy.begin()

        def take(event: Event) -> None:
            if isinstance(event, Progress) and event.phase == "complete":
                copy.refresh()
            listen(event)

        arguments = ["apply", "-json", "-input=false", "-no-color", LOCK_TIMEOUT, *what]
        run = self.run(arguments, take, log)
        if run.exit_code >= 0:
            copy.remove()
        if run.exit_code != 0 or run.errors:
            raise self.failed(run, "apply")
        if is_first:  # nothing but this apply was on the note
            self.unfinished.end()
        self._settled()
        return run

    def forget(self, addresses: Sequence[str]) -> None:
        """Have Terraform forget resources, which stay as they are; needs the state only, no provider."""
        run = self.run(["state", "rm", LOCK_TIMEOUT, *addresses], nobody)
        if run.exit_code != 0:
            raise self.failed(run, "state rm")

    def _take_over_errored_state(self) -> None:
        """Put the state that the last apply could not write to its place; Terraform refuses an older or foreign one."""
        path = self.workspace.errored_state
        run = self.run(["state", "push", LOCK_TIMEOUT, path.name], nobody)
        if run.exit_code != 0 and "state lock" not in "\n".join(run.words):
            raise PreconditionError(
                f"The last apply left its state in {shown(path)}, and it does not fit the state that is there now.",
                code="state_errored",
                hint=f"Find out which one describes what is deployed. If it is not this one, remove the file. "
                f"Raw stream: {shown(run.log)}",
            )
        if run.exit_code != 0:
            raise self.failed(run, "state push")
        path.unlink()
        self.terminal.say("Took over the state that Terraform could not write last time.")

    def outputs(self) -> dict[str, Any]:
        """Return the outputs in the state, name -> value."""
        done = self.captured("output", "-json", "-no-color")
        try:
            return {name: one["value"] for name, one in json.loads(done.stdout).items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise TerraformFailed(f"terraform output failed: {done.stderr.strip()}") from error

    def show(self, plan: Path) -> PlanDetails:
        """Return a saved plan attribute by attribute. It starts the provider: only where somebody asks for it."""
        try:
            return read_details(self.document(plan))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise TerraformFailed(f"terraform show failed: {error}") from error

    def document(self, plan: Path) -> dict[str, Any]:
        """Return what `terraform show -json` says of a saved plan; it starts the provider, too."""
        done = self.captured("show", "-json", "-no-color", str(plan))
        try:
            return dict(json.loads(done.stdout))
        except (ValueError, TypeError) as error:
            raise TerraformFailed(f"terraform show failed: {done.stderr.strip() or error}") from error

    def _init(self) -> None:
        if self.provider.origin == "registry":
            require_registry(self.variables, self.binary.registry)
        self.workspace.take_lock_of_sources()
        # Never -migrate-state: the command line moves states itself, in steps that can be interrupted.
        arguments = ["init", "-json", "-input=false", "-no-color", "-reconfigure"]
        run = self.run(arguments, nobody)
        if run.exit_code != 0 and self.provider.is_mirror and kind_of(run.errors) == "checksum":
            # A mirror of another platform than the recorded one: only the registry could vouch for it.
            self.terminal.warn(
                f"The provider in {self.provider.mirror} is not the one on record; it is taken as it is."
            )
            self.workspace.forget_lock()
            run = self.run(arguments, nobody)
        if run.exit_code != 0:
            raise self.failed(run, "init")
        self.workspace.initialised(self._init_key())

    def _is_initialised(self) -> bool:
        return self.files.stack.is_dir() and not self.workspace.needs_init(self._init_key())

    def _init_key(self) -> str:
        user = hashlib.sha256(repr(self.provider).encode()).hexdigest()
        return self.workspace.init_key(self.binary.fingerprint(), user)


def _targets(addresses: Iterable[str]) -> list[str]:
    return [f"-target={address}" for address in sorted(addresses)]
