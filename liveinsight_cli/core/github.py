"""What GitHub Actions reads in a step's output: workflow commands, and how text of others is kept from being one.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

ANNOTATIONS_SHOWN = 10  # of one step and level; GitHub drops the rest
# The runner takes `::name` where a line begins, whatever space is before it, and the older `##[name]` anywhere.
COMMAND = re.compile(r"(?:\A|(?<=[\r\n]))\s*:(?=:)|##(?=\[)")
LINE_ENDS = re.compile(r"[\r\n]")
UNSEEN = "\u200b"
PLACE = re.compile(r"(?P<file>[^\s:'\"]+\.(?:toml|tf|json)):(?P<line>\d+)")

Level = Literal["error", "warning", "notice"]
Places = Callable[[str], str | None]


@dataclass(frozen=True)
class Annotation:
    """A message that GitHub shows beside a run, and beside the line of a file of the repository if one is named."""

    level: Level
    text: str
    title: str = ""
    file: str | None = None
    line: int | None = None

    def command(self) -> str:
        """Return it as a workflow command."""
        place = {"file": self.file, "line": self.line if self.file else None, "title": self.title or None}
        given = ",".join(
            f"{name}={_property(str(value))}" for name, value in place.items() if value is not None
        )
        return f"::{self.level} {given}".rstrip() + f"::{_data(self.text)}"


def group(title: str) -> str:
    """Return the command that begins a foldable group; groups do not nest."""
    return f"::group::{_data(title)}"


END_GROUP = "::endgroup::"


def harmless(text: str, before: str = "") -> str:
    """Return text that holds no command, not even together with what was written `before` in the same line.

    An invisible space goes into what would be one; all else stays as it is.
    """
    whole = COMMAND.sub(lambda found: f"{found[0]}{UNSEEN}", before + text)
    return whole[len(before) :]


def end_of_line(text: str) -> str:
    """Return as much of the line under way as `harmless` needs to know of it: its beginning, or a command begun."""
    line = LINE_ENDS.split(text)[-1].lstrip()
    if line in ("", ":"):
        return line
    return "x" + line[len(line.rstrip("#")) :][-2:]


def annotations(
    message: str, hint: str | None, data: object, source: Places, file: Places
) -> list[Annotation]:
    """Return what a failed command has to say, Terraform's errors one by one.

    `source` gives the repository's path of a file of the Terraform configuration, `file` that of any other path.
    """
    diagnostics = data.get("diagnostics", ()) if isinstance(data, Mapping) else ()
    found = [_of_terraform(one, source) for one in diagnostics if one.get("severity") == "error"]
    if not found:
        return [_of_message(message, hint, file)]
    return shortened(found)


def shortened(found: Sequence[Annotation]) -> list[Annotation]:
    """Return as many as GitHub shows; the last one counts those that are left out."""
    if len(found) <= ANNOTATIONS_SHOWN:
        return list(found)
    shown = list(found[: ANNOTATIONS_SHOWN - 1])
    return [*shown, Annotation(found[0].level, f"... and {len(found) - len(shown)} more; see the log.")]


def _of_terraform(diagnostic: Mapping[str, Any], source: Places) -> Annotation:
    detail = str(diagnostic.get("detail") or "").strip()
    address = diagnostic.get("address")
    parts = [f"{address}:" if address else "", detail or str(diagnostic.get("summary", ""))]
    name = diagnostic.get("filename")
    file = source(str(name)) if name else None
    line = diagnostic.get("line")
    text = " ".join(part for part in parts if part)
    return Annotation("error", text, str(diagnostic.get("summary", "")), file, int(line) if line else None)


def _of_message(message: str, hint: str | None, file: Places) -> Annotation:
    place = PLACE.search(message)
    found = file(place["file"]) if place else None
    text = f"{message}\n{hint}" if hint else message
    return Annotation("error", text, "", found, int(place["line"]) if place and found else None)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
