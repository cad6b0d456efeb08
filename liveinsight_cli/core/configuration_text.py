"""The text of a new `liveinsight.toml`: what was chosen, and behind # every other setting with what is built in."""

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from liveinsight_cli.core.setting_themes import by_theme

WIDTH = 110
HEAD = """\
# LiveInsight: what each environment is like. [env.<name>] wins over [default], and that over what is built in.
# Before both come flags and variables such as LIVEINSIGHT_REGION: `liveinsight config show --env prod` tells each value
# and the place it came from. A setting behind # has the value that is built in; take the # away to change it."""
TITLES: Mapping[str, str] = {
    "default": "Every environment",
    "env.local": "The AWS inside the tool: liveinsight deploy",
    "env.dev": "For trying things out: liveinsight deploy --env dev",
    "env.prod": "The real one: liveinsight deploy --env prod",
}
# What differs from one environment to the next; everything else stands in [default].
OF_ONE_ENVIRONMENT = (
    *("protected", "allowed_origins", "domain", "hosted_zone_id", "alarm_email", "charges_alarm_usd"),
    *("waf", "customer_managed_key"),
)
ONLY_IN_AN_ACCOUNT = frozenset(OF_ONE_ENVIRONMENT) - {"protected", "allowed_origins"}
# What is not set unless somebody sets it, as it might be set.
EXAMPLES: Mapping[str, object] = {
    "profile": "work",
    "account_id": "123456789012",
    "state_bucket": "our-terraform-states",
    "alarm_email": "ops@example.com",
    "reserved_concurrency": 50,
    "domain": "stats.example.com",
    "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
    "charges_alarm_usd": 50,
    "access_log_bucket": "our-access-logs",
    "terraform": "/usr/local/bin/terraform",
    "provider_mirror": "/srv/terraform-providers",
    "local_port": 4566,
}


@dataclass(frozen=True)
class Described:
    """A setting: what it is for, the rule of its values, what is built in, by environment where that differs."""

    name: str
    help: str
    rule: str
    default: object
    by_environment: Mapping[str, object]


def configuration_text(chosen: Mapping[str, Mapping[str, object]], described: Iterable[Described]) -> str:
    """Return the file; `chosen` holds what each section sets, section (`default`, `env.<name>`) -> name -> value."""
    known = {one.name: one for one in described}
    parts = [HEAD]
    for section, values in chosen.items():
        parts += ["", f"# {TITLES.get(section, 'Another environment')}", f"[{section}]"]
        for theme, names in by_theme(_settings_of(section, known)):
            parts += ["", f"# {theme}"]
            for name in names:
                parts += _setting(known[name], section, values)
    return "\n".join(parts) + "\n"


def _settings_of(section: str, known: Mapping[str, Described]) -> tuple[str, ...]:
    if section == "default":
        return tuple(name for name in known if name not in OF_ONE_ENVIRONMENT and name != "target")
    left_out = ONLY_IN_AN_ACCOUNT if section == "env.local" else frozenset()
    return tuple(name for name in OF_ONE_ENVIRONMENT if name in known and name not in left_out)


def _setting(one: Described, section: str, values: Mapping[str, object]) -> Iterator[str]:
    words = f"{one.help} ({one.rule})" if one.rule else one.help
    yield from textwrap.wrap(words, WIDTH, initial_indent="#   ", subsequent_indent="#   ")
    built_in = one.by_environment.get(section.removeprefix("env."), one.default)
    if values.get(one.name) is not None:
        yield f"{one.name} = {toml(values[one.name])}"
    elif built_in is not None:
        yield f"# {one.name} = {toml(built_in)}"
    elif one.name in EXAMPLES:
        yield f"# {one.name} = {toml(EXAMPLES[one.name])}  # an example: it is not set"


def toml(value: object) -> str:
    """Return a text, number, truth or list as TOML has it, which for these is what JSON has."""
    return json.dumps(value, ensure_ascii=False)
