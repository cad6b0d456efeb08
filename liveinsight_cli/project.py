"""The project directory and the one place where paths below `.liveinsight/` are spelled."""

from dataclasses import dataclass
from pathlib import Path

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
        return self.root / "terraform.tfstate"

    @property
    def build(self) -> Path:
        return self.root / "build"

    @property
    def logs(self) -> Path:
        """Raw terraform streams, one file per run."""
        return self.root / "logs"

    @property
    def outputs(self) -> Path:
        return self.root / "outputs.json"

    @property
    def read_token(self) -> Path:
        return self.root / "read-token"

    @property
    def seed(self) -> Path:
        """The figures of the last seeded demo."""
        return self.root / "seed.json"

    @property
    def releases(self) -> Path:
        return self.root / "releases.json"


@dataclass(frozen=True)
class Project:
    """A directory that holds `liveinsight.toml` (or could) and `.liveinsight/`."""

    root: Path
    config: Path

    @classmethod
    def find(cls, config: Path | None = None) -> "Project":
        """Return the project of `config`, of the nearest `liveinsight.toml` upwards, or of the current directory."""
        if config is not None:
            return cls(config.resolve().parent, config.resolve())
        here = Path.cwd()
        for directory in (here, *here.parents):
            if (directory / CONFIG_NAME).is_file():
                return cls(directory, directory / CONFIG_NAME)
        return cls(here, here / CONFIG_NAME)

    @property
    def work(self) -> Path:
        return self.root / ".liveinsight"

    @property
    def embedded_aws(self) -> Path:
        """Files of the embedded AWS; one per project."""
        return self.work / "aws"

    def environment(self, name: str) -> EnvironmentFiles:
        return EnvironmentFiles(self.work / name)
