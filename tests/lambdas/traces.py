"""Random traffic: people, what they do, how their requests go wrong, and how a trace reads when it is printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from hypothesis import strategies as st

from tests.lambdas.oracle_traffic import Agent, Sender
from tests.lambdas.world import CHROME

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
GPTBOT = (
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)"
)
HEADLESS = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "HeadlessChrome/142.0.0.0 Safari/537.36"
)
PEOPLE = {
    "Ann": Sender("203.0.113.1", CHROME, Agent("Chrome", "Windows", "desktop"), "KR"),
    "Bob": Sender("203.0.113.2", IPHONE, Agent("Safari", "iOS", "mobile"), "DE"),
    "Cem": Sender("203.0.113.1", FIREFOX, Agent("Firefox", "Linux", "desktop")),  # behind Ann's address
    "curl": Sender("203.0.113.3", "curl/8.5.0", Agent("Other", "Other", "other", is_automation=True), "KR"),
    "Googlebot": Sender("203.0.113.4", GOOGLEBOT, Agent("", "", "", crawler="search")),
    "okhttp": Sender("203.0.113.5", "okhttp/4.12.0", Agent("Other", "Other", "other", is_automation=True)),
    "Headless": Sender("203.0.113.6", HEADLESS, Agent("", "", "", crawler="headless")),
    "Acme": Sender("203.0.113.7", "Acme/1.0 (+https://acme.example)", Agent("", "", "", crawler="crawler")),
    "GPTBot": Sender("203.0.113.1", GPTBOT, Agent("", "", "", crawler="ai"), "KR"),
}
# Sessions that callers number: Ann's and Bob's requests belong to the same one. The feed shows 8 characters.
_OWN = {"Ann": "o1", "Bob": "o1", "Googlebot": "o1"}
VISITORS = ("Ann", "Ann", "Ann", "Bob", "Cem", "curl")
KINDS = ("page_view", "page_view", "page_view", "engagement", "click")
PAGES = (
    "/",
    "/pricing",
    "/pricing?utm_source=news&utm_medium=email&utm_campaign=a%2Bb&utm_term=+x+&utm_content=y",
    "/docs/start?utm_source=&source=ad&secret=1#top",
    "/docs/start?ref=friend",
    "/docs/start?ref=friend&source=ad&source=second",
    "",
    "/long/" + "x" * 250,
)
REFERRERS = (
    "",
    "",
    "https://www.google.com/search?q=x",
    "https://shop.example/other",
    "https://www.shop.example:8443/other/",
    "android-app://com.app/x",
    "https://www.blog.example/post",
    "no url",
)
DELAYS_MS = (0, 0, 0, 1_000, 90_000, 900_000, 900_001, -5_000)
GAPS_S = (0, 0, 1, 4, 30, 59, 60, 299, 300, 301, 900, 1799, 1800, 1801, 3600, 7200)
PLACES = (
    "shop.example",
    "shop.example",
    "shop.example",
    "www.blog.example",
    "shop.example#own",
    "blog.example#own",
)


@dataclass(frozen=True)
class Act:
    """One event; `place` is a host, with `#own` for a session that the caller numbers."""

    kind: str = "page_view"
    page: str = "/"
    place: str = "shop.example"
    referrer: str = ""
    delay_ms: int = 0
    is_interactive: bool = False
    engaged_ms: int = 0


@dataclass(frozen=True)
class Fault:
    """Storage trouble from a request's n-th call on: before it takes effect, after, or with half a batch written."""

    at_call: int
    kind: Literal["before", "after", "half"] = "before"
    lasts: bool = True


@dataclass(frozen=True)
class Turn:
    """One request: by whom, how long after the one before, and what is wrong with it."""

    who: str
    gap_s: int
    acts: tuple[Act, ...]
    site: str | None = None
    clock_ms: int | None = 0  # how far the sender's clock is off; None: no `sent_at`
    has_ids: bool = True
    repeats_ids: bool = False
    has_bad_event: bool = False
    again: int | None = None  # instead of something new, the so many-th last request once more
    fault: Fault | None = None
    retried_after: int = 0  # other requests, if it is answered 503
    container: int = 0

    def __str__(self) -> str:
        marks = {
            f"site={self.site}": self.site,
            f"clock {self.clock_ms} ms off": self.clock_ms,
            "no sent_at": self.clock_ms is None,
            "no ids": not self.has_ids,
            "ids of the request before": self.repeats_ids,
            "and a bad event": self.has_bad_event,
            f"instead, the last request but {self.again} again": self.again is not None,
            f"{self.fault}, retried after {self.retried_after}": self.fault,
        }
        shown = ", ".join(text for text, is_so in marks.items() if is_so)
        return (
            f"+{self.gap_s} s {self.who}: {'; '.join(map(_shown, self.acts))} {f'[{shown}]' if shown else ''}"
        )


