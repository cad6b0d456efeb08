"""Filters of both reads: parameters named by dimension. A filter chooses visits, and all figures are of those alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from shared.event import UTM_PARAMETERS
from shared.http import HttpError

# Parameter -> the list whose names it takes.
FACTS = {
    "entry_page": "entry_pages",
    "source": "sources",
    "referrer": "referrers",
    **{name: name for name in UTM_PARAMETERS},
    "country": "countries",
    "device": "devices",
    "browser": "browsers",
    "os": "os",
}
DIMENSIONS = ("page", "exit_page", *FACTS, "event_type")
_LONGEST = 512


def read_filters(
    parameters: Mapping[str, str], repeated: Collection[str], known: Collection[str]
) -> dict[str, str]:
    """The filters that were given, by parameter; raises HttpError for one that this read does not know."""
    found = {name: parameters[name] for name in DIMENSIONS if parameters.get(name)}
    for name, value in found.items():
        if name not in known:
            raise HttpError(400, "invalid_field", f"This read has no filter by {name}.", name)
        if name in repeated:
            raise HttpError(400, "invalid_field", f"{name} may be given once.", name)
        if len(value) > _LONGEST:
            raise HttpError(400, "invalid_field", f"{name} may have {_LONGEST} characters.", name)
    return found
