"""A plan in words, service by service."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from liveinsight_cli.core.plan import Plan, PlannedChange, ServiceChanges
from liveinsight_cli.core.plan_diff import AttributeDiff, PlanDetails
from liveinsight_cli.core.plan_names import counted, in_words, label_of, owner_of
from liveinsight_cli.core.plan_reasons import reason_in_words

FUNCTION = "aws_lambda_function"
FILES_LISTED = 3
ATTRIBUTES_LISTED = 4
VALUE_LENGTH = 40
DOES = {"create": "create", "update": "change", "replace": "replace", "delete": "delete"}
# What says nothing about a function's configuration: its code, and what AWS counts up with every change.
NO_CONFIGURATION = (
    "source_code_hash",
    "s3_",
    "version",
    "qualified_",
    "last_modified",
    "code_sha256",
    "tags_all",
)


def with_words(
    plan: Plan, changed_files: Mapping[str, tuple[str, ...]], details: PlanDetails | None = None
) -> Plan:
    """Return the plan with lines for every service.

    `changed_files` names the files of a function's package that differ from the last deploy, as far as that is known.
    """
    services = tuple(
        replace(service, lines=tuple(_lines(service, plan, changed_files, details)))
        for service in plan.services
    )
    return replace(plan, services=services)


def settings_in_words(before: Mapping[str, object] | None, after: Mapping[str, object]) -> tuple[str, ...]:
    """Return which variables of the stack differ from the last deploy; digests only by name."""
    if before is None:
        return ()
    names = sorted(name for name in {*before, *after} - {"packages"} if before.get(name) != after.get(name))
    return tuple(
        f"{name} changes"
        if "sha256" in name
        else f"{name}: {_value(before.get(name))} -> {_value(after.get(name))}"
        for name in names
    )


def _lines(
    service: ServiceChanges,
    plan: Plan,
    changed_files: Mapping[str, tuple[str, ...]],
    details: PlanDetails | None,
) -> Iterable[str]:
    changes = [one for one in plan.changes if one.service == service.service]
    functions = [one for one in changes if one.type == FUNCTION and one.action == "update"]
    packages = [one for one in changes if _is_new_package(one, plan)]
    if packages:
        named = ", ".join(name for name in plan.code_changes if name)
        yield f"upload the new code of {named}"
    alike: dict[str, list[str]] = {}
    for change in functions:
        name = owner_of(change.address) or change.address
        alike.setdefault(_function(name, change, plan, changed_files, details), []).append(name)
    yield from (f"{', '.join(names)}: {what}" for what, names in alike.items())
    if functions:
        yield f"{counted(len(functions), 'function')} {'publish' if len(functions) > 1 else 'publishes'} a new version"
    rest = [one for one in changes if one not in functions and one not in packages]
    for action, verb in DOES.items():
        for reason, found in _by_reason(rest, action):
            because = f" ({reason})" if reason else ""
            yield f"{verb} {in_words((one.address, one.type) for one in found)}{because}"
    for change in rest:
        yield from _unusual(change)


def _is_new_package(change: PlannedChange, plan: Plan) -> bool:
    return change.address in {f'aws_s3_object.package["{name}"]' for name in plan.code_changes}


def _function(
    name: str,
    change: PlannedChange,
    plan: Plan,
    changed_files: Mapping[str, tuple[str, ...]],
    details: PlanDetails | None,
) -> str:
    has_new_code = name in plan.code_changes
    parts = [_code(changed_files.get(name, ()))] if has_new_code else []
    configuration = _configuration(change.address, details)
    if configuration:
        parts.append(f"configuration changes: {configuration}")
    elif change.address in plan.drift:
        parts.append("changed outside of Terraform, put right")
    elif not has_new_code:
        parts.append("configuration changes")
    return ", ".join(parts)


def _code(files: tuple[str, ...]) -> str:
    if not files:
        return "code changes"
    more = len(files) - FILES_LISTED
    listed = ", ".join(files[:FILES_LISTED]) + (f" and {more} more" if more > 0 else "")
    return f"code changes in {counted(len(files), 'file')} ({listed})"


def _configuration(address: str, details: PlanDetails | None) -> str:
    if details is None:
        return ""
    found = [
        attribute
        for resource in details.resources
        if resource.address == address and not resource.is_drift
        for attribute in resource.attributes
        if not attribute.is_known_after_apply and not attribute.path.startswith(NO_CONFIGURATION)
    ]
    more = len(found) - ATTRIBUTES_LISTED
    texts = [_attribute(one) for one in found[:ATTRIBUTES_LISTED]]
    return ", ".join(texts) + (f" and {more} more" if more > 0 else "")


def _attribute(attribute: AttributeDiff) -> str:
    name = attribute.path.removeprefix("environment[0].variables.")
    if attribute.is_sensitive:
        return name
    return f"{name} {_value(attribute.before)} -> {_value(attribute.after)}"


def _by_reason(changes: Iterable[PlannedChange], action: str) -> Iterable[tuple[str, list[PlannedChange]]]:
    found: dict[str, list[PlannedChange]] = {}
    for change in changes:
        if change.action == action:
            found.setdefault(reason_in_words(change.reason, action), []).append(change)
    return found.items()


def _unusual(change: PlannedChange) -> Iterable[str]:
    label = label_of(change.address, change.type)
    if change.import_id is not None:
        yield f"take over {label}, which is there already ({change.import_id})"
    elif change.action == "import":
        yield f"take over {label}, which is there already"
    if change.action == "forget":
        yield f"forget {label}: it stays in AWS as it is"
    elif change.previous_address is not None:
        yield f"{change.previous_address} is called {change.address} from now on; nothing of it changes in AWS"
    elif change.action not in (*DOES, "import"):  # of a newer terraform
        yield f"{change.action} {label}"


def _value(value: object) -> str:
    if value is None:
        return "nothing"
    text = str(value) if not isinstance(value, (list, tuple)) else ", ".join(map(str, value)) or "nothing"
    return text if len(text) <= VALUE_LENGTH else f"{text[: VALUE_LENGTH - 3]}..."
