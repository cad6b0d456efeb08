"""Which ports a project uses: remembered, so that URLs stay the same from one start to the next."""

import hashlib
import json
from pathlib import Path

from liveinsight_cli.local.http import KeepAliveHandler, Listener, WsgiApp

RANGE = range(4750, 4990)


class PortInUse(Exception):
    """A port that was asked for by number is taken by another program."""

    def __init__(self, port: int) -> None:
        super().__init__(f"port {port} is in use")
        self.port = port


class Ports:
    """Ports by purpose (`endpoint`, `api`, `distribution/<id>`), in a small JSON file.

    Each project looks for free ports from a place of its own in the range: else a project that starts while another
    one is down would take the other's.
    """

    def __init__(self, path: Path, project: Path) -> None:
        self._path = path
        digest = hashlib.sha256(str(project).encode()).digest()
        start = int.from_bytes(digest[:4], "big") % len(RANGE)
        self._candidates = [*RANGE[start:], *RANGE[:start]]
        self._remembered = _remembered(path)
        self.moved: list[str] = []

    def listen(
        self,
        purpose: str,
        app: WsgiApp,
        wanted: int | None = None,
        handler: type[KeepAliveHandler] = KeepAliveHandler,
    ) -> Listener:
        """Bind the wanted port (or raise PortInUse), else the remembered one, else a free one; and remember it."""
        listener = self._bind(purpose, app, wanted, handler)
        if self._remembered.get(purpose) != listener.port:
            self._remembered[purpose] = listener.port
            self._save()
        return listener

    def forget(self, purpose: str) -> None:
        """Give the purpose's port free for others."""
        if self._remembered.pop(purpose, None) is not None:
            self._save()

    def _bind(
        self, purpose: str, app: WsgiApp, wanted: int | None, handler: type[KeepAliveHandler]
    ) -> Listener:
        if wanted is not None:
            try:
                return Listener(app, wanted, handler)
            except OSError as error:
                raise PortInUse(wanted) from error
        remembered = self._remembered.get(purpose)
        if remembered is not None:
            try:
                return Listener(app, remembered, handler)
            except OSError:
                self.moved.append(f"port {remembered} ({purpose}) was taken by another program")
        taken = set(self._remembered.values())
        for port in self._candidates:
            if port not in taken:
                try:
                    return Listener(app, port, handler)
                except OSError:
                    continue
        return Listener(app, 0, handler)

    def _save(self) -> None:
        scratch = self._path.with_suffix(".new")
        scratch.write_text(json.dumps(self._remembered, indent=2, sort_keys=True))
        scratch.replace(self._path)


def _remembered(path: Path) -> dict[str, int]:
    """Return the ports on record; a damaged record costs no more than other ports than before."""
    try:
        return {str(purpose): int(port) for purpose, port in json.loads(path.read_text()).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
