"""Whether the locale says that only ASCII can be shown."""

from collections.abc import Mapping

ASCII_LOCALES = frozenset({"C", "POSIX"})
COERCED = "C.UTF-8"  # what Python makes of LC_CTYPE where the locale is C, whatever the terminal can do


def is_ascii_locale(variables: Mapping[str, str]) -> bool:
    """Tell whether LC_ALL, LC_CTYPE or LANG, the first that is set, is C or POSIX; none of them says nothing."""
    chosen = variables.get("LC_ALL") or _chosen_ctype(variables) or variables.get("LANG") or ""
    return chosen in ASCII_LOCALES


def _chosen_ctype(variables: Mapping[str, str]) -> str:
    chosen = variables.get("LC_CTYPE", "")
    return "" if chosen == COERCED and variables.get("LANG") in ASCII_LOCALES else chosen
