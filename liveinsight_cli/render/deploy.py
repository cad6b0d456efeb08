"""The answer of `deploy` for people: addresses, what to put into a page, what to do next."""

from rich.console import Group, RenderableType
from rich.text import Text

from liveinsight_cli.core.deploying import DeployResult
from liveinsight_cli.render.tables import facts


def deploy_view(result: DeployResult) -> RenderableType:
    """Return the result, one fact a line; addresses are never broken."""
    head = f"Deployed {result.environment} in {result.duration_s:.0f} s" if result.changed else "No changes"
    named = [
        ("api_gateway_url", result.api_gateway_url),
        ("cloudfront_url", result.cloudfront_url),
        ("release", result.release or "-"),
    ]
    named += [("AWS endpoint", result.endpoint_url)] if result.endpoint_url else []
    lines = [Text(f"{head}.", style="bold green"), Text()]
    lines += facts(named, indent="  ")
    lines += [Text(), Text("Put this into your pages:", style="bold"), Text(f"  {result.tracker}")]
    lines += [Text(), Text("Next:", style="bold"), *(Text(f"  {command}") for command in result.next)]
    return Group(*lines)
