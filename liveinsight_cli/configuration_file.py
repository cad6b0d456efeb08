"""`liveinsight.toml` as settings and the line that each was read from; every section is checked, used or not."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import Field
from pathlib import Path
from typing import Any

from liveinsight_cli.errors import ConfigurationError
from liveinsight_cli.setting_values import checked

Section = Mapping[str, tuple[object, str]]


def read_sections(
    config: Path, environment: str, known: Mapping[str, Field[Any]], retired: Mapping[str, str]
) -> tuple[Section, Section]:
    """Return `[default]` and `[env.<environment>]` as name -> (value, place); raises ConfigurationError.

    `retired` says of settings that are gone what to do about them.
    """
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
    default = _section(config, lines, "default", document.get("default", {}), known, retired)
    for name, content in environments.items():  # every section is checked, not just the one in use
        section = _section(config, lines, f"env.{name}", content, known, retired)
        if name == environment:
            specific = section
    return default, (specific if environment in environments else {})


def _section(
    config: Path,
    lines: list[str],
    header: str,
    content: object,
    known: Mapping[str, Field[Any]],
    retired: Mapping[str, str],
) -> Section:
    if not isinstance(content, dict):
        line = _line_of(lines, *([None, header] if "." not in header else header.split(".", 1)))
        raise ConfigurationError(
            f"{config}:{line}: {header} must be a table, written [{header}].",
            hint="A table is a line with the name in brackets, and the settings below it.",
        )
    section: dict[str, tuple[object, str]] = {}
    for name, value in content.items():
        place = f"{config}:{_line_of(lines, header, name)}"
        if name not in known:
            if name in retired:
                raise ConfigurationError(
                    f"{place}: the setting {name!r} in [{header}] is gone.", hint=retired[name]
                )
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known settings: {', '.join(known)}."
            raise ConfigurationError(f"{place}: unknown setting {name!r} in [{header}].", hint=hint)
        checked(name, value, known[name].type, known[name].metadata, place)
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
