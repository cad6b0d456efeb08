"""Terraform's reasons for an action, in words."""

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "tainted": "its creation was interrupted",
    "replace_because_tainted": "its creation was interrupted",
    "requested": "a replacement was asked for",
    "replace_by_request": "a replacement was asked for",
    "replace_triggered_by": "something it is tied to changes",
    "replace_by_triggers": "something it is tied to changes",
    "cannot_update": "this change cannot be made in place",
    "replace_because_cannot_update": "this change cannot be made in place",
    "delete_because_no_resource_config": "it is no longer part of the stack",
    "delete_because_no_module": "it is no longer part of the stack",
    "delete_because_wrong_repetition": "it is no longer one of several",
    "delete_because_count_index": "a setting switches it off",
    "delete_because_each_key": "a setting no longer names it",
    "delete_because_no_move_target": "what it was renamed to is no longer part of the stack",
}


def reason_in_words(reason: str | None, action: str) -> str:
    """Return why Terraform does this; empty where the action says it all."""
    if reason is None or action == "create":
        return ""
    return REASONS.get(reason, reason.replace("_", " "))
