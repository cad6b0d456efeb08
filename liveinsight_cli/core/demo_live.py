"""What `GET /api/realtime` must answer for a demo, as far as its thirty minutes still reach back to it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from liveinsight_cli.core.demo import Visitor
from liveinsight_cli.core.demo_figures import Comparison

MINUTE_MS = 60_000
ACTIVE_MS = 300_000
WINDOW_MS = 30 * MINUTE_MS


def compare_live(everybody: Iterable[Visitor], answer: Mapping[str, Any]) -> tuple[Comparison, ...]:
    """Hold an answer against what the visitors did in the window of its own `series` and `now`.

    Visitors are compared only where the answer says that it is exact.
    """
    people = [one for one in everybody if not one.is_bot]
    now, start = int(answer["now"]), int(answer["series"][0]["t"])
    acts = [(one.number, event) for one in people for request in one.requests for event in request.events]
    recent = [(number, event) for number, event in acts if start <= event.at <= now]
    views = sum(event.kind == "page_view" for _, event in recent)
    rows = [_row("pageviews_30m", views, answer["pageviews_30m"])]
    by_minute = Counter(event.at // MINUTE_MS * MINUTE_MS for _, event in recent)
    rows += [_row(f"events: {_clock(m['t'])}", by_minute[m["t"]], m["events"]) for m in answer["series"]]
    if answer["meta"]["exact"]:
        active = {n for n, event in acts if now - ACTIVE_MS < event.at <= now and event.kind != "engagement"}
        rows += [
            _row("visitors_30m", len({number for number, _ in recent}), answer["visitors_30m"]),
            _row("active_visitors", len(active), answer["active_visitors"]),
        ]
    return tuple(rows)


def _clock(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%H:%M")


def _row(name: str, wanted: Any, answered: Any) -> Comparison:
    return Comparison(f"realtime {name}", wanted, answered, wanted == answered)
