"""The outputs of an apply, kept for every other command; without an apply they are as old as the state."""

from collections.abc import Mapping
from typing import Any

from liveinsight_cli.adapters.deployed import Deployed, coming_token, read_outputs, read_token, write_outputs
from liveinsight_cli.adapters.files import unwritable
from liveinsight_cli.context import Context
from liveinsight_cli.errors import PreconditionError


def remember_outputs(context: Context, outputs: Mapping[str, Any]) -> Deployed:
    """Keep the outputs of an apply for every other command.

    Terraform gives those that depend on nothing only with the last stage.
    """
    outputs = {"environment": context.environment, "region": context.settings.region, **outputs}
    if not write_outputs(context.files, outputs):
        with unwritable(context.files.outputs):
            context.files.outputs.touch()
    return Deployed.from_outputs(outputs, _token(context))


def known_outputs(context: Context) -> Deployed:
    """Return the deployed environment without an apply; the state is asked where the kept outputs are older."""
    files, facts = context.files, context.state.remote
    if context.state.is_remote and facts is not None:
        return remember_outputs(context, facts.outputs)
    try:
        kept_at = files.outputs.stat().st_mtime_ns
        state_at = files.state.stat().st_mtime_ns if files.state.exists() else 0
        if kept_at >= state_at:
            return Deployed.from_outputs(read_outputs(files, context.environment), _token(context))
    except (OSError, PreconditionError, KeyError, TypeError):
        pass
    return remember_outputs(context, context.terraform.outputs())


def _token(context: Context) -> str | None:
    """Return the token that is valid once what was applied is in service."""
    return coming_token(context.files) or read_token(context.files)
