"""The answer of `deploy` for people: addresses, what to put into a page, what to do next."""

from rich.console import Group, RenderableType
from rich.text import Text

from liveinsight_cli.core.deploying import DeployResult
from liveinsight_cli.core.stages import Stage
from liveinsight_cli.render.domain import domain_lines
from liveinsight_cli.render.tables import facts

STAGES = {
    Stage.TABLES: "tables: nothing else yet; functions and API come with the next stage",
    Stage.API: "api: everything but alarms and their dashboard, which come with the next deploy",
    Stage.ALL: "all",
}


def deploy_view(result: DeployResult) -> RenderableType:
    """Return the result, one fact a line; addresses are never broken."""
    head = f"Deployed {result.environment} in {result.duration_s:.0f} s" if result.changed else "No changes"
    named = [] if result.stage is Stage.ALL else [("stage", STAGES[result.stage])]
    if result.api_gateway_url and result.cloudfront_url:
        named += [
            ("api_gateway_url", result.api_gateway_url),
            ("cloudfront_url", result.cloudfront_url),
            ("release", f"{result.release or '-'}{', dummies' if result.is_dummy else ''}"),
        ]
    named += [("AWS endpoint", result.endpoint_url)] if result.endpoint_url else []
    lines = [Text(f"{head}.", style="bold green"), Text()]
    lines += facts(named, indent="  ")
    if result.stays is not None:
        lines += [Text(), Text(result.stays.in_words(), style="yellow")]
    if result.is_dummy:
        lines += [Text()]
        lines += [Text("Proven: every route, preflights, CORS, throttles, API Gateway's own answers.")][
            : result.changed
        ]
        lines += [Text("The functions are dummies: nothing is stored or shown until the next deploy.")]
    elif result.tracker:
        lines += [Text(), Text("Put this into your pages:", style="bold"), Text(f"  {result.tracker}")]
    lines += domain_lines(result.domain)
    lines += [Text(), Text("Next:", style="bold"), *(Text(f"  {command}") for command in result.next)]
    return Group(*lines)
