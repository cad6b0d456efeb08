"""The attributes that a plan changes, from the JSON of `terraform show`: what is secret stays out of it.

The format: https://developer.hashicorp.com/terraform/internals/json-format
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

KNOWN_MAJOR = "1"
# What is never shown, whether or not a provider marks it as sensitive.
SECRET = re.compile(r"secret|token|password|passwd|private_?key|credential", re.IGNORECASE)
JSON, SAME_JSON = "(JSON)", "(the same JSON, written differently)"

Step = str | int


@dataclass(frozen=True)
class AttributeDiff:
    """One attribute. `before` and `after` are JSON values, both None where it is sensitive.

    `is_known_after_apply`: what it will be, AWS decides. `forces_replacement`: it cannot be changed in place.
    """

    path: str
    before: Any
    after: Any
    is_sensitive: bool = False
    is_known_after_apply: bool = False
    forces_replacement: bool = False


@dataclass(frozen=True)
class ResourceDiff:
    """A resource that changes, or (`is_drift`) that was changed outside of Terraform."""

    address: str
    type: str
    actions: tuple[str, ...]
    reason: str | None
    attributes: tuple[AttributeDiff, ...]
    is_drift: bool = False

    @property
    def action(self) -> str:
        """The actions as one word."""
        if len(self.actions) > 1:
            return "replace"
        return "forget" if self.actions[0] == "forget" else self.actions[0]


@dataclass(frozen=True)
class PlanDetails:
    """What a plan changes, attribute by attribute; and the values of each resource for our own use, never for show."""

    resources: tuple[ResourceDiff, ...]
    outputs: tuple[AttributeDiff, ...]
    values: Mapping[str, "Values"]


@dataclass(frozen=True)
class Values:
    """A resource before and after; what is known only after the apply is in `unknown`."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    unknown: Mapping[str, Any]


def read_details(document: Mapping[str, Any]) -> PlanDetails:
    """Return what `terraform show -json` says of a plan; raises ValueError for a format that is not known."""
    if str(document.get("format_version", "")).split(".", 1)[0] != KNOWN_MAJOR:
        raise ValueError(f"format {document.get('format_version')!r} of terraform show is not known")
    changed = [one for one in document.get("resource_changes", ()) if _changes(one)]
    drifted = [one for one in document.get("resource_drift", ()) if _changes(one)]
    found = (_resource(one, is_drift=True) for one in drifted)
    outputs = [
        diff
        for name, change in sorted(document.get("output_changes", {}).items())
        if change.get("actions") not in (["no-op"], ["read"])
        for diff in _attributes(change, (name,))
    ]
    return PlanDetails(
        resources=(
            *(_resource(one, is_drift=False) for one in changed),
            *(one for one in found if one.attributes),
        ),
        outputs=tuple(outputs),
        values={
            one["address"]: Values(
                one["change"].get("before") or {},
                one["change"].get("after") or {},
                _mapping(one["change"].get("after_unknown")),
            )
            for one in changed
        },
    )


def put_right(details: PlanDetails) -> set[str]:
    """Return the addresses that were changed outside of Terraform in what the plan changes (back).

    Terraform also calls it drift when AWS fills in what the configuration left open, and when a release publishes a
    version: what nobody but AWS decides is not put right by anybody.
    """
    planned = {
        one.address: {path.path for path in one.attributes if not path.is_known_after_apply}
        for one in details.resources
        if not one.is_drift
    }
    return {
        one.address
        for one in details.resources
        if one.is_drift
        and (
            one.actions == ("delete",)
            or any(
                path.path in planned.get(one.address, ()) and not _is_filled_in(path)
                for path in one.attributes
            )
        )
    }


def _is_filled_in(attribute: AttributeDiff) -> bool:
    return attribute.before is None and not attribute.after and not attribute.is_sensitive


def _changes(source: Mapping[str, Any]) -> bool:
    moved = source.get("previous_address") not in (None, source.get("address"))
    actions = source["change"]["actions"]
    return actions not in (["no-op"], ["read"]) or moved or "importing" in source["change"]


def _resource(source: Mapping[str, Any], *, is_drift: bool) -> ResourceDiff:
    change = source["change"]
    return ResourceDiff(
        source["address"],
        source["type"],
        tuple(change["actions"]),
        source.get("action_reason"),
        tuple(one for one in _attributes(change) if not (is_drift and _is_filled_in(one))),
        is_drift,
    )


def _attributes(change: Mapping[str, Any], path: tuple[Step, ...] = ()) -> Iterator[AttributeDiff]:
    sides = _Sides(
        change.get("before"),
        change.get("after"),
        change.get("after_unknown"),
        change.get("before_sensitive"),
        change.get("after_sensitive"),
    )
    forcing = tuple(tuple(one) for one in change.get("replace_paths") or ())
    yield from _differences(sides, path, forcing)


