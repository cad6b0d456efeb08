"""Alarms as people need them: which rings, since when, why in words, and where to look."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from liveinsight_cli.core.alarm_kinds import kind_of
from liveinsight_cli.core.alarm_words import Rule, in_words, rule_of, short_name

State = Literal["ALARM", "OK", "INSUFFICIENT_DATA"]
ORDER: Mapping[str, int] = {"ALARM": 0, "INSUFFICIENT_DATA": 1, "OK": 2}
RUNBOOK = "docs/operations.md"


@dataclass(frozen=True)
class AlarmStatus:
    """One alarm. `alarm` is its name without project and environment, `since` is in epoch seconds.

    `section` is the runbook's, `command` what shows more; both are None for an alarm that this tool does not know.
    """

    name: str
    alarm: str
    state: State
    since: float
    why: str
    means: str
    section: str | None
    command: str | None


@dataclass(frozen=True)
class Change:
    """A change of state, and how long the new state lasted, None for the present one."""

    alarm: str
    at: float
    before: str
    after: str
    why: str
    lasted_seconds: float | None


@dataclass(frozen=True)
class Alarms:
    """The answer of `alarms`; `history` is None unless it was asked for."""

    environment: str
    now: float
    alarms: tuple[AlarmStatus, ...]
    since: float | None = None
    history: tuple[Change, ...] | None = None

    @property
    def ringing(self) -> tuple[AlarmStatus, ...]:
        """Those that ring."""
        return tuple(alarm for alarm in self.alarms if alarm.state == "ALARM")


def status_of(alarm: Mapping[str, Any], project: str, environment: str) -> AlarmStatus:
    """Return one of DescribeAlarms' metric alarms."""
    name = str(alarm["AlarmName"])
    short = short_name(name, project, environment)
    kind, function = kind_of(short)
    rule = rule_of(alarm, project, environment)
    since = alarm.get("StateTransitionedTimestamp") or alarm.get("StateUpdatedTimestamp")
    option = "" if environment == "local" else f" --env {environment}"
    return AlarmStatus(
        name=name,
        alarm=short,
        state=alarm["StateValue"],
        since=since.timestamp() if isinstance(since, datetime) else 0.0,
        why=in_words(
            rule, alarm["StateValue"], alarm.get("StateReasonData"), str(alarm.get("StateReason", ""))
        ),
        means=str(alarm.get("AlarmDescription", "")),
        section=f"{RUNBOOK}#{kind.section}" if kind else None,
        command=f"liveinsight {kind.command.format(function=function)}{option}" if kind else None,
    )


def in_order(alarms: Sequence[AlarmStatus]) -> tuple[AlarmStatus, ...]:
    """Return those that ring first, the newest of them first; the others by name."""
    return tuple(
        sorted(
            alarms, key=lambda one: (ORDER[one.state], -one.since if one.state == "ALARM" else 0, one.alarm)
        )
    )


def changes_of(
    items: Sequence[Mapping[str, Any]], rules: Mapping[str, Rule], project: str, environment: str
) -> tuple[Change, ...]:
    """Return DescribeAlarmHistory's changes of state of these alarms (by full name), newest first."""
    ended: dict[str, float] = {}
    changes: list[Change] = []
    wanted = [item for item in items if item["AlarmName"] in rules]
    for item in sorted(wanted, key=lambda one: one["Timestamp"], reverse=True):
        name, at = str(item["AlarmName"]), item["Timestamp"].timestamp()
        old, new = _states(item)
        until = ended.get(name)
        why = in_words(rules[name], new["stateValue"], _data(new), str(new.get("stateReason", "")))
        changes.append(
            Change(
                short_name(name, project, environment),
                at,
                old["stateValue"],
                new["stateValue"],
                why,
                None if until is None else until - at,
            )
        )
        ended[name] = at
    return tuple(changes)


def _data(state: Mapping[str, Any]) -> str | None:
    data = state.get("stateReasonData")
    return data if data is None or isinstance(data, str) else json.dumps(data)


def _states(item: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the state before and the one after; by the summary where the data does not say it."""
    try:
        data = json.loads(item.get("HistoryData") or "")
        return data["oldState"], data["newState"]
    except (ValueError, KeyError, TypeError):
        before, _, after = (
            str(item.get("HistorySummary", "")).removeprefix("Alarm updated from ").partition(" to ")
        )
        return {"stateValue": before or "?"}, {"stateValue": after or "?"}
