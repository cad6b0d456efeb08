"""Data of the user-agent classifier, as of 2026-11-23. Order matters: the first token found names the program."""

from __future__ import annotations

OTHER = "Other"

BROWSERS = (
    ("KAKAOTALK", "KakaoTalk"),
    ("NAVER(inapp", "Naver"),
    ("FBAN/", "Facebook"),
    ("FBAV/", "Facebook"),
    ("Instagram", "Instagram"),
    ("MicroMessenger/", "WeChat"),
    ("Line/", "LINE"),
    ("Twitter for i", "Twitter"),
    ("Snapchat", "Snapchat"),
    ("Pinterest/", "Pinterest"),
    ("musical_ly", "TikTok"),
    ("BytedanceWebview", "TikTok"),
    ("GSA/", "Google app"),
    ("Whale/", "Whale"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Silk/", "Silk"),
    ("HuaweiBrowser/", "Huawei Browser"),
    ("MiuiBrowser/", "MIUI Browser"),
    ("VivoBrowser/", "Vivo Browser"),
    ("Edg/", "Edge"),
    ("Edge/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("UCBrowser", "UC Browser"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("Opera Mini", "Opera Mini"),
    ("Opera", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("YaBrowser/", "Yandex"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("Ddg/", "DuckDuckGo"),
    ("Ecosia", "Ecosia"),
    ("Brave", "Brave"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Chromium/", "Chrome"),
    ("Version/", "Safari"),
    ("AppleWebKit/", "Safari"),
    ("Trident/", "Internet Explorer"),
    ("MSIE ", "Internet Explorer"),
)

SYSTEMS = (
    ("Windows Phone", "Windows Phone"),
    ("Windows", "Windows"),
    ("Tizen", "Tizen"),
    ("Web0S", "webOS"),
    ("webOS", "webOS"),
    ("KAIOS", "KaiOS"),
    ("OpenHarmony", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("iPod", "iOS"),
    ("Mac OS X", "macOS"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
    ("X11", "Linux"),
)

DESKTOP_SYSTEMS = frozenset({"Windows", "macOS", "ChromeOS", "Linux"})
TELEVISIONS = (
    "smart-tv",
    "smarttv",
    "appletv",
    "googletv",
    "hbbtv",
    "web0s",
    "bravia",
    "; aft",
    "roku",
    "crkey",
)

# Reason -> words of crawlers that the list (crawlers.txt) lacks or gives another reason; lower case.
CRAWLERS = {
    "ai": ("amazonbot", "applebot-extended", "diffbot", "meta-externalfetcher", "youbot"),
    "search": (
        *("yandexbot", "yandeximages", "yandexmobilebot", "google search console", "sogou web"),
        "sogou inst",
    ),
    "preview": ("kakaotalk-scrap", "pinterestbot", "pinterest/0", "bitlybot"),
    "monitor": (
        *("amazon-route53-health-check", "betterstack", "dejaclick/", "elb-healthchecker", "gomezagent"),
        *("google page speed", "kube-probe", "newrelicpinger"),
    ),
    "archive": ("httrack",),
    "headless": (
        *("headless", "phantomjs", "puppeteer", "playwright", "selenium", "webdriver", "cypress/"),
        "functionize",
    ),
    "scanner": ("burpcollaborator",),
}

# Words that make an unknown user agent a crawler, wherever they stand in it.
CRAWLER_WORDS = (
    *("crawl", "spider", "scrap", "slurp", "robot", "checker", "validator", "monitor", "scanner"),
    *("fetcher", "analyz", "analys", "audit", "archiver", "probe", "synthetic", "extractor", "harvest"),
    *("collector", "firefox mutant", "survey", "screenshot", "sitemap", "verif", "transcoder"),
    *("useragent", "indexer", "inspector", "lookup", "classifier", "cloudflare", "research/", "+http"),
    *("google-", "-google", "seo ", "imageproxy", "emailproxy"),
)
# Names of phones, programs and firms that hold such a word or "bot".
NOT_CRAWLERS = (
    "cubot",
    "camscanner",
    "fubo",
    "caboto",
    "botech",
    "turbotab",
    "whatsappelectron",
    "whatsapp-",
)
# Words that tell a crawler from the name of a phone, where a browser on Android names its phone.
NOT_A_DEVICE = ("compatible", "+http", "-google/", "catchpoint")
# User agents with an address that are no crawler's.
ADDRESSED = (
    *("msie ", "bsalsa.com", "qtweb", "xbmc", "browser", "build/", "android", "iphone", "ipad"),
    *("k-meleon", "ecosia", "arachne", "overcast", "opera", "qbittorrent"),
)
# What a Mozilla user agent without any of these is: no browser, not even an old one.
PLATFORMS = (
    *("windows", "mac", "linux", "android", "iphone", "ipad", "ipod", "x11", "win9", "win16", "win32"),
    *("winnt", "symbian", "series", "midp", "brew", "palm", "blackberry", "rim", "nokia", "sonyericsson"),
    *("samsung", "foma", "amiga", "beos", "risc", "os/2", "sunos", "bsd", "unix", "cros", "tizen"),
    *("kaios", "bada", "nintendo", "playstation", "dreamcast", "kindle", "netfront", "konqueror"),
    *("opera", "msie", "khtml", "gecko", "icab", "omniweb", "ibrowse", "netpositive", "profile/"),
    *("inferno", "avantgo", "wap", "planetweb", "ms-office", "ccleaner", "frontpage", "docomo", "tv"),
    *("webos", "roku", "browser", "; u;", "viera"),
)

# Programs that are not browsers. Alone no proof of a bot: servers and native apps report events with them.
AUTOMATION = (
    *("electron/", "curl", "wget", "python", "aiohttp", "go-http", "package http", "java/", "okhttp"),
    *("dart/", "httpclient", "http-client", "http client", "http_client", "httpasync", "asynchttp"),
    *("httpcomponents", "http-kit", "http-request", "http_request", "httprequest", "http-get"),
    *("http_get", "http.rb", "http-tiny", "httpx", "httpie", "httpunit", "httpurlconnection", "httplib"),
    *("libwww", "lwp", "perl", "node-", "node.js", "axios", "undici", "superagent", "got/", "got "),
    *("ruby", "faraday", "php", "guzzle", "scrapy", "rest-client", "restsharp", "restclient", "reqwest"),
    *("requests", "request.js", "requester", "ktor", "khttp", "unirest", "postman", "insomnia"),
    *("winhttp", "cfnetwork", "alamofire", "ahc/", "jersey", "jetty", "akka", "grpc", "resty", "deno/"),
    *("bun/", "docker/", "git/", "npm/", "pip/", "gradle", "colly", "mechanize"),
)
IMPOSSIBLE_SCREENS = frozenset({"0x0", "1x1"})
