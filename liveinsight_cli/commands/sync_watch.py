"""`sync --watch`: syncs whenever sources are saved, and shows troubles instead of ending with them."""

from typing import TYPE_CHECKING

from liveinsight_cli.adapters.sync import Sync, watched
from liveinsight_cli.adapters.watching import Snapshot, saves, snapshot
from liveinsight_cli.context import Context
from liveinsight_cli.errors import CredentialsError, LiveInsightError, StateLocked
from liveinsight_cli.render.sync import sync_view
from liveinsight_cli.terminal import envelope

if TYPE_CHECKING:
    from liveinsight_cli.core.sync import SyncResult

LOCKED_SECONDS = 2.0  # until it is tried again, when another command has the turn


def watch_until_interrupted(context: Context, wanted: Sync) -> None:
    """Sync what is outdated now, and after every save, until somebody presses Ctrl-C; that is how it is meant to end.

    The turn is held during a sync only.
    """
    directories = tuple(watched(wanted.sources, wanted.names))

    def look() -> Snapshot:
        return snapshot(directories)

    changes = saves(
        look, context.clock.sleep, look()
    )  # looked at first: what is saved during the first sync counts
    try:
        _show(context, wanted.run())  # what no waiting mends ends the command at the start, and only there
        context.terminal.say(f"Watching {wanted.sources}. Ctrl-C ends.")
        for _ in changes:
            _sync(context, wanted)
    except KeyboardInterrupt:
        return


def _sync(context: Context, wanted: Sync) -> None:
    """Sync once; a trouble is shown, and the code in service before stays there."""
    is_waiting = False
    while True:
        try:
            _show(context, wanted.run())
            return
        except StateLocked as error:  # a deploy, for instance: after it there may still be something to do
            if not is_waiting:
                _tell(context, error)
            is_waiting = True
            context.clock.sleep(LOCKED_SECONDS)
        except CredentialsError:
            raise
        except LiveInsightError as error:
            _tell(context, error)
            return


def _show(context: Context, result: "SyncResult") -> None:
    if context.terminal.json_output:
        _write(context, envelope("sync", result, warnings=_taken_warnings(context)))
    else:
        context.terminal.out.print(sync_view(result))


def _tell(context: Context, error: LiveInsightError) -> None:
    if context.terminal.json_output:
        body = {"code": error.code, "message": error.message, "hint": error.hint}
        _write(context, envelope("sync", None, warnings=_taken_warnings(context), error=body))
    else:
        context.terminal.fail("sync", error)


def _taken_warnings(context: Context) -> list[str]:
    warnings = list(context.terminal.warnings)
    context.terminal.warnings.clear()
    return warnings


def _write(context: Context, text: str) -> None:
    context.terminal.stdout.write(text + "\n")
    context.terminal.stdout.flush()
