"""The examples of docs/metrics.md about late, repeated and lost requests, comparison and order; what they rest on."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from shared.connection import Refusal
from tests.lambdas.told import Told, moment, view
from tests.lambdas.world import EVENTS, World

HERE = Path(__file__).parent
DOCUMENT = (HERE.parents[1] / "docs" / "metrics.md").read_text()


def documented(example: str) -> None:
    """The document has this example, word for word, wherever its lines break."""
    assert f"*Example:* {example}" in " ".join(DOCUMENT.split())


@pytest.mark.parametrize("module", sorted(HERE.glob("oracle*.py")), ids=lambda path: str(path.stem))
def test_the_oracle_shares_nothing_with_what_it_recounts(module: Path) -> None:
    imported: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            base = node.module or ""
            imported |= {f"{base}.{alias.name}" if base == "tests.lambdas" else base for alias in node.names}
    own = {name for name in imported if name.startswith("tests.lambdas.oracle")}
    assert {name.partition(".")[0] for name in imported - own} <= sys.stdlib_module_names


def test_a_late_event_joins_the_session_that_is_running_and_moves_neither_its_beginning_nor_its_end(
    world: World,
) -> None:
    documented(
        "events arrive for 10:00 and 10:40, then one of 10:35 for the same visitor: "
        "two sessions, the second one from 10:40 on, with two events."
    )
    told = Told(world)
    told.send("10:00:00", view("/"))
    told.send("10:40:00", view("/second"))
    told.send("10:41:00", view("/late", timestamp=moment("10:35:00")))
    answer = told.stats("10:41:00")
    assert (answer["totals"]["sessions"], answer["totals"]["events"]) == (2, 3)
    assert answer["totals"]["avg_duration_s"] == 0
    assert {row["name"] for row in answer["top"]["exit_pages"]} == {"/", "/second"}
    assert answer["totals"]["bounce_rate"] == 0.5


def test_a_request_is_recognised_behind_three_others_and_refused_behind_four(world: World) -> None:
    documented(
        "a page view is sent, then three others, then the first one again: four page views. "
        "Sent again behind four others: refused, and five."
    )
    told = Told(world)
    first = told.send("10:00:00", view("/"))
    for second in range(1, 4):
        told.send(f"10:00:0{second}", view("/"))
    told.send_again("10:00:05", first)
    assert told.stats("10:00:05")["totals"]["pageviews"] == 4
    told.send("10:00:06", view("/"))
    told.send_again("10:00:07", first, status=400)
    assert told.stats("10:00:07")["totals"]["pageviews"] == 5


def test_an_event_id_in_another_body_is_another_event(world: World) -> None:
    documented("an event is sent, and a second later its `event_id` in a new body: two page views.")
    told = Told(world)
    told.send("10:00:00", view("/", event_id="event-0001"))
    told.send("10:00:01", view("/", event_id="event-0001"), lang="ko")
    assert told.stats("10:00:01")["totals"]["pageviews"] == 2


def test_one_id_at_one_time_in_one_session_is_stored_once_whatever_the_body(world: World) -> None:
    told = Told(world)
    told.send("10:00:00", view("/", event_id="event-0001"))
    told.send("10:00:00", view("/", event_id="event-0001"), lang="ko")
    world.pump()
    assert len(world.items(EVENTS)) == 1
    assert world.stats()["totals"]["pageviews"] == 1


def test_what_is_lost_for_good_never_takes_a_rate_out_of_its_bounds(world: World) -> None:
    world.now = moment("10:00:00")

    def fails(operation: str, request: object) -> None:
        if operation == "BatchWriteItem":
            raise Refusal(400, "AccessDeniedException", {})

    world.client.before_call = fails
    assert world.send({"events": [view("/lost", event_id="event-lost")]}).status == 503
    world.client.before_call = lambda operation, request: None
    world.send({"events": [view("/", event_id="event-0001")]}, ip="203.0.113.1")
    world.send({"events": [view("/"), view("/a")]}, ip="203.0.113.9")
    world.pump()
    answer = world.stats()
    assert (answer["totals"]["sessions"], answer["totals"]["pageviews"]) == (1, 3)
    assert answer["totals"]["bounce_rate"] == 0
    assert all(step["bounce_rate"] in (0, None) for step in answer["series"])


def test_a_visitor_whose_late_event_lies_before_midnight_is_still_one_visitor(world: World) -> None:
    told = Told(world)
    told.send("24:12:00", view("/"))
    told.send("24:13:00", view("/", session_id="own-session"))
    told.send("24:14:00", view("/", timestamp=moment("23:59:30")))
    assert told.live("24:14:30")["visitors_30m"] == 1
    assert told.live("24:31:00")["visitors_30m"] == 1
    told.send("24:40:00", view("/", session_id="own-session"))
    assert told.live("24:41:00")["visitors_30m"] == 1


def test_a_change_is_relative(world: World) -> None:
    documented("5 page views after 4: `change` 0.25.")
    told = Told(world)
    told.send("10:00:00", *[view("/")] * 4)
    told.send("34:00:00", *[view("/")] * 5)
    change = told.stats("34:00:00", compare="previous")["comparison"]["change"]
    assert (change["pageviews"], change["bounce_rate"], change["engaged_s"]) == (0.25, None, None)


def test_names_of_the_same_count_come_in_the_order_of_their_characters(world: World) -> None:
    documented(
        "three views of `/b`, one each of `/c` and `/a`: `/b`, `/a`, `/c`; with `limit=2`: `/b`, `/a`."
    )
    told = Told(world)
    told.send("10:00:00", *[view("/b")] * 3, view("/c"), view("/a"))
    assert [row["name"] for row in told.stats("10:00:00")["top"]["pages"]] == ["/b", "/a", "/c"]
    assert [row["name"] for row in told.stats("10:00:00", limit=2)["top"]["pages"]] == ["/b", "/a"]
