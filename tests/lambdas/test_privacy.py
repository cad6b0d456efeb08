"""Nothing that identifies a person is stored, logged or measured, in whatever form; salts do not outlive 48 hours."""

from __future__ import annotations

import base64
import binascii
import importlib
import json
import random
import re
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from hashlib import blake2b, md5, sha1, sha256
from threading import Barrier
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from liveinsight_cli.local.dynamodb import DataPlane
from tests.lambdas.faults import MIDNIGHT
from tests.lambdas.test_collect_contract import event
from tests.lambdas.world import ENVIRONMENT, EVENTS, SESSIONS, STATE, World

PEOPLE, BATCH, EVENTS_SENT = 80, 25, 10_000
HOUR_MS, DAY_S = 3_600_000, 86_400
CONTEXT = SimpleNamespace(aws_request_id="request-1", function_version="7")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{16,}={0,2}")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){8,}")
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
# Some part of everything that `person` makes.
SECRETS = re.compile(
    rb"198\.51\.|2001(:|%3A)db8|Mozilla|Gecko|X11; |rv:1|mail\.example|person\d|tok-\d|-secret", re.IGNORECASE
)


def person(number: int) -> dict[str, str]:
    """What a person's browser tells that must not be kept."""
    ip = (
        f"198.51.{number % 7 + 100}.{number + 100}"
        if number % 2
        else f"2001:db8:85a3::8a2e:{number + 4096:x}"
    )
    agent = f"Mozilla/5.0 (X11; Linux x86_64; rv:{number + 100}.0) Gecko/20100101 Firefox/{number + 100}.0"
    return {
        "ip": ip,
        "agent": agent,
        "email": f"person{number}@mail.example",
        "token": f"tok-{number:08}-secret",
    }


def batch_of(chance: random.Random, number: int, who: dict[str, str]) -> str:
    query = f"email={who['email']}&token={who['token']}&utm_source=news#{who['token']}"
    events = [
        {
            "event_id": f"event-{number:04}-{index:02}",
            "event_type": chance.choice(("page_view", "click")),
            "page_url": f"https://user:{who['token']}@{chance.choice(('shop', 'blog'))}.example/{index}?{query}",
            "referrer": f"https://search.example/find?q={who['email']}#{who['token']}",
            "user_id": f"customer-{number % 9}",
        }
        for index in range(BATCH)
    ]
    events[chance.randrange(BATCH)][chance.choice(("ip", who["email"]))] = who["ip"]  # refused, by name
    return json.dumps({"events": events})


def unkeyed_hashes() -> set[bytes]:
    """What anybody could make again who has a list of addresses: the first half of hashes without a key, in hex."""
    texts = set()
    for who in map(person, range(PEOPLE)):
        texts |= {*who.values()}
        for between in ("", "\0", "|", "#"):
            joined = between.join((who["ip"], who["agent"]))
            texts |= {joined, *(between.join((f"{site}.example", joined)) for site in ("shop", "blog"))}
    makers = (md5, sha1, sha256, blake2b, partial(blake2b, digest_size=16), partial(blake2b, digest_size=8))
    return {make(text.encode()).hexdigest()[:16].encode() for text in texts for make in makers}


