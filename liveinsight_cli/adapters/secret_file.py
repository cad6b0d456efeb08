"""What the secrets of an environment have in common: how one is made, what it looks like, how it lies in its file."""

import re
import secrets
from pathlib import Path

from liveinsight_cli.adapters.files import write_atomically

SECRET_BYTES = 32
SECRET = re.compile(r"[\w-]{32,}", re.ASCII)


def new_secret() -> str:
    """Return a secret of 256 bits."""
    return secrets.token_urlsafe(SECRET_BYTES)


def keep(path: Path, secret: str) -> None:
    """Write a secret into its file, which only its owner may read; raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, f"{secret}\n".encode(), mode=0o600)


def make_private(path: Path) -> None:
    """Take the rights of others from a file that was put there by hand; raises OSError."""
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
