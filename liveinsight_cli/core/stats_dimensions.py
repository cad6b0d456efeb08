"""The top lists of `stats`, and what people call them."""

from collections.abc import Mapping

# Everything that `--by` takes; the names of the API's top lists.
DIMENSIONS = (
    *(
        "pages",
        "entry_pages",
        "exit_pages",
        "sources",
        "referrers",
        "utm_source",
        "utm_medium",
        "utm_campaign",
    ),
    *("utm_term", "utm_content", "countries", "devices", "browsers", "os", "event_types"),
)
MAIN_DIMENSIONS = ("pages", "sources", "devices", "countries")
FURTHER_DIMENSIONS = ("entry_pages", "exit_pages", "browsers", "os")  # where there is room for them
# What people call them beside the names themselves.
SHORT_NAMES: Mapping[str, str] = {
    "page": "pages",
    "entry": "entry_pages",
    "entry_page": "entry_pages",
    "exit": "exit_pages",
    "exit_page": "exit_pages",
    "source": "sources",
    "referrer": "referrers",
    "country": "countries",
    "device": "devices",
    "browser": "browsers",
    "event": "event_types",
    "event_type": "event_types",
    "events": "event_types",
    **{
        name.removeprefix("utm_"): name
        for name in DIMENSIONS
        if name.startswith("utm_") and name != "utm_source"
    },
}


def dimension(text: str) -> str | None:
    """Return the top list that somebody means, or None."""
    name = text.strip().lower().replace("-", "_")
    return name if name in DIMENSIONS else SHORT_NAMES.get(name)
