"""What a deploy ends with: one value that is drawn for people and written as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass

from liveinsight_cli.core.canary import CanaryReport
from liveinsight_cli.core.cost import Summary
from liveinsight_cli.core.domain import DomainStatus
from liveinsight_cli.core.rollback import Stays
from liveinsight_cli.core.stages import Stage


@dataclass(frozen=True)
class DeployResult:
    """`cloudfront_url` carries the read token behind `#` unless reads are public: browsers never send that part.

    `cost_estimate` is there when an environment in AWS was deployed for the first time.
    What the stage does not hold is None. `is_dummy`: only the infrastructure was proven. `stays` says what remained in
    service although newer versions are there, and why.
    """

    environment: str
    stage: Stage
    is_dummy: bool
    changed: bool
    release: str | None
    api_gateway_url: str | None
    cloudfront_url: str | None
    tracker: str | None
    endpoint_url: str | None
    versions: Mapping[str, str]
    resources_changed: int
    files_uploaded: int
    duration_s: float
    domain: DomainStatus | None
    next: tuple[str, ...]
    cost_estimate: Summary | None = None
    stays: Stays | None = None
    canary: CanaryReport | None = None


def dashboard_link(cloudfront_url: str, token: str | None, *, public: bool) -> str:
    """Return the address that opens the dashboard with its data; "" where there is none yet."""
    if not cloudfront_url:
        return ""
    base = cloudfront_url.rstrip("/")
    return f"{base}/" if public or not token else f"{base}/#token={token}"


def tracker_snippet(cloudfront_url: str, api_url: str) -> str:
    """Return the line to put into a site's pages."""
    base = cloudfront_url.rstrip("/")
    return f'<script defer src="{base}/liveinsight.js" data-api="{api_url}"></script>'


def next_commands(environment: str, stage: Stage = Stage.ALL, *, is_dummy: bool = False) -> tuple[str, ...]:
    """Return what people do after a deploy; where something is left to deploy, that comes first."""
    env = "" if environment == "local" else f" --env {environment}"
    if stage is Stage.TABLES:
        commands: tuple[str, ...] = ("deploy --stage api", "deploy", "status", "destroy")
    elif is_dummy:
        commands = ("deploy", "tail", "status", "destroy")
    else:
        commands = ("seed-demo", "stats --watch", "tail", "status", "destroy")
        commands = commands if stage is Stage.ALL else ("deploy", *commands)
    return tuple(f"liveinsight {command}{env}" for command in commands)
