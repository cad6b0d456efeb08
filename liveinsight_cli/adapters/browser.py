"""The browser of whoever sits here."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Browser:
    """Opens pages. `variables` is the environment's."""

    variables: Mapping[str, str]

    def missing(self) -> str | None:
        """Return why no page can be shown here, or None. A browser in a terminal would take the terminal over."""
        if sys.platform in ("darwin", "win32") or self.variables.get("BROWSER"):
            return None
        if not (self.variables.get("DISPLAY") or self.variables.get("WAYLAND_DISPLAY")):
            return "there is no display here"
        return None

    def show(self, address: str) -> bool:
        """Tell whether a browser took the address; what it has to say goes nowhere."""
        import webbrowser

        quiet, kept = os.open(os.devnull, os.O_WRONLY), os.dup(1)
        try:
            os.dup2(quiet, 1)  # xdg-open and its like talk on the stream that the answer is on
            return webbrowser.open(address)
        except webbrowser.Error:
            return False
        finally:
            os.dup2(kept, 1)
            os.close(kept)
            os.close(quiet)
