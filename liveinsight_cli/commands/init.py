"""`liveinsight init`: a `liveinsight.toml` from few questions."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from liveinsight_cli.context import Context
from liveinsight_cli.core.configuration_text import Described, configuration_text
from liveinsight_cli.errors import ConfigurationError, Declined, PreconditionError, UsageError
from liveinsight_cli.project import CONFIG_NAME, Project
from liveinsight_cli.setting_values import checked, from_text
from liveinsight_cli.settings import BUILT_IN_BY_ENVIRONMENT, Settings

if TYPE_CHECKING:
    from rich.console import RenderableType

KNOWN = {item.name: item for item in fields(Settings)}
NONE = "-"  # what is typed instead of a proposal

InAccount = Annotated[
    bool | None, typer.Option("--aws/--laptop", help="For an AWS account, or for this machine alone.")
]
AccountId = Annotated[str | None, typer.Option("--account-id", help="The account's 12 digits.")]
Sites = Annotated[str | None, typer.Option("--sites", help="Sites, separated by commas.")]
Origins = Annotated[str | None, typer.Option("--origins", help="Origins of prod, separated by commas.")]
Email = Annotated[str | None, typer.Option("--alarm-email", help="Who is told of prod's alarms.")]
Domain = Annotated[str | None, typer.Option("--domain", help="Host name of prod's dashboard and API.")]
Zone = Annotated[str | None, typer.Option("--hosted-zone-id", help="Route 53 zone of the domain.")]
Waf = Annotated[bool | None, typer.Option("--waf/--no-waf", help="AWS WAF for prod.")]
Force = Annotated[bool, typer.Option("--force", help="Write over the file that is there.")]


@dataclass(frozen=True)
class Initialised:
    """The answer of `init`: the file, what it sets by section, and what comes next."""

    path: str
    sections: Mapping[str, Mapping[str, object]]
    next: tuple[str, ...]


@dataclass
class Interview:
    """Takes each answer from a flag, else from whoever sits there, else from what is proposed."""

    context: Context
    given: Mapping[str, object]
    is_quiet: bool = field(default=False)

    def answer(self, name: str, question: str, proposal: object = None) -> Any:
        """Return the value of a setting, or None for what stays as it is built in."""
        if self.given.get(name) is not None:
            return _value(name, self.given[name], f"--{name.replace('_', '-')}")
        if self.is_quiet:
            return proposal
        while True:
            text = self.context.terminal.ask(f"{question}{_bracketed(proposal)}: ")
            if not text:
                return proposal
            try:
                return None if text == NONE else _value(name, text, "Not like that")
            except ConfigurationError as error:
                self.context.terminal.say(f"  {error.message} {error.hint or ''}".rstrip())


def init(
    ctx: typer.Context,
    aws: InAccount = None,
    account_id: AccountId = None,
    sites: Sites = None,
    origins: Origins = None,
    alarm_email: Email = None,
    domain: Domain = None,
    hosted_zone_id: Zone = None,
    waf: Waf = None,
    force: Force = False,
) -> None:
    """Write a liveinsight.toml for this directory, from a few questions; nothing is deployed.

    \b
    Examples:
      liveinsight init
      liveinsight init --no-input --laptop --sites example.com
      liveinsight init --no-input --region eu-west-1 --sites example.com --alarm-email ops@example.com
    """
    context = Context.of(ctx)
    path = _place(context, force=force)
    if hosted_zone_id is not None and domain is None:
        raise UsageError("--hosted-zone-id needs --domain.", hint="The zone is the one of the domain.")
    given: dict[str, object] = {"waf": waf, "hosted_zone_id": hosted_zone_id, "alarm_email": alarm_email}
    given |= {"account_id": account_id, "sites": sites, "allowed_origins": origins, "domain": domain}
    interview = Interview(context, {**context.options.flags, **given}, _is_quiet(context))
    sections = _sections(interview, in_account=_in_account(interview, aws))
    _write(path, configuration_text(sections, _described()))
    result = Initialised(str(path), sections, _next("env.prod" in sections))
    context.terminal.answer("init", result, _view)


def _place(context: Context, *, force: bool) -> Path:
    """Return where the file goes; raises PreconditionError where one is that may not be written over."""
    path = context.options.config or Path.cwd() / CONFIG_NAME
    if path.exists() and not force:
        raise PreconditionError(
            f"{path} is there already; it was left as it is.",
            code="exists",
            hint="Change it by hand, or write it anew: liveinsight init --force",
        )
    if context.options.config is None:
        other = Project.find().config
        if other.exists() and other != path:
            context.terminal.warn(f"Below {path.parent} this file will be used instead of {other}.")
    return path


def _is_quiet(context: Context) -> bool:
    """Tell whether nothing is asked; raises Declined where nobody can be, and nobody said that this is meant."""
    terminal = context.terminal
    if terminal.assume_yes or terminal.no_input:
        return True
    if not terminal.interactive:
        raise Declined(
            "There are questions, and nobody is there to answer.",
            hint="Add --no-input: what no flag says is taken as proposed. See: liveinsight init --help",
        )
    return False


def _in_account(interview: Interview, given: bool | None) -> bool:
    if given is not None or interview.is_quiet:
        return given is not False
    while True:
        text = interview.context.terminal.ask("For an AWS account (a), or for this machine alone (m) [a]: ")
        if text.lower() in ("", "a", "m"):
            return text.lower() != "m"
        interview.context.terminal.say("  Answer a or m.")


def _sections(interview: Interview, *, in_account: bool) -> dict[str, dict[str, object]]:
    default: dict[str, object] = {}
    if in_account:
        default["region"] = interview.answer("region", "Region", _region(interview.context))
        account = _account(interview, str(default["region"]))
        default["account_id"] = interview.answer("account_id", "Account", account)
        if interview.given.get("profile"):
            default["profile"] = interview.given["profile"]
    default["sites"] = interview.answer("sites", "Sites, separated by commas (none: any)")
    if not in_account:
        return {"default": _set(default), "env.local": {}}
    prod: dict[str, object] = {}
    if default["sites"]:
        asked = "Origins of prod's pages"
        prod["allowed_origins"] = interview.answer("allowed_origins", asked, _origins(default["sites"]))
    elif interview.given.get("allowed_origins"):
        prod["allowed_origins"] = interview.answer("allowed_origins", "")
    prod["alarm_email"] = interview.answer(
        "alarm_email", "Who is told of prod's alarms, by e-mail (none: nobody)"
    )
    prod["domain"] = interview.answer("domain", "Host name of prod's dashboard (none: CloudFront's)")
    if prod["domain"]:
        asked = "Its Route 53 zone (none: records are set elsewhere)"
        prod["hosted_zone_id"] = interview.answer("hosted_zone_id", asked)
    prod["waf"] = interview.answer("waf", "AWS WAF for prod, about 14 $ a month (yes, no)", proposal=False)
    return {"default": _set(default), "env.dev": {}, "env.prod": _set(prod)}


def _set(values: Mapping[str, object]) -> dict[str, object]:
    """Leave out what stays as it is built in."""
    return {name: value for name, value in values.items() if value not in (None, [], False)}


def _region(context: Context) -> str:
    """Return the region that AWS's own programs would take, or the built-in one."""
    for variable in ("LIVEINSIGHT_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"):
        if context.variables.get(variable):
            return str(_value("region", context.variables[variable], variable))
    return Settings().region


