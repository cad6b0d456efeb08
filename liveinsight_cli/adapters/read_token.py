"""The read token: made at the first deploy, kept in a file of mode 0600; only its SHA-256 goes anywhere else."""

import hashlib

from liveinsight_cli.adapters.deployed import coming_token, read_token
from liveinsight_cli.adapters.files import unwritable
from liveinsight_cli.adapters.secret_file import SECRET, keep, make_private, new_secret
from liveinsight_cli.adapters.state_place import locate
from liveinsight_cli.context import Context
from liveinsight_cli.errors import CredentialsError, PreconditionError, StateLocked
from liveinsight_cli.project import EnvironmentFiles

DIGEST_OUTPUT = "read_token_sha256"


def ensure_token(files: EnvironmentFiles) -> str:
    """Return the environment's read token, making it when there is none."""
    token = read_token(files)
    if token is not None and not SECRET.fullmatch(token):
        raise PreconditionError(
            f"{files.read_token} holds no read token: one is 32 or more of A-Z, a-z, 0-9, - and _.",
            code="read_token",
            hint="Put back the token of whoever deployed, or remove the file: the next deploy makes a new one.",
        )
    with unwritable(files.read_token):
        if token is None:
            token = new_secret()
            keep(files.read_token, token)
        else:
            make_private(files.read_token)
    return token


def read_token_digest(context: Context) -> str:
    """Return what the stack is told of the read token.

    A state in the bucket is shared, and so is the token: then this machine's must be the deployed one, and a machine
    without a token leaves the deployed one as it is. A state in a file is this machine's own. A rotation that was begun
    is gone on with.
    """
    files, facts = context.files, context.state.facts
    coming = coming_token(files)
    if coming is not None:  # whoever began the rotation was asked
        _require_same_rotation(context, coming)
        return token_sha256(coming)
    if not context.state.is_remote or facts is None:
        return token_sha256(ensure_token(files))
    deployed = facts.outputs.get(DIGEST_OUTPUT)
    has_token = read_token(files) is not None
    if deployed is None and (
        has_token or not facts.resources
    ):  # not deployed, or by a version without that output
        return token_sha256(ensure_token(files))
    if deployed is None:
        raise PreconditionError(
            f"{context.environment} has a read token, but this machine does not have it.",
            code="read_token",
            hint=f"Deploy once where it is, or put it into {files.read_token} (mode 600). Nothing was changed.",
        )
    if has_token and token_sha256(ensure_token(files)) != deployed:
        raise PreconditionError(
            f"{files.read_token} is not the read token of {context.environment}: deploying it would lock out everybody "
            "who has the deployed one.",
            code="read_token",
            hint="Put the deployed token there, or remove the file: then the deployed one stays. Nothing was changed.",
        )
    return str(deployed)


def deployed_digest(context: Context) -> str | None:
    """Return the hash of the deployed token where its state is shared; None where that is not told."""
    facts = context.state.facts
    return None if not context.state.is_remote or facts is None else facts.outputs.get(DIGEST_OUTPUT)


def _require_same_rotation(context: Context, coming: str) -> None:
    """Raise PreconditionError where somebody else rotated since this machine began to: theirs would end unasked."""
    files, deployed = context.files, deployed_digest(context)
    if deployed is None or deployed in (token_sha256(coming), _replaced(files)):
        return
    raise PreconditionError(
        f"Somebody else rotated the read token of {context.environment} since a rotation was begun here: going on with "
        "it would lock out everybody who has theirs.",
        code="read_token",
        hint=f"Remove {files.next_read_token} and put their token into {files.read_token}; then rotate again if "
        "need be. Nothing was changed.",
    )


def _replaced(files: EnvironmentFiles) -> str | None:
    """Return the hash that was deployed when the rotation began; where that is not noted, of this machine's token."""
    try:
        return files.replaced_digest.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        token = read_token(files)
        return None if token is None else token_sha256(token)


def require_same_token(context: Context) -> None:
    """Raise StateLocked where somebody else's first deploy ended while this one was planned: its token counts.

    From here on Terraform itself refuses a plan that was made for an older state.
    """
    place = context.state
    if not place.is_remote or (place.facts is not None and DIGEST_OUTPUT in place.facts.outputs):
        return
    facts, token = locate(context).remote, read_token(context.files)
    deployed = None if facts is None else facts.outputs.get(DIGEST_OUTPUT)
    if deployed is not None and token is not None and token_sha256(token) != deployed:
        context.files.read_token.unlink()  # made for a first deploy that this is not
        raise StateLocked(
            f"Somebody else deployed {context.environment} for the first time meanwhile, with a read token of theirs.",
            hint="Run this again: it keeps that token. Nothing was changed.",
        )


def token_refused() -> CredentialsError:
    """Return the error for a 401 although this machine has a token."""
    return CredentialsError(
        "The API refuses the read token of this machine.",
        code="read_token",
        hint="The token in .liveinsight/<env>/read-token is not the deployed one: deploy again. Where somebody else "
        "rotated it, put theirs there (liveinsight token show).",
    )


def token_sha256(token: str) -> str:
    """Return what the stack knows of the token."""
    return hashlib.sha256(token.encode()).hexdigest()
