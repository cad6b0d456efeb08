"""Every two choices that an environment can make go together: the stack is planned with a covering set of them.

One terraform run plans all: a run for each would start the provider each time, which costs more than the plan.
"""

import itertools
import json
import random
import re
from pathlib import Path

import pytest

from tests.terraform.stack import StackCopy, failures, initialised_or_skipped

Combination = dict[str, object]

DOMAINS: list[Combination] = [
    {"domain": None, "hosted_zone_id": None},
    {"domain": "stats.shop.example", "hosted_zone_id": "Z0123456789ABCDEFGHIJ"},
    {"domain": "stats.shop.example", "hosted_zone_id": None},
]
CHOICES: list[list[Combination]] = [
    DOMAINS,
    [{"embedded": False}, {"embedded": True, "local_api_url": "http://127.0.0.1:4567"}],
    *[
        [{name: first}, {name: second}]
        for name, first, second in (
            ("waf", False, True),
            ("customer_managed_key", False, True),
            ("protected", False, True),
            ("detailed_monitoring", False, True),
            ("manage_api_gateway_account", False, True),
            ("reserved_concurrency", None, 20),
            ("charges_alarm_usd", None, 50),
            ("access_log_bucket", None, "shop-access-logs"),
            ("alarm_email", None, "ops@shop.example"),
            ("allowed_origins", ["*"], ["https://shop.example"]),
        )
    ],
]
Row = tuple[int, ...]
PAIRS = {
    (first, second, one, other)
    for first, second in itertools.combinations(range(len(CHOICES)), 2)
    for one in range(len(CHOICES[first]))
    for other in range(len(CHOICES[second]))
}


def pairs_of(row: Row) -> set[tuple[int, int, int, int]]:
    return {
        (first, second, row[first], row[second])
        for first, second in itertools.combinations(range(len(row)), 2)
    }


def covering_rows() -> list[Row]:
    """Rows of choices in which every pair of choices occurs; the same ones each time."""
    source = random.Random(7)
    left = set(PAIRS)
    rows: list[Row] = []
    while left:
        tried = [tuple(source.randrange(len(choice)) for choice in CHOICES) for _ in range(400)]
        best = max(tried, key=lambda row: len(pairs_of(row) & left))
        rows.append(best)
        left -= pairs_of(best)
    return rows


def variables(row: Row) -> Combination:
    return {
        name: value
        for choice, number in zip(CHOICES, row, strict=True)
        for name, value in choice[number].items()
    }


def as_module(directory: Path) -> None:
    """Turn the stack into a module: its providers come from the caller, who calls it several times."""
    main = directory / "main.tf"
    text = re.sub(r'^provider "aws" \{\n.*?^\}\n', "", main.read_text(), flags=re.DOTALL | re.MULTILINE)
    assert 'provider "' not in text
    source = 'source  = "hashicorp/aws"'
    assert text.count(source) == 1
    main.write_text(text.replace(source, f"{source}\n configuration_aliases = [aws.us_east_1]"))


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> StackCopy:
    return initialised_or_skipped(tmp_path_factory.mktemp("combinations"))


def test_the_stack_can_be_planned_with_every_pair_of_choices(stack: StackCopy) -> None:
    rows = covering_rows()
    assert set().union(*map(pairs_of, rows)) == PAIRS
    directory = stack.directory
    (directory / "stack").mkdir()
    for path in [*directory.glob("*.tf"), directory / "modules"]:
        path.rename(directory / "stack" / path.name)
    as_module(directory / "stack")
    packages = {
        name: {"path": f"{directory}/stack/lambda.tf", "digest": "0" * 64}
        for name in ("aggregator", "event-collector", "realtime-api", "stats-api")
    }
    given = {"environment": "prod", "read_token_sha256": "0" * 64, "packages": packages}
    calls = {
        f"combination_{number}": {
            "source": "./stack",
            "providers": {"aws": "aws", "aws.us_east_1": "aws.us_east_1"},
            **given,
            **variables(row),
        }
        for number, row in enumerate(rows)
    }
    (directory / "main.tf.json").write_text(
        json.dumps({"module": calls, "provider": {"aws": [{}, {"alias": "us_east_1"}]}})
    )
    for path in (directory / "tests").glob("*.tftest.hcl"):
        path.unlink()
    mocked = 'mock_provider "aws" {\n source = "./tests/mocks"\n}\n'
    aliased = mocked.replace(" source", ' alias = "us_east_1"\n source')
    (directory / "tests" / "combinations.tftest.hcl").write_text(
        f'{mocked}{aliased}run "all" {{\n command = plan\n}}\n'
    )
    ready = stack.run("init", "-input=false", "-no-color", "-lockfile=readonly")
    assert ready.returncode == 0, ready.stderr
    done = stack.run("test", "-json")
    assert failures(done.stdout) == []
    assert done.returncode == 0, done.stderr
    assert '"passed":1' in done.stdout


def test_a_choice_of_the_stack_is_not_forgotten(stack: StackCopy) -> None:
    """Whatever switches resources on and off is among the choices."""
    text = "\n".join(path.read_text() for path in stack.directory.rglob("*.tf"))
    switches = set(re.findall(r"(?:count|for_each)\s*=\s*!?var\.(\w+)\s*(?:\?|==|!=)", text))
    assert {"waf", "customer_managed_key", "access_log_bucket"} <= switches
    assert switches <= {name for choice in CHOICES for name in choice[0]}
