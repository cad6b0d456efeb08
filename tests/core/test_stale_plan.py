"""When a saved plan must not be applied."""

import dataclasses
import json

import pytest

from liveinsight_cli.core.stale_plan import Circumstances, why_stale

THEN = Circumstances(
    account="1",
    region="r",
    tool_version="0.1",
    terraform_version="1.11.4",
    sources="s",
    plan_sha256="p",
    digests={"a": "1", "b": "2"},
    lineage="l",
    serial=5,
    release="R1",
    released_by="me",
)


def test_nothing_that_changed_is_no_reason() -> None:
    assert why_stale(THEN, Circumstances.from_json(json.loads(json.dumps(THEN.as_json())))) is None


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"account": "2"}, "made for account 1 in r, and this is 2 in r"),
        ({"region": "q"}, "made for account 1 in r, and this is 1 in q"),
        ({"plan_sha256": "x"}, "not the one that was written with its note"),
        ({"tool_version": "0.2"}, "liveinsight 0.1 made it, and this is 0.2"),
        ({"terraform_version": "2.0.0"}, "Terraform 1.11.4 made it, and this is 2.0.0"),
        ({"sources": "t"}, "Terraform files"),
        ({"digests": {"a": "1", "b": "3"}}, "(b)"),
        ({"release": "R2", "released_by": "her"}, "another release is in service by now: R2 by her"),
        ({"release": None}, "by now: none"),
        ({"serial": 6}, "serial 6 instead of 5"),
        ({"lineage": "m"}, "state changed"),
    ],
)
def test_whatever_changed_is_named(changed: dict[str, object], reason: str) -> None:
    found = why_stale(THEN, dataclasses.replace(THEN, **changed))  # type: ignore[arg-type]
    assert found is not None
    assert reason in found
