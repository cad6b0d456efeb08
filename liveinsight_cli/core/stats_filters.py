"""Filters of `stats`: which visits are meant, as `--where country=KR` says it and as the API takes it."""

from collections.abc import Iterable, Mapping

from liveinsight_cli.core import addresses
from liveinsight_cli.core.addresses import encoded

# A filter's name at the API. Visits that contain such a page or event, or whose fact it is.
FILTERS = (
    *("page", "entry_page", "exit_page", "source", "referrer"),
    *("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"),
    *("country", "device", "browser", "os", "event_type"),
)
LIVE_FILTERS = frozenset({"source", "country", "device"})  # what is known of a visit that goes on
# Live figures that no filter reaches: they come from minutes, not from visits.
OF_MINUTES = frozenset({"pageviews_30m"})
OF_LIVE_VISITS = frozenset({"active_visitors", "active_sessions", "visitors_30m"})


class InvalidFilter(ValueError):
    """The text is no filter; `hint` says what would be one."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def read_filters(given: Iterable[str]) -> dict[str, str]:
    """Return filters by name from texts such as `page=/pricing`; raises InvalidFilter."""
    found: dict[str, str] = {}
    for text in given:
        written, equals, value = text.partition("=")
        name = written.strip().lower().replace("-", "_")
        known = f"Filters: {', '.join(FILTERS)}."
        if not equals or not value:
            raise InvalidFilter(f"{text!r} is no filter: write <name>=<value>, such as country=KR.", known)
        if name not in FILTERS:
            raise InvalidFilter(f"There is no filter by {written!r}.", known)
        if name in found:
            raise InvalidFilter(f"{name} may be given once.", f"All filters have to hold. {known}")
        found[name] = encoded(value) if name in addresses.FILTERS else value
    return found


def live_filters(filters: Mapping[str, str]) -> dict[str, str]:
    """Return those filters that live figures can follow too."""
    return {name: value for name, value in filters.items() if name in LIVE_FILTERS}


def unfiltered(metrics: Iterable[str], filters: Mapping[str, str]) -> str | None:
    """Return the first of these figures that would be of other visits than the filters choose, or None."""
    beyond = OF_MINUTES if filters else frozenset()
    if len(live_filters(filters)) < len(filters):
        beyond = OF_MINUTES | OF_LIVE_VISITS
    return next((metric for metric in metrics if metric in beyond), None)
