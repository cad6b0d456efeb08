"""What an edge location keeps: by the policy's key, for as long as policy and answer say, one request at a time."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from liveinsight_cli.local.cloudfront.cache import ENTRY_BYTES, EdgeCache
from liveinsight_cli.local.cloudfront.policies import IN_KEY, CachePolicy
from liveinsight_cli.local.cloudfront.viewer import ViewerRequest
from liveinsight_cli.local.documents import Documents
from liveinsight_cli.local.http import Answer

NOW = 1_764_000_000.0  # 2025-11-24T16:00:00Z
OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
READS = {
    "HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": {"Items": ["Authorization", "Origin"]}},
    "QueryStringsConfig": {"QueryStringBehavior": "all"},
    "CookiesConfig": {"CookieBehavior": "none"},
    "EnableAcceptEncodingGzip": True,
}


def said(cache_control: str | None, status: int = 200, **more: str) -> Answer:
    headers = {**more, **({"Cache-Control": cache_control} if cache_control is not None else {})}
    return Answer(status, b"", tuple(headers.items()))


@pytest.mark.parametrize(
    ("answer", "ttls", "seconds"),
    [
        (said("s-maxage=2, must-revalidate"), (0, 0, 10), 2),
        (said("max-age=0, s-maxage=2"), (0, 0, 10), 2),
        (said("s-maxage=60"), (0, 0, 10), 10),
        (said("max-age=300, public"), (1, 86_400, 31_536_000), 300),
        (said(None), (0, 0, 10), 0),
        (said(None), (1, 86_400, 31_536_000), 86_400),
        (said("no-store"), (0, 5, 10), 0),
        (said("private, max-age=9"), (0, 5, 10), 0),
        (said("no-cache"), (1, 5, 10), 1),
        (said(None, Expires="Mon, 24 Nov 2025 16:00:07 GMT"), (0, 0, 10), 7),
        (said(None, Expires="0"), (0, 5, 10), 0),
        # Refused, throttled, and what is no whole answer: never.
        (said("s-maxage=9", 401), (1, 5, 10), 0),
        (said("s-maxage=9", 429), (1, 5, 10), 0),
        (said("s-maxage=9", 206), (1, 5, 10), 0),
        # Other errors: some always, some if the origin says so.
        (said("no-store", 502), (0, 0, 10), 10),
        (said("no-store", 503), (0, 0, 10), 0),
        (said("s-maxage=4", 503), (0, 0, 10), 4),
        (said("no-store", 403), (0, 0, 10), 0),
        (said("max-age=4", 403), (0, 0, 10), 10),
    ],
)
def test_an_answer_is_kept_as_long_as_policy_and_origin_say(
    answer: Answer, ttls: tuple[float, float, float], seconds: float
) -> None:
    assert CachePolicy(*ttls, {}).seconds(answer, {503: 0.0}, NOW) == seconds


def asked(uri: str = "/api/stats", query: tuple[tuple[str, str], ...] = (), **headers: str) -> ViewerRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ViewerRequest("GET", uri, query, named, (("session", "1"),), b"", "127.0.0.1")


def test_an_answer_is_kept_by_what_the_policy_names_and_nothing_else() -> None:
    policy = CachePolicy(0, 0, 10, READS)
    one = policy.key(asked(authorization="Bearer a", user_agent="one", accept_encoding="gzip, deflate, br"))
    assert one == policy.key(
        asked(authorization="Bearer a", user_agent="two", accept_encoding="br;q=1, gzip")
    )
    others = [
        asked("/api/realtime", authorization="Bearer a", accept_encoding="gzip"),
        asked(query=(("site", "a.example"),), authorization="Bearer a", accept_encoding="gzip"),
        asked(authorization="Bearer b", accept_encoding="gzip"),
        asked(authorization="Bearer a", origin="https://shop.example", accept_encoding="gzip"),
        asked(authorization="Bearer a", accept_encoding="identity"),
    ]
    assert len({one, *map(policy.key, others)}) == 6


def test_policies_are_read_as_they_were_deployed(tmp_path: Path) -> None:
    documents = Documents(tmp_path / "documents.db")
    config = {"Name": "reads", "MinTTL": 0, "DefaultTTL": 1, "MaxTTL": 10, IN_KEY: READS}
    documents.put("CachePolicy", "mine", {"CachePolicyConfig": config})
    assert CachePolicy.of(documents, {"CachePolicyId": "mine"}) == CachePolicy(0, 1, 10, READS)
    managed = CachePolicy.of(documents, {"CachePolicyId": OPTIMIZED})
    assert (managed.least, managed.most, managed.key(asked("/a", (("v", "1"),)))[:2]) == (
        1,
        31_536_000,
        ("/a", ""),
    )
    assert CachePolicy.of(documents, {}).most == 0
    documents.close()


class Origin:
    """Counts what it is asked; `gate` holds answers back."""

    def __init__(self) -> None:
        self.asked = 0
        self.gate = threading.Event()
        self.gate.set()
        self.is_asked = threading.Event()
        self._lock = threading.Lock()

    def __call__(self) -> Answer:
        with self._lock:
            self.asked += 1
            number = self.asked
        self.is_asked.set()
        assert self.gate.wait(30)
        return Answer(200, b"%d" % number)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def seconds(value: float) -> Callable[[Any], float]:
    return lambda _: value


KEY = ("E1", "/api/stats", "", "authorization:Bearer a", "", "gzip")


def test_an_answer_is_given_again_with_its_age_until_its_time_is_over() -> None:
    clock, origin = Clock(), Origin()
    cache = EdgeCache(clock)
    assert cache.answer(KEY, origin, seconds(2)) == (Answer(200, b"1"), None)
    clock.now += 1.5
    assert cache.answer(KEY, origin, seconds(2)) == (Answer(200, b"1"), 1.5)
    clock.now += 0.5
    assert cache.answer(KEY, origin, seconds(2)) == (Answer(200, b"2"), None)


@pytest.mark.parametrize(("kept_for", "requests"), [(600, 1), (0, 6)])
def test_those_who_ask_at_the_same_time_share_one_answer_if_it_may_be_kept(
    kept_for: float, requests: int
) -> None:
    origin, cache = Origin(), EdgeCache()
    origin.gate.clear()
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: found.append(cache.answer(KEY, origin, seconds(kept_for))[0].body))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    assert origin.is_asked.wait(30)
    origin.gate.set()
    for thread in threads:
        thread.join(30)
    assert (len(found), len(set(found)), origin.asked) == (6, requests, requests)


def test_an_origin_that_breaks_breaks_nobody_elses_request() -> None:
    cache = EdgeCache()

    def broken() -> Answer:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        cache.answer(KEY, broken, seconds(2))
    assert cache.answer(KEY, Origin(), seconds(2)) == (Answer(200, b"1"), None)


@pytest.mark.parametrize(
    ("paths", "is_forgotten"),
    [
        (("/*",), True),
        (("/api/st*",), True),
        (("/api/stats",), True),
        (("/api",), False),
        (("/app.js",), False),
    ],
)
def test_an_invalidation_forgets_what_it_names(paths: tuple[str, ...], is_forgotten: bool) -> None:
    cache, origin = EdgeCache(), Origin()
    cache.answer(KEY, origin, seconds(60))
    cache.forget("E2")
    assert cache.look_up(KEY) is not None, "another distribution's"
    cache.forget("E1", paths)
    assert (cache.look_up(KEY) is None) == is_forgotten


def test_what_was_asked_for_before_an_invalidation_is_not_kept_after_it() -> None:
    cache = EdgeCache()

    def overtaken() -> Answer:
        cache.forget("E1")
        return Answer(200, b"old")

    cache.answer(KEY, overtaken, seconds(60))
    assert cache.look_up(KEY) is None


def test_memory_is_bounded_and_the_least_used_goes_first() -> None:
    largest = 10 * (ENTRY_BYTES + 1000)
    cache = EdgeCache(largest_bytes=largest)
    keys = [("E1", f"/{number}", "") for number in range(30)]
    for key in keys:
        cache.answer(key, lambda: Answer(200, b"x" * 1000), seconds(60))
        assert cache.look_up(keys[0]) is not None
    kept = [key for key in keys if cache.look_up(key) is not None]
    assert kept == [keys[0], *keys[21:]]
    cache.answer(("E1", "/large", ""), lambda: Answer(200, b"x" * largest), seconds(60))
    assert cache.look_up(("E1", "/large", "")) is None
    assert len([key for key in keys if cache.look_up(key) is not None]) == 10
