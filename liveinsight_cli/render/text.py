"""Text that came from visitors, made harmless: page paths, sources and log lines are data, never terminal commands."""

import re
import unicodedata
from functools import cache

JOINERS = "\u200c\u200d"  # Persian and emoji need them, and they cannot reorder or hide other text
UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Letters and marks that show nothing: fillers, joiners of a script, selectors of variants that no font has.
_INVISIBLE = frozenset(
    map(chr, [0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x2065, 0x3164, 0xFFA0])
)
_INVISIBLE_RANGES = ((0xFFF0, 0xFFF8), (0xE0000, 0xE0FFF))
_REMEMBERED = 5_000

_INVISIBLE_BETWEEN = re.compile("[\u200c\u200d\ufe00-\ufe0f]")
# Joiners and selectors are at home among letters and emoji only, one at a time: elsewhere they hide something.
_STRAY = re.compile(
    "[\u200c\u200d](?![^\x00-\x7f])|(?<![^\x00-\x7f])[\u200c\u200d]|(?<=[\u200c\u200d])[\u200c\u200d]"
    "|(?<![^\x00-\x7f]|[0-9#*])[\ufe00-\ufe0f]|(?<=[\u200c\u200d\ufe00-\ufe0f])[\ufe00-\ufe0f]"
)


def plain(text: str, *, keep: str = "") -> str:
    r"""Return `text` with everything that a terminal would act upon written out, as in `\x1b` or `\u202e`.

    That is control characters (escape sequences begin with one), bidirectional overrides, invisible characters,
    line and paragraph separators and lone surrogates. `keep` names characters that may stay, such as line feeds.
    """
    if text.isascii() and text.isprintable():  # the quick way: nothing of the above is there
        return text
    text = text.translate(_escapes(keep))
    return _STRAY.sub(lambda found: _escaped(found[0]), text) if _INVISIBLE_BETWEEN.search(text) else text


def encodable(text: str, encoding: str) -> str:
    """Return `text` with every character that `encoding` lacks written out, as in `\\ud55c`."""
    return text.encode(encoding, "backslashreplace").decode(encoding)


class _Escapes(dict[int, str]):
    """What becomes of each character, found out when it is met."""

    def __init__(self, keep: str) -> None:
        self.keep = keep

    def __missing__(self, code: int) -> str:
        char = chr(code)
        shown = char if char in self.keep or _is_safe(char) else _escaped(char)
        if len(self) < _REMEMBERED:
            self[code] = shown
        return shown


@cache
def _escapes(keep: str) -> _Escapes:
    return _Escapes(keep)


def _is_safe(char: str) -> bool:
    if char in JOINERS:
        return True
    if char in _INVISIBLE or any(first <= ord(char) <= last for first, last in _INVISIBLE_RANGES):
        return False
    return unicodedata.category(char) not in UNSAFE


def _escaped(char: str) -> str:
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
