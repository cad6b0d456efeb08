"""Reads deployed REST APIs out of moto 5.2.5's API Gateway backend."""

from collections.abc import Callable, Mapping
from typing import Any

from liveinsight_cli.local.execution.rest_api import (
    GatewayResponse,
    Integration,
    IntegrationResponse,
    MethodSettings,
    Resource,
    RestApi,
    Stage,
)


class MotoApis:
    """An ApiSource; `backend` answers moto's API Gateway backend of the account and region."""

    def __init__(self, backend: Callable[[], Any]) -> None:
        self._backend = backend

    def api(self, api_id: str) -> RestApi | None:
        """An API by its id, as it is deployed at this moment."""
        found = self._backend().apis.get(api_id)
        if found is None:
            return None
        return RestApi(
            id=found.id,
            name=found.name,
            resources=tuple(_resource(resource) for resource in list(found.resources.values())),
            stages={name: _stage(stage) for name, stage in list(found.stages.items())},
            gateway_responses={kind: _gateway(r) for kind, r in list(found.gateway_responses.items())},
            binary_media_types=tuple(found.binaryMediaTypes or ()),
        )


def _resource(resource: Any) -> Resource:
    methods = {
        name: _integration(method.method_integration)
        for name, method in list(resource.resource_methods.items())
        if method.method_integration is not None
    }
    return Resource(resource.id, resource.get_path(), methods)


def _integration(integration: Any) -> Integration:
    responses = list((integration.integration_responses or {}).values())
    return Integration(
        kind=integration.integration_type,
        uri=integration.uri or "",
        timeout_seconds=float(integration.timeout_in_millis or 29_000) / 1000,
        request_templates=_texts(integration.request_templates),
        passthrough=integration.passthrough_behaviour or "WHEN_NO_MATCH",
        responses=tuple(
            IntegrationResponse(
                status=int(response.status_code),
                pattern=response.selection_pattern or None,
                parameters=_texts(response.response_parameters),
                templates=_texts(response.response_templates),
            )
            for response in responses
        ),
    )


def _gateway(response: Any) -> GatewayResponse:
    return GatewayResponse(
        status=int(response.status_code) if response.status_code else None,
        parameters=_texts(response.response_parameters),
        templates=_texts(response.response_templates),
    )


def _stage(stage: Any) -> Stage:
    log = stage.access_log_settings or {}
    return Stage(
        name=stage.name,
        deployment_id=stage.deployment_id or "",
        variables=_texts(stage.variables),
        settings={_settings_key(key): _settings(given) for key, given in list(stage.method_settings.items())},
        log_group=log["destinationArn"].split(":log-group:")[-1].removesuffix(":*")
        if log.get("destinationArn")
        else None,
        log_format=log.get("format") or "",
    )


def _settings_key(key: str) -> str:
    """`~1api~1events/POST`, `/api/events/POST` and `api/events/POST` mean the same."""
    return key.replace("~1", "/").strip("/")


def _settings(given: Mapping[str, Any]) -> MethodSettings:
    rate, burst = given.get("throttlingRateLimit", -1), given.get("throttlingBurstLimit", -1)
    is_limited = float(rate) >= 0 and float(burst) >= 0  # -1 is "no limit"
    return MethodSettings(
        rate=float(rate) if is_limited else None,
        burst=float(burst) if is_limited else None,
        has_detailed_metrics=bool(given.get("metricsEnabled")),
    )


def _texts(given: Mapping[str, Any] | None) -> dict[str, str]:
    return {name: str(value or "") for name, value in (given or {}).items()}
