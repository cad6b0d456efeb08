"""Paths and referrers as people write them: browsers send what is not ASCII percent-encoded, and so it is kept."""

import re
import unicodedata
from urllib.parse import quote, unquote

LISTS = frozenset({"pages", "entry_pages", "exit_pages", "referrers"})
FILTERS = frozenset({"page", "entry_page", "exit_page", "referrer"})
_ASCII = "".join(map(chr, range(0x80)))
# One character that is not ASCII: two to four bytes of UTF-8.
_ENCODED = re.compile(
    "%[cd][0-9a-f]%[89ab][0-9a-f]|%e[0-9a-f](?:%[89ab][0-9a-f]){2}|%f[0-4](?:%[89ab][0-9a-f]){3}", re.I
)


def readable(address: str) -> str:
    """Return `/%ED%95%9C` as `/한`. ASCII (`%20`, `%2F`), what is no UTF-8 and what cannot be seen stay encoded."""
    return _ENCODED.sub(_decoded, address)


def encoded(address: str) -> str:
    """Return an address as browsers send it; what is encoded stays so."""
    return quote(address, safe=_ASCII)


def _decoded(found: re.Match[str]) -> str:
    try:
        character = unquote(found[0], errors="strict")
    except UnicodeDecodeError:
        return found[0]
    return found[0] if unicodedata.category(character)[0] in "CZ" else character
