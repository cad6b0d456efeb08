"""The project directory and the one place where paths below `.liveinsight/` are spelled."""

import os
from dataclasses import dataclass
from pathlib import Path

from liveinsight_cli.errors import ConfigurationError, PreconditionError

CONFIG_NAME = "liveinsight.toml"


@dataclass(frozen=True)
class EnvironmentFiles:
    """Paths of one environment below `.liveinsight/<env>/`."""

    root: Path

    @property
    def stack(self) -> Path:
        """Terraform's working copy."""
        return self.root / "stack"

    @property
    def state(self) -> Path:
        """Terraform's local state."""
        return self.root / "terraform.tfstate"

    @property
    def remote_state(self) -> Path:
        """Which object in the state bucket the kept outputs are from."""
        return self.root / "remote-state.json"

    @property
    def turn(self) -> Path:
        """The lock of the one command that changes the environment."""
        return self.root / "turn.lock"

    @property
    def unfinished(self) -> Path:
        """What the last apply may have created without writing it into the state."""
        return self.root / "unfinished.json"

    @property
    def build(self) -> Path:
        """The zips and their manifest."""
        return self.root / "build"

    @property
    def applied(self) -> Path:
        """Settings and files of the last deploy from here, to compare the next plan with."""
        return self.root / "applied.json"

    @property
    def durations(self) -> Path:
        """How long operations took, for estimates."""
        return self.root / "durations.json"

    @property
    def logs(self) -> Path:
        """Raw terraform streams, one file per run."""
        return self.root / "logs"

    @property
    def outputs(self) -> Path:
        """The last deploy's outputs."""
        return self.root / "outputs.json"

    @property
    def read_token(self) -> Path:
        """The read token, mode 0600."""
        return self.root / "read-token"

    @property
    def next_read_token(self) -> Path:
        """The read token that a rotation under way brings, mode 0600."""
        return self.root / "read-token.next"

    @property
    def replaced_digest(self) -> Path:
        """The hash of the token that was deployed when the rotation under way began."""
        return self.root / "read-token.replaces"

    @property
    def origin_secret(self) -> Path:
        """The secret that CloudFront proves itself with to the event collector, mode 0600."""
        return self.root / "origin-secret"

    @property
    def seed(self) -> Path:
        """The figures of the last seeded demo."""
        return self.root / "seed.json"

    @property
    def releases(self) -> Path:
        """The ledger of releases."""
        return self.root / "releases.json"

    @property
    def forwarding_page(self) -> Path:
        """The page by which `open` hands the dashboard's address to a browser, mode 0600."""
        return self.root / "open.html"


@dataclass(frozen=True)
class Project:
    """A directory that holds `liveinsight.toml` (or could) and `.liveinsight/`."""

    root: Path
    config: Path

    @classmethod
    def find(cls, config: Path | None = None) -> "Project":
        """Return the project of `config`, of the nearest `liveinsight.toml` upwards, or of the current directory.

        Raises ConfigurationError for a `config` that is not there: the built-in settings instead would be a surprise.
        """
        try:
            here = Path.cwd()
        except FileNotFoundError as error:
            raise PreconditionError(
                "The current directory is not there any more.", hint="Change to the project's directory."
            ) from error
        if config is not None:
            return cls._named(config)
        for directory in (here, *here.parents):
            if os.path.isfile(directory / CONFIG_NAME):  # noqa: PTH113 - says no where it may not look
                return cls(directory, directory / CONFIG_NAME)
        return cls(here, here / CONFIG_NAME)

    @classmethod
    def _named(cls, config: Path) -> "Project":
        if not os.path.isfile(config):  # noqa: PTH113
            raise ConfigurationError(
                f"There is no configuration file {config}.", hint="Mend --config, or leave it out."
            )
        return cls(config.resolve().parent, config.resolve())

    @property
    def work(self) -> Path:
        """The directory of everything that is generated."""
        return self.root / ".liveinsight"

    @property
    def dependencies(self) -> Path:
        """What is installed for the functions, by lock and platform; all environments share it."""
        return self.work / ".cache" / "dependencies"  # no environment is called that

    @property
    def embedded_aws(self) -> Path:
        """Files of the embedded AWS; one per project."""
        return self.work / "aws"

    def environment(self, name: str) -> EnvironmentFiles:
        """Return the paths of one environment."""
        return EnvironmentFiles(self.work / name)
