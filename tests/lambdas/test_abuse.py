"""Ten thousand mutilated bodies: every one is answered below 500, and what gets in can be folded."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

from tests.lambdas.world import EVENTS, World

BODIES = 10_000
VALUES: list[Any] = [
    None, True, -1, 0, 1e308, -1e-320, 10**40, 2**63, "", " ", "\x00", "\ud800", "\u202e", "%00", "..",
    "\U0001d54f" * 300, [], {}, [[]], {"a": {}}, "page_view", "https://shop.example/", "http://[", "http://a:99999/",
    "javascript:alert(1)",
    "https://user:pw@shop.example:8443/p?q=1#f", "https://xn--ls8h.example/", "2026-11-25", 1_763_895_000_000,
]  # fmt: skip
RAW = [
    b"NaN",
    b"Infinity",
    b"-Infinity",
    b"1e999",
    b"0x10",
    b'"\xff\xfe"',
    b"\xef\xbb\xbf1",
    b"'x'",
    b"{",
    b"]",
]
FIELDS = [
    "event_id", "event_type", "page_url", "referrer", "title", "timestamp", "session_id", "user_id", "props",
    "engaged_ms", "scroll_depth", "interactive", "vitals", "site", "sent_at", "screen", "lang", "ip", "events",
]  # fmt: skip


def mutilated(rng: random.Random, number: int) -> bytes:
    """A request that was sound once."""
    event: dict[str, Any] = {"event_type": "page_view", "page_url": f"https://shop.example/{number % 50}"}
    for _ in range(rng.randrange(4)):
        event[rng.choice(FIELDS)] = rng.choice(VALUES)
    document: Any = {"events": [event] * rng.randrange(1, 4)} if rng.random() < 0.5 else event
    kind = rng.randrange(6)
    if kind == 0:
        return b"[" * rng.choice([10, 1000, 30_000]) + json.dumps(document).encode()
    body = json.dumps(document).encode()
    if kind == 1:
        at = rng.randrange(len(body))
        return body[:at] + rng.choice(RAW) + body[at + rng.randrange(3) :]
    if kind == 2:
        return body.replace(b"1", rng.choice(RAW), 1)
    if kind == 3:
        return bytes(byte ^ (1 << rng.randrange(8)) if rng.random() < 0.02 else byte for byte in body)
    if kind == 4:
        return body[: rng.randrange(len(body))]
    return body


def test_ten_thousand_mutilated_bodies_are_answered_and_none_holds_up_the_aggregator(world: World) -> None:
    rng = random.Random(5)
    statuses: Counter[int] = Counter()
    stored = 0
    for number in range(BODIES):
        ip = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        result = world.send(mutilated(rng, number), ip=ip)
        statuses[result.status] += 1
        stored += result.body.get("accepted", 0) + result.body.get("dropped", 0)
        json.dumps(result.body, allow_nan=False)
    assert set(statuses) <= {202, 400, 413}
    assert min(statuses[202], statuses[400]) > BODIES // 10
    assert len(world.items(EVENTS)) == stored
    while records := world.new_records():
        folded = world.deliver("shardId-0", records)
        assert (folded.poison, folded.errors, folded.retry_from) == ([], [], None)
    assert world.stats(range="7d")["totals"]["events"] == stored
    json.dumps([world.stats(limit="100"), world.realtime()], allow_nan=False)
