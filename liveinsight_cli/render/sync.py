"""What a sync did, in a few lines."""

from rich.text import Text

from liveinsight_cli.core.sync import SyncResult


def sync_view(result: SyncResult) -> Text:
    """Return one line."""
    if not result.functions:
        return Text(f"Nothing to do: the code in service is that of the sources ({result.duration_s:.1f} s).")
    names = ", ".join(f"{one.function} (version {one.version})" for one in result.functions)
    return Text(f"In service after {result.duration_s:.1f} s: {names}", style="green")
