"""The Terraform variables of an environment; docs/architecture.md, "Contract: Terraform variables"."""

from collections.abc import Mapping

from liveinsight_cli.core.build import Build

EMBEDDED_RETRIES = 2  # the provider's own 25 would repeat one error for minutes


def stack_variables(
    environment: str,
    chosen: Mapping[str, object],
    build: Build,
    read_token_sha256: str,
    local_api_url: str | None,
    *,
    origin_secret_sha256: str | None = None,
    domain_ready: bool = False,
) -> Mapping[str, object]:
    """Return what goes into terraform.tfvars.json; with `local_api_url` the stack is for the embedded AWS.

    `chosen` holds the variables that settings fill, by variable name.
    """
    embedded = local_api_url is not None
    return {
        **{name: _as_variable(name, value) for name, value in chosen.items()},
        "environment": environment,
        "packages": {one.function: {"path": one.path, "digest": one.digest} for one in build.functions},
        "read_token_sha256": read_token_sha256,
        "origin_secret_sha256": origin_secret_sha256,
        "domain_ready": domain_ready,
        "max_retries": EMBEDDED_RETRIES if embedded else None,
        "embedded": embedded,
        "local_api_url": local_api_url,
    }


def _as_variable(name: str, value: object) -> object:
    if name == "allowed_sites" and isinstance(value, list):  # events name a site without www.
        return [site.removeprefix("www.") for site in value]
    return value
