"""The check after something was put into service: does the environment take an event, and show it."""

from liveinsight_cli.adapters.deployed import Deployed
from liveinsight_cli.adapters.health import HealthCheck
from liveinsight_cli.adapters.proof import DummyProof
from liveinsight_cli.context import Context

EMBEDDED_SECONDS = 40.0
AWS_SECONDS = 120.0


def check_service(context: Context, deployed: Deployed, *, is_dummy: bool = False) -> None:
    """Send one event and read it back, as far as this machine may; of dummies, prove what is around them.

    Raises HealthCheckFailed, or TimedOut.
    """
    settings = context.settings
    seconds = EMBEDDED_SECONDS if settings.target == "embedded" else AWS_SECONDS
    if is_dummy:
        origins, limit = tuple(settings.allowed_origins), settings.requests_per_minute
        DummyProof(context.aws, deployed, origins, limit, context.clock, seconds).run()
        return
    may_read = settings.public_dashboard or deployed.token is not None
    if not may_read:
        context.terminal.warn(
            "This machine has no read token, so the check ends where the API takes an event. "
            f"With the token in {context.files.read_token} it also reads the event back."
        )
    HealthCheck(deployed.api_gateway_url, deployed.authorization(), context.clock, seconds).run(
        read_back=may_read
    )
