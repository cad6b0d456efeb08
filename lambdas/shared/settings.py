"""The functions' environment, read once and checked, so that a missing variable fails at start and by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

VERSION = "1"
# The deploy's health check sends events of this site: always taken, shown only to who asks for it by name.
SMOKE_SITE = "smoke.liveinsight.invalid"
LOAD_SITE = "load.liveinsight.invalid"  # the same for the traffic of `liveinsight load`
# And those of `liveinsight verify`, one for each run that goes on at a time.
_PROBE_SITES = (f"probe-{number}.{SMOKE_SITE}" for number in range(8))
RESERVED_SITES = frozenset({SMOKE_SITE, LOAD_SITE, *_PROBE_SITES})
_HEX_SHA256 = re.compile(r"[0-9a-f]{64}")


class SettingsError(Exception):
    """The environment of the function is incomplete or wrong."""


@dataclass(frozen=True)
class Settings:
    """What Terraform tells a function; `allowed_sites` empty means any site, `*` any origin, a limit of 0 none."""

    events_table: str
    sessions_table: str
    state_table: str
    environment: str = "local"
    allowed_sites: frozenset[str] = frozenset()
    allowed_origins: frozenset[str] = frozenset({"*"})
    read_token_sha256: str = ""
    public_dashboard: bool = False
    log_level: str = "INFO"
    visitor_requests_per_minute: int = 60
    kept_parameters: frozenset[str] = frozenset()
    function_name: str = ""
    origin_secret_sha256: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read and check the variables that docs/architecture.md lists."""
        required = ("EVENTS_TABLE", "SESSIONS_TABLE", "STATE_TABLE", "ENVIRONMENT")
        missing = [name for name in required if not environment.get(name)]
        if missing:
            raise SettingsError(f"environment variables are missing: {', '.join(missing)}")
        return cls(
            events_table=environment["EVENTS_TABLE"],
            sessions_table=environment["SESSIONS_TABLE"],
            state_table=environment["STATE_TABLE"],
            environment=environment["ENVIRONMENT"],
            allowed_sites=_allowed_sites(environment),
            allowed_origins=frozenset(_listed(environment, "ALLOWED_ORIGINS")) or frozenset({"*"}),
            read_token_sha256=_digest(environment, "READ_TOKEN_SHA256"),
            origin_secret_sha256=_digest(environment, "ORIGIN_SECRET_SHA256"),
            public_dashboard=environment.get("PUBLIC_DASHBOARD", "").strip().lower() == "true",
            visitor_requests_per_minute=_number(environment, "VISITOR_REQUESTS_PER_MINUTE", 60),
            kept_parameters=frozenset(_listed(environment, "KEPT_PARAMETERS")),
            log_level=environment.get("LOG_LEVEL", "INFO").strip().upper() or "INFO",
            function_name=environment.get("AWS_LAMBDA_FUNCTION_NAME", ""),
        )


def _allowed_sites(environment: Mapping[str, str]) -> frozenset[str]:
    sites = frozenset(site.lower().removeprefix("www.") for site in _listed(environment, "ALLOWED_SITES"))
    return sites | RESERVED_SITES if sites else sites


def _digest(environment: Mapping[str, str], name: str) -> str:
    digest = environment.get(name, "").strip().lower()
    if digest and not _HEX_SHA256.fullmatch(digest):
        raise SettingsError(f"{name} is not the hex SHA-256 of a secret")
    return digest


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name, "").strip() or str(default)
    if not (text.isascii() and text.isdigit()):
        raise SettingsError(f"{name} is not a whole number")
    return int(text)


def _listed(environment: Mapping[str, str], name: str) -> list[str]:
    return [part.strip() for part in environment.get(name, "").split(",") if part.strip()]
