"""What an interrupted apply may have created without writing it down, and what Terraform plans to create instead."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from liveinsight_cli.core.terraform_events import Diagnostic, Event, Progress

# How the services of the stack say that somebody, or an earlier run, was there first.
EXISTS = re.compile(
    r"already (?:exist|has a mapping|has this name|owned)|AlreadyExist|AlreadyOwned|BucketAlready|ConflictException|"
    r"ResourceInUseException|QueueNameExists|DuplicateItem",
    re.IGNORECASE,
)
CREATING = "create"


@dataclass(frozen=True)
class Creation:
    """A resource that a plan creates. `values` are its arguments, as far as they are known before the apply."""

    address: str
    type: str
    values: Mapping[str, Any]
    region: str


@dataclass(frozen=True)
class Found:
    """What exists of that: address -> id to import it by. `hidden` may exist as well, within what was found."""

    imports: Mapping[str, str]
    hidden: frozenset[str] = frozenset()


def begun_creations(events: Iterable[Event]) -> frozenset[str]:
    """Return the addresses whose creation was begun in a run that did not come to its end.

    One that AWS refused because the thing was there already was not created by that run.
    """
    begun, refused = set(), set()
    for event in events:
        if isinstance(event, Progress) and event.phase == "start" and event.action == CREATING:
            begun.add(event.resource.address)
        if isinstance(event, Diagnostic) and event.address and exists_already(event):
            refused.add(event.address)
    return frozenset(begun - refused)


def exists_already(diagnostic: Diagnostic) -> bool:
    """Tell whether an error says that what was to be created is there already."""
    return diagnostic.severity == "error" and bool(
        EXISTS.search(f"{diagnostic.summary}\n{diagnostic.detail}")
    )


def creations(shown: Mapping[str, Any], wanted: frozenset[str], region: str) -> tuple[Creation, ...]:
    """Return the wanted creations of a plan, as `terraform show -json` has it; `region` is the stack's own."""
    regions = _regions(shown.get("configuration", {}), region)
    found = []
    for change in shown.get("resource_changes", ()):
        address = change["address"]
        if address in wanted and change["change"]["actions"] == [CREATING]:
            values = change["change"].get("after") or {}
            found.append(Creation(address, change["type"], values, regions.get(_block(address), region)))
    return tuple(found)


def in_words(addresses: Iterable[str], shown: int = 3) -> str:
    """Return addresses as a list for people, the first few by name."""
    known = sorted(addresses)
    more = len(known) - shown
    return ", ".join(known) if more <= 1 else f"{', '.join(known[:shown])} and {more} more"


def _regions(configuration: Mapping[str, Any], region: str) -> dict[str, str]:
    """Return the region of every resource block, by its address without keys."""
    providers = {}
    for key, one in configuration.get("provider_config", {}).items():
        expression = one.get("expressions", {}).get("region", {})
        providers[key] = str(expression.get("constant_value", region))
    return dict(_regions_of(configuration.get("root_module", {}), "", providers, region))


def _regions_of(
    module: Mapping[str, Any], prefix: str, providers: Mapping[str, str], region: str
) -> Iterable[tuple[str, str]]:
    for one in module.get("resources", ()):
        yield prefix + one["address"], providers.get(one.get("provider_config_key", ""), region)
    for name, call in module.get("module_calls", {}).items():
        yield from _regions_of(call.get("module", {}), f"{prefix}module.{name}.", providers, region)


def _block(address: str) -> str:
    """Return the address of the block: `module.function["a"].aws_x.y[0]` is of `module.function.aws_x.y`."""
    return re.sub(r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]', "", address)