@dataclass(frozen=True)
class _Sides:
    """A value on both sides, and the masks that Terraform lays beside it."""

    before: Any
    after: Any
    unknown: Any = None
    before_sensitive: Any = None
    after_sensitive: Any = None

    def at(self, step: Step) -> "_Sides":
        return _Sides(*(_child(one, step) for one in self._all))

    @property
    def is_sensitive(self) -> bool:
        return self.before_sensitive is True or self.after_sensitive is True

    @property
    def is_masked_inside(self) -> bool:
        return any(_holds_true(one) for one in self._all[2:])

    @property
    def _all(self) -> tuple[Any, ...]:
        return (self.before, self.after, self.unknown, self.before_sensitive, self.after_sensitive)


def _differences(
    sides: _Sides, path: tuple[Step, ...], forcing: tuple[tuple[Step, ...], ...]
) -> Iterator[AttributeDiff]:
    before, after = sides.before, sides.after
    name = _shown(path)
    forces = any(path[: len(one)] == one for one in forcing)
    if sides.is_sensitive or (path and isinstance(path[-1], str) and SECRET.search(path[-1])):
        if before != after or _holds_true(sides.unknown):
            yield AttributeDiff(name, None, None, is_sensitive=True, forces_replacement=forces)
    elif sides.unknown is True:
        known = None if _is_nested(before) else before
        yield AttributeDiff(name, known, None, is_known_after_apply=True, forces_replacement=forces)
    elif _are(Mapping, before, after, sides.unknown):
        for key in sorted({*_keys(before), *_keys(after), *_keys(sides.unknown)}):
            yield from _differences(sides.at(key), (*path, key), forcing)
    elif _are(list, before, after):
        for step, child in _elements(sides):
            yield from _differences(child, (*path, step), forcing)
    elif before != after:
        inside = _as_json(before, after)
        if inside is None:
            yield AttributeDiff(name, before, after, forces_replacement=forces)
        else:
            found = list(_differences(inside, path, forcing))
            yield from found or [AttributeDiff(name, JSON, SAME_JSON, forces_replacement=forces)]


def _elements(sides: _Sides) -> Iterator[tuple[int, _Sides]]:
    """Pair the elements of two lists. Those that are on both sides are left out: most lists are sets in truth."""
    before, after = sides.before or [], sides.after or []
    if sides.is_masked_inside:
        for index in range(max(len(before), len(after), len(_list(sides.unknown)))):
            yield index, sides.at(index)
        return
    gone, new = list(before), []
    for index, element in enumerate(after):
        if element in gone:
            gone.remove(element)
        else:
            new.append((index, element))
    if not gone and not new and before != after:  # only the order differs
        yield from ((index, _Sides(*pair)) for index, pair in enumerate(zip(before, after, strict=True)))
    for position in range(max(len(gone), len(new))):
        index, added = new[position] if position < len(new) else (len(after) + position, None)
        yield index, _Sides(gone[position] if position < len(gone) else None, added)


def _as_json(before: object, after: object) -> _Sides | None:
    """Return two texts that are JSON (policies, dashboards) as what they hold."""
    parsed = [_parsed(one) for one in (before, after)]
    return _Sides(*parsed) if any(_is_nested(one) for one in parsed) and _are_texts(before, after) else None


def _parsed(value: object) -> Any:
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(value)
    except ValueError:
        return None


def _are_texts(*values: object) -> bool:
    return all(one is None or (isinstance(one, str) and _is_nested(_parsed(one))) for one in values)


def _are(kind: type, *values: object) -> bool:
    """Tell whether at least one value is of a kind, and the others are too or are not there."""
    return any(isinstance(one, kind) for one in values) and all(
        one is None or one is False or isinstance(one, kind) for one in values
    )


def _is_nested(value: object) -> bool:
    return isinstance(value, (Mapping, list))


def _holds_true(mask: object) -> bool:
    if isinstance(mask, Mapping):
        return any(_holds_true(one) for one in mask.values())
    return any(_holds_true(one) for one in mask) if isinstance(mask, list) else mask is True


def _child(value: Any, step: Step) -> Any:
    if isinstance(value, Mapping):
        return value.get(str(step))
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return value if value is True else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _keys(value: object) -> Sequence[str]:
    return list(value) if isinstance(value, Mapping) else []


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _shown(path: tuple[Step, ...]) -> str:
    """Return a path as people write it, such as `environment[0].variables.LOG_LEVEL`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif re.fullmatch(r"[\w-]+", step):
            text += f".{step}" if text else step
        else:
            text += f"[{json.dumps(step)}]"
    return text
