"""What the demo's visitors choose from: pages, origins, programs, countries, hours of the day."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Program:
    """A user agent's text and what it must be classified as."""

    user_agent: str
    device: str
    browser: str
    os: str
    screen: str


@dataclass(frozen=True)
class Origin:
    """Where a visit comes from: the query of its first page, its referrer, and what both must count under."""

    source: str
    referrer: str = ""
    query: str = ""
    referrer_shown: str = ""


# By popularity: the weight of a page is 1 / rank (Zipf's law).
PAGES: Final = (
    *("/", "/pricing", "/docs", "/blog/realtime-analytics", "/features", "/docs/install", "/blog", "/signup"),
    *("/docs/events", "/about", "/blog/serverless-costs", "/changelog", "/docs/dashboard", "/customers"),
    *("/security", "/careers", "/docs/api", "/contact", "/legal/privacy", "/blog/hello-world"),
)

ORIGINS: Final = (
    (Origin("(direct)"), 38),
    (Origin("google.com", "https://www.google.com/", referrer_shown="google.com"), 24),
    (
        Origin(
            "search.naver.com",
            "https://search.naver.com/search.naver",
            referrer_shown="search.naver.com/search.naver",
        ),
        10,
    ),
    (
        Origin(
            "news.ycombinator.com",
            "https://news.ycombinator.com/item",
            referrer_shown="news.ycombinator.com/item",
        ),
        6,
    ),
    (Origin("github.com", "https://github.com/explore", referrer_shown="github.com/explore"), 6),
    (Origin("newsletter", "", "utm_source=newsletter&utm_medium=email&utm_campaign=autumn"), 7),
    (
        Origin(
            "twitter",
            "https://t.co/abc",
            "utm_source=twitter&utm_medium=social&utm_campaign=launch",
            "t.co/abc",
        ),
        5,
    ),
    (
        Origin(
            "google",
            "https://www.google.com/",
            "utm_source=google&utm_medium=cpc&utm_campaign=brand",
            "google.com",
        ),
        3,
    ),
    (Origin("producthunt", "https://www.producthunt.com/", "ref=producthunt", "producthunt.com"), 1),
)

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)"
_ANDROID = "Mozilla/5.0 (Linux; Android 10; K)"

PROGRAMS: Final = (
    (
        Program(
            f"{_WINDOWS} {_WEBKIT} Chrome/{{v}}.0.0.0 Safari/537.36",
            "desktop",
            "Chrome",
            "Windows",
            "1920x1080",
        ),
        30,
    ),
    (
        Program(
            f"{_MAC} {_WEBKIT} Chrome/{{v}}.0.0.0 Safari/537.36", "desktop", "Chrome", "macOS", "1728x1117"
        ),
        12,
    ),
    (
        Program(
            f"{_MAC} {_APPLE} Version/18.{{v}} Safari/605.1.15", "desktop", "Safari", "macOS", "1512x982"
        ),
        8,
    ),
    (
        Program(
            f"{_WINDOWS} {_WEBKIT} Chrome/{{v}}.0.0.0 Safari/537.36 Edg/{{v}}.0.0.0",
            *("desktop", "Edge", "Windows", "1920x1080"),
        ),
        7,
    ),
    (
        Program(
            "Mozilla/5.0 (X11; Linux x86_64; rv:{v}.0) Gecko/20100101 Firefox/{v}.0",
            *("desktop", "Firefox", "Linux", "2560x1440"),
        ),
        5,
    ),
    (
        Program(
            f"{_IPHONE} {_APPLE} Version/18.{{v}} Mobile/15E148 Safari/604.1",
            *("mobile", "Safari", "iOS", "393x852"),
        ),
        16,
    ),
    (
        Program(
            f"{_ANDROID} {_WEBKIT} Chrome/{{v}}.0.0.0 Mobile Safari/537.36",
            *("mobile", "Chrome", "Android", "412x915"),
        ),
        13,
    ),
    (
        Program(
            f"{_ANDROID} {_WEBKIT} SamsungBrowser/28.0 Chrome/{{v}}.0.0.0 Mobile Safari/537.36",
            *("mobile", "Samsung Internet", "Android", "384x854"),
        ),
        6,
    ),
    (
        Program(
            f"Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) {_APPLE} Version/18.{{v}} Mobile/15E148 Safari/604.1",
            *("tablet", "Safari", "iOS", "820x1180"),
        ),
        3,
    ),
)

BOTS: Final = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
)

COUNTRIES: Final = (
    *(
        ("KR", 52),
        ("US", 16),
        ("JP", 9),
        ("DE", 6),
        ("GB", 4),
        ("IN", 4),
        ("VN", 3),
        ("SG", 3),
        ("FR", 2),
        ("BR", 1),
    ),
)

# How busy each local hour is, 0..23, against the busiest; the site's readers live in Seoul.
RHYTHM: Final = (
    *(0.20, 0.12, 0.08, 0.06, 0.06, 0.09, 0.18, 0.34, 0.58, 0.82, 0.95, 0.92),
    *(0.80, 0.90, 1.00, 0.98, 0.92, 0.84, 0.70, 0.66, 0.72, 0.74, 0.60, 0.38),
)
SITE_UTC_OFFSET_HOURS: Final = 9
