"""Composition of the embedded AWS inside its process: who answers what, in which order things start and stop."""

import fcntl
import logging
import os
import signal
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from liveinsight_cli import __version__
from liveinsight_cli.local import moto_host
from liveinsight_cli.local.cloudfront import CloudFront
from liveinsight_cli.local.documents import Documents
from liveinsight_cli.local.edge import DistributionEdge
from liveinsight_cli.local.front import Front
from liveinsight_cli.local.http import Answer, Environ
from liveinsight_cli.local.ports import Ports
from liveinsight_cli.local.process import Server, write_record
from liveinsight_cli.project import Project

log = logging.getLogger(__name__)


class EmbeddedServer:
    """Every part of one embedded AWS, started in `__init__` order and stopped in reverse."""

    def __init__(self, project: Path, port: int | None, region: str) -> None:
        self._project, self._region = project.resolve(), region
        self._home = Project(self._project, self._project / "liveinsight.toml").embedded_aws
        self._home.mkdir(parents=True, exist_ok=True)
        self._instance_id = uuid.uuid4().hex
        self._started = time.time()
        self._closers: list[tuple[str, Callable[[], Any]]] = []

        from liveinsight_cli.local import fixups, snapshot

        fixups.apply(self._deliver)
        self._restoration = snapshot.restore(self._home / "control.snapshot")
        self._moto = moto_host.Moto(region)
        self._ports = Ports(self._home / "ports.json")
        self._keeper = snapshot.Keeper(self._home / "control.snapshot", self._moto.gate)
        self._keeper.start()
        self._closes("snapshot", self._keeper.close)
        self._documents = Documents(self._home / "documents.db")
        self._closes("documents", self._documents.close)
        self._edge = DistributionEdge(self._documents, self._moto, self._ports)
        self._closes("distributions", self._edge.shut)
        cloudfront = CloudFront(self._documents, moto_host.ACCOUNT_ID, self._edge)
        handlers = {"cloudfront": cloudfront.answer}
        self._front = Front(self._moto, handlers, self._keeper.touch, self._health, self._status)
        self._endpoint = self._ports.listen("endpoint", self._front, port, moto_host.handler())
        self._closes("endpoint", self._endpoint.close)
        self._api = self._ports.listen("api", _no_gateway)
        self._closes("api", self._api.close)

    def start(self) -> None:
        """Open the ports and say so in `server.json`."""
        self._endpoint.start()
        self._api.start()
        self._edge.reopen()
        record = Server(
            pid=os.getpid(),
            endpoint_url=self._endpoint.url,
            api_url=self._api.url,
            region=self._region,
            account_id=moto_host.ACCOUNT_ID,
            started_at=datetime.fromtimestamp(self._started, UTC).isoformat(timespec="seconds"),
            version=__version__,
            instance_id=self._instance_id,
        )
        write_record(self._home, record)
        log.info("ready: AWS at %s, API Gateway at %s", record.endpoint_url, record.api_url)

    def close(self) -> None:
        """Stop everything, newest first; one part's failure does not keep the others from stopping."""
        for name, close in reversed(self._closers):
            try:
                close()
            except Exception:
                log.exception("stopping %s failed", name)
        (self._home / "server.json").unlink(missing_ok=True)
        log.info("stopped")

    def _closes(self, name: str, close: Callable[[], Any]) -> None:
        self._closers.append((name, close))

    def _deliver(self, function: str, version: str, payload: bytes) -> None:
        log.warning("no runtime for %s:%s", function, version)

    def _health(self) -> dict[str, Any]:
        return {"project": str(self._project), "instance_id": self._instance_id, "pid": os.getpid()}

    def _status(self) -> dict[str, Any]:
        import psutil

        return {
            **self._health(),
            "uptime_seconds": round(time.time() - self._started, 1),
            "memory_mb": round(psutil.Process().memory_info().rss / 2**20),
            "requests": self._front.journal.number,
            "control_plane": self._control_plane(),
            "distributions": self._edge.urls(),
            "notes": list(self._ports.moved),
        }

    def _control_plane(self) -> dict[str, Any]:
        came = self._restoration
        return {
            "state": came.state,
            "restored_from": came.saved_at,
            "reason": came.reason,
            "saved_at": self._keeper.saved_at,
            "not_kept": list(self._keeper.left_out or came.left_out),
            "summary": summary(came.state, came.saved_at, came.reason),
        }


def summary(state: str, saved_at: float | None, reason: str | None) -> str:
    """Say in one sentence how the control plane came up."""
    when = "" if saved_at is None else f" of {datetime.fromtimestamp(saved_at).astimezone():%H:%M:%S}"
    if state == "restored":
        return f"control plane restored from the snapshot{when}"
    if state == "lost":
        return f"control plane lost ({reason}): deploy again"
    return "control plane empty: nothing was deployed before"


def serve(project: Path, port: int | None, region: str) -> None:
    """Run until SIGTERM or SIGINT; raises PortInUse, and OSError when another server of the project runs."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("botocore").setLevel(logging.WARNING)
    moto_host.prepare_environment(region)
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    home = Project(project, project / "liveinsight.toml").embedded_aws
    home.mkdir(parents=True, exist_ok=True)
    with (home / "server.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # held for life: two servers never share the data
        server = EmbeddedServer(project, port, region)
        server.start()
        ending.wait()
        server.close()


def _no_gateway(environ: Environ, start_response: Callable[..., Any]) -> list[bytes]:
    return Answer(503, b'{"message": "no API is served"}').send(start_response)
