"""The contract with moto: each correction corrects a fault that moto still has.

When moto mends a fault itself, "moto still has it" fails for that one: remove the correction.
"""

import inspect
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from liveinsight_cli.errors import PreconditionError
from liveinsight_cli.local import fixups

PROBES = Path(__file__).with_name("fixup_probes.py")
CORRECTIONS = [
    line.strip().removesuffix("()").removesuffix("(deliver)")
    for line in inspect.getsource(fixups.apply).splitlines()
    if line.strip().endswith(("()", "(deliver)"))
]


def ask(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, str(PROBES), *arguments]
    answered = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(answered.stdout))


@pytest.fixture(scope="module")
def plain() -> dict[str, Any]:
    return ask()


@pytest.fixture(scope="module")
def fixed() -> dict[str, Any]:
    return ask("--fixed")


def test_every_correction_has_a_probe(fixed: dict[str, Any]) -> None:
    assert sorted(fixed) == sorted(CORRECTIONS)


@pytest.mark.parametrize("name", CORRECTIONS)
def test_moto_still_has_the_fault(name: str, plain: dict[str, Any]) -> None:
    assert plain[name] is False, f"if moto does this right by now, remove fixups.{name}"


@pytest.mark.parametrize("name", CORRECTIONS)
def test_the_correction_mends_it(name: str, fixed: dict[str, Any]) -> None:
    assert fixed[name] is True


def test_another_moto_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixups, "moto_version", "5.3.0")
    with pytest.raises(PreconditionError, match=r"needs moto 5\.2\.5, but moto 5\.3\.0"):
        fixups.apply(lambda *_: None)
