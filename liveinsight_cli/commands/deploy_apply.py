"""Shows an apply while it runs, and remembers how long everything took for the next estimate."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from liveinsight_cli.context import Context
from liveinsight_cli.core.plan import Plan
from liveinsight_cli.core.terraform_events import Event


@contextmanager
def shown_apply(context: Context, plan: Plan, title: str = "Applying") -> Iterator[Callable[[Event], None]]:
    """Yield what is to hear the events of an apply of this plan."""
    from liveinsight_cli.adapters.durations import read_durations, write_durations
    from liveinsight_cli.core.progress import ApplyProgress
    from liveinsight_cli.render.apply_progress import apply_progress

    path = context.files.durations
    progress = ApplyProgress(plan.operations, read_durations(path, context.settings.target))
    try:
        with apply_progress(context.terminal, progress, title, context.clock.monotonic) as listen:
            yield listen
    finally:
        write_durations(path, progress.measured())
