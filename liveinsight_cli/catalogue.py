"""All commands by name, each with the line about it in `liveinsight --help`.

A command's module is imported when it is asked for: importing all of them takes longer than all else that a start does,
and a start needs one or none.
"""

import importlib
from collections.abc import Iterator, MutableMapping
from typing import Any

import typer

COMMON = "Global options (--env, --json, --yes, ...) may stand before or after the command; see liveinsight --help."
# Beginnings of the commands' own help; a test holds them together.
ABOUT = {
    "deploy": "Deploy everything: functions, infrastructure, dashboard.",
    "plan": "Show what would change, grouped by service, risks first.",
    "destroy": "Destroy an environment: its functions, tables, buckets and logs, with everything in them.",
    "build": "Build the functions' zips and a manifest; what did not change is left alone.",
    "outputs": "Show the addresses, names and versions of the last deploy.",
    "status": "Show what is deployed: release, addresses, functions with their versions, alarms.",
    "releases": "List the releases, newest first: who put what into service, and what became of it.",
    "rollback": "Put an earlier release into service again, all functions at once.",
    "promote": "Put the newest versions into service: after a rollback, or to end a canary early.",
    "drift": "Show what was changed in AWS behind the tool's back, and what of it a deploy puts right.",
    "sync": "Bring changed code of the functions into service, and nothing else.",
    "init": "Write a liveinsight.toml for this directory, from a few questions; nothing is deployed.",
    "doctor": "Check everything a deploy needs, and what is deployed.",
    "stats": "Show visitors now, the last 30 minutes, totals, top lists, and the platform's health...",
    "tail": "Follow the logs of all functions and the API's access log, merged in time order.",
    "logs": "Questions to the logs.",
    "alarms": "Show the alarms: which ring, since when, why, and what to look at.",
    "open": "Open the dashboard, the demo page or a page of the AWS console in the browser.",
    "cost": "Estimate what a month costs in AWS: by service, for a million events, and at most.",
    "load": "Send a bounded load to the deployed API and tell how it answered, from outside and inside.",
    "seed-demo": "Fill an environment with believable visitors and print the figures that must come out.",
    "verify": "Send a few known visits to a reserved site and compare every figure; exit code 10 on...",
    "token": "The read token: show it, or put a new one in its place.",
    "state": "The Terraform state: where it is, who has it locked.",
    "account": "What an account has one of per region: API Gateway's CloudWatch role.",
    "local": "The embedded AWS of this project.",
    "config": "Settings in effect.",
}


class Commands(MutableMapping[str, Any]):
    """The commands, made on first use."""

    def __init__(self) -> None:
        self.made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self.made:
            if name not in ABOUT:
                raise KeyError(name)
            self.made[name] = _made(name)
        return self.made[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self.made[name] = command

    def __delitem__(self, name: str) -> None:
        del self.made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(ABOUT)

    def __len__(self) -> int:
        return len(ABOUT)


def _made(name: str) -> Any:
    """Import a command: `commands/<name>.py` holds a function of that name, or `app` with commands below it."""
    module = importlib.import_module(f"liveinsight_cli.commands.{name.replace('-', '_')}")
    holder = typer.Typer(add_completion=False, rich_markup_mode=None)
    if hasattr(module, "app"):
        holder.add_typer(module.app, name=name)
    else:
        holder.command(name, epilog=COMMON)(getattr(module, name.replace("-", "_")))
    return typer.main.get_group(holder).commands[name]
