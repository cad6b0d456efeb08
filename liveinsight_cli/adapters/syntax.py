"""Sees before an upload whether Python can read the sources, and says file and line where it cannot."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from liveinsight_cli.errors import ConfigurationError


@dataclass
class Syntax:
    """Checks files, each once as long as it is not saved anew; a list of crawlers takes a while to read."""

    _checked: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def require(self, directories: Iterable[Path]) -> None:
        """Raise ConfigurationError for the first Python file that cannot be read."""
        for directory in directories:
            for path in sorted(directory.rglob("*.py")):
                self._require(path)

    def _require(self, path: Path) -> None:
        try:
            facts = path.stat()
            content = path.read_bytes()
        except FileNotFoundError:  # an editor is at it
            return
        saved = facts.st_mtime_ns, facts.st_size
        if self._checked.get(path) == saved:
            return
        try:
            compile(content, str(path), "exec", dont_inherit=True)
        except SyntaxError as error:
            raise _unreadable(f"{path}:{error.lineno}: {error.msg}", error.text) from error
        except ValueError as error:  # a byte that no source may hold
            raise _unreadable(f"{path}: {error}", None) from error
        self._checked[path] = saved


def _unreadable(message: str, line: str | None) -> ConfigurationError:
    return ConfigurationError(
        message + (f"\n    {line.strip()}" if line and line.strip() else ""),
        code="syntax",
        hint="Nothing was changed: the code in service before still is.",
    )
