"""Drift for people: what was changed, by kind, and what a deploy does about it."""

import json
from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.text import Text

from liveinsight_cli.core.drift import Difference, Drift, Kind
from liveinsight_cli.core.plan_diff import AttributeDiff
from liveinsight_cli.render.text import plain

TITLES: dict[Kind, str] = {
    "infrastructure": "Infrastructure",
    "code": "Code of the functions",
    "service": "In service",
    "dashboard": "Dashboard files",
    "edge": "CloudFront",
}
ATTRIBUTES_LISTED = 12


def drift_view(drift: Drift, deploy_command: str) -> RenderableType:
    """Return the whole screen."""
    parts = [Text(plain(note)) for note in drift.notes]
    if not drift.differences:
        what = "functions and dashboard are" if drift.code_only else "everything is"
        return Group(*parts, Text(f"No drift: {what} as the last deploy left it."))
    for kind, title in TITLES.items():
        found = [one for one in drift.repaired if one.kind == kind]
        if found:
            parts.append(Text(title, style="bold"))
            parts += [line for one in found for line in _lines(one)]
    if drift.repaired:
        parts.append(Text(f"{deploy_command} puts it right.", style="green"))
    if drift.left:
        parts.append(Text("No deploy puts this right, as the configuration leaves it open", style="bold red"))
        parts += [line for one in drift.left for line in _lines(one)]
    return Group(*parts)


def _lines(difference: Difference) -> Iterable[Text]:
    yield Text.assemble("  ", (plain(difference.where), "cyan"), f" {plain(difference.what)}")
    for attribute in difference.attributes[:ATTRIBUTES_LISTED]:
        yield Text(f"      {_in_words(attribute)}", style="yellow")
    more = len(difference.attributes) - ATTRIBUTES_LISTED
    if more > 0:
        yield Text(f"      and {more} more")


def _in_words(attribute: AttributeDiff) -> str:
    if attribute.is_sensitive:
        return f"{attribute.path}: changed (sensitive)"
    return plain(f"{attribute.path}: {_value(attribute.before)} -> {_value(attribute.after)}")


def _value(value: object) -> str:
    return "(none)" if value is None else json.dumps(value, ensure_ascii=False)
