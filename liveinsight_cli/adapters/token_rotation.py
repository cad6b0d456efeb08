"""A new read token in place of the old one.

It waits in a file of its own until the functions that know it are in service: whatever happens before, the old token
is valid and in its place, and any deploy goes on with what was begun.
"""

from liveinsight_cli.adapters.deployed import Deployed, coming_token, deploy_command
from liveinsight_cli.adapters.files import unwritable, write_atomically
from liveinsight_cli.adapters.read_token import deployed_digest
from liveinsight_cli.adapters.releases import Ledger
from liveinsight_cli.adapters.secret_file import keep, make_private, new_secret
from liveinsight_cli.context import Context
from liveinsight_cli.core.release import in_service, unfinished_canary
from liveinsight_cli.core.stages import Stage
from liveinsight_cli.errors import PreconditionError
from liveinsight_cli.project import EnvironmentFiles


def require_rotatable(context: Context) -> None:
    """Raise PreconditionError where a new token would not come into service, or nobody needs one."""
    if context.settings.public_dashboard:
        raise PreconditionError(
            f"Reads of {context.environment} are public: no token is asked for.",
            code="no_token",
            hint="Set public_dashboard = false and deploy, to have one asked for.",
        )
    ledger = Ledger.of(context)
    ledger.require_functions(context.environment)
    releases = ledger.releases()
    present = in_service(releases)
    if (present is not None and present.pinned) or unfinished_canary(releases) is not None:
        raise PreconditionError(
            f"The newest versions of {context.environment} are out of service; a new token would be, too.",
            code="not_newest",
            hint=f"End the rollback or the canary first: liveinsight promote --env {context.environment}",
        )


def begin_rotation(context: Context) -> bool:
    """Make the new token, and note which it replaces; return False where a rotation was cut off, and has one."""
    files, replaced = context.files, deployed_digest(context)
    if coming_token(files) is not None:
        return False
    with unwritable(files.next_read_token):
        files.replaced_digest.unlink(missing_ok=True)
        if replaced is not None:
            write_atomically(files.replaced_digest, f"{replaced}\n".encode())
        keep(files.next_read_token, new_secret())
    return True


def drop_rotation(files: EnvironmentFiles) -> None:
    """Give up a rotation of which nothing was applied."""
    files.next_read_token.unlink(missing_ok=True)
    files.replaced_digest.unlink(missing_ok=True)


def settle_rotation(context: Context, deployed: Deployed) -> None:
    """Put the new token in the place of the old one; functions that know it are in service."""
    files = context.files
    if deployed.stage.reaches(Stage.API) and files.next_read_token.exists():
        with unwritable(files.read_token):
            make_private(files.next_read_token)
            files.next_read_token.replace(files.read_token)
            files.replaced_digest.unlink(missing_ok=True)
        context.terminal.detail(f"The read token of {context.environment} is the new one now.")


def require_token(context: Context) -> str:
    """Return this machine's token, or raise PreconditionError."""
    token = context.deployed.token
    if token is None:
        raise PreconditionError(
            f"This machine has no read token of {context.environment}.",
            code="read_token",
            hint=f"Put the token of whoever deployed into {context.files.read_token} (mode 600), "
            f"or deploy from here: {deploy_command(context.environment)}",
        )
    return token
