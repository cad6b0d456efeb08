"""`liveinsight outputs`: addresses and names of what is deployed."""

import json
import re
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from liveinsight_cli.context import Context
from liveinsight_cli.errors import UsageError

if TYPE_CHECKING:
    from rich.table import Table


def outputs(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(help="One output, e.g. api_gateway_url.")] = None,
    raw: Annotated[bool, typer.Option("--raw", help="The bare value of NAME.")] = False,
    dotenv: Annotated[bool, typer.Option("--dotenv", help="Lines of NAME=value, for a shell.")] = False,
) -> None:
    """Show the addresses, names and versions of the last deploy.

    \b
    Examples:
      liveinsight outputs
      API=$(liveinsight outputs api_gateway_url --raw)
      curl -H "Authorization: Bearer $(cat .liveinsight/local/read-token)" $API/api/realtime
      liveinsight outputs --dotenv > .env
    """
    from liveinsight_cli.adapters import shared_outputs
    from liveinsight_cli.adapters.deployed import read_outputs

    context = Context.of(ctx)
    if raw and name is None:
        raise UsageError("--raw needs the NAME of an output.", hint="liveinsight outputs lists the names.")
    if context.terminal.json_output and (raw or dotenv):
        raise UsageError("--json fits neither --raw nor --dotenv.", hint="Leave one of them out.")
    context.excuse_settings()
    shared_outputs.refresh(context)
    found = read_outputs(context.files, context.environment)
    if name is not None:
        found = {name: _named(found, name)}
    if raw:
        context.terminal.stdout.write(_text(found[str(name)]) + "\n")
    elif dotenv:
        lines = (f"{variable}={shlex.quote(value)}" for variable, value in _flat(found))
        context.terminal.stdout.write("".join(f"{line}\n" for line in lines))
    else:
        context.terminal.out.soft_wrap = True
        context.terminal.answer("outputs", found, _table)


def _named(found: Mapping[str, Any], name: str) -> Any:
    """Return the value of `name`; dots go into maps, as in tables.events."""
    value: Any = found
    for part in name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            raise UsageError(f"There is no output {name!r}.", hint=f"Outputs: {', '.join(sorted(found))}.")
        value = value[part]
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _flat(value: Any, prefix: str = "") -> list[tuple[str, str]]:
    """Return (VARIABLE, text) of every value, maps as one variable an entry."""
    if isinstance(value, Mapping):
        return [pair for name, one in sorted(value.items()) for pair in _flat(one, f"{prefix}{name}_")]
    variable = re.sub(r"[^A-Z0-9]", "_", prefix.rstrip("_").upper())
    return [(variable, ",".join(map(str, value)) if isinstance(value, list) else _text(value))]


def _table(found: Mapping[str, Any]) -> "Table":
    from liveinsight_cli.render.tables import table

    view = table(None, "output", "value")
    for name, value in sorted(found.items()):
        view.add_row(name, _shown(value))
    return view


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "\n".join(f"{name}: {_brief(one)}" for name, one in sorted(value.items()))
    if isinstance(value, list):
        return "\n".join(_line(one) for one in value)
    return "" if value is None else str(value)


def _line(one: Any) -> str:
    """Return one entry of a list; a DNS record as it would stand in a zone, with what it is for."""
    if isinstance(one, Mapping) and {"name", "type", "value", "purpose"} <= one.keys():
        return f"{one['name']} {one['type']} {one['value']}  ({one['purpose']})"
    return str(one)


def _brief(value: Any) -> str:
    if isinstance(value, Mapping) and {"function_name", "version"} <= value.keys():
        return f"{value['function_name']}, version {value['version']}"
    return _text(value)
