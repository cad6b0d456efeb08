"""What proves an infrastructure without its functions: requests with known answers, settings that can be read back."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

# Function to its path and method; docs/architecture.md, "Contract: functions".
ROUTES: Mapping[str, tuple[str, str]] = {
    "event-collector": ("POST", "/api/events"),
    "realtime-api": ("GET", "/api/realtime"),
    "stats-api": ("GET", "/api/stats"),
}
DUMMY_STATUS = 501
CORS = "access-control-allow-origin"
ANSWERED_WITH_CORS = ("DEFAULT_4XX", "DEFAULT_5XX", "THROTTLED")
SOMEBODY = "https://somebody.example"


@dataclass(frozen=True)
class Expected:
    """What an answer must hold: status, a part of each header (names in lower case), what the dummy says of itself."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    dummy: Mapping[str, str] | None = None

    def objection(self, status: int, headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
        """Return what is wrong with an answer, or None."""
        if status != self.status:
            return f"answers {status}, not {self.status}"
        for name, part in self.headers.items():
            if part not in headers.get(name, ""):
                return f"has the header {name}: {headers.get(name, '')!r}, which lacks {part!r}"
        found = body.get("dummy")
        if self.dummy is not None and found != self.dummy:
            return f"comes from {found or 'something else'}, not from the dummy {dict(self.dummy)}"
        return None


@dataclass(frozen=True)
class Probe:
    """One request, and what it must be answered."""

    method: str
    path: str
    headers: Mapping[str, str]
    expected: Expected


def probes(environment: str, function_names: Mapping[str, str], origins: Iterable[str]) -> Iterator[Probe]:
    """Yield a request for each thing that answers: functions, preflights, wrong methods, unknown paths.

    `function_names` are the functions' full names, `origins` those that are allowed.
    """
    first = next(iter(origins))
    origin = {"Origin": SOMEBODY if first == "*" else first}
    for function, (method, path) in ROUTES.items():
        reached = {
            "function": function_names[function],
            "environment": environment,
            "route": f"{method} {path}",
        }
        allowed = {CORS: "*" if first == "*" else first}
        yield Probe(method, path, origin, Expected(DUMMY_STATUS, allowed, reached))
        preflight = {CORS: "*", "access-control-allow-methods": method}
        asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "content-type"}
        yield Probe("OPTIONS", path, {**origin, **asked}, Expected(204, preflight))
        yield Probe("DELETE", path, origin, Expected(405, {CORS: "*", "allow": method}))
    yield Probe("GET", "/api/nothing", origin, Expected(404, {CORS: "*"}))


def throttle_objection(settings: Mapping[str, Mapping[str, Any]], requests_per_minute: int) -> str | None:
    """Return what is wrong with a stage's throttles (GetStage's `methodSettings`), or None.

    API Gateway gives every method without a setting of its own the one for `*/*`: here the wrong method of each route.
    """
    rates = {method: float(one.get("throttlingRateLimit", -1)) for method, one in settings.items()}
    if len(rates) != 2 * len(ROUTES) + 1 or "*/*" not in rates:
        return f"throttles {', '.join(sorted(rates)) or 'nothing'}, not each route, its preflight and all the rest"
    if min(rates.values()) <= 0:
        return "has a method without a throttle, or with one that lets nothing through"
    together = sum(rates.values()) + (len(ROUTES) - 1) * rates["*/*"]
    wanted = requests_per_minute / 60
    if not 0.99 * wanted <= together <= 1.0001 * wanted:
        return f"lets {together:.2f} requests a second through, not {wanted:.2f}"
    return None


def gateway_response_objection(responses: Iterable[Mapping[str, Any]]) -> str | None:
    """Return what is wrong with the answers that API Gateway makes itself (GetGatewayResponses), or None."""
    found = {str(one.get("responseType")): one for one in responses}
    for kind in ANSWERED_WITH_CORS:
        headers = found.get(kind, {}).get("responseParameters") or {}
        if "gatewayresponse.header.Access-Control-Allow-Origin" not in headers:
            return f"answers {kind} without CORS headers: a browser could not read why"
    if "gatewayresponse.header.Retry-After" not in (found["THROTTLED"].get("responseParameters") or {}):
        return "answers THROTTLED without Retry-After"
    return None
