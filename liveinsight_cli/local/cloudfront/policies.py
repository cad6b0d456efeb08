"""What a behaviour's policies name: headers, query strings and cookies that pass, and how long an answer is kept."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from liveinsight_cli.local.cloudfront.viewer import Pairs, ViewerRequest, joined
from liveinsight_cli.local.documents import Documents
from liveinsight_cli.local.http import Answer

Config = Mapping[str, Any]
IN_KEY = "ParametersInCacheKeyAndForwardedToOrigin"

# Managed policies have no document: what these say is fixed.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
_ALL: Config = {
    "CookiesConfig": {"CookieBehavior": "all"},
    "QueryStringsConfig": {"QueryStringBehavior": "all"},
}
MANAGED_REQUEST_POLICIES: Mapping[str, Config] = {
    "b689b0a8-53d0-40ab-baf2-68738e2966ac": {
        **_ALL,
        "HeadersConfig": {"HeaderBehavior": "allExcept", "Headers": {"Items": ["host"]}},
    },
    "216adef6-5c7f-47e4-b989-5492eafa07d3": {**_ALL, "HeadersConfig": {"HeaderBehavior": "allViewer"}},
}
MANAGED_CACHE_POLICIES: Mapping[str, Config] = {
    "658327ea-f89d-4fab-a63d-7e88639e58f6": {
        "MinTTL": 1,
        "DefaultTTL": 86_400,
        "MaxTTL": 31_536_000,
        IN_KEY: {"EnableAcceptEncodingGzip": True, "EnableAcceptEncodingBrotli": True},
    },
    "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": {"MinTTL": 0, "DefaultTTL": 0, "MaxTTL": 0},
}

# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
ERRORS_ALWAYS_KEPT = frozenset({404, 414, 500, 501, 502, 503, 504})
ERRORS_KEPT_IF_SAID = frozenset({400, 403, 405, 412, 415})
KEPT = frozenset({200, 203, 300, 301, 308, 410})
ERROR_SECONDS = 10.0
_AGE = re.compile(r"(s-maxage|max-age)\s*=\s*\"?(\d+)")


@dataclass(frozen=True)
class CachePolicy:
    """How a behaviour keeps answers."""

    least: float
    default: float
    most: float
    part: Config

    @classmethod
    def of(cls, documents: Documents, behaviour: Config) -> "CachePolicy":
        """Read a behaviour's cache policy; without one nothing is kept."""
        config = cache_policy(documents, behaviour) or {}
        least, default, most = (float(config.get(name) or 0) for name in ("MinTTL", "DefaultTTL", "MaxTTL"))
        return cls(least, default, most, config.get(IN_KEY) or {})

    @property
    def compresses(self) -> bool:
        """Whether answers are asked for and kept by the encodings that a viewer takes."""
        return bool(self.part.get("EnableAcceptEncodingGzip"))

    def key(self, request: ViewerRequest) -> tuple[str, ...]:
        """Return what an answer is kept by: path, then what the policy names, in the order in which it came."""
        headers = sorted(
            f"{name}:{value}"
            for name, value in request.headers.items()
            if passes(self.part, "HeadersConfig", "HeaderBehavior", "Headers", name)
        )
        return (
            request.uri,
            joined(passing(request.query, [self.part], "QueryString"), "&"),
            "\n".join(headers),
            joined(passing(request.cookies, [self.part], "Cookie"), "; "),
            self.encodings(request),
        )

    def encodings(self, request: ViewerRequest) -> str:
        """Return Accept-Encoding as the key and the origin see it: only what the policy knows."""
        accepted = request.headers.get("accept-encoding", "").lower()
        known = (("br", "EnableAcceptEncodingBrotli"), ("gzip", "EnableAcceptEncodingGzip"))
        return ",".join(name for name, switch in known if self.part.get(switch) and name in accepted)

    def seconds(self, answer: Answer, error_seconds: Mapping[int, float], now: float) -> float:
        """Return how long an answer is kept, `now` in epoch seconds; 0 is not at all."""
        said = _said_seconds(answer, now)
        if answer.status in ERRORS_ALWAYS_KEPT or (answer.status in ERRORS_KEPT_IF_SAID and said):
            return max(error_seconds.get(answer.status, ERROR_SECONDS), min(said or 0.0, self.most))
        if answer.status not in KEPT:
            return 0.0
        if said is None:
            return min(max(self.least, self.default), self.most)
        return min(max(self.least, said), self.most)


def cache_policy(documents: Documents, behaviour: Config) -> Config | None:
    """Return the configuration of a behaviour's cache policy, or None."""
    id_ = behaviour.get("CachePolicyId") or ""
    document = documents.get("CachePolicy", id_)
    return document.body["CachePolicyConfig"] if document is not None else MANAGED_CACHE_POLICIES.get(id_)


def request_policies(documents: Documents, behaviour: Config) -> list[Config]:
    """Return what decides on what reaches the origin: the cache policy's part and the origin request policy."""
    cached = cache_policy(documents, behaviour)
    id_ = behaviour.get("OriginRequestPolicyId") or ""
    passed = documents.get("OriginRequestPolicy", id_)
    found: list[Config] = [cached.get(IN_KEY) or {}] if cached is not None else []
    found += [passed.body["OriginRequestPolicyConfig"]] if passed else []
    return found + ([MANAGED_REQUEST_POLICIES[id_]] if id_ in MANAGED_REQUEST_POLICIES else [])


def passing(pairs: Pairs, policies: list[Config], what: str) -> Pairs:
    """Return the query strings or cookies (`what` QueryString or Cookie) that some policy names."""
    config, behaviour, names = f"{what}sConfig", f"{what}Behavior", f"{what}s"
    return tuple(
        (name, value)
        for name, value in pairs
        if any(passes(policy, config, behaviour, names, name) for policy in policies)
    )


def passes(policy: Config, config: str, behaviour: str, names: str, name: str) -> bool:
    """Tell whether a policy names one header, query string or cookie."""
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


def _said_seconds(answer: Answer, now: float) -> float | None:
    """What the origin says: s-maxage before max-age before Expires; None where it says nothing."""
    said = ", ".join(value for name, value in answer.headers if name.lower() == "cache-control").lower()
    directives = {part.strip().partition("=")[0].strip() for part in said.split(",")}
    if directives & {"no-store", "no-cache", "private"}:
        return 0.0
    ages = {name: float(value) for name, value in _AGE.findall(said)}
    if ages:
        return ages.get("s-maxage", ages.get("max-age"))
    expires = answer.header("expires")
    if expires is None:
        return None
    try:
        return max(0.0, parsedate_to_datetime(expires).timestamp() - now)
    except ValueError:
        return 0.0
