"""The visits that `verify` sends: a handful, chosen so that every figure has something to count.

What each must be counted as stands beside it in words, taken from the definitions, not from the functions' code.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
ENGAGEMENT = "engagement"
PAGE_VIEW = "page_view"
OWN_SITE = "{site}"  # in a referrer


@dataclass(frozen=True)
class Act:
    """An event, `ago_s` before its request is sent. One that `is_wrong` has a key that nobody knows."""

    kind: str
    page: str
    ago_s: int = 0
    query: str = ""
    engaged_ms: int = 0
    interactive: bool = False
    is_wrong: bool = False


@dataclass(frozen=True)
class Person:
    """A visitor with one visit, and what it must be counted under. `{v}` in the user agent is a run's own version."""

    name: str
    user_agent: str
    device: str
    browser: str
    os: str
    country: str
    requests: tuple[tuple[Act, ...], ...]
    source: str = "(direct)"
    referrer: str = ""
    referrer_shown: str = ""  # in the list of referrers; "" where it is none
    utm: Mapping[str, str] = field(default_factory=dict)
    is_bot: bool = False


PEOPLE = (
    Person(
        "of two requests",
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/{{v}}.0.0.0 Safari/537.36",
        *("desktop", "Chrome", "Windows", "KR"),
        requests=(
            (
                Act(PAGE_VIEW, "/", 90),
                Act(ENGAGEMENT, "/", 75, engaged_ms=15_000),
                Act(PAGE_VIEW, "/pricing", 60),
            ),
            (Act(PAGE_VIEW, "/docs"),),
        ),
        source="google.com",
        referrer="https://www.google.com/search",
        referrer_shown="google.com/search",
    ),
    Person(
        "of a campaign, and bounced",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) "
        f"{_APPLE} Version/18.{{v}} Mobile/15E148 Safari/604.1",
        *("mobile", "Safari", "iOS", "JP"),
        requests=(
            (
                Act(
                    PAGE_VIEW,
                    "/blog",
                    query="utm_source=newsletter&utm_medium=email&utm_campaign=autumn&utm_term=probe&utm_content=top",
                ),
            ),
        ),
        source="newsletter",
        utm={
            "utm_source": "newsletter",
            "utm_medium": "email",
            "utm_campaign": "autumn",
            "utm_term": "probe",
            "utm_content": "top",
        },
    ),
    Person(
        "who did something",
        f"Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) {_APPLE} Version/18.{{v}} Mobile/15E148 Safari/604.1",
        *("tablet", "Safari", "iOS", "DE"),
        requests=((Act(PAGE_VIEW, "/signup", 12), Act("signup", "/signup", interactive=True)),),
    ),
    Person(
        "whose events come late",
        "Mozilla/5.0 (X11; Linux x86_64; rv:{v}.0) Gecko/20100101 Firefox/{v}.0",
        *("desktop", "Firefox", "Linux", "US"),
        requests=((Act(PAGE_VIEW, "/features", 400, query="ref=producthunt"), Act(PAGE_VIEW, "/", 370)),),
        source="producthunt",
    ),
    Person(
        "with an event that is refused",
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/{{v}}.0.0.0 Safari/537.36 Edg/{{v}}.0.0.0",
        *("desktop", "Edge", "Windows", "GB"),
        requests=((Act(PAGE_VIEW, "/docs"), Act(PAGE_VIEW, "/never", is_wrong=True)),),
        referrer=f"https://{OWN_SITE}/elsewhere",
    ),
    Person("that is a crawler", BOT, "", "", "", "", requests=((Act(PAGE_VIEW, "/"),),), is_bot=True),
)
REPEATED = (0, 0)  # this request, person and number, is sent again when all others are through


@dataclass(frozen=True)
class Request:
    """A request to send; `number` counts a person's."""

    person: Person
    number: int
    user_agent: str
    body: bytes

    @property
    def acts(self) -> tuple[Act, ...]:
        """What it tells."""
        return self.person.requests[self.number]


@dataclass(frozen=True)
class Timings:
    """Milliseconds: to the answer that the first events are stored; from the last one to where they show."""

    accepted_ms: int
    realtime_ms: int
    stats_ms: int
    total_ms: int


def requests_of(site: str, run: str, sent_at_ms: int) -> Iterator[Request]:
    """Yield the requests in the order to send them in: first ones of everybody, then what follows.

    `run` is a number: it tells the visitors of this run from those of others, whose address may be the same.
    """
    rounds = max(len(person.requests) for person in PEOPLE)
    for number in range(rounds):
        for index, person in enumerate(PEOPLE):
            if number < len(person.requests):
                body = _body(person, site, f"{run}-{index}-{number}", sent_at_ms, person.requests[number])
                yield Request(person, number, person.user_agent.replace("{v}", run), body)


def is_repeated(request: Request) -> bool:
    """Tell whether this request is to be sent a second time."""
    return (PEOPLE.index(request.person), request.number) == REPEATED


def _body(person: Person, site: str, name: str, sent_at_ms: int, acts: tuple[Act, ...]) -> bytes:
    events = [
        _event(act, person, site, f"probe-{name}-{number}", sent_at_ms) for number, act in enumerate(acts)
    ]
    return json.dumps({"site": site, "sent_at": sent_at_ms, "screen": "1920x1080", "events": events}).encode()


def _event(act: Act, person: Person, site: str, event_id: str, sent_at_ms: int) -> dict[str, Any]:
    event: dict[str, Any] = {
        "event_id": event_id,
        "event_type": act.kind,
        "page_url": f"https://{site}{act.page}" + (f"?{act.query}" if act.query else ""),
        "timestamp": sent_at_ms - act.ago_s * 1000,
    }
    if person.referrer:
        event["referrer"] = person.referrer.replace(OWN_SITE, site)
    if act.engaged_ms:
        event["engaged_ms"] = act.engaged_ms
    if act.interactive:
        event["interactive"] = True
    if act.is_wrong:
        event["user_agent"] = "smuggled"
    return event
