"""Terraform's working copy, `.liveinsight/<env>/stack/`: sources, what is generated beside them, when `init` is due."""

import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from liveinsight_cli.adapters.files import unwritable, write_if_changed

LOCK = ".terraform.lock.hcl"
VARIABLES = "terraform.tfvars.json"
BACKEND = "liveinsight_backend_override.tf.json"
CLI_CONFIGURATION = ".terraformrc"
IMPORTS = "liveinsight_imports.tf.json"  # there while a plan is made, gone with the next preparation
INIT_RECORD = ".initialised.json"
TERRAFORM_BLOCK = re.compile(r"^terraform \{.*?^\}", re.MULTILINE | re.DOTALL)
MODULE_SOURCE = re.compile(r'^\s*(?:module\s+"|source\s*=).*$', re.MULTILINE)
ERRORED = "errored.tfstate"  # where terraform leaves a state that it could not write to its place
GENERATED = frozenset({LOCK, VARIABLES, BACKEND, CLI_CONFIGURATION, INIT_RECORD, ERRORED})
PRIVATE = (
    0o600  # the user's CLI configuration, which one of the files takes over, may hold tokens of registries
)
NOT_COPIED = frozenset({"tests", "account"})  # the account-wide part is a stack of its own


@dataclass(frozen=True)
class Workspace:
    """The working copy in `directory`, made from `sources`."""

    sources: Path
    directory: Path

    def prepare(
        self, variables: Mapping[str, object], cli_configuration: str | None, backend: Mapping[str, object]
    ) -> None:
        """Bring the copy up to date: changed files are written, files that are no longer there are removed."""
        with unwritable(self.directory):
            self.directory.mkdir(parents=True, exist_ok=True)
            wanted = dict(self._files())
            for name, path in wanted.items():
                write_if_changed(self.directory / name, path.read_bytes())
            self._remove_all_but(wanted)
            self._generate(VARIABLES, json.dumps(variables, indent=2, sort_keys=True) + "\n")
            self._generate(BACKEND, json.dumps({"terraform": {"backend": backend}}, indent=2) + "\n")
            if cli_configuration is None:
                (self.directory / CLI_CONFIGURATION).unlink(missing_ok=True)
            else:
                self._generate(CLI_CONFIGURATION, cli_configuration)

    def needs_init(self, key: str) -> bool:
        """Tell whether what `init` makes is missing or was made for something else."""
        if not (self.directory / ".terraform" / "providers").is_dir() or not self.lock.is_file():
            return True
        try:
            return str(json.loads((self.directory / INIT_RECORD).read_text())["key"]) != key
        except (OSError, ValueError, KeyError, TypeError):
            return True

    def init_key(self, *more: str) -> str:
        """Return what decides about `init`: provider requirements, modules, backend, CLI configuration, and `more`."""
        digest = hashlib.sha256()
        for name in sorted(name for name, _ in self._files() if name.endswith(".tf")):
            path = self.directory / name
            text = path.read_text(encoding="utf-8") if path.is_file() else ""  # a copy that was not finished
            for part in (*TERRAFORM_BLOCK.findall(text), *MODULE_SOURCE.findall(text)):
                digest.update(f"{name}\0{part}\n".encode())
        for name in (BACKEND, CLI_CONFIGURATION):
            path = self.directory / name
            digest.update(path.read_bytes() if path.is_file() else b"-")
        digest.update("\0".join(more).encode())
        return digest.hexdigest()

    def root_module(self) -> dict[str, str]:
        """Return the text of the root module's files, by name."""
        return {path.name: path.read_text(encoding="utf-8") for path in sorted(self.sources.glob("*.tf"))}

    def sources_digest(self) -> str:
        """Return the hex SHA-256 over names and contents of the sources."""
        digest = hashlib.sha256()
        for name, path in self._files():
            digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
        return digest.hexdigest()

    def take_lock_of_sources(self) -> None:
        """Use the recorded checksums of the provider."""
        for source in (
            self.sources / LOCK,
            self.sources.parent / LOCK,
        ):  # the account-wide part has none of its own
            if source.is_file():
                write_if_changed(self.lock, source.read_bytes())
                return

    def forget_lock(self) -> None:
        """Let `init` record the checksums anew."""
        self.lock.unlink(missing_ok=True)

    def initialised(self, key: str) -> None:
        """Remember that `init` was done for this key."""
        self._generate(INIT_RECORD, json.dumps({"key": key}) + "\n")

    def forget_init(self) -> None:
        """Have `init` done again."""
        (self.directory / INIT_RECORD).unlink(missing_ok=True)

    @property
    def errored_state(self) -> Path:
        """The state of the last apply, where terraform could not write it to its place."""
        return self.directory / ERRORED

    @property
    def lock(self) -> Path:
        """The provider's recorded checksums."""
        return self.directory / LOCK

    @property
    def cli_configuration(self) -> Path:
        """The generated CLI configuration, where there is one."""
        return self.directory / CLI_CONFIGURATION

    def write_imports(self, imports: Mapping[str, str]) -> None:
        """Have the next plan import these, address -> id; without any, have it import nothing."""
        if imports:
            blocks = [{"to": address, "id": id_} for address, id_ in sorted(imports.items())]
            self._generate(IMPORTS, json.dumps({"import": blocks}, indent=2) + "\n")
        else:
            (self.directory / IMPORTS).unlink(missing_ok=True)

    def _generate(self, name: str, text: str) -> None:
        with unwritable(self.directory):
            write_if_changed(self.directory / name, text.encode(), PRIVATE)

    def _files(self) -> Iterator[tuple[str, Path]]:
        """Yield (name, path) of every source that is copied; tests and leftovers of terraform are not."""
        for path in sorted(self.sources.rglob("*")):
            name = PurePosixPath(path.relative_to(self.sources).as_posix())
            hidden = any(part.startswith(".") for part in name.parts)
            left_out = name.parts[0] in NOT_COPIED or ".tfstate" in name.name or ".tfvars" in name.name
            if path.is_file() and not hidden and not left_out:
                yield str(name), path

    def _remove_all_but(self, wanted: Mapping[str, Path]) -> None:
        for path in sorted(self.directory.rglob("*"), reverse=True):
            name = path.relative_to(self.directory).as_posix()
            if name.split("/", 1)[0] == ".terraform" or name in GENERATED or name in wanted:
                continue
            if path.is_dir() and not path.is_symlink():
                if not any(one.startswith(f"{name}/") for one in wanted):
                    shutil.rmtree(path)
            elif path.exists() or path.is_symlink():
                path.unlink()
