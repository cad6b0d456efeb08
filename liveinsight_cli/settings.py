"""Settings: flag > environment variable > `[env.<name>]` > `[default]` > built-in, and where each one came from."""

# ruff: noqa: RUF009 - setting() only declares a field
import difflib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from liveinsight_cli.errors import ConfigurationError

ENVIRONMENT_NAME = re.compile(r"[a-z]([a-z0-9-]{0,18}[a-z0-9])?")
RESERVED_ENVIRONMENTS = frozenset({"aws"})  # its files would lie where the embedded AWS has its own
HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?")


def setting(default: Any, help: str, rule: str = "", check: Callable[[Any], bool] = lambda _: True) -> Any:  # noqa: A002
    """Declare a setting: its built-in value, what it is for, and the rule its values obey."""
    metadata = {"help": help, "rule": rule, "check": check}
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
    )
    region: str = setting(
        "ap-northeast-2",
        "AWS region",
        "a region name such as ap-northeast-2",
        lambda v: re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", v) is not None,
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
    protected: bool = setting(False, "deploy and destroy need the environment's name typed")
    sites: list[str] = setting(
        [],
        "sites whose events are accepted; empty accepts any",
        "host names in lower case",
        lambda v: all(HOST.fullmatch(site) for site in v),
    )
    allowed_origins: list[str] = setting(
        ["*"],
        "origins that browsers may call the API from",
        "['*'], or origins in lower case such as https://example.com",
        lambda v: v == ["*"] or (bool(v) and all(ORIGIN.fullmatch(origin) for origin in v)),
    )
    public_dashboard: bool = setting(False, "reads need no token")
    alarm_email: str | None = setting(
        None,
        "who is told of alarms",
        "an e-mail address",
        lambda v: re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", v) is not None,
    )
    log_retention_days: int = setting(
        7,
        "how long logs are kept",
        "one of 1, 3, 5, 7, 14, 30, 60, 90, 180, 365",
        lambda v: v in (1, 3, 5, 7, 14, 30, 60, 90, 180, 365),
    )
    memory_mb: int = setting(256, "memory of every function", "128 to 10240", lambda v: 128 <= v <= 10240)
    requests_per_minute: int = setting(
        1000,
        "what API Gateway lets through, all callers together",
        "60 to 600000",
        lambda v: 60 <= v <= 600_000,
    )
    manage_api_gateway_account: bool = setting(
        True, "sets API Gateway's CloudWatch role; only one environment of an account and region may"
    )
    terraform: str | None = setting(None, "path of the terraform (or tofu) executable")
    provider_mirror: str | None = setting(None, "directory that holds a mirror of Terraform providers")
    local_port: int | None = setting(
        None,
        "port of the embedded AWS; none picks a free one and keeps it",
        "1024 to 65535",
        lambda v: 1024 <= v <= 65535,
    )


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
            hint="Use 1 to 20 of a-z, 0-9 and -, beginning with a letter, such as dev; not aws.",
        )
    default, specific = _sections(config, environment)
    chosen: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for item in fields(Settings):
        name = item.name
        variable = f"LIVEINSIGHT_{name.upper()}"
        if flags.get(name) is not None:
            value, origin = flags[name], f"--{name.replace('_', '-')}"
        elif variables.get(variable):
            value, origin = _from_text(variables[variable], item.type, variable), variable
        elif name in specific:
            value, origin = specific[name]
        elif name in default:
            value, origin = default[name]
        elif name in BUILT_IN_BY_ENVIRONMENT.get(environment, {}):
            value, origin = BUILT_IN_BY_ENVIRONMENT[environment][name], "built-in"
        else:
            value, origin = _built_in(item), "built-in"
        chosen[name] = _checked(name, value, item.type, item.metadata, origin)
        origins[name] = origin
    return Effective(environment, Settings(**chosen), origins)


def _built_in(item: Field[Any]) -> object:
    if item.default_factory is not MISSING:
        return item.default_factory()
    return item.default


Section = Mapping[str, tuple[object, str]]


