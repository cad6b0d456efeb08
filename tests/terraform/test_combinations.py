"""Every two choices that an environment can make go together: the stack is planned with a covering set of them.

One call of terraform plans them, one after the other: of all in one plan the graph would take three times as long.
"""

import itertools
import json
import re
from collections.abc import Iterator

import pytest

from tests.terraform.stack import SOURCES, StackCopy, failures, initialised_or_skipped, one_provider

pytestmark = pytest.mark.timeout(600)

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


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackCopy]:
    with one_provider(initialised_or_skipped(tmp_path_factory.mktemp("combinations"))) as copy:
        yield copy


def block(head: str, values: Combination) -> str:
    """A block of Terraform's language; every JSON value is an expression of it."""
    lines = (f"{name} = {json.dumps(value)}\n" for name, value in values.items())
    return f"{head} {{\n{''.join(lines)}}}\n"


def test_the_stack_can_be_planned_with_every_pair_of_choices(stack: StackCopy) -> None:
    tests = stack.directory / "tests"
    for path in tests.glob("*.tftest.hcl"):
        path.unlink()
    packages = {
        name: {"path": "./lambda.tf", "digest": "0" * 64}
        for name in ("aggregator", "event-collector", "realtime-api", "stats-api")
    }
    given: Combination = {"environment": "prod", "read_token_sha256": "0" * 64, "packages": packages}
    blocks = [
        block('mock_provider "aws"', {"source": "./tests/mocks"}),
        block('mock_provider "aws"', {"alias": "us_east_1", "source": "./tests/mocks"}),
        block("variables", given),
    ]
    for number, (domain, switched) in enumerate(ROWS):
        chosen = block("variables", variables(domain, switched))
        blocks.append(f'run "combination_{number}" {{\ncommand = plan\n{chosen}}}\n')
    (tests / "combinations.tftest.hcl").write_text("".join(blocks))
    done = stack.run("test", "-json")
    assert failures(done.stdout) == []
    assert done.returncode == 0, done.stderr
    assert f'"passed":{len(ROWS)},' in done.stdout


def test_a_choice_of_the_stack_is_not_forgotten() -> None:
    """Whatever switches resources on and off is among the choices."""
    text = "\n".join(path.read_text() for path in SOURCES.glob("*.tf"))
    found = set(re.findall(r"(?:count|for_each)\s*=\s*!?var\.(\w+)\s*(?:\?|==|!=)", text))
    assert {"waf", "customer_managed_key", "access_log_bucket"} <= found
    chosen = {name for off, on in SWITCHES for name in off | on} | set(DOMAINS[0])
    assert found <= chosen
