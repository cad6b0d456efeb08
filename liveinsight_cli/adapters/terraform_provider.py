"""Where Terraform gets the AWS provider from: the user's own configuration, a mirror, or the registry."""

import platform
import re
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from liveinsight_cli.errors import ConfigurationError, PreconditionError

PROVIDER = "hashicorp/aws"
VERSION = re.compile(r"5\.(\d+)\.\d+")
OLDEST_MINOR = 100  # "~> 5.100" in terraform/main.tf
OPT = Path("/opt")
MIRROR_HINT = (
    "Where Terraform's registry cannot be reached, name a directory that `terraform providers mirror DIR` made: "
    "provider_mirror in liveinsight.toml, or LIVEINSIGHT_PROVIDER_MIRROR."
)
INSTALLATION = """\
provider_installation {{
  filesystem_mirror {{
    path    = {path}
    include = ["{registry}/{provider}"]
  }}
  direct {{
    exclude = ["{registry}/{provider}"]
  }}
}}
"""


@dataclass(frozen=True)
class ProviderSource:
    """`origin` says who decided; `configuration` is the CLI configuration to write, None leaves the user's."""

    origin: Literal["user", "setting", "implied", "found", "registry"]
    mirror: Path | None = None
    configuration: str | None = None

    @property
    def is_mirror(self) -> bool:
        """Whether the provider comes out of a directory."""
        return self.mirror is not None


def find_provider(
    chosen: str | None, variables: Mapping[str, str], project: Path, registry: str, opt: Path = OPT
) -> ProviderSource:
    """Return the source of the provider; raises ConfigurationError for a chosen mirror that holds none."""
    text = _user_configuration(variables)
    if chosen is not None:
        mirror = Path(chosen).expanduser()
        mirror = mirror if mirror.is_absolute() else project / mirror
        if not holds_provider(mirror, registry):
            raise ConfigurationError(
                f"provider_mirror {str(mirror)!r} holds no {PROVIDER} 5.{OLDEST_MINOR} or newer for {target()}.",
                code="provider_mirror",
                hint=f"It must hold {registry}/{PROVIDER}/; `terraform providers mirror DIR` makes such a directory.",
            )
        return _mirrored("setting", mirror, registry, text)
    if "provider_installation" in text:
        return ProviderSource("user")
    for directory in _implied(variables):
        if holds_provider(directory, registry):
            return ProviderSource("implied", mirror=directory)
    candidates = [project / "terraform.d" / "plugins", *_below(opt)]
    for directory in candidates:
        if holds_provider(directory, registry):
            return _mirrored("found", directory, registry, text)
    return ProviderSource("registry")


def holds_provider(mirror: Path, registry: str) -> bool:
    """Tell whether a mirror has a fitting version of the provider for this machine, unpacked or as a zip."""
    root = mirror / registry / PROVIDER
    try:
        names = [path.name for path in root.iterdir()]
    except OSError:
        return False
    for name in names:
        if _fits(name) and (root / name / target()).is_dir():
            return True
        packed = re.fullmatch(rf"terraform-provider-aws_(.+)_{target()}\.zip", name)
        if packed and _fits(packed[1]):
            return True
    return False


def require_registry(variables: Mapping[str, str], registry: str, seconds: float = 4.0) -> None:
    """Raise PreconditionError where the registry cannot be reached: Terraform would try for minutes."""
    if any(variables.get(name) for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")):
        return  # only Terraform knows how to go through it
    try:
        socket.create_connection((registry, 443), timeout=seconds).close()
    except OSError as error:
        raise no_provider(f"{registry} cannot be reached ({error}).") from error


def no_provider(reason: str) -> PreconditionError:
    """Return the error for a machine that cannot get the provider."""
    return PreconditionError(
        f"Terraform's AWS provider is not available: {reason}", code="no_provider", hint=MIRROR_HINT
    )


def target() -> str:
    """Return this machine as providers name it, e.g. linux_amd64."""
    machine = platform.machine().lower()
    architecture = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
    return f"{platform.system().lower()}_{architecture.get(machine, machine)}"


def _mirrored(
    origin: Literal["setting", "found"], mirror: Path, registry: str, user_text: str
) -> ProviderSource:
    path = '"' + str(mirror.absolute()).replace("\\", "\\\\").replace('"', '\\"') + '"'
    own = _without_installation(user_text)
    block = INSTALLATION.format(path=path, registry=registry, provider=PROVIDER)
    return ProviderSource(origin, mirror, f"{own}\n{block}" if own.strip() else block)


def _without_installation(text: str) -> str:
    """Leave out the user's provider_installation block; a file may have one only, and the chosen mirror wins."""
    found = re.search(r"^provider_installation\s*\{", text, re.MULTILINE)
    if not found:
        return text
    depth = 0
    for position in range(found.end() - 1, len(text)):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            return text[: found.start()] + text[position + 1 :]
    return text[: found.start()]


def configuration_file(variables: Mapping[str, str]) -> Path | None:
    """Return the user's own Terraform CLI configuration, if the file is there."""
    named = variables.get("TF_CLI_CONFIG_FILE") or variables.get("TERRAFORM_CONFIG")
    path = Path(named) if named else _home(variables) / ".terraformrc"
    return path if path.is_file() else None


def _user_configuration(variables: Mapping[str, str]) -> str:
    path = configuration_file(variables)
    try:
        return "" if path is None else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _home(variables: Mapping[str, str]) -> Path:
    return Path(variables["HOME"]) if variables.get("HOME") else Path.home()


def _implied(variables: Mapping[str, str]) -> Iterator[Path]:
    """Yield the directories that Terraform looks into by itself, without any configuration."""
    home = _home(variables)
    yield home / ".terraform.d" / "plugins"
    if platform.system() == "Darwin":
        yield home / "Library" / "Application Support" / "io.terraform" / "plugins"
        yield Path("/Library/Application Support/io.terraform/plugins")
        return
    yield Path(variables.get("XDG_DATA_HOME") or home / ".local" / "share") / "terraform" / "plugins"
    for directory in (variables.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":"):
        if directory:
            yield Path(directory) / "terraform" / "plugins"


def _below(directory: Path) -> list[Path]:
    try:
        return sorted(path for path in directory.iterdir() if path.is_dir())
    except OSError:
        return []


def _fits(version: str) -> bool:
    found = VERSION.fullmatch(version)
    return found is not None and int(found[1]) >= OLDEST_MINOR
