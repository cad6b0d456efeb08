"""Every two choices that an environment can make go together: the stack is planned with a covering set of them.

One terraform run plans all of them, as calls of one module.
"""

import itertools
import json
import re
from pathlib import Path

import pytest

from tests.terraform.stack import SOURCES, StackCopy, failures, initialised_or_skipped

Combination = dict[str, object]

DOMAINS: list[Combination] = [
    {"domain": None, "hosted_zone_id": None},
    {"domain": "stats.shop.example", "hosted_zone_id": "Z0123456789ABCDEFGHIJ"},
    {"domain": "stats.shop.example", "hosted_zone_id": None, "domain_ready": True},
]
# Off and on of what brings resources along or takes some away; what only sets values rides along.
SWITCHES: list[tuple[Combination, Combination]] = [
    ({"embedded": False}, {"embedded": True, "local_api_url": "http://127.0.0.1:4567"}),
    ({"waf": False, "reserved_concurrency": None}, {"waf": True, "reserved_concurrency": 20}),
    (
        {"customer_managed_key": False, "charges_alarm_usd": None, "access_log_bucket": None},
        {"customer_managed_key": True, "charges_alarm_usd": 50, "access_log_bucket": "shop-access-logs"},
    ),
    (
        {"protected": False, "detailed_monitoring": False, "alarm_email": None},
        {"protected": True, "detailed_monitoring": True, "alarm_email": "ops@shop.example"},
    ),
]
# Each way to a domain with two rows that are each other's opposite: no pair of choices needs more.
ROWS = [
    (0, (1, 1, 1, 0)),
    (0, (0, 0, 0, 1)),
    (1, (1, 1, 0, 1)),
    (1, (0, 0, 1, 0)),
    (2, (1, 0, 1, 1)),
    (2, (0, 1, 0, 0)),
]


def variables(domain: int, switched: tuple[int, ...]) -> Combination:
    """The variables of one plan."""
    merged = dict(DOMAINS[domain])
    for switch, position in zip(SWITCHES, switched, strict=True):
        merged |= switch[position]
    return merged


def test_every_pair_of_choices_is_in_a_row() -> None:
    rows = [(domain, *switched) for domain, switched in ROWS]
    sizes = [len(DOMAINS), *(2 for _ in SWITCHES)]
    for first, second in itertools.combinations(range(len(sizes)), 2):
        pairs = set(itertools.product(range(sizes[first]), range(sizes[second])))
        assert {(row[first], row[second]) for row in rows} == pairs


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
    directory = stack.directory
    (directory / "stack").mkdir()
    for path in [*directory.glob("*.tf"), *directory.glob("*.js"), directory / "modules"]:
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
            **variables(domain, switched),
        }
        for number, (domain, switched) in enumerate(ROWS)
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
    ready = stack.run("get", "-no-color")
    assert ready.returncode == 0, ready.stderr
    done = stack.run("test", "-json")
    assert failures(done.stdout) == []
    assert done.returncode == 0, done.stderr
    assert '"passed":1' in done.stdout


def test_a_choice_of_the_stack_is_not_forgotten() -> None:
    """Whatever switches resources on and off is among the choices."""
    text = "\n".join(path.read_text() for path in SOURCES.glob("*.tf"))
    found = set(re.findall(r"(?:count|for_each)\s*=\s*!?var\.(\w+)\s*(?:\?|==|!=)", text))
    assert {"waf", "customer_managed_key", "access_log_bucket"} <= found
    chosen = {name for off, on in SWITCHES for name in off | on} | set(DOMAINS[0])
    assert found <= chosen
