"""An environment's own host name: what stands between it and being served, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

DomainState = Literal["waiting", "unresolved", "served", "embedded"]


@dataclass(frozen=True)
class DnsRecord:
    """A record that somebody sets by hand."""

    name: str
    type: str
    value: str
    purpose: str


@dataclass(frozen=True)
class DomainStatus:
    """A domain and its records.

    waiting: its certificate is not issued yet; unresolved: CloudFront answers to it, but no record leads there;
    served: all is well; embedded: kept on the embedded AWS, which has no other names.
    """

    name: str
    state: DomainState
    records: tuple[DnsRecord, ...]

    @property
    def next_step(self) -> str | None:
        """Return what to do, or None."""
        match self.state:
            case "waiting":
                return "Set these records, wait until AWS has seen the first (minutes as a rule), then deploy again."
            case "unresolved":
                return (
                    "The domain does not resolve yet: set the records below."
                    if self.records
                    else "The domain does not resolve here yet: its new records need some minutes."
                )
            case "embedded":
                return "The embedded AWS keeps the domain, but serves only its own address."
        return None


def domain_state(*, attached: bool, embedded: bool, resolves: bool) -> DomainState:
    """Return how far a domain has come."""
    if embedded:
        return "embedded"
    if not attached:
        return "waiting"
    return "served" if resolves else "unresolved"


def is_own(tags: list[Mapping[str, Any]], project: str, environment: str) -> bool:
    """Return whether tags are those of an environment of this tool."""
    held = {tag["Key"]: tag.get("Value") for tag in tags}
    return (held.get("Project"), held.get("Environment"), held.get("ManagedBy")) == (
        project,
        environment,
        "liveinsight",
    )
