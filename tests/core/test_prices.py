"""The table of prices: what a document must say, and what a quantity costs by it."""

import copy
import tomllib
from datetime import date
from typing import Any

import pytest

from liveinsight_cli.assets import price_file
from liveinsight_cli.core.prices import InvalidPrices, UnknownRegion, price_table, with_changes

SMALL: dict[str, Any] = {
    "schema": 1,
    "as_of": date(2026, 10, 1),
    "sources": {"list": "the list", "memory": "remembered"},
    "prices": {
        "requests": {
            "service": "API",
            "what": "requests",
            "unit": "requests",
            "per": 1_000_000,
            "tiers": [10_000_000],
            "here-1": {"usd": [3.0, 2.0], "source": "list", "read": date(2026, 9, 1)},
        },
        "board": {
            "service": "Board",
            "what": "board",
            "unit": "",
            "per": 1,
            "global": {"usd": [3.0], "source": "memory"},
        },
    },
    "free": {"requests": {"units": 1_000_000, "source": "memory"}},
}


def changed(path: str, value: object) -> dict[str, Any]:
    """The small document with one value changed, or removed when it is None."""
    document = copy.deepcopy(SMALL)
    *parents, last = path.split(".")
    place = document
    for name in parents:
        place = place[name]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return document


def test_tiers_are_paid_one_after_the_other_and_free_units_come_off_the_first() -> None:
    requests = price_table(SMALL, "here-1").prices["requests"]
    assert requests.dollars(0) == 0
    assert requests.dollars(4_000_000) == pytest.approx(4 * 3.0)
    assert requests.dollars(12_000_000) == pytest.approx(10 * 3.0 + 2 * 2.0)
    assert requests.dollars(12_000_000, free_tier=True) == pytest.approx(10 * 3.0 + 1 * 2.0)
    assert requests.dollars(500_000, free_tier=True) == 0


def test_what_nobody_looked_up_is_marked() -> None:
    prices = price_table(SMALL, "here-1").prices
    assert prices["board"].is_remembered
    assert not prices["requests"].is_remembered
    assert prices["requests"].read == "2026-09-01"


def test_a_region_without_prices_is_refused_and_those_with_all_of_them_are_named() -> None:
    with pytest.raises(UnknownRegion) as caught:
        price_table(SMALL, "there-1")
    assert caught.value.known == ("here-1",)
    assert caught.value.missing == ("requests",)
    assert not caught.value.is_partial


def test_a_second_document_adds_a_region_and_leaves_the_rest() -> None:
    there = {"prices": {"requests": {"there-1": {"usd": [9.0, 8.0], "source": "memory"}}}}
    merged = with_changes(SMALL, there)
    assert price_table(merged, "there-1").prices["requests"].usd == (9.0, 8.0)
    assert price_table(merged, "here-1").prices == price_table(SMALL, "here-1").prices
    assert "there-1" not in SMALL["prices"]["requests"]


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("schema", 2, "schema must be 1"),
        ("as_of", "today", "as_of must be a date"),
        ("prices", None, r"\[prices\] is missing"),
        ("prices.requests.unit", None, "prices.requests.unit must be a text"),
        ("prices.requests.per", 0, "prices.requests.per must be a number above 0"),
        ("prices.requests.tiers", [5, 2], "rising order"),
        ("prices.requests.here-1.usd", [3.0], "must be a list of 2 dollars"),
        ("prices.requests.here-1.usd", [3.0, -2.0], "must be a list of 2 dollars"),
        ("prices.requests.here-1.source", "hearsay", "must be one of"),
        ("prices.requests.here-1.read", None, "must be a date"),
        ("prices.requests.here-1.read", date(2026, 12, 1), "not after as_of"),
        ("prices.board.global.read", date(2026, 9, 1), "was not read on any day"),
        ("free.requests.units", "many", "must be a number"),
        ("free.nothing", {"units": 1, "source": "memory"}, "names no price"),
        ("prices.requests.here-1", 3.5, "must be a table"),
    ],
)
def test_a_document_that_is_wrong_is_refused_with_the_place(path: str, value: object, says: str) -> None:
    with pytest.raises(InvalidPrices, match=says):
        price_table(changed(path, value), "here-1")


@pytest.mark.parametrize("region", ["us-east-1", "ap-northeast-2"])
def test_the_file_that_is_shipped_has_every_price_of_both_regions(region: str) -> None:
    document = tomllib.loads(price_file().read_text(encoding="utf-8"))
    table = price_table(document, region)
    assert set(table.prices) == set(document["prices"])
    assert set(document["free"]) == {name for name, price in table.prices.items() if price.free_units}
    looked_up = [price for price in table.prices.values() if not price.is_remembered]
    assert len(looked_up) > len(table.prices) / 2
    assert all(price.read for price in looked_up)
