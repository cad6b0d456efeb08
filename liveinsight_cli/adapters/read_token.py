"""The read token: made at the first deploy, kept in a file of mode 0600; only its SHA-256 goes anywhere else."""

import hashlib
import re
import secrets

from liveinsight_cli.adapters.deployed import read_token
from liveinsight_cli.adapters.files import unwritable, write_atomically
from liveinsight_cli.errors import CredentialsError, PreconditionError
from liveinsight_cli.project import EnvironmentFiles

TOKEN_BYTES = 32


def ensure_token(files: EnvironmentFiles) -> str:
    """Return the environment's read token, making it when there is none."""
    token = read_token(files)
    if token is not None and not re.fullmatch(r"[\w-]{32,}", token, re.ASCII):
        raise PreconditionError(
            f"{files.read_token} holds no read token: one is 32 or more of A-Z, a-z, 0-9, - and _.",
            code="read_token",
            hint="Put back the token of whoever deployed, or remove the file: the next deploy makes a new one.",
        )
    with unwritable(files.read_token):
        if token is None:
            token = secrets.token_urlsafe(TOKEN_BYTES)
            files.root.mkdir(parents=True, exist_ok=True)
            write_atomically(files.read_token, f"{token}\n".encode(), mode=0o600)
        elif files.read_token.stat().st_mode & 0o077:
            files.read_token.chmod(0o600)
    return token


def token_refused() -> CredentialsError:
    """Return the error for a 401 although this machine has a token."""
    return CredentialsError(
        "The API refuses the read token of this machine.",
        code="read_token",
        hint="The token in .liveinsight/<env>/read-token is not the deployed one: deploy again.",
    )


def token_sha256(token: str) -> str:
    """Return what the stack knows of the token."""
    return hashlib.sha256(token.encode()).hexdigest()
