"""The embedded AWS on one screen."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from rich.console import Group, RenderableType
from rich.text import Text

from liveinsight_cli.render.tables import facts


class RunningServer(Protocol):
    """What is shown of a running server."""

    @property
    def pid(self) -> int: ...
    @property
    def endpoint_url(self) -> str: ...
    @property
    def api_url(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def started_at(self) -> str: ...


def server_view(server: RunningServer, details: Mapping[str, Any]) -> RenderableType:
    """Return where it is and what it says of itself."""
    named = [
        ("endpoint", server.endpoint_url),
        ("API Gateway", server.api_url),
        ("process", f"{server.pid}, since {server.started_at}"),
    ]
    memory = details.get("memory_mb")
    named += [("memory", f"{memory} MB")] if memory is not None else []
    named += [("distribution", str(url)) for url in _urls(details.get("distributions"))]
    control_plane = details.get("control_plane")
    if isinstance(control_plane, Mapping) and control_plane.get("summary"):
        named.append(("state", str(control_plane["summary"])))
    named += [("note", str(note)) for note in details.get("notes") or ()]
    use = (
        f"AWS_ENDPOINT_URL={server.endpoint_url} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test "
        f"AWS_DEFAULT_REGION={server.region} aws dynamodb list-tables"
    )
    lines = [Text("The embedded AWS is running.", style="bold green")]
    lines += facts(named, width=12, indent="  ")
    return Group(*lines, Text("Any AWS program can use it:", style="bold"), Text(f"  {use}"))


def status_view(
    state: str, server: RunningServer | None, log_path: Path, details: Mapping[str, Any]
) -> RenderableType:
    """Return the state, and the way on where it is not running."""
    if state == "running" and server is not None:
        return server_view(server, details)
    if state == "stale":
        said = (
            "The embedded AWS ended without being told to. Data is kept; start it again: liveinsight local up"
        )
        return Group(Text(said, style="yellow"), Text(f"Its log: {log_path}"))
    return Text("The embedded AWS is not running. Start it: liveinsight local up")


def _urls(distributions: object) -> list[object]:
    if isinstance(distributions, Mapping):
        return list(distributions.values())
    return list(distributions) if isinstance(distributions, list) else []
