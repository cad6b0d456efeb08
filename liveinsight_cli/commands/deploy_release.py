"""What `liveinsight deploy` does after Terraform: publish, smoke-test, promote, upload, check, note, prune."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from liveinsight_cli.commands.deploy_canary import tried
from liveinsight_cli.context import Context
from liveinsight_cli.core.canary import Canary, CanaryReport
from liveinsight_cli.core.plan import Plan
from liveinsight_cli.core.rollback import Stays
from liveinsight_cli.core.stages import Stage

if TYPE_CHECKING:
    from liveinsight_cli.adapters.deployed import Deployed
    from liveinsight_cli.adapters.finish import Finish
    from liveinsight_cli.core.build import Build


@dataclass(frozen=True)
class Outcome:
    """Whether anything was changed, which release is in service, how many files were uploaded."""

    changed: bool
    release: str | None = None
    is_dummy: bool = False
    files_uploaded: int = 0
    versions: Mapping[str, str] = field(default_factory=dict)
    stays: Stays | None = None
    canary: CanaryReport | None = None


def finished(
    context: Context,
    deployed: "Deployed",
    build: "Build",
    plan: Plan,
    confirm: str | None,
    trial: Canary | None,
) -> Outcome:
    """Bring what Terraform left into service, as far as the stage goes; raises where it is not healthy."""
    from liveinsight_cli.adapters.finish import Finish
    from liveinsight_cli.adapters.proof import TablesProof

    if deployed.stage.reaches(Stage.API):
        finish = Finish(context, deployed, build, is_trial=trial is not None)
        return _put_in_service(context, finish, plan, confirm, trial)
    TablesProof(context.aws, deployed).run()
    return Outcome(changed=plan.has_changes)


def _put_in_service(
    context: Context, finish: "Finish", plan: Plan, confirm: str | None, trial: Canary | None
) -> Outcome:
    """Do what is left after Terraform; with nothing left, nothing is written."""
    left = finish.unfinished()
    if not plan.has_changes:
        if not left:
            latest = finish.ledger.latest()
            release = latest.id if latest else None
            return Outcome(
                False, release, finish.build.is_dummy, versions=finish.versions, stays=finish.stays
            )
        context.terminal.say(f"The infrastructure is up to date. Left to do: {left.in_words()}.")
        context.confirm(f"Do it in {context.environment}?", confirm)
    with context.terminal.progress("Smoke-testing the functions"):
        left = finish.publish(left)
        finish.smoke_test()
    with (
        tried(context, finish, trial, left.moves) as tried_out,
        context.terminal.progress("Putting the new versions into service, uploading the dashboard, checking"),
    ):
        noted = finish.put_in_service(replace(left, moves=tried_out.moves), tried_out.record)
    finish.prune()
    return Outcome(
        True,
        noted.id,
        finish.build.is_dummy,
        len(left.site.upload),
        finish.versions,
        finish.stays,
        tried_out.report,
    )
