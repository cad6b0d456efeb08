"""Text that came from visitors, made harmless: page paths, sources and log lines are data, never terminal commands."""

import unicodedata

JOINERS = "\u200c\u200d"  # Persian and emoji need them, and they cannot reorder or hide other text
UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def plain(text: str, *, keep: str = "") -> str:
    r"""Return `text` with everything that a terminal would act upon written out, as in `\x1b` or `\u202e`.

    That is control characters (escape sequences begin with one), bidirectional overrides, invisible formatting,
    line and paragraph separators and lone surrogates. `keep` names characters that may stay, such as line feeds.
    """
    if text.isprintable():  # the quick way: nothing of the above is printable
        return text
    return "".join(char if _is_safe(char, keep) else _escaped(char) for char in text)


def encodable(text: str, encoding: str) -> str:
    """Return `text` with every character that `encoding` lacks written out, as in `\\ud55c`."""
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _is_safe(char: str, keep: str) -> bool:
    return char in keep or char in JOINERS or unicodedata.category(char) not in UNSAFE


def _escaped(char: str) -> str:
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
