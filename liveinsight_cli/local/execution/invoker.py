"""What the gateway, the pollers and the schedules need of Lambda."""

from typing import Protocol

from liveinsight_cli.local.execution.invocation import Invocation


class Invoker(Protocol):
    """Runs a function and waits for its answer."""

    def invoke(self, name: str, qualifier: str | None, payload: bytes) -> Invocation:
        """As Functions.invoke. Raises InvocationRefused."""