def _sections(config: Path, environment: str) -> tuple[Section, Section]:
    """Return `[default]` and `[env.<environment>]` as name -> (value, place)."""
    try:
        text = config.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}, {}
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigurationError(
            f"{config} cannot be read: {reason}.", hint="It must be a text file that you may read."
        ) from error
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        place = f"{config}:{found[1]}" if found else str(config)
        raise ConfigurationError(
            f"{place}: not valid TOML: {re.sub(r' ?[(]at .*[)]', '', str(error))}",
            hint="Strings need quotes; sections are [default] and [env.<name>].",
        ) from error
    lines = text.splitlines()
    for name in document:
        if name not in ("default", "env"):
            line = _line_of(lines, None, name)
            raise ConfigurationError(
                f"{config}:{line}: unknown section or key {name!r}.", hint="Use [default] and [env.<name>]."
            )
    environments = document.get("env", {})
    if not isinstance(environments, dict):
        line = _line_of(lines, None, "env")
        raise ConfigurationError(
            f"{config}:{line}: env must be a table.", hint="Write [env.dev], not env = ..."
        )
    default = _section(config, lines, "default", document.get("default", {}))
    for name, content in environments.items():  # every section is checked, not just the one in use
        section = _section(config, lines, f"env.{name}", content)
        if name == environment:
            specific = section
    return default, (specific if environment in environments else {})


def _section(config: Path, lines: list[str], header: str, content: object) -> Section:
    if not isinstance(content, dict):
        line = _line_of(lines, *([None, header] if "." not in header else header.split(".", 1)))
        raise ConfigurationError(
            f"{config}:{line}: {header} must be a table, written [{header}].",
            hint="A table is a line with the name in brackets, and the settings below it.",
        )
    known = {item.name: item for item in fields(Settings)}
    section: dict[str, tuple[object, str]] = {}
    for name, value in content.items():
        place = f"{config}:{_line_of(lines, header, name)}"
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known settings: {', '.join(known)}."
            raise ConfigurationError(f"{place}: unknown setting {name!r} in [{header}].", hint=hint)
        _checked(name, value, known[name].type, known[name].metadata, place)
        section[name] = (value, place)
    return section


def _line_of(lines: list[str], header: str | None, key: str) -> int:
    """Return the line number of `key` below `[header]`; the header's, or 1, when it cannot be told."""
    current: str | None = None
    header_line = 1
    pattern = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*=""")
    for number, line in enumerate(lines, start=1):
        section = re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line)
        if section and not pattern.match(line):
            current = section[1].replace('"', "").replace("'", "")
            if current == header or (header is None and current.split(".")[0] == key):
                header_line = number
        elif current == header and pattern.match(line):
            return number
    return header_line


def _base_type(annotation: Any) -> tuple[Any, bool]:
    """Return the type below `X | None`, and whether None is allowed."""
    arguments = get_args(annotation)
    if type(None) in arguments:
        return next(a for a in arguments if a is not type(None)), True
    return annotation, False


def _from_text(text: str, annotation: Any, origin: str) -> object:
    """Return the value that an environment variable's text stands for."""
    kind, _ = _base_type(annotation)
    if kind is bool:
        if text.lower() in ("1", "true", "yes", "on"):
            return True
        if text.lower() in ("0", "false", "no", "off"):
            return False
        raise ConfigurationError(f"{origin}: {text!r} is neither true nor false.")
    if kind is int:
        try:
            return int(text)
        except ValueError as error:
            raise ConfigurationError(f"{origin}: {text!r} is not a whole number.") from error
    if get_origin(kind) is list:
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _checked(name: str, value: object, annotation: Any, metadata: Mapping[str, Any], origin: str) -> object:
    kind, optional = _base_type(annotation)
    if value is None and optional:
        return None
    if get_origin(kind) is Literal:
        fits, expected = value in get_args(kind), " or ".join(map(repr, get_args(kind)))
    elif get_origin(kind) is list:
        fits = isinstance(value, list) and all(isinstance(part, str) for part in value)
        expected = "a list of strings"
    else:
        fits = type(value) is kind
        expected = {str: "a string in quotes", int: "a whole number", bool: "true or false"}[kind]
    if not fits:
        raise ConfigurationError(f"{origin}: {name} must be {expected}.")
    if not metadata["check"](value):
        raise ConfigurationError(
            f"{origin}: {name} = {value!r} is not allowed.", hint=f"Rule: {metadata['rule']}."
        )
    return value
