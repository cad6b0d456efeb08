"""A custom origin: what of a viewer's request a behaviour's policies pass on, and the answer to it."""

from collections.abc import Mapping
from typing import Any

import urllib3

from liveinsight_cli.local.cloudfront.viewer import HOP_BY_HOP, Pairs, ViewerRequest, joined
from liveinsight_cli.local.documents import Documents
from liveinsight_cli.local.http import Answer

PLAIN = (("Content-Type", "text/plain"),)
Config = Mapping[str, Any]

# Managed policies have no document: what these two say is fixed.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
_ALL: Config = {
    "CookiesConfig": {"CookieBehavior": "all"},
    "QueryStringsConfig": {"QueryStringBehavior": "all"},
}
MANAGED: Mapping[str, Config] = {
    "b689b0a8-53d0-40ab-baf2-68738e2966ac": {
        **_ALL,
        "HeadersConfig": {"HeaderBehavior": "allExcept", "Headers": {"Items": ["host"]}},
    },
    "216adef6-5c7f-47e4-b989-5492eafa07d3": {**_ALL, "HeadersConfig": {"HeaderBehavior": "allViewer"}},
}


class CustomOrigins:
    """Passes requests on, over connections that are kept."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._pool = urllib3.PoolManager(maxsize=32, retries=False)

    def answer(self, origin: Config, behaviour: Config, request: ViewerRequest) -> Answer:
        """Send a request to an origin and return what it answers; 502 and 504 as CloudFront says them."""
        settings = origin["CustomOriginConfig"]
        timeout = urllib3.Timeout(
            connect=float(origin.get("ConnectionTimeout") or 10),
            read=float(settings.get("OriginReadTimeout") or 30),
        )
        query, headers = self._forwarded(behaviour, request)
        try:
            answer = self._pool.request(
                request.method,
                _url(origin, settings) + (origin.get("OriginPath") or "") + request.uri + query,
                headers=headers,
                body=request.body or None,
                timeout=timeout,
                redirect=False,
                decode_content=False,
            )
        except urllib3.exceptions.HTTPError as error:
            late = isinstance(error, urllib3.exceptions.TimeoutError)
            if late and not isinstance(
                error, urllib3.exceptions.NewConnectionError
            ):  # refused, which it calls late
                return Answer(504, b"The origin did not answer in time.\n", PLAIN)
            return Answer(502, f"The origin {origin['DomainName']} cannot be reached.\n".encode(), PLAIN)
        kept = tuple(
            (name, value) for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP
        )
        return Answer(answer.status, answer.data, kept)

    def close(self) -> None:
        """Let go of the connections."""
        self._pool.clear()

    def _forwarded(self, behaviour: Config, request: ViewerRequest) -> tuple[str, dict[str, str]]:
        policies = self._policies(behaviour)
        headers = {
            name: value
            for name, value in request.headers.items()
            if any(_passes(one, "HeadersConfig", "HeaderBehavior", "Headers", name) for one in policies)
        }
        query = _some(request.query, policies, "QueryStringsConfig", "QueryStringBehavior", "QueryStrings")
        cookies = _some(request.cookies, policies, "CookiesConfig", "CookieBehavior", "Cookies")
        if cookies:
            headers["cookie"] = joined(cookies, "; ")
        headers.setdefault("user-agent", "Amazon CloudFront")
        before = headers.get("x-forwarded-for")
        headers["x-forwarded-for"] = f"{before}, {request.address}" if before else request.address
        return ("?" + joined(query, "&") if query else ""), headers

    def _policies(self, behaviour: Config) -> list[Config]:
        cache = self._documents.get("CachePolicy", behaviour.get("CachePolicyId") or "")
        id_ = behaviour.get("OriginRequestPolicyId") or ""
        passed = self._documents.get("OriginRequestPolicy", id_)
        in_key = "ParametersInCacheKeyAndForwardedToOrigin"
        found: list[Config] = [cache.body["CachePolicyConfig"].get(in_key) or {}] if cache else []
        found += [passed.body["OriginRequestPolicyConfig"]] if passed else []
        return found + ([MANAGED[id_]] if id_ in MANAGED else [])


def _url(origin: Config, settings: Config) -> str:
    secure = settings.get("OriginProtocolPolicy") == "https-only"
    port = settings["HTTPSPort"] if secure else settings["HTTPPort"]
    return f"{'https' if secure else 'http'}://{origin['DomainName']}:{port}"


def _some(pairs: Pairs, policies: list[Config], config: str, behaviour: str, names: str) -> Pairs:
    def passes(name: str) -> bool:
        return any(_passes(policy, config, behaviour, names, name) for policy in policies)

    return tuple((name, value) for name, value in pairs if passes(name))


def _passes(policy: Config, config: str, behaviour: str, names: str, name: str) -> bool:
    """Tell whether a policy passes on one header, query string or cookie."""
    part = policy.get(config) or {}
    listed = {one.lower() for one in (part.get(names) or {}).get("Items") or []}
    match part.get(behaviour, "none"):
        case "all" | "allViewer" | "allViewerAndWhitelistCloudFront":
            return True
        case "whitelist":
            return name.lower() in listed
        case "allExcept":
            return name.lower() not in listed
    return False
