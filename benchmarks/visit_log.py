"""What the visit log costs: bytes of a visit's part, time to make and to read one, on one core.

python -m benchmarks.visit_log
"""

from __future__ import annotations

import random
import time

import benchmarks.support  # noqa: F401 - lets the functions' modules be imported
from shared.event import StoredEvent
from shared.keys import HOUR_MS, event_timestamp
from shared.metrics import PAGE_VIEW, Running, after, begin, path_of
from shared.parts import Keys, parts_of
from shared.visit_log import packed, unpacked
from stats_api.visits import visits_of

HOUR = 1_763_848_800_000
PAGES, VIEWS = 500, 3


def events_of(visits: int, rng: random.Random) -> list[StoredEvent]:
    """Visits of a shop in one hour, pages by a long-tailed law."""
    found = []
    for number in range(visits):
        session = f"{rng.getrandbits(96):024x}"
        visitor = f"{rng.getrandbits(64):016x}"
        at = HOUR + rng.randrange(HOUR_MS * 3 // 4)
        running: Running = begin(session, at)
        source = rng.choice(("google.com", "(direct)", "(direct)", "news", "naver.com"))
        for _ in range(VIEWS):
            url = f"https://shop.example/products/{min(int(rng.paretovariate(0.7)), PAGES)}"
            found.append(
                StoredEvent(
                    session, event_timestamp(at, number), "e", PAGE_VIEW, url,
                    rng.choice(("Chrome/Windows/desktop", "Safari/iOS/mobile")), "", "shop.example", visitor, running,
                    texts={"country": rng.choice(("KR", "KR", "US", "JP")), "source": source},
                )
            )  # fmt: skip
            running = after(running, at, PAGE_VIEW, False, path_of(url))
            at = min(at + rng.randrange(90_000), HOUR + HOUR_MS - 1)
    return found


def key_of(event: StoredEvent) -> int:
    """As the aggregator makes it, but for the day's own key."""
    return Keys(lambda day: b"k").of(event)


def main() -> None:
    """Print a line for each number of visits an hour."""
    print("visits/hour  items  bytes/visit  make ms/event  read ms/visit")
    for visits in (1, 10, 100, 1000, 10_000):
        rng = random.Random(7)  # noqa: S311 - the same figures every time
        events = events_of(visits, rng)
        started = time.process_time()
        items = packed(HOUR, parts_of(events, HOUR_MS, key_of))
        made = time.process_time() - started
        started = time.process_time()
        visits_of(part for _, data in items for part in unpacked("shop.example", HOUR, data))
        read = time.process_time() - started
        size = sum(len(data) for _, data in items)
        print(
            f"{visits:>11}  {len(items):>5}  {size / visits:>11.0f}  {made * 1000 / len(events):>13.3f}"
            f"  {read * 1000 / visits:>13.3f}"
        )


if __name__ == "__main__":
    main()
