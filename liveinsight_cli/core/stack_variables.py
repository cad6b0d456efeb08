"""The Terraform variables of an environment; docs/architecture.md, "Contract: Terraform variables"."""

from collections.abc import Mapping
from dataclasses import dataclass

from liveinsight_cli.core.build import Build

EMBEDDED_RETRIES = 2  # the provider's own 25 would repeat one error for minutes


@dataclass(frozen=True)
class StackSettings:
    """The settings that Terraform is told."""

    project: str
    environment: str
    region: str
    allowed_sites: tuple[str, ...]
    allowed_origins: tuple[str, ...]
    public_dashboard: bool
    visitor_requests_per_minute: int
    kept_parameters: tuple[str, ...]
    alarm_email: str | None
    log_retention_days: int
    memory_mb: int
    requests_per_minute: int
    protected: bool
    manage_api_gateway_account: bool


def stack_variables(
    settings: StackSettings, build: Build, read_token_sha256: str, local_api_url: str | None
) -> Mapping[str, object]:
    """Return what goes into terraform.tfvars.json; with `local_api_url` the stack is for the embedded AWS."""
    embedded = local_api_url is not None
    return {
        "project": settings.project,
        "environment": settings.environment,
        "region": settings.region,
        "packages": {one.function: {"path": one.path, "digest": one.digest} for one in build.functions},
        "read_token_sha256": read_token_sha256,
        "public_dashboard": settings.public_dashboard,
        "allowed_sites": [site.removeprefix("www.") for site in settings.allowed_sites],
        "allowed_origins": list(settings.allowed_origins),
        "visitor_requests_per_minute": settings.visitor_requests_per_minute,
        "kept_parameters": list(settings.kept_parameters),
        "alarm_email": settings.alarm_email,
        "log_retention_days": settings.log_retention_days,
        "memory_mb": settings.memory_mb,
        "requests_per_minute": settings.requests_per_minute,
        "protected": settings.protected,
        "manage_api_gateway_account": settings.manage_api_gateway_account,
        "max_retries": EMBEDDED_RETRIES if embedded else None,
        "embedded": embedded,
        "local_api_url": local_api_url,
    }
