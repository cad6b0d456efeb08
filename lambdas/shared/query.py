"""Query parameters that both reads have."""

from __future__ import annotations

import re
from collections.abc import Mapping

from shared.http import HttpError
from shared.settings import Settings

_SITE = re.compile(r"[\w.:-]{1,253}")


def read_site(parameters: Mapping[str, str], settings: Settings) -> str:
    """The site that is asked for; empty when none is, which means all."""
    site = parameters.get("site", "").strip().lower().removeprefix("www.")
    if site and not _SITE.fullmatch(site):
        raise HttpError(400, "invalid_field", "site must be a host name.", "site")
    if site and settings.allowed_sites and site not in settings.allowed_sites:
        raise HttpError(403, "site_not_allowed", "This site is not on the list.", "site")
    return site


def read_limit(parameters: Mapping[str, str], default: int, largest: int) -> int:
    """How long lists may be."""
    text = parameters.get("limit", "") or str(default)
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= largest):
        raise HttpError(400, "invalid_field", f"limit must be a number from 1 to {largest}.", "limit")
    return int(text)
