"""Known bots are caught and people are not, measured on lists of others: tests/lambdas/corpora.py names them."""

from __future__ import annotations

import re

import pytest
from crawleruseragents import CRAWLER_USER_AGENTS_DATA

from event_collector.agents import Agent, bot_reason, classify
from tests.lambdas.corpora import MATOMO_PEOPLE, fake_useragents, matomo

# A product's name and version alone, or a sentence without brackets: any server can call itself that when it sends
# events, so it is one sign at most. `Name/1.0 (+https://…)` and `Mozilla/5.0 …` are more than that.
IS_BARE = re.compile(r"(?!mozilla)[^(]*", re.IGNORECASE)
SCREEN = "1920x1080"


def is_client(agent: Agent) -> bool:
    return agent.is_automation and not agent.bot


def test_bots_that_our_list_was_not_made_of_are_caught() -> None:
    known = [user_agent for user_agent in matomo("bots") if not IS_BARE.fullmatch(user_agent)]
    judged = [user_agent for user_agent in known if not is_client(classify(user_agent))]
    missed = [user_agent for user_agent in judged if not classify(user_agent).bot]
    assert len(judged) >= 900
    assert len(known) - len(judged) <= 10, "the rule about HTTP clients hides bots"
    assert len(missed) / len(judged) <= 0.02, "\n".join(missed)


def test_bots_that_only_give_a_name_are_mostly_caught_too() -> None:
    known = matomo("bots")
    assert sum(bool(classify(user_agent).bot) for user_agent in known) / len(known) >= 0.9


def test_nearly_all_bots_that_the_list_was_made_of_are_caught() -> None:
    instances = [
        user_agent
        for crawler in CRAWLER_USER_AGENTS_DATA
        if "http-library" not in crawler["tags"]
        for user_agent in crawler["instances"]
    ]
    missed = [user_agent for user_agent in instances if not classify(user_agent).bot]
    assert len(instances) >= 2000
    assert len(missed) / len(instances) <= 0.01, "\n".join(missed)


@pytest.mark.parametrize("name", MATOMO_PEOPLE)
def test_nobody_who_reads_pages_is_taken_for_a_bot(name: str) -> None:
    # WhatsApp fetches a preview of every link with this name; a page opens in the phone's browser, under its name.
    people = [user_agent for user_agent in matomo(name) if not user_agent.startswith("WhatsApp/")]
    assert [user_agent for user_agent in people if bot_reason(classify(user_agent), SCREEN)] == []


def test_no_browser_in_use_today_is_taken_for_a_bot() -> None:
    people = fake_useragents()
    assert len(people) >= 800
    assert [user_agent for user_agent in people if bot_reason(classify(user_agent), SCREEN)] == []


def test_the_lists_of_people_are_long_and_hold_windows_inside_applications() -> None:
    people = [user_agent for name in MATOMO_PEOPLE for user_agent in matomo(name)]
    assert len(people) >= 30_000
    assert sum("; wv)" in user_agent for user_agent in people) >= 1000
    for program in (
        "FBAV/",
        "Instagram",
        "MicroMessenger/",
        "CUBOT",
        "HbbTV",
        "Opera Mini",
        "Silk/",
        "PlayStation",
    ):
        assert any(program in user_agent for user_agent in people), program