def layers(data: bytes, depth: int = 3) -> Iterator[bytes]:
    """Bytes, and whatever is packed in them: base64, hex, zlib, one in another."""
    yield data
    if depth == 0:
        return
    for found in set(_BASE64.findall(data)):
        unpadded = found.rstrip(b"=")
        yield from layers(base64.b64decode(unpadded[: len(unpadded) // 4 * 4]), depth - 1)
    for found in set(_HEX.findall(data)):
        yield from layers(binascii.unhexlify(found), depth - 1)
    for start in _ZLIB.finditer(data):
        with suppress(zlib.error):
            yield from layers(zlib.decompressobj().decompress(data[start.start() :]), depth - 1)


def everything(world: World) -> bytes:
    items = [item for table in (EVENTS, SESSIONS, STATE) for item in world.items(table)]
    return "\n".join(b for item in items for b in [json.dumps(item, ensure_ascii=False)]).encode()


@pytest.fixture
def handlers(world: World, monkeypatch: pytest.MonkeyPatch) -> tuple[ModuleType, ModuleType]:
    """Collector and aggregator as Lambda calls them, over the world's tables and by its clock."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    loaded = []
    for function in ("event_collector", "aggregator"):
        module = importlib.import_module(f"{function}.handler")
        clock = SimpleNamespace(time_ns=lambda: world.now * 1_000_000, perf_counter=lambda: 0.0)
        monkeypatch.setattr(module, "time", clock)
        loaded.append(module)
    collector, aggregator = loaded
    monkeypatch.setattr(collector, "_collector", lambda: world.collector)
    monkeypatch.setattr(aggregator, "_folder", lambda: world.folder)
    monkeypatch.setattr(aggregator, "_store", lambda: world.store)
    return collector, aggregator


def test_nothing_of_a_person_is_in_any_item_log_line_or_metric_after_ten_thousand_events(
    world: World, handlers: tuple[ModuleType, ModuleType], capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    metrics: list[str] = []
    world.plane.close()
    world.plane = world.client.plane = DataPlane(
        tmp_path / "metered.sqlite",
        world.tables,
        world.seconds,
        lambda capacity: metrics.append(repr(capacity)),
    )
    collector, aggregator = handlers
    chance = random.Random(48)
    world.now = MIDNIGHT - 12 * HOUR_MS
    for number in range(EVENTS_SENT // BATCH):
        world.now += chance.randrange(200_000)
        who = person(chance.randrange(PEOPLE))
        request = {
            "headers": {"User-Agent": who["agent"], "X-Forwarded-For": who["ip"], "Cookie": who["token"]},
            "body": batch_of(chance, number, who),
            "requestContext": {"identity": {"sourceIp": who["ip"], "userAgent": who["agent"]}},
        }
        assert collector.handler(request, CONTEXT)["statusCode"] == 202
        collector.handler({**request, "body": who["email"] + who["token"]}, CONTEXT)
    records = world.new_records()
    records[7]["dynamodb"]["NewImage"].pop("site")
    for first in range(0, len(records), 500):
        aggregator.handler({"Records": records[first : first + 500], "shardId": "shardId-1"}, CONTEXT)
    world.now += 24 * HOUR_MS
    for task in ("sweep", "fold_days"):
        aggregator.handler({"task": task}, CONTEXT)
    logged = capsys.readouterr().out
    assert len(records) == EVENTS_SENT * 24 // 25
    assert logged.count("\n") == 800 + len(range(0, len(records), 500)) + 3
    written = b"\n".join(
        layers(b"\n".join((everything(world), logged.encode(), "\n".join(metrics).encode())))
    )
    assert b"(direct)" in written or b"search.example" in written
    assert b"/12" in written
    assert b"event-0001-03" in written
    found = SECRETS.search(written)
    assert found is None, written[found.start() - 100 : found.end() + 100]
    assert not unkeyed_hashes() & {token[:16].lower() for token in _HEX.findall(written)}


def test_a_person_has_another_hash_on_every_site_and_every_day(world: World) -> None:
    world.now = MIDNIGHT - 2 * HOUR_MS
    for number in range(3):
        pages = [f"https://{site}.example/{number}" for site in ("shop", "blog")]
        world.send({"events": [event(2 * number + i, page_url=page) for i, page in enumerate(pages)]})
        world.now += 20 * HOUR_MS
    hashes = [item["visitor"]["S"] for item in world.items(EVENTS)]
    assert len(set(hashes)) == len(hashes) == 6
    rows = [item["pk"]["S"] for item in world.items(STATE) if item["pk"]["S"].startswith("visitor#")]
    assert len({row.rpartition("#")[2] for row in rows}) == len(rows)


def test_fifty_first_requests_of_a_day_at_once_make_one_salt(world: World) -> None:
    barrier = Barrier(50)

    def first_request(number: int) -> int:
        collector = world.new_collector()
        barrier.wait()
        return world.send(event(number), collector=collector).status

    with ThreadPoolExecutor(50) as pool:
        assert set(pool.map(first_request, range(50))) == {202}
    salts = [item["sk"]["S"] for item in world.items(STATE) if item["pk"] == {"S": "salts"}]
    assert sorted(salts) == ["2025-11-22", "2025-11-23"]
    assert len({item["visitor"]["S"] for item in world.items(EVENTS)}) == 1


def test_after_48_hours_no_salt_is_left_and_no_hash_can_be_made_again(world: World) -> None:
    world.send(event(1))
    world.pump()
    begun = world.now
    salts = {item["salt"]["B"] for item in world.items(STATE) if item["pk"] == {"S": "salts"}}
    [old] = [item["visitor"] for item in world.items(EVENTS)]
    assert len(salts) == 2
    for hour in range(6, 54, 6):
        world.now = begun + hour * HOUR_MS
        world.send(event(hour + 10))
        world.pump()
        world.sweep()
        ages = [
            world.now // 1000 - (int(item["ttl"]["N"]) - 2 * DAY_S)
            for item in world.items(STATE)
            if item["pk"] == {"S": "salts"}
        ]
        assert max(ages) < 2 * DAY_S
    left = b"\n".join(layers(everything(world)))
    assert all(base64.b64decode(salt) not in left for salt in salts)
    world.now = begun
    world.send(event(99), collector=world.new_collector())
    again = [item["visitor"] for item in world.items(EVENTS) if item["event_id"] == {"S": "event-0099"}]
    assert again != [old]