def _shown(act: Act) -> str:
    extra = [
        f"{act.delay_ms / 1000:g} s ago" if act.delay_ms else "",
        f"from {act.referrer}" if act.referrer else "",
        "interactive" if act.is_interactive else "",
        f"engaged {act.engaged_ms} ms" if act.engaged_ms else "",
    ]
    return " ".join([act.kind, act.place + act.page[:60], *filter(None, extra)])


acts = st.builds(
    Act,
    kind=st.sampled_from(KINDS),
    page=st.sampled_from(PAGES),
    place=st.sampled_from(PLACES),
    referrer=st.sampled_from(REFERRERS),
    delay_ms=st.sampled_from(DELAYS_MS),
    is_interactive=st.booleans(),
    engaged_ms=st.sampled_from((0, 1500)),
)
faults = st.builds(Fault, st.integers(0, 5), st.sampled_from(("before", "after", "half")), st.booleans())
HEALTHY: dict[str, Any] = {"again": st.none(), "fault": st.none(), "repeats_ids": st.just(False)}


def turns(gaps_s: tuple[int, ...] = GAPS_S, **more: Any) -> st.SearchStrategy[Turn]:
    """Requests with one of these gaps; `more` replaces the strategy of a field."""
    fields: dict[str, Any] = {
        "who": st.sampled_from(VISITORS * 2 + ("Googlebot", "GPTBot")),
        "gap_s": st.sampled_from(gaps_s),
        "acts": st.lists(acts, min_size=1, max_size=3).map(tuple),
        "site": st.sampled_from((None,) * 6 + ("shop.example",)),
        "clock_ms": st.sampled_from((0, 0, 0, -3_600_000, 7_000, None)),
        "has_ids": st.sampled_from((True,) * 7 + (False,)),
        "repeats_ids": st.sampled_from((False,) * 7 + (True,)),
        "has_bad_event": st.sampled_from((False,) * 9 + (True,)),
        "again": st.sampled_from((None,) * 5 + (0, 1, 2, 3)),
        "fault": st.none() | st.none() | faults,
        "retried_after": st.integers(0, 3),
        "container": st.integers(0, 1),
    }
    return st.builds(Turn, **{**fields, **more})


def document_of(turn: Turn, number: int, now: int, ids_from: int, own_number: int = 0) -> dict[str, Any]:
    """The request's body; a third of curl's say that there is no screen, which makes them a bot's."""
    clock = turn.clock_ms or 0
    own = f"{_OWN.get(turn.who, 'o2')}{own_number}"
    events = [_event(act, turn, now + clock, f"{ids_from:04}-{i}", own) for i, act in enumerate(turn.acts)]
    document: dict[str, Any] = {"events": events, "lang": f"x-{number}"}  # no two bodies are the same
    if turn.clock_ms is not None:
        document["sent_at"] = now + clock
    if turn.site:
        document["site"] = turn.site
    if turn.who == "curl" and number % 3 == 0:
        document["screen"] = "0x0"
    return document


def _event(act: Act, turn: Turn, client_now: int, event_id: str, own_id: str) -> dict[str, Any]:
    host, _, is_own = act.place.partition("#")
    return {
        "event_type": act.kind,
        "page_url": f"https://{host}{act.page}",
        "referrer": act.referrer,
        "timestamp": client_now - act.delay_ms,
        "interactive": act.is_interactive,
        "engaged_ms": act.engaged_ms,
        "title": f"Title {event_id}",
        **({"event_id": f"event-{event_id}"} if turn.has_ids else {}),
        **({"session_id": f"{own_id}-{turn.site or host}"} if is_own else {}),
    }
