"""When requests are due. They come whatever became of earlier ones: an open model, as visitors are."""

import random
from collections.abc import Iterator

from liveinsight_cli.core.load.plan import LoadPlan


def due_times(plan: LoadPlan, process: int) -> Iterator[float]:
    """Yield the seconds after the start at which one of the plan's processes sends, in order.

    Constant arrivals of all processes together are evenly spaced. Independent Poisson streams of a part of the rate add
    up to one of the whole.
    """
    if plan.arrivals == "constant":
        number = process
        while (due := number / plan.rps) < plan.all_seconds:
            yield due
            number += plan.processes
        return
    chance = random.Random(f"{plan.seed}:{process}")  # noqa: S311 - no secret, and reproducible
    due = chance.expovariate(plan.rps / plan.processes)
    while due < plan.all_seconds:
        yield due
        due += chance.expovariate(plan.rps / plan.processes)
