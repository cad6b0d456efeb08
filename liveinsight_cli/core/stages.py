"""The stages of a deploy, each of which can stand alone: tables, then functions and API, then monitoring.

A stage is a choice among the stack's files, so that a resource that is added later belongs to one without being named.
"""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any


class Stage(StrEnum):
    """How far an environment is deployed; each stage holds the ones before it."""

    TABLES = "tables"
    API = "api"
    ALL = "all"

    def reaches(self, other: "Stage") -> bool:
        """Tell whether this stage holds all of `other`."""
        order = list(Stage)
        return order.index(self) >= order.index(other)


TABLE_FILES = frozenset({"dynamodb.tf"})
MONITORING_FILES = frozenset({"charges.tf", "log_queries.tf", "monitoring.tf", "monitoring_dashboard.tf"})
BLOCK = re.compile(
    r'^(?:resource "(?P<type>[^"]+)" "(?P<name>[^"]+)"|module "(?P<module>[^"]+)") \{', re.MULTILINE
)
# An output of each stage that the stages before it lack.
SIGNS: tuple[tuple[Stage, str], ...] = (
    (Stage.ALL, "alarm_names"),
    (Stage.API, "functions"),
    (Stage.TABLES, "tables"),
)


def targets(stage: Stage, files: Mapping[str, str]) -> tuple[str, ...]:
    """Return the addresses of a stage's resources and modules, sorted; none stands for the whole stack.

    `files` are the Terraform files of the root module, name -> text. What these need besides, Terraform adds itself.
    """
    if stage is Stage.ALL:
        return ()
    wanted = (text for name, text in files.items() if _holds(stage, name))
    return tuple(sorted(address for text in wanted for address in _addresses(text)))


def stage_of(outputs: Mapping[str, Any]) -> Stage | None:
    """Return how far the environment of these outputs (name -> value) is deployed; None: not at all."""
    return next((stage for stage, output in SIGNS if outputs.get(output) is not None), None)


def _holds(stage: Stage, file: str) -> bool:
    return file in TABLE_FILES if stage is Stage.TABLES else file not in MONITORING_FILES


def _addresses(text: str) -> Iterable[str]:
    for block in BLOCK.finditer(text):
        yield f"module.{block['module']}" if block["module"] else f"{block['type']}.{block['name']}"
