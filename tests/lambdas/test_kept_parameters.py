"""What stays of the query of a page's address: campaign values as such, named parameters, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from event_collector.address import read_page
from tests.lambdas.test_collect_contract import event
from tests.lambdas.world import EVENTS, World

SECRET = "https://shop.example/item?email=a@b.example&id=7&utm_source=news&token=s3cret&page=2#frag"


def test_nothing_of_a_query_is_stored_but_the_campaign(world: World) -> None:
    world.send(event(1, page_url=SECRET))
    [item] = world.items(EVENTS)
    assert item["page_url"] == {"S": "https://shop.example/item"}
    assert item["utm_source"] == {"S": "news"}
    assert "s3cret" not in str(item)
    assert "a@b" not in str(item)


def test_named_parameters_stay_and_tell_pages_apart(tmp_path: Path) -> None:
    world = World(tmp_path / "data", KEPT_PARAMETERS="id, page")
    world.now = 1_763_895_000_000
    world.send(event(1, page_url=SECRET))
    world.send(event(2, page_url="https://shop.example/item?page=2&id=7"))
    world.send(event(3, page_url="https://shop.example/item?id=8"))
    world.pump()
    assert world.stats()["top"]["pages"] == [
        {"name": "/item?id=7&page=2", "count": 2},
        {"name": "/item?id=8", "count": 1},
    ]
    assert "s3cret" not in str(world.items(EVENTS))
    world.close()


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("", ""),
        ("id", "?id"),
        ("id=", "?id="),
        ("ID=1", ""),
        ("%69d=1", "?%69d=1"),
        ("id=" + "x" * 500, ""),
        ("a=1&id=%00&id=2", "?id=%00&id=2"),
        ("xid=1;id=2", ""),
    ],
)
def test_a_parameter_stays_as_it_came_or_not_at_all(query: str, kept: str) -> None:
    page = read_page(f"https://shop.example/?{query}").keeping(frozenset({"id"}))
    assert page.url == f"https://shop.example/{kept}"
    assert page.query == ""
