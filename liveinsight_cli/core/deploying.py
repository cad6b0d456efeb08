"""What a deploy ends with: one value that is drawn for people and written as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass

from liveinsight_cli.core.cost import Summary


@dataclass(frozen=True)
class DeployResult:
    """`cloudfront_url` carries the read token behind `#` unless reads are public: browsers never send that part.

    `cost_estimate` is there when an environment in AWS was deployed for the first time.
    """

    environment: str
    changed: bool
    release: str | None
    api_gateway_url: str
    cloudfront_url: str
    tracker: str
    endpoint_url: str | None
    versions: Mapping[str, str]
    resources_changed: int
    files_uploaded: int
    duration_s: float
    next: tuple[str, ...]
    cost_estimate: Summary | None = None


def dashboard_link(cloudfront_url: str, token: str | None, *, public: bool) -> str:
    """Return the address that opens the dashboard with its data."""
    base = cloudfront_url.rstrip("/")
    return f"{base}/" if public or not token else f"{base}/#token={token}"


def tracker_snippet(cloudfront_url: str, api_url: str) -> str:
    """Return the line to put into a site's pages."""
    base = cloudfront_url.rstrip("/")
    return f'<script defer src="{base}/liveinsight.js" data-api="{api_url}"></script>'


def next_commands(environment: str) -> tuple[str, ...]:
    """Return what people do after a deploy."""
    env = "" if environment == "local" else f" --env {environment}"
    return tuple(
        f"liveinsight {command}{env}"
        for command in ("seed-demo", "stats --watch", "tail", "status", "destroy")
    )
