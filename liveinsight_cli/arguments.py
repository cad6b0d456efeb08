"""The words of the command line before any command sees them: global options stand anywhere, help has sections."""

from collections.abc import Sequence
from typing import Any

from typer.core import TyperGroup

from liveinsight_cli.catalogue import ABOUT, Commands

GLOBAL_FLAGS = frozenset(
    {
        "--json",
        "--quiet",
        "-q",
        "--verbose",
        "-v",
        "--no-color",
        "--yes",
        "-y",
        "--no-input",
    }
)
GLOBAL_VALUES = frozenset({"--env", "-e", "--profile", "--region", "--config", "--terraform"})
SECTIONS = (
    (
        "Ship",
        (
            "deploy",
            "plan",
            "destroy",
            "build",
            "outputs",
            "status",
            "releases",
            "rollback",
            "promote",
            "drift",
            "sync",
        ),
    ),
    ("Watch", ("stats", "tail", "logs", "alarms", "open", "cost")),
    ("Try", ("verify", "doctor", "seed-demo", "load")),
    ("Set up", ("init", "config", "token", "state", "account", "local")),
)


def hoist(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with the global options moved in front of the command; `--` ends the search."""
    front, rest = _parted(arguments)
    return front + rest


def _parted(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the global options, and the command with what belongs to it."""
    front: list[str] = []
    rest: list[str] = []
    pending = list(arguments)
    while pending:
        argument = pending.pop(0)
        name, joined, _ = argument.partition("=")
        if argument == "--":
            rest += [argument, *pending]
            break
        if argument in GLOBAL_FLAGS or (joined and name in GLOBAL_VALUES and name.startswith("--")):
            front.append(argument)
        elif argument in GLOBAL_VALUES:
            front += [argument, *pending[:1]]
            del pending[:1]
        else:
            rest.append(argument)
    return front, rest


class RootGroup(TyperGroup):
    """Takes global options anywhere, and lists the commands by what they are for; imports one only to run it."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings | {"commands": Commands()})

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands."""
        return list(ABOUT)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments with the global options in front."""
        return super().parse_args(ctx, hoist(args))

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands, section by section; one that no section names comes last."""
        listed = {name for _, names in SECTIONS for name in names}
        other = tuple(name for name in ABOUT if name not in listed)
        for title, names in (*SECTIONS, ("Other", other)):
            if names:
                with formatter.section(title):
                    formatter.write_dl([(name, ABOUT[name]) for name in names])


def command_name(group: Any, arguments: Sequence[str]) -> str:
    """Return the command as the schema of its answer names it, such as `local-up`; `cli` when there is none."""
    names: list[str] = []
    for word in _parted(arguments)[1]:
        group = getattr(group, "commands", {}).get(word)
        if group is None:
            break
        names.append(word)
    return "-".join(names) or "cli"
