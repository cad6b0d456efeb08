"""What a policy allows, and what a new one allows on top of an old one."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

ARN_HEAD = re.compile(r"^arn:[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:\d*:")
INVERTED = ("NotAction", "NotResource", "NotPrincipal")


@dataclass(frozen=True, order=True)
class Grant:
    """An action on a resource; `principal` is empty in a role's own policy, `condition` is canonical JSON.

    `is_denial_lost`: what the old policy denied and the new one does not.
    """

    action: str
    resource: str
    principal: str = ""
    condition: str = ""
    is_denial_lost: bool = False

    def in_words(self) -> str:
        """Return it as in "dynamodb:Scan on table/events", without account and region."""
        what = f"{self.action} on {ARN_HEAD.sub('', self.resource)}" if self.resource else self.action
        by = f" by {self.principal}" if self.principal else ""
        on_condition = " (under a condition)" if self.condition else ""
        return f"{what}{by}{on_condition}"


@dataclass(frozen=True)
class _Policy:
    allowed: frozenset[Grant]
    denied: frozenset[Grant]
    inverted: frozenset[str]  # allowing statements with NotAction and the like, as canonical JSON


def gained(before: str | None, after: str | None) -> tuple[Grant, ...]:
    """Return what policy `after` allows and `before` does not. Rather too much than too little.

    Raises ValueError for what is no policy.
    """
    old, new = _policy(before), _policy(after)
    more = {one for one in new.allowed if not _is_covered(one, old.allowed)}
    more |= {
        Grant(one.action, one.resource, one.principal, one.condition, is_denial_lost=True)
        for one in old.denied
        if not _is_covered(one, new.denied)
    }
    more |= {Grant(f"a statement with exceptions: {one}", "") for one in new.inverted - old.inverted}
    return tuple(sorted(more))


def _policy(text: str | None) -> _Policy:
    document = json.loads(text) if text else {}
    if not isinstance(document, Mapping):
        raise ValueError("a policy is an object")
    statements = [one for one in _list(document.get("Statement")) if isinstance(one, Mapping)]
    inverted = [one for one in statements if any(name in one for name in INVERTED)]
    plain = [one for one in statements if one not in inverted]
    # A denial with exceptions that is lost cannot be told from one that is not: it is taken for lost when it changes.
    return _Policy(
        allowed=frozenset(grant for one in plain if one.get("Effect") == "Allow" for grant in _grants(one)),
        denied=frozenset(
            grant
            for one in statements
            if one.get("Effect") == "Deny"
            for grant in ((Grant(_canonical(one), ""),) if one in inverted else _grants(one))
        ),
        inverted=frozenset(_canonical(one) for one in inverted if one.get("Effect") == "Allow"),
    )


def _grants(statement: Mapping[str, Any]) -> Iterable[Grant]:
    condition = _canonical(statement["Condition"]) if statement.get("Condition") else ""
    for action, resource, principal in product(
        _list(statement.get("Action")), _list(statement.get("Resource")) or [""], _principals(statement)
    ):
        yield Grant(str(action), str(resource), principal, condition)


def _principals(statement: Mapping[str, Any]) -> list[str]:
    found = statement.get("Principal")
    if isinstance(found, Mapping):
        return [str(name) for names in found.values() for name in _list(names)]
    return [str(found)] if found else [""]


def _is_covered(grant: Grant, others: Iterable[Grant]) -> bool:
    return any(
        _covers(one.action.lower(), grant.action.lower())
        and _covers(one.resource, grant.resource)
        and one.principal in ("*", grant.principal)
        and one.condition in ("", grant.condition)
        for one in others
    )


def _covers(pattern: str, other: str) -> bool:
    """Tell whether everything that `other` stands for, `pattern` stands for as well."""
    if pattern == other:
        return True
    signs = {"*": ".*", "?": "[^*]"}  # a single character never stands for the many of a star
    return (
        re.fullmatch("".join(signs.get(char, re.escape(char)) for char in pattern), other, re.DOTALL)
        is not None
    )


def _list(value: object) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
