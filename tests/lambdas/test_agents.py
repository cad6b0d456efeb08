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
    (f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) {SAFARI} GSA/370.0 Mobile/15E148 Safari/604.1", "Google app/iOS/mobile"),
    ("Mozilla/5.0 (Linux; Android 11; KFTRWI) AppleWebKit/537.36 (KHTML, like Gecko) Silk/130.5 like Chrome/130.0 Safari/537.36", "Silk/Android/tablet"),
    ("Opera/9.80 (Android; Opera Mini/36.2/119.132; U; id) Presto/2.12.423 Version/12.16", "Opera Mini/Android/tablet"),
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
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko; Acme-Thumbnails) Chrome/142.0 Safari/537.36",
            "crawler",
        ),
        ("Acme/1.0 (+https://acme.example/why)", "crawler"),
        ("Mozilla/5.0 (compatible; Acme/1.0)", "crawler"),
        ("FeedBurner/1.0 (http://www.FeedBurner.com)", "feed"),
        ("Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details/archive.org_bot)", "archive"),
        ("Mozilla/5.0 (compatible; CensysInspect/1.1; +https://about.censys.io/)", "scanner"),
        ("AdsBot-Google (+http://www.google.com/adsbot.html)", "ads"),
        ("Mozilla/5.0 (compatible; NobodyKnowsBot/1.0)", "crawler"),
    ],
)
def test_a_crawler_is_a_bot_with_a_reason(user_agent: str, reason: str) -> None:
    assert bot_reason(classify(user_agent), "") == reason


def test_two_independent_signs_make_a_bot() -> None:
    client = classify("python-requests/2.32.5")
    assert bot_reason(client, "1920x1080") == ""
    assert bot_reason(client, "0x0") == "signals"


CLIENTS = [
    *("", "curl/8.5.0", "Wget/1.24.5", "python-requests/2.32.5", "Python-urllib/3.12", "Go-http-client/2.0"),
    *("okhttp/4.12.0", "axios/1.7.9", "node-fetch", "undici", "Apache-HttpClient/5.4 (Java/21.0.5)", "Java/17.0.13"),
    *("Shop/3 CFNetwork/1568.200.51 Darwin/24.1.0", "Dart/3.5 (dart:io)", "GuzzleHttp/7", "Ruby", "PHP/8.3.14"),
    *("Dalvik/2.1.0 (Linux; U; Android 14; M bot 60 Build/UP1A)", "Shop-Server/1.4", "PostmanRuntime/7.43.0"),
]  # fmt: skip


@pytest.mark.parametrize("user_agent", CLIENTS)
def test_what_servers_and_applications_send_events_with_is_no_bot_by_itself(user_agent: str) -> None:
    assert bot_reason(classify(user_agent), "") == ""


@pytest.mark.parametrize(
    "name", ["HeadlessChrome/142.0.0.0", "PhantomJS/2.1.1", "Playwright/1.50", "Cypress/13.6"]
)
def test_a_browser_that_a_program_drives_is_a_bot_by_itself(name: str) -> None:
    user_agent = (
        f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) {name} Safari/537.36"
    )
    assert bot_reason(classify(user_agent), "1920x1080") == "headless"


@pytest.mark.parametrize(
    "phone", ["M bot 60", "Spider 8", "FEVER", "XBot_Senior", "CPH2617 Build/AP3A.240617.008"]
)
def test_a_phone_may_be_called_like_a_crawler(phone: str) -> None:
    user_agent = f"Mozilla/5.0 (Linux; Android 15; {phone}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Mobile Safari/537.36"
    assert bot_reason(classify(user_agent), "") == ""
