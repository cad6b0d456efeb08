"""The examples of docs/metrics.md, carried out by LiveInsight and by the oracle: whatever they say has to be true."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lambdas.told import Told, moment, view
from tests.lambdas.world import World

DOCUMENT = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text()
Example = Callable[[Told], None]
EXAMPLES: dict[str, tuple[str, Example]] = {}


def documented_rows() -> dict[str, str]:
    """The table of definitions: figure and example."""
    table = DOCUMENT.split("| figure | meaning | example |")[1].split("\n\n")[0]
    rows = [row.strip("| ").split(" | ") for row in table.splitlines() if row.startswith("| **")]
    return {re.sub(r"\*\*", "", row[0]): row[-1].strip() for row in rows}


def example(figure: str, text: str) -> Callable[[Example], Example]:
    """The example of a row, word for word as the document has it."""

    def register(carry_out: Example) -> Example:
        EXAMPLES[figure] = (text, carry_out)
        return carry_out

    return register


def test_every_definition_has_an_example_that_is_carried_out() -> None:
    assert {figure: text for figure, (text, _) in EXAMPLES.items()} == documented_rows()


@pytest.mark.parametrize("figure", documented_rows())
def test_the_example_of_a_definition_is_true(figure: str, world: World) -> None:
    EXAMPLES[figure][1](Told(world))


@example(
    "event time",
    "Sent 12:00:00 by the phone's clock, with `timestamp` 11:58:00, received 12:03:07: the event happened at 12:01:07.",
)
def _event_time(told: Told) -> None:
    told.send("12:03:07", view("/", timestamp=moment("11:58:00")), sent_at=moment("12:00:00"))
    assert told.live("12:03:07")["recent"][0]["epoch_ms"] == moment("12:01:07")


@example("event", "3 page views, 2 pings, 1 `signup`: 6 events.")
def _events(told: Told) -> None:
    views, pings = [view("/")] * 3, [view("/", event_type="engagement")] * 2
    told.send("12:00:00", *views, *pings, view("/", event_type="signup"))
    assert told.stats("12:00:00")["totals"]["events"] == 6


@example("page view", "of the 6 above: 3.")
def _page_views(told: Told) -> None:
    _events(told)
    assert told.stats("12:00:00")["totals"]["pageviews"] == 3


@example("visitor", "Somebody here on Monday and Tuesday: 2 over both days.")
def _visitors(told: Told) -> None:
    told.send("12:00:00", view("/"))
    told.send("36:00:00", view("/"))
    answer = told.stats("36:00:00", range="7d")
    assert [step["visitors"] for step in answer["series"][-2:]] == [1, 1]
    assert answer["totals"]["visitors"] == 2
    assert "visitors are distinct per UTC day, summed over the days" in answer["meta"]["warnings"]


@example(
    "session",
    "Events at 23:50 and 00:15: one session, on the first day. 1800 s apart: one session; 1801 s: two.",
)
def _sessions(told: Told) -> None:
    told.send("23:50:00", view("/"))
    told.send("24:15:00", view("/"))
    assert [step["sessions"] for step in told.stats("24:15:00", range="7d")["series"][-2:]] == [1, 0]
    told.send("24:45:00", view("/"))
    assert told.stats("24:45:00")["totals"]["sessions"] == 1
    told.send("25:15:01", view("/"))
    assert told.stats("25:15:01")["totals"]["sessions"] == 2


@example(
    "own session",
    "A native app sends `session_id` `checkout-7` at 10:00 and at 15:00: one session of 18000 s.",
)
def _own_session(told: Told) -> None:
    told.send("10:00:00", view("/", session_id="checkout-7"))
    told.send("15:00:00", view("/", session_id="checkout-7"))
    totals = told.stats("15:00:00")["totals"]
    assert (totals["sessions"], totals["avg_duration_s"]) == (1, 18000)


@example(
    "entry page, source, referrer, UTM, country, device, browser, OS",
    "Entered through `/pricing?utm_source=news`: source `news` for the whole session.",
)
def _facts_of_the_first_event(told: Told) -> None:
    told.send("10:00:00", view("/pricing?utm_source=news"))
    told.send("10:01:00", view("/?utm_source=other", referrer="https://www.google.com/"))
    top = told.stats("10:01:00")["top"]
    assert top["sources"] == top["utm_source"] == [{"name": "news", "count": 1}]
    assert top["entry_pages"] == [{"name": "/pricing", "count": 1}]
    assert (top["referrers"], top["devices"][0]["name"], top["os"][0]["name"]) == ([], "desktop", "Windows")


@example("exit page", "`/`, `/pricing`, then a ping on `/pricing`: exit `/pricing`.")
def _exit_page(told: Told) -> None:
    told.send("10:00:00", view("/"))
    told.send("10:01:00", view("/pricing"))
    told.send("10:02:00", view("/pricing", event_type="engagement"))
    assert told.stats("10:02:00")["top"]["exit_pages"] == [{"name": "/pricing", "count": 1}]


@example("source", "Referrer `https://www.google.com/search`: `google.com`.")
def _source(told: Told) -> None:
    told.send("10:00:00", view("/", referrer="https://www.google.com/search"))
    top = told.stats("10:00:00")["top"]
    assert top["sources"] == [{"name": "google.com", "count": 1}]
    assert top["referrers"] == [{"name": "google.com/search", "count": 1}]


@example(
    "bounce",
    "One page view and a `scroll` event: a bounce. One page view and `signup` with `interactive`: none.",
)
def _bounce(told: Told) -> None:
    told.send("10:00:00", view("/"), view("/", event_type="scroll"), who="Ann")
    assert told.stats("10:00:00")["totals"]["bounce_rate"] == 1
    told.send("10:00:00", view("/"), view("/", event_type="signup", interactive=True), who="Bob")
    assert told.stats("10:00:00")["totals"]["bounce_rate"] == 0.5


@example("bounce rate", "1 of 4: 0.25.")
def _bounce_rate(told: Told) -> None:
    assert told.stats("10:00:00")["totals"]["bounce_rate"] is None
    told.send("10:00:00", view("/"), who="Ann")
    for who in ("Bob", "Cem", "curl"):
        told.send("10:00:00", view("/"), view("/pricing"), who=who)
    assert told.stats("10:00:00")["totals"]["bounce_rate"] == 0.25


@example("duration", "Page view at 0 s, ping at 40 s: 40.")
def _duration(told: Told) -> None:
    told.send("10:00:00", view("/"))
    assert told.stats("10:00:00")["totals"]["avg_duration_s"] == 0
    told.send("10:00:40", view("/", event_type="engagement"))
    assert told.stats("10:00:40")["totals"]["avg_duration_s"] == 40


@example("views per session", "6 / 4 = 1.5.")
def _views_per_session(told: Told) -> None:
    assert told.stats("10:00:00")["totals"]["views_per_session"] is None
    for who, views in {"Ann": 3, "Bob": 1, "Cem": 1, "curl": 1}.items():
        told.send("10:00:00", *[view("/")] * views, who=who)
    assert told.stats("10:00:00")["totals"]["views_per_session"] == 1.5


@example("engaged time", "Pings of 15000 and 5000: 20.0.")
def _engaged_time(told: Told) -> None:
    told.send("10:00:00", view("/", event_type="engagement", engaged_ms=15000))
    told.send("10:00:05", view("/", event_type="engagement", engaged_ms=5000))
    assert told.stats("10:00:05")["totals"]["engaged_s"] == 20.0


@example(
    "active visitors",
    "Page view at 10:00:00: 1 until 10:04:59, 0 at 10:05:00. A tab that only pings is not active.",
)
def _active_visitors(told: Told) -> None:
    told.send("10:00:00", view("/"))
    assert told.live("10:04:59")["active_visitors"] == 1
    told.send("10:04:59", view("/", event_type="engagement"))
    assert told.live("10:05:00")["active_visitors"] == 0


@example("active sessions", "Last event at 10:00:00: 1 at 10:30:00, 0 at 10:30:01.")
def _active_sessions(told: Told) -> None:
    told.send("10:00:00", view("/"))
    assert told.live("10:30:00")["active_sessions"] == 1
    assert told.live("10:30:01")["active_sessions"] == 0


@example("realtime series", "One visitor over three minutes: 1, 1, 1; `visitors_30m` 1.")
def _realtime_series(told: Told) -> None:
    for minute in ("00", "01", "02"):
        told.send(f"10:{minute}:30", view("/"))
    answer = told.live("10:02:30")
    assert [step["visitors"] for step in answer["series"]][-4:] == [0, 1, 1, 1]
    assert [step["partial"] for step in answer["series"]] == [False] * 29 + [True]
    assert answer["visitors_30m"] == 1


@example(
    "bot",
    "Googlebot: `search`. A headless Chrome: `headless`. `Acme/1.0 (+https://acme.example)`: `crawler`. `curl` or "
    "`okhttp` alone: a visitor, because servers and apps report events with them.",
)
def _bots(told: Told) -> None:
    for who in ("Googlebot", "Headless", "Acme", "curl", "okhttp"):
        told.send("10:00:00", view("/"), who=who)
    answer = told.stats("10:00:00")
    assert answer["meta"]["bots"] == {"crawler": 1, "headless": 1, "search": 1}
    assert (answer["totals"]["events"], answer["totals"]["visitors"]) == (2, 2)
