"""Writes docs/cli.md from the commands' own help; `--check` only compares (a test runs that)."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from liveinsight_cli.cli import app
from liveinsight_cli.errors import ExitCode

PAGE = Path(__file__).with_name("cli.md")
WIDTH = 100

EXIT_CODES = {
    ExitCode.OK: "done; also: there was nothing to do, and `tail` or `--watch` ended with Ctrl-C",
    ExitCode.UNEXPECTED: "a bug in liveinsight; `--verbose` shows the traceback",
    ExitCode.USAGE: "the words of the command line do not fit together",
    ExitCode.PRECONDITION: "configuration is wrong, or something that must be there is not",
    ExitCode.CREDENTIALS: "credentials or read token missing, expired, refused, or of another account",
    ExitCode.LOCKED: "another operation holds the Terraform state",
    ExitCode.TERRAFORM: "Terraform failed",
    ExitCode.UNHEALTHY: "what was deployed does not answer as it should",
    ExitCode.TIMED_OUT: "something did not answer within its time",
    ExitCode.DECLINED: "declined, or a confirmation was needed and nobody was there",
    ExitCode.COMPARISON: "a comparison failed: `verify`, `load`, `--fail-if`, `drift`, "
    "`plan --detailed-exitcode` with changes",
    ExitCode.INTERRUPTED: "interrupted",
}

INTRODUCTION = """\
# Commands

Generated from `--help` by `make docs`; do not edit.

Global options may stand before or after the command. A flag wins over an environment variable
(`LIVEINSIGHT_<SETTING>`), which wins over `[env.<name>]` and then `[default]` of `liveinsight.toml`;
`liveinsight config show` tells each value and where it came from.

stdout is the answer, stderr the conversation. With `--json` the answer is one object,
`{"schema": "liveinsight.<command>/1", "ok", "data", "warnings", "error": {"code", "message", "hint"}}`;
commands that follow print one object a line.

## Exit codes

| code | meaning |
|---|---|
"""


def commands(command: Any, path: tuple[str, ...], parent: Any = None) -> Iterator[tuple[str, str]]:
    """Yield (full name, help text) of a command and all below it."""
    context = type(command).context_class(
        command, info_name=path[-1], parent=parent, terminal_width=WIDTH, max_content_width=WIDTH
    )
    yield " ".join(path), command.get_help(context)
    for name in getattr(command, "commands", {}):
        below = command.commands[name]
        if not below.hidden:
            yield from commands(below, (*path, name), context)


def page() -> str:
    """Return the whole page."""
    codes = "".join(f"| {int(code)} | {meaning} |\n" for code, meaning in EXIT_CODES.items())
    found = commands(typer.main.get_command(app), ("liveinsight",))
    sections = "".join(f"\n## {name}\n\n```text\n{text.strip()}\n```\n" for name, text in found)
    return INTRODUCTION + codes + sections


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(PAGE.read_text(encoding="utf-8") != page() and "docs/cli.md is not current: make docs")
    PAGE.write_text(page(), encoding="utf-8")
