"""What a job's summary on GitHub says about a plan and a deploy, in Markdown, and the outputs of the step."""

from collections.abc import Iterator, Mapping

from liveinsight_cli.core.deploying import DeployResult
from liveinsight_cli.core.plan import Plan

ACTIONS = ("create", "update", "replace", "delete")
LISTED_AT_MOST = 100


def plan_summary(plan: Plan, environment: str) -> str:
    """Return the plan: risks first, a table by service, the resources folded away."""
    if not plan.has_changes:
        return f"### Plan for {code(environment)}: no changes\n"
    return "\n".join(_plan_lines(plan, environment)) + "\n"


def _plan_lines(plan: Plan, environment: str) -> Iterator[str]:
    counts = {action: sum(one.action == action for one in plan.changes) for action in ACTIONS}
    words = ", ".join(f"{count} to {action}" for action, count in counts.items() if count)
    yield f"### Plan for {code(environment)}: {words or 'only outputs change'}"
    yield ""
    for risk in plan.risks:
        because = "".join(f"; {_plain(one)}" for one in risk.because)
        yield f"- **{_plain(risk.message)}**{because} ({code(risk.address)})"
    for function in plan.code_changes:
        yield f"- {code(function)}: code changes"
    if plan.drift:
        yield f"- changed outside of Terraform: {', '.join(map(code, plan.drift[:LISTED_AT_MOST]))}"
    if plan.changes:
        yield ""
        yield f"| service | {' | '.join(ACTIONS)} |"
        yield f"| --- |{' ---: |' * len(ACTIONS)}"
        for service in plan.services:
            numbers = " | ".join(str(service.counts.get(action, "")) for action in ACTIONS)
            yield f"| {_plain(service.service)} | {numbers} |"
        yield ""
        yield f"<details><summary>{len(plan.changes)} resources</summary>"
        yield ""
        for change in plan.changes[:LISTED_AT_MOST]:
            yield f"- {_plain(change.action)} {code(change.address)}"
        left_out = len(plan.changes) - LISTED_AT_MOST
        if left_out > 0:
            yield f"- ... and {left_out} more"
        yield ""
        yield "</details>"


def deploy_summary(result: DeployResult) -> str:
    """Return what was deployed and where it is. The read token is never part of it."""
    done = "deployed" if result.changed else "up to date"
    facts = {
        "release": result.release and code(result.release),
        "dashboard": result.cloudfront_url and without_token(result.cloudfront_url),
        "API": result.api_gateway_url,
        "resources changed": str(result.resources_changed),
        "took": f"{result.duration_s:.0f} s",
    }
    rows = [f"| {name} | {value} |" for name, value in facts.items() if value]
    return "\n".join([f"### {code(result.environment)} is {done}", "", "| | |", "| --- | --- |", *rows, ""])


def plan_outputs(plan: Plan) -> dict[str, str]:
    """Return the outputs of a step that plans."""
    return {"has_changes": _bool(plan.has_changes), "changes": str(len(plan.changes))}


def deploy_outputs(result: DeployResult) -> dict[str, str]:
    """Return the outputs of a step that deploys, without the read token."""
    return {
        "environment": result.environment,
        "changed": _bool(result.changed),
        "release": result.release or "",
        "api_gateway_url": result.api_gateway_url or "",
        "cloudfront_url": without_token(result.cloudfront_url or ""),
    }


def output_lines(outputs: Mapping[str, str], delimiter: str) -> str:
    """Return the lines for GITHUB_OUTPUT. The delimiter must be one that nobody can foresee."""
    return "".join(f"{name}<<{delimiter}\n{value}\n{delimiter}\n" for name, value in outputs.items())


def without_token(url: str) -> str:
    """Return an address without its fragment, in which the read token travels."""
    return url.partition("#")[0]


def code(text: str) -> str:
    """Return text as inline code that nothing in it can leave."""
    shown = _one_line(text).replace("`", "'").replace("|", "\\|")
    return f"`{shown}`"


def _plain(text: str) -> str:
    for sign in "\\`*_[]<>|#":
        text = text.replace(sign, f"\\{sign}")
    return _one_line(text)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _bool(value: bool) -> str:
    return "true" if value else "false"
