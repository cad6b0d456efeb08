"""Which versions of terraform can be worked with, and which of them may touch a state."""

import re

OLDEST = (1, 11, 0)
VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?")


def is_supported(version: str) -> bool:
    """Tell whether a version is new enough; a pre-release is older than what it precedes."""
    found = VERSION.fullmatch(version)
    if found is None:
        return False
    numbers = _numbers(found)
    return numbers > OLDEST or (numbers == OLDEST and found[4] is None)


def is_newer(writer: str, reader: str) -> bool:
    """Tell whether a state's writer is newer than who is to go on with it, by more than a patch.

    Terraform reads such a state without a word, and drops from it what it does not know.
    """
    wrote, reads = VERSION.fullmatch(writer), VERSION.fullmatch(reader)
    return wrote is not None and reads is not None and _numbers(wrote)[:2] > _numbers(reads)[:2]


def _numbers(found: re.Match[str]) -> tuple[int, ...]:
    return tuple(int(found[place]) for place in (1, 2, 3))
