"""What a destroy takes away, as a table."""

from rich.console import RenderableType
from rich.text import Text

from liveinsight_cli.core.destroying import DestroyResult, Losses
from liveinsight_cli.render.tables import table


def losses_view(environment: str, losses: Losses) -> RenderableType:
    """Return the data that will be gone."""
    view = table(f"Destroying {environment} loses for good", "what", "name", "holds", numbers=("holds",))
    for lost in losses.tables:
        view.add_row("table", lost.name, _count(lost.items, "item"))
    for bucket in losses.buckets:
        view.add_row("bucket", bucket.name, _count(bucket.objects, "object"))
    for name in losses.log_groups:
        view.add_row("log group", name, "")
    return view


def destroy_view(result: DestroyResult) -> RenderableType:
    """Return the answer in one line."""
    if not result.resources:
        return Text(f"Nothing of {result.environment} is deployed.")
    return Text(f"Destroyed {result.environment}: {result.resources} resources in {result.duration_s:.0f} s.")


def _count(number: int | None, noun: str) -> str:
    return "?" if number is None else f"{number:,} {noun}{'' if number == 1 else 's'}"
