"""Settings: flag > environment variable > `[env.<name>]` > `[default]` > built-in, and where each one came from."""

# ruff: noqa: RUF009 - setting() only declares a field
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from liveinsight_cli.configuration_file import read_sections
from liveinsight_cli.errors import ConfigurationError
from liveinsight_cli.setting_values import checked, from_text

ENVIRONMENT_NAME = re.compile(r"[a-z]([a-z0-9-]{0,18}[a-z0-9])?")
# Their files would lie where the embedded AWS, or the account-wide part, has its own.
RESERVED_ENVIRONMENTS = frozenset({"aws", "account"})
HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
PARAMETER = re.compile(r"[A-Za-z0-9_.-]{1,64}")
# The periods that CloudWatch Logs knows.
LOG_RETENTIONS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545),
    *(731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?")


def setting(
    default: Any,
    help: str,  # noqa: A002
    rule: str = "",
    check: Callable[[Any], bool] = lambda _: True,
    *,
    variable: str | None = None,
) -> Any:
    """Declare a setting: built-in value, what it is for, the rule its values obey, the Terraform variable it fills."""
    metadata = {"help": help, "rule": rule, "check": check, "variable": variable}
    if isinstance(default, list):
        return field(default_factory=lambda: list(default), metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Settings:
    """Everything that can be configured for one environment."""

    project: str = setting(
        "liveinsight",
        "first part of every resource name",
        "2 to 20 of a-z, 0-9 and -, beginning with a letter, not ending with -",
        lambda v: re.fullmatch(r"[a-z][a-z0-9-]{0,18}[a-z0-9]", v) is not None,
        variable="project",
    )
    region: str = setting(
        "ap-northeast-2",
        "AWS region",
        "a region name such as ap-northeast-2",
        lambda v: re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", v) is not None,
        variable="region",
    )
    profile: str | None = setting(None, "AWS profile; none uses the default credential chain")
    account_id: str | None = setting(
        None,
        "account that this environment belongs to; compared with STS before anything is written",
        "12 digits, quoted",
        lambda v: re.fullmatch(r"\d{12}", v) is not None,
    )
    target: Literal["embedded", "aws"] = setting(
        "aws", "embedded: the AWS inside this tool; aws: the real one"
    )
    protected: bool = setting(
        False, "deploy and destroy need the environment's name typed", variable="protected"
    )
    sites: list[str] = setting(
        [],
        "sites whose events are accepted; empty accepts any",
        "host names in lower case",
        lambda v: all(HOST.fullmatch(site) for site in v),
        variable="allowed_sites",
    )
    allowed_origins: list[str] = setting(
        ["*"],
        "origins that browsers may call the API from",
        "['*'], or origins in lower case such as https://example.com",
        lambda v: v == ["*"] or (bool(v) and all(ORIGIN.fullmatch(origin) for origin in v)),
        variable="allowed_origins",
    )
    public_dashboard: bool = setting(False, "reads need no token", variable="public_dashboard")
    visitor_requests_per_minute: int = setting(
        60,
        "requests with events that one visitor may send in a minute; 0 is no limit",
        "0 to 6000",
        lambda v: 0 <= v <= 6000,
        variable="visitor_requests_per_minute",
    )
    kept_parameters: list[str] = setting(
        [],
        "parameters of page addresses that are stored, such as id; all others are cut away",
        "at most 20 names of 1 to 64 of A-Z a-z 0-9 _ . -",
        lambda v: len(v) <= 20 and all(PARAMETER.fullmatch(name) for name in v),
        variable="kept_parameters",
    )
    alarm_email: str | None = setting(
        None,
        "who is told of alarms",
        "an e-mail address",
        lambda v: re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", v) is not None,
        variable="alarm_email",
    )
    log_retention_days: int = setting(
        7,
        "how long logs are kept",
        f"one of {', '.join(map(str, LOG_RETENTIONS))}",
        lambda v: v in LOG_RETENTIONS,
        variable="log_retention_days",
    )
    memory_mb: int = setting(
        256, "memory of every function", "128 to 10240", lambda v: 128 <= v <= 10240, variable="memory_mb"
    )
    requests_per_minute: int = setting(
        1000,
        "what API Gateway lets through, all callers together",
        "60 to 600000",
        lambda v: 60 <= v <= 600_000,
        variable="requests_per_minute",
    )
    timeout_seconds: int = setting(
        30,
        "seconds after which a function is stopped; API Gateway stops waiting after 29",
        "1 to 900",
        lambda v: 1 <= v <= 900,
        variable="timeout_seconds",
    )
    reserved_concurrency: int | None = setting(
        None,
        "how many copies of event-collector may run at once, set aside for it; none shares the account's",
        "1 to 10000",
        lambda v: 1 <= v <= 10_000,
        variable="reserved_concurrency",
    )
    kept_versions: int = setting(
        10,
        "how many releases stay ready for a rollback; older versions of the functions are deleted",
        "2 to 50",
        lambda v: 2 <= v <= 50,
    )
    domain: str | None = setting(
        None,
        "host name of the dashboard and the API, such as stats.example.com; none uses CloudFront's",
        "a host name in lower case with a dot in it",
        lambda v: HOST.fullmatch(v) is not None and "." in v,
        variable="domain",
    )
    hosted_zone_id: str | None = setting(
        None,
        "Route 53 zone of the domain; none: the records to set elsewhere are shown",
        "the id of a zone, such as Z0123456789ABCDEFGHIJ",
        lambda v: re.fullmatch(r"Z[A-Z0-9]{1,31}", v) is not None,
        variable="hosted_zone_id",
    )
    waf: bool = setting(
        False, "AWS WAF before the API and the dashboard: a limit per address", variable="waf"
    )
    customer_managed_key: bool = setting(
        False,
        "encrypts tables, logs and alarms with a KMS key of this environment",
        variable="customer_managed_key",
    )
    detailed_monitoring: bool = setting(
        False,
        "metrics of each method of the API, and X-Ray; both are charged",
        variable="detailed_monitoring",
    )
    access_log_bucket: str | None = setting(
        None,
        "bucket that the access logs of both buckets go to; none: no such logs",
        "the name of a bucket",
        lambda v: re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", v) is not None,
        variable="access_log_bucket",
    )
    blocked_countries: list[str] = setting(
        [],
        "countries that CloudFront refuses, such as KP",
        "codes of two capital letters",
        lambda v: all(re.fullmatch(r"[A-Z]{2}", one) for one in v),
        variable="blocked_countries",
    )
    charges_alarm_usd: int | None = setting(
        None,
        "alarm when the account's charges of the month reach so many dollars",
        "1 to 1000000",
        lambda v: 1 <= v <= 1_000_000,
        variable="charges_alarm_usd",
    )
    state_bucket: str | None = setting(
        None,
        "bucket of the Terraform states; none looks for <project>-tfstate-<account>-<region>",
        "3 to 63 of a-z, 0-9 and -",
        lambda v: re.fullmatch(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", v) is not None,
    )
    terraform: str | None = setting(None, "path of the terraform (or tofu) executable")
    provider_mirror: str | None = setting(None, "directory that holds a mirror of Terraform providers")
    local_port: int | None = setting(
        None,
        "port of the embedded AWS; none picks a free one and keeps it",
        "1024 to 65535",
        lambda v: 1024 <= v <= 65535,
    )


def filled_variables(settings: Settings) -> dict[str, object]:
    """Return the Terraform variables that settings fill, by variable name."""
    return {
        item.metadata["variable"]: getattr(settings, item.name)
        for item in fields(settings)
        if item.metadata["variable"] is not None
    }


# In [default] these speak of a real account; for the embedded AWS only what its own section says counts.
OF_THE_REAL_ACCOUNT = ("account_id", "state_bucket")
# Settings of earlier versions, and what became of them.
RETIRED: Mapping[str, str] = {
    "manage_api_gateway_account": "Remove the line: API Gateway's CloudWatch role is set once per account and region "
    "now, by whichever deploy finds none; see liveinsight account show.",
}
BUILT_IN_BY_ENVIRONMENT: Mapping[str, Mapping[str, object]] = {
    "local": {"target": "embedded"},
    "prod": {"protected": True},
}


@dataclass(frozen=True)
class Effective:
    """The settings of one environment, and for each the place it was taken from."""

    environment: str
    values: Settings
    origins: Mapping[str, str]


def resolve(
    environment: str, config: Path, flags: Mapping[str, object], variables: Mapping[str, str]
) -> Effective:
    """Resolve every setting of `environment`.

    `flags` holds what was given on the command line (None: not given), `variables` the process environment.
    Raises ConfigurationError naming the place of the value that is wrong.
    """
    if not ENVIRONMENT_NAME.fullmatch(environment) or environment in RESERVED_ENVIRONMENTS:
        raise ConfigurationError(
            f"{environment!r} is not an environment name.",
            hint="Use 1 to 20 of a-z, 0-9 and -, beginning with a letter, such as dev; not aws or account.",
        )
    known = {item.name: item for item in fields(Settings)}
    default, specific = read_sections(config, environment, known, RETIRED)
    chosen: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for name, item in known.items():
        variable = f"LIVEINSIGHT_{name.upper()}"
        if flags.get(name) is not None:
            value, origin = flags[name], f"--{name.replace('_', '-')}"
        elif variables.get(variable):
            value, origin = from_text(variables[variable], item.type, variable), variable
        elif name in specific:
            value, origin = specific[name]
        elif name in default:
            value, origin = default[name]
        elif name in BUILT_IN_BY_ENVIRONMENT.get(environment, {}):
            value, origin = BUILT_IN_BY_ENVIRONMENT[environment][name], "built-in"
        else:
            value, origin = _built_in(item), "built-in"
        chosen[name] = checked(name, value, item.type, item.metadata, origin)
        origins[name] = origin
    for name in OF_THE_REAL_ACCOUNT if chosen["target"] == "embedded" else ():
        if name in default and origins[name] == default[name][1]:
            chosen[name], origins[name] = None, "built-in"
    if (
        chosen["domain"] is None
        and "hosted_zone_id" in default
        and origins["hosted_zone_id"] == default["hosted_zone_id"][1]
    ):
        # The zone of all environments' host names; this one has none.
        chosen["hosted_zone_id"], origins["hosted_zone_id"] = None, "built-in"
    _require_agreement(chosen, origins, default)
    return Effective(environment, Settings(**chosen), origins)


def _require_agreement(
    chosen: Mapping[str, Any], origins: Mapping[str, str], default: Mapping[str, tuple[object, str]]
) -> None:
    """Raise ConfigurationError for settings that contradict each other, naming the place of one of them."""
    if chosen["hosted_zone_id"] is not None and chosen["domain"] is None:
        raise ConfigurationError(
            f"{origins['hosted_zone_id']}: hosted_zone_id is set, but domain is not.",
            hint="Rule: the zone is the one of the domain. Set domain, or take hosted_zone_id away.",
        )
    if "domain" in default:
        raise ConfigurationError(
            f"{default['domain'][1]}: domain stands in [default].",
            hint="Rule: a host name belongs to one environment, CloudFront takes it once. Move it to [env.<name>].",
        )


def _built_in(item: Field[Any]) -> object:
    if item.default_factory is not MISSING:
        return item.default_factory()
    return item.default
