"""A function's `requirements.txt` and its lock: which lines are understood, what is locked, whether that is current."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from liveinsight_cli.core.lambda_platform import LAMBDA

REQUIREMENTS = "requirements.txt"
LOCK = "requirements.lock"
RUNTIME_BRINGS = frozenset({"boto3", "botocore"})
DIGEST_LINE = "# requirements sha256:"
PIN = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[A-Za-z0-9.!+_]+)"
    r"(?P<hashes>(\s+--hash=sha256:[0-9a-f]{64})+)"
)


class UnusableLine(ValueError):
    """A line that cannot be used; the number counts from 1."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(why)
        self.number = number


@dataclass(frozen=True, order=True)
class Pin:
    """One dependency: its version, and the SHA-256 of every file that may be installed for it."""

    name: str
    version: str
    hashes: tuple[str, ...]


@dataclass(frozen=True)
class Lock:
    """Everything that is installed for a function, and the digest of the requirements it was made from."""

    requirements_digest: str
    pins: tuple[Pin, ...]

    @property
    def text(self) -> str:
        """The lock's file. Its header is all that tells whether it is current, so a checkout's dates do not count."""
        lines = [
            f"# Made by `liveinsight build --lock` for {LAMBDA.name}; to change it, change {REQUIREMENTS}.",
            f"{DIGEST_LINE}{self.requirements_digest}",
        ]
        for pin in sorted(self.pins):
            hashes = (f"    --hash=sha256:{one}" for one in sorted(pin.hashes))
            lines.append(" \\\n".join([f"{pin.name}=={pin.version}", *hashes]))
        return "\n".join(lines) + "\n"

    @property
    def digest(self) -> str:
        """The SHA-256 over what is installed."""
        return hashlib.sha256("\n".join(repr(pin) for pin in sorted(self.pins)).encode()).hexdigest()


def normalised(name: str) -> str:
    """Return a distribution's name as indexes compare it; PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def requirement_lines(text: str) -> tuple[str, ...]:
    """Return what a requirements.txt asks for; raises UnusableLine for what a lock could not vouch for."""
    found: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        wanted = _without_comment(line)
        if re.search(r"(^|\s)-", wanted):
            raise UnusableLine(number, f"options have no place here ({wanted}): configure pip or uv instead")
        if re.search(r"[@/\\]|^\.|\.(whl|zip|tar\.gz)$", wanted.removesuffix("\\")):
            raise UnusableLine(number, f"only releases of a package index can be locked, not {wanted}")
        if wanted.endswith("\\"):
            raise UnusableLine(number, "a requirement has one line")
        if wanted:
            found.append(wanted)
    return tuple(found)


def requirements_digest(lines: Iterable[str]) -> str:
    """Return the SHA-256 over what is asked for, and for which platform."""
    return hashlib.sha256("\n".join([LAMBDA.key, *lines]).encode()).hexdigest()


def parse_lock(text: str) -> Lock:
    """Read a lock; raises UnusableLine."""
    digest = re.search(rf"^{re.escape(DIGEST_LINE)}([0-9a-f]{{64}})\s*$", text, re.MULTILINE)
    return Lock(digest[1] if digest else "", pins_of(text))


def pins_of(text: str) -> tuple[Pin, ...]:
    """Return the pins of a lock, or of what uv resolved; raises UnusableLine for anything that is not one."""
    pins: list[Pin] = []
    started, wanted = 1, ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not wanted:
            started = number
        wanted = f"{wanted} {_without_comment(line)}".strip()
        if wanted.endswith("\\"):
            wanted = wanted[:-1].strip()
            continue
        if wanted:
            pins.append(_pin(started, wanted))
        wanted = ""
    if wanted:
        pins.append(_pin(started, wanted))
    return tuple(sorted(pins))


def _without_comment(line: str) -> str:
    return re.sub(r"(^|\s)#.*", "", line).strip()


def _pin(number: int, text: str) -> Pin:
    found = PIN.fullmatch(text)
    if found is None:
        raise UnusableLine(number, f"not a version with the SHA-256 of its files: {text.split(' --hash')[0]}")
    hashes = re.findall(r"[0-9a-f]{64}", found["hashes"])
    return Pin(normalised(found["name"]), found["version"], tuple(sorted(set(hashes))))