def _account(interview: Interview, region: str) -> str | None:
    """Return whose the credentials at hand are; None where there are none, or where it was said already."""
    from liveinsight_cli.adapters.account import account_at_hand

    if interview.given.get("account_id") is not None:
        return None
    profile = interview.given.get("profile")
    with interview.context.terminal.progress("Asking AWS whose account the credentials at hand are"):
        return account_at_hand(interview.context, region, str(profile) if profile else None)


def _origins(sites: object) -> list[str]:
    """Return where the pages of sites are, most likely."""
    return [f"https://{site}" for site in sites] if isinstance(sites, list) else []


def _value(name: str, value: object, origin: str) -> object:
    """Return a setting's value, from a text or as it is; raises ConfigurationError."""
    item = KNOWN[name]
    if isinstance(value, str):
        short = {"y": "yes", "n": "no"} if name == "waf" else {}
        value = from_text(short.get(value.lower(), value), item.type, origin)
    return checked(name, value, item.type, item.metadata, origin)


def _bracketed(proposal: object) -> str:
    if proposal in (None, []):
        return ""
    if isinstance(proposal, bool):
        return f" [{'yes' if proposal else 'no'}]"
    shown = ", ".join(proposal) if isinstance(proposal, list) else str(proposal)
    return f" [{shown}; {NONE} for none]"


def _described() -> tuple[Described, ...]:
    return tuple(
        Described(
            item.name,
            item.metadata["help"],
            item.metadata["rule"],
            item.default_factory() if item.default_factory is not MISSING else item.default,
            {
                name: chosen[item.name]
                for name, chosen in BUILT_IN_BY_ENVIRONMENT.items()
                if item.name in chosen
            },
        )
        for item in fields(Settings)
    )


def _write(path: Path, text: str) -> None:
    from liveinsight_cli.adapters.files import unwritable, write_atomically

    with unwritable(path):
        write_atomically(path, text.encode())


def _next(in_account: bool) -> tuple[str, ...]:
    if not in_account:
        return ("liveinsight deploy", "liveinsight seed-demo", "liveinsight stats")
    commands = ("config show", "doctor", "plan", "deploy")
    return tuple(f"liveinsight {command} --env dev" for command in commands)


def _view(result: Initialised) -> "RenderableType":
    from liveinsight_cli.render.init import init_view

    return init_view(result.path, result.sections, result.next)
