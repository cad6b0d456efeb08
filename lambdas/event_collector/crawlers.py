"""Whether a user agent is a known crawler's, and of which kind: a kept list first, then what crawlers have in common.

The list, `crawlers.txt`, is made by tools/crawler_list.py from packages that others keep; docs/decisions/0009-bots.md.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from pathlib import Path

from event_collector import agent_table as table

LIST = Path(__file__).with_name("crawlers.txt")
_LEAST = 3
_WORD = re.compile(r"^\^|(?<![a-z])[a-z]|(?<![a-z0-9])[0-9]")
_BOT = re.compile(r"bots?(?![a-z])")
_SITE = re.compile(r"https?://|www\.|[\w.-](?:@|\[at\]|\(at\))[a-z][\w-]*\.[a-z]")
_MOZILLA = re.compile(r"mozilla/\d\.\d+ ?(?:\(|(?!firefox|chrome|safari|applewebkit)[a-z])")


def crawler_reason(lowered: str) -> str:
    """Return the kind of crawler that a user agent (lower case) belongs to, or nothing."""
    text = _without_names(_without_device(lowered))
    for reason, words in table.CRAWLERS.items():
        if any(word in text for word in words):
            return reason
    return listed_reason(text) or ("crawler" if is_named_like_a_crawler(text) else "")


def listed_reason(text: str) -> str:
    """Return the reason of the first text of the list that begins a word of `text`; the longest, if several do."""
    listed = _listed()
    bounded = f"^{text}$"
    for word in _WORD.finditer(bounded):
        rest = bounded[word.start() :]
        at = bisect_right(listed, rest) - 1
        while at >= 0 and listed[at][:_LEAST] == rest[:_LEAST]:
            begin, _, reason = listed[at].partition("\t")
            if rest.startswith(begin):
                return reason
            at -= 1
    return ""


def is_named_like_a_crawler(text: str) -> bool:
    """Tell whether a name says so (`…bot`, `…crawler`), or the whole has the form that crawlers use."""
    return (
        any(word in text for word in table.CRAWLER_WORDS)
        or _BOT.search(text) is not None
        or _gives_an_address(text)
        or _is_only_compatible(text)
    )


def _gives_an_address(text: str) -> bool:
    """Crawlers tell where to complain. So do a few old browsers and toolbars, and makers of Android images."""
    return _SITE.search(text) is not None and not any(word in text for word in table.ADDRESSED)


def _is_only_compatible(text: str) -> bool:
    """Some name themselves where browsers name a platform: `Mozilla/5.0 (compatible; Name/1.0)`."""
    if "khtml, like gecko; " in text:
        return not any(word in text for word in ("version/", "googleweblight"))
    if _MOZILLA.match(text) is None:
        return False
    told = text[: text.find(")")] if "(compatible" in text[:24] else text
    return not any(word in told for word in table.PLATFORMS)


def _without_device(text: str) -> str:
    """Leave out the brackets in which an Android browser names its phone: phones are called `M bot 60` and the like."""
    begin = text.find("(")
    if "android" not in text or begin < 0:
        return text
    end = text.find(") applewebkit", begin)
    end = text.find(")", begin) if end < 0 else end
    device = text[begin:end]
    is_device = not any(word in device for word in table.NOT_A_DEVICE)
    return f"{text[:begin]}(android{text[end:]}" if is_device else text


def _without_names(text: str) -> str:
    for name in table.NOT_CRAWLERS:
        if name in text:
            text = text.replace(name, "")
    return text


@lru_cache(maxsize=1)
def _listed() -> list[str]:
    """The lines of the list, in order: what a word begins with stands close before the word itself."""
    return LIST.read_text(encoding="utf-8").splitlines()
