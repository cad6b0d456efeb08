"""A deployed REST API: resources, methods, integrations, gateway responses and stages; and which resource a path is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

Parameters = Mapping[str, str]


@dataclass(frozen=True)
class IntegrationResponse:
    """What becomes of an integration's answer; `pattern` None is the default one."""

    status: int
    pattern: str | None = None
    parameters: Parameters = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Integration:
    """What answers a method."""

    kind: str
    uri: str = ""
    timeout_seconds: float = 29
    request_templates: Mapping[str, str] = field(default_factory=dict)
    passthrough: str = "WHEN_NO_MATCH"
    responses: tuple[IntegrationResponse, ...] = ()


@dataclass(frozen=True)
class Resource:
    """A path such as `/api/{id}` and the integrations of its methods (`ANY` for all that are not named)."""

    id: str
    path: str
    methods: Mapping[str, Integration] = field(default_factory=dict)

    def integration(self, method: str) -> Integration | None:
        """What answers a method here."""
        return self.methods.get(method) or self.methods.get("ANY")


@dataclass(frozen=True)
class GatewayResponse:
    """How an error that API Gateway makes itself looks; None leaves the status as it is."""

    status: int | None = None
    parameters: Parameters = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class MethodSettings:
    """Of a stage, for one method or all; None is no limit."""

    rate: float | None = None
    burst: float | None = None
    has_detailed_metrics: bool = False


@dataclass(frozen=True)
class Stage:
    """Settings are keyed by `path/METHOD`, path without its first slash; `*/*` is for all methods."""

    name: str
    deployment_id: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, MethodSettings] = field(default_factory=dict)
    log_group: str | None = None
    log_format: str = ""

    def settings_of(self, path: str, method: str) -> MethodSettings:
        """The settings that count for a method."""
        return (
            self.settings.get(f"{path.strip('/')}/{method}") or self.settings.get("*/*") or MethodSettings()
        )


@dataclass(frozen=True)
class RestApi:
    """One API with its stages."""

    id: str
    name: str
    resources: tuple[Resource, ...] = ()
    stages: Mapping[str, Stage] = field(default_factory=dict)
    gateway_responses: Mapping[str, GatewayResponse] = field(default_factory=dict)
    binary_media_types: tuple[str, ...] = ()

    def route(self, path: str) -> "tuple[Resource, dict[str, str]] | None":
        """The resource that a path is and its parameters; literal parts win over `{name}`, those over `{name+}`."""
        parts = [part for part in path.split("/") if part]
        found = [(resource, _match(resource.path, parts)) for resource in self.resources]
        fitting = [(resource, match) for resource, match in found if match is not None]
        if not fitting:
            return None
        resource, match = max(fitting, key=lambda fit: fit[1].rank)
        return resource, match.parameters


class ApiSource(Protocol):
    """Where deployed APIs are looked up at each request."""

    def api(self, api_id: str) -> RestApi | None:
        """An API by its id."""


@dataclass(frozen=True)
class _Match:
    rank: tuple[int, ...]
    parameters: dict[str, str]


def _match(template: str, parts: list[str]) -> _Match | None:
    wanted = [part for part in template.split("/") if part]
    rank: list[int] = []
    parameters: dict[str, str] = {}
    for index, part in enumerate(wanted):
        if part.startswith("{") and part.endswith("+}"):
            if index >= len(parts):
                return None
            return _Match((*rank, 0), {**parameters, part[1:-2]: "/".join(parts[index:])})
        if index >= len(parts):
            return None
        if part.startswith("{"):
            parameters[part[1:-1]] = parts[index]
            rank.append(1)
        elif part == parts[index]:
            rank.append(2)
        else:
            return None
    return _Match(tuple(rank), parameters) if len(wanted) == len(parts) else None
