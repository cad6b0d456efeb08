"""Writes the collector's list of crawlers from two pinned packages; `--check` only compares (a test runs that).

A pattern of theirs becomes plain text that the collector looks for: compiling 2,900 regular expressions would take
longer than everything else a cold start does. Where a pattern is more than plain text, the longest plain text that each
of its matches holds stands for it, where a word begins. docs/decisions/0009-bots.md says why, and what that costs.
"""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import distribution
from itertools import product
from pathlib import Path

from crawlerdetect.providers import crawlers as untagged
from crawleruseragents import CRAWLER_USER_AGENTS_DATA as TAGGED

COLLECTOR = Path(__file__).parent.parent / "lambdas" / "event_collector"
sys.path.insert(0, str(COLLECTOR.parent))
from event_collector.agent_table import AUTOMATION  # noqa: E402 - the functions' sources are not installed
from event_collector.crawlers import is_named_like_a_crawler  # noqa: E402

PACKAGES = ("crawler-user-agents", "crawlerdetect")
SHORTEST = 3

# The first package's tags -> our reasons. `http-library` has none: servers and native apps send events with those.
REASONS = {
    "ai-crawler": "ai",
    "search-engine": "search",
    "seo": "seo",
    "social-preview": "preview",
    "monitoring": "monitor",
    "browser-automation": "headless",
    "advertising": "ads",
    "feed-reader": "feed",
    "archiver": "archive",
    "scanner": "scanner",
    "academic": "crawler",
}

# Texts that also stand in what people read pages with: applications and their windows, phones, a version of Android.
READ_BY_PEOPLE = (
    *("ap3a.240617.008", "blackboard", "butterfly", "code/1.", "coccoc", "demon", "fluid"),
    *("freespoke/", "integrity", "fetch/", "libweb", "metaiab facebook", "nextcloud", "notion/"),
    *("project", "qqdownload", "red/", "^silk/", "slack/", "sogou", "sonic", "speedy", "trae/"),
    *("viber", "webster", "yak/", "disqus", "github.com", "url/emacs", "microsoft office"),
    *("microsoft outlook", "macoutlook/", "outlook-express", "outlook-ios", "excel/"),
    *("powerpoint/", "word/", "airmail", "^mail/", "instapaper", "netnewswire", "newsblur"),
    *("podimo", "podcastaddict/", "quiterss", "reeder/", "rssowl", "libvlc", "networkingextension"),
    *("mojeek", "androiddownloadmanager", "^fdm ", "lavf/"),
)


def written() -> dict[str, str]:
    """Return the files of the collector that are made here: name -> text."""
    notices = [f"{name} {distribution(name).version}\n\n{_license(name)}" for name in PACKAGES]
    lines = [f"{text}\t{reason}\n" for text, reason in sorted(crawlers().items())]
    return {"crawlers.txt": "".join(lines), "crawlers.LICENSE": "\n\n".join(notices)}


def crawlers() -> dict[str, str]:
    """Return lower-case text -> reason, without those that begin with another of the same reason."""
    found: dict[str, str] = {}
    for pattern in untagged.data:
        if not pattern.startswith("["):  # general words, of which the collector has its own
            found |= dict.fromkeys(needles(pattern), "crawler")
    for entry in TAGGED:
        for text in needles(entry["pattern"]):
            found[text] = REASONS.get(entry["tags"][0], "")
    kept = {text: reason for text, reason in found.items() if _is_crawler(text) and reason}
    return {text: reason for text, reason in kept.items() if not _is_spare(text, reason, kept)}


def needles(pattern: str) -> Iterator[str]:
    """Yield lower-case texts, one of which begins a word of each match of `pattern`; `^` and `$` mean begin and end."""
    parts = re.split(r"(?<!\\)\(([^()]*)(?<!\\)\)", pattern)
    choices = [part.split("|") if index % 2 else [part] for index, part in enumerate(parts)]
    for text in pattern.split("|") if len(parts) == 1 else map("".join, product(*choices)):
        yield max(_plain_runs(text), key=len).lower().lstrip(" ;")


def _plain_runs(pattern: str) -> list[str]:
    runs = [""]
    for token in re.findall(r"\\.|\[[^\]]*\]|.[?*]|.", pattern):
        if re.fullmatch(r"\[(\w)(\w)\]", token) and token[1].lower() == token[2].lower():
            runs[-1] += token[1]
        elif re.fullmatch(r"\\[^sSdDwWb]|[^.+?*\[\](){}]", token):
            runs[-1] += token[-1]
        else:
            runs.append("")
    return runs


def _is_crawler(text: str) -> bool:
    is_client = any(word in text or text.strip("^$") in word for word in AUTOMATION)
    return len(text) >= SHORTEST and not text.startswith(READ_BY_PEOPLE) and not is_client


def _is_spare(text: str, reason: str, kept: dict[str, str]) -> bool:
    is_found_anyway = reason == "crawler" and is_named_like_a_crawler(text)
    return is_found_anyway or any(kept.get(text[:end]) == reason for end in range(SHORTEST, len(text)))


def _license(package: str) -> str:
    for path in distribution(package).files or ():
        if path.name.startswith("LICENSE"):
            return path.read_text(encoding="utf-8").strip() + "\n"
    raise FileNotFoundError(f"{package} carries no license")


def main() -> int:
    """Write the files, or say which of them are not current."""
    stale = [name for name, text in written().items() if _current(name) != text]
    if "--check" in sys.argv[1:]:
        print("\n".join(f"{name} is not current: make crawlers" for name in stale))
        return int(bool(stale))
    for name in stale:
        (COLLECTOR / name).write_text(written()[name], encoding="utf-8")
    return 0


def _current(name: str) -> str:
    path = COLLECTOR / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""


if __name__ == "__main__":
    sys.exit(main())
