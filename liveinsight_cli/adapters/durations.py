"""Keeps how long operations took, in `.liveinsight/<env>/durations.json`. Only estimates come from it."""

import contextlib
import dataclasses
import json
from pathlib import Path

from liveinsight_cli.adapters.files import write_atomically
from liveinsight_cli.core.durations import Durations


def read_durations(path: Path, target: str) -> Durations:
    """Return what was measured where the environment is now: AWS itself or the embedded one."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        seconds = {
            str(name): [float(one) for one in values] for name, values in found["seconds"].items() if values
        }
        known = Durations(found["target"], seconds, [float(one) for one in found["side_by_side"]])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Durations(target)
    return known if known.target == target else Durations(target)


def write_durations(path: Path, durations: Durations) -> None:
    """Keep them; where that cannot be done, the next estimate is only a worse one."""
    with contextlib.suppress(OSError):
        write_atomically(path, (json.dumps(dataclasses.asdict(durations), indent=1) + "\n").encode())
