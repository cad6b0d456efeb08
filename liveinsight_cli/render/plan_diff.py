"""Every attribute that a plan changes, before -> after."""

import json
from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from liveinsight_cli.core.plan_diff import AttributeDiff, ResourceDiff
from liveinsight_cli.core.plan_reasons import reason_in_words
from liveinsight_cli.render.apply_progress import shortened
from liveinsight_cli.render.text import plain

SIGNS = {
    "create": ("+", "green"),
    "update": ("~", "yellow"),
    "replace": ("-/+", "bold red"),
    "delete": ("-", "red"),
}
MASKED = "(sensitive value)"
UNKNOWN = "(known after apply)"
UNTIL_UNKNOWN = 40  # characters of a value that AWS is about to give anew


def diff_view(resources: Iterable[ResourceDiff], outputs: Iterable[AttributeDiff]) -> RenderableType:
    """Return the changes, then what was changed outside of Terraform, then the outputs."""
    resources, outputs = list(resources), list(outputs)
    drifted = [one for one in resources if one.is_drift]
    parts: list[RenderableType] = []
    for resource in resources:
        if not resource.is_drift:
            parts += [*([Text()] if parts else []), *_resource(resource)]
    if drifted:
        parts += [Text(), Text("What Terraform found different from its state:", style="bold")]
        for resource in drifted:
            parts += _resource(resource)
    if outputs:
        parts += [Text(), Text("Outputs:", style="bold"), *(_attribute(one, "update") for one in outputs)]
    return Group(*parts)


def _resource(resource: ResourceDiff) -> Iterable[RenderableType]:
    sign, style = SIGNS.get(resource.action, (resource.action, "cyan"))
    reason = reason_in_words(resource.reason, resource.action)
    yield Text(f"{sign} {resource.address}" + (f"  ({reason})" if reason else ""), style=style)
    yield from (_attribute(one, resource.action) for one in resource.attributes)


def _attribute(attribute: AttributeDiff, action: str) -> RenderableType:
    text = Text(f"{plain(attribute.path)}  ", style="")
    if attribute.is_sensitive:
        text.append(MASKED, style="dim")
    else:
        before, after = _value(attribute.before), _value(attribute.after)
        if attribute.is_known_after_apply:
            before, after = shortened(before, UNTIL_UNKNOWN), UNKNOWN
        text.append(after if action == "create" else f"{before} -> {after}")
    if attribute.forces_replacement:
        text.append("  forces replacement", style="bold red")
    return Padding(text, (0, 0, 0, 4), expand=False)


def _value(value: object) -> str:
    return "nothing" if value is None else plain(json.dumps(value, ensure_ascii=False))
