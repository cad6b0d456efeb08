"""How the tests are spread over the workers of pytest-xdist: what is dear is made once, the longest begins first.

A wrong entry here costs time and nothing else. `--dist loadgroup` would say this by marks, but pytest-xdist 3.8 hands
its groups on in an attribute that pytest 9.2 no longer reads.
"""

import pytest
from xdist.scheduler import LoadScopeScheduling

ALONE = ("tests/e2e/test_life.py",)
# Beginnings of names: tests of one group share a fixture, and stay on the worker that has it.
GROUPS = (
    ("tests/e2e/",),
    (
        "tests/terraform/test_alarms.py",
        "tests/terraform/test_dashboard.py",
        "tests/terraform/test_iam.py",
        "tests/terraform/test_lifecycle.py",
        "tests/terraform/test_requests.py",
    ),
    ("tests/terraform/test_terraform.py",),
    ("tests/commands/test_state.py",),
    ("tests/terraform/test_combinations.py",),
    ("tests/dashboard/",),
    ("tests/local/dynamodb/test_against_dynalite.py",),
    ("tests/lambdas/test_second_implementation.py",),
    ("tests/lambdas/test_cost.py",),
    ("tests/local/test_cloudfront.py",),
    ("tests/local/test_edge_functions.py",),
    ("tests/local/test_fixups.py",),
    ("tests/local/test_guard.py",),
    ("tests/local/test_http.py",),
    ("tests/local/test_round_trips.py",),
    ("tests/test_wheel.py",),
)
STACK = 0  # the longest of the groups


class Scheduling(LoadScopeScheduling):
    """Hands out groups, and single tests where there is none, in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        group = _group(nodeid)
        return nodeid if group is None else f"group {group}"


def turn(item: pytest.Item) -> tuple[int, int]:
    """Sort key of a test: the stack's group, deploys of their own, other groups, all the rest."""
    if item.nodeid.startswith(ALONE):
        return 1, 0
    group = _group(item.nodeid)
    if group is None:
        return 3, 0
    return (0, 0) if group == STACK else (2, group)


def _group(nodeid: str) -> int | None:
    if nodeid.startswith(ALONE):
        return None
    return next((number for number, names in enumerate(GROUPS) if nodeid.startswith(names)), None)
