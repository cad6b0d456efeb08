"""Sees when files are saved, by looking at their times again and again.

A look at sixty files takes a millisecond, and it works on network drives and in containers too, where the kernel's own
notifications do not arrive.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath

from liveinsight_cli.core.build import belongs_into_zip

LOOK_SECONDS = 0.1
Snapshot = dict[str, tuple[int, int]]


def snapshot(directories: Iterable[Path]) -> Snapshot:
    """Return time and size of every file below these directories that is shipped."""
    found: Snapshot = {}
    for directory in directories:
        for path in directory.rglob("*"):
            try:
                if path.is_file() and belongs_into_zip(PurePosixPath(path.relative_to(directory.parent))):
                    facts = path.stat()
                    found[str(path)] = (facts.st_mtime_ns, facts.st_size)
            except OSError:  # gone between two looks
                continue
    return found


def saves(
    look: Callable[[], Snapshot], sleep: Callable[[float], None], known: Snapshot
) -> Iterator[tuple[str, ...]]:
    """Yield the files that were saved, added or removed since `known`, once two looks find them at rest; for ever.

    Saves that come together are one: an editor writes a file in several steps, and a tool many files.
    """
    latest = known
    while True:
        sleep(LOOK_SECONDS)
        now = look()
        if now == latest and now != known:
            changed = {name for name, _ in known.items() ^ now.items()}
            known = now
            yield tuple(sorted(changed))
        latest = now
