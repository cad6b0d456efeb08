"""Reads deployed functions out of moto 5.2.5's Lambda backend."""

from collections.abc import Callable
from typing import Any

from liveinsight_cli.local.execution.deployed import Alias, Deployed, Logging, split_name

DEFAULT_RETRIES = 2


class MotoFunctions:
    """A FunctionSource; `backend` answers moto's Lambda backend of the account and region."""

    def __init__(self, backend: Callable[[], Any]) -> None:
        self._backend = backend

    def version(self, name: str, version: str) -> Deployed | None:
        """A version by its number or $LATEST."""
        storage = self._backend()._lambdas
        if name not in storage._functions:
            return None
        latest = version == "$LATEST"
        found = storage._get_latest(name) if latest else storage._get_version(name, version)
        return _deployed(storage, found, version) if found is not None else None

    def alias(self, name: str, alias: str) -> Alias | None:
        """An alias with its weights."""
        storage = self._backend()._lambdas
        if name not in storage._functions:
            return None
        found = storage._get_function_aliases(name).get(alias)
        if found is None:
            return None
        weights = (found.routing_config or {}).get("AdditionalVersionWeights") or {}
        return Alias(str(found.function_version), {str(version): float(w) for version, w in weights.items()})

    def reserved_concurrency(self, name: str) -> int | None:
        """How many may run at once, None when nothing is reserved."""
        storage = self._backend()._lambdas
        reserved = storage._get_latest(name).reserved_concurrency if name in storage._functions else None
        return None if reserved is None else int(reserved)

    def retries(self, name_or_arn: str, _qualifier: str | None) -> int:
        """How often an asynchronous invocation is tried again; moto keeps one setting for all qualifiers."""
        storage = self._backend()._lambdas
        name, _ = split_name(name_or_arn)
        configs = storage._get_latest(name).event_invoke_config if name in storage._functions else []
        attempts = [config.config.get("MaximumRetryAttempts") for config in configs]
        return next((int(given) for given in attempts if given is not None), DEFAULT_RETRIES)


def _deployed(storage: Any, function: Any, version: str) -> Deployed:
    return Deployed(
        name=function.function_name,
        version=version,
        arn=storage.split_function_arn(function.function_arn)[0],
        handler=function.handler or "",
        code=function.code_bytes,
        code_digest=function.code_sha_256,
        logging=_logging(function),
        environment=dict(function.environment_vars or {}),
        runtime=function.run_time or "python3.11",
        memory_mb=int(function.memory_size),
        timeout_seconds=float(function.timeout),
    )


def _logging(function: Any) -> Logging:
    config = getattr(function, "logging_config", None) or {}
    return Logging(
        group=config.get("LogGroup") or f"/aws/lambda/{function.function_name}",
        format="JSON" if config.get("LogFormat") == "JSON" else "Text",
        application_level=config.get("ApplicationLogLevel") or "INFO",
        system_level=config.get("SystemLogLevel") or "INFO",
    )
