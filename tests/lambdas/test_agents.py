"""Classes of user agents, and what counts as a bot."""

# ruff: noqa: E501 - user agents are as long as they are

from __future__ import annotations

import pytest

from event_collector.agents import bot_reason, classify

SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
BROWSERS = [
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36", "Chrome/Windows/desktop"),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", "Edge/Windows/desktop"),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox/macOS/desktop"),
    (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {SAFARI} Version/26.0 Safari/605.1.15", "Safari/macOS/desktop"),
    (f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) {SAFARI} Version/18.6 Mobile/15E148 Safari/604.1", "Safari/iOS/mobile"),
    (f"Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) {SAFARI} CriOS/142.0 Mobile/15E148 Safari/604.1", "Chrome/iOS/tablet"),
    ("Mozilla/5.0 (Linux; Android 15; SM-S921N) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36", "Samsung Internet/Android/mobile"),
    ("Mozilla/5.0 (Linux; Android 14; SM-X700) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36", "Chrome/Android/tablet"),
    ("Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36", "Chrome/Android/mobile"),
    ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36", "Chrome/ChromeOS/desktop"),
    ("Mozilla/5.0 (Linux; Android 14; SM-S918N; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/142.0 Mobile Safari/537.36 KAKAOTALK 10.4.5", "KakaoTalk/Android/mobile"),
    ("", "Other/Other/other"),
    ("curl/8.5.0", "Other/Other/other"),
]  # fmt: skip


@pytest.mark.parametrize(("user_agent", "expected"), BROWSERS)
def test_a_browser_has_its_class_and_is_no_bot(user_agent: str, expected: str) -> None:
    agent = classify(user_agent)
    assert str(agent) == expected
    assert bot_reason(agent, "1920x1080") == ""


@pytest.mark.parametrize(
    ("user_agent", "reason"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "search"),
        ("Mozilla/5.0 (compatible; Yeti/1.1; +https://naver.me/spd)", "search"),
        (
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
            "ai",
        ),
        ("facebookexternalhit/1.1", "preview"),
        ("Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", "seo"),
        ("Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)", "monitor"),
        ("SomethingNew-Crawler/0.1", "crawler"),
        ("Mozilla/5.0 (compatible; NobodyKnowsBot/1.0)", "crawler"),
    ],
)
def test_a_crawler_is_a_bot_with_a_reason(user_agent: str, reason: str) -> None:
    assert bot_reason(classify(user_agent), "") == reason


def test_two_independent_signs_make_a_bot() -> None:
    headless = classify(
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/142.0 Safari/537.36"
    )
    assert bot_reason(headless, "1920x1080") == ""
    assert bot_reason(headless, "0x0") == "signals"
