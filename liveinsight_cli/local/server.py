"""The process of the embedded AWS: puts the parts together, opens the ports, and serves until it is told to end."""

import fcntl
import logging
import os
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from liveinsight_cli import __version__
from liveinsight_cli.local import fixups, moto_host, snapshot
from liveinsight_cli.local.cloudfront import CloudFront, DistributionEdge, KeyValueData
from liveinsight_cli.local.damage import require_usable
from liveinsight_cli.local.documents import Documents
from liveinsight_cli.local.dynamodb import Capacity, DataPlane
from liveinsight_cli.local.dynamodb.moto_schemas import MotoSchemas
from liveinsight_cli.local.dynamodb_front import DynamoDBFront
from liveinsight_cli.local.execution.deployed import Place
from liveinsight_cli.local.front import Front
from liveinsight_cli.local.http import Environ
from liveinsight_cli.local.keeper import Keeper
from liveinsight_cli.local.observing import Observing
from liveinsight_cli.local.parts import Parts
from liveinsight_cli.local.ports import Ports
from liveinsight_cli.local.process import Server, write_record
from liveinsight_cli.local.running import Running
from liveinsight_cli.local.telemetry.database import Database
from liveinsight_cli.local.ticker import Ticker
from liveinsight_cli.project import Project

SWEEP_SECONDS = 20.0

log = logging.getLogger(__name__)


class EmbeddedServer:
    """Every part of one embedded AWS. Ports are bound at once, served from `start`, and closed first."""

    def __init__(self, project: Path, home: Path, port: int | None, region: str) -> None:
        self._project, self._home, self._region = project, home, region
        self._instance_id, self._started = uuid.uuid4().hex, time.time()
        self._parts = Parts()
        fixups.apply(self._deliver)
        self._restoration = snapshot.restore(home / "control.snapshot")
        self._moto = moto_host.Moto(region)
        self._keeper = self._parts.keep(Keeper(home / "control.snapshot", self._moto.gate))
        self._documents = self._parts.keep(Documents(home / "documents.db"))
        self._schemas = MotoSchemas(moto_host.ACCOUNT_ID, region)
        self._data = self._parts.keep(
            DataPlane(home / "dynamodb.db", self._schemas, on_request=self._on_request)
        )
        telemetry = self._parts.keep(Database(home / "telemetry.db"))
        self._observing = self._parts.keep(Observing(telemetry, self._moto))
        self._ports = Ports(home / "ports.json", project)
        endpoint = self._ports.listen("endpoint", self._aws, port, moto_host.handler())
        place = Place(endpoint.url, region, moto_host.ACCOUNT_ID)
        self._running = self._parts.keep(
            Running(self._moto, place, self._observing, telemetry, home / "functions")
        )
        self._edge = self._parts.keep(DistributionEdge(self._documents, self._moto, self._ports))
        self._front = self._make_front()
        self._endpoint = self._parts.keep(endpoint)
        self._api = self._parts.keep(self._ports.listen("api", self._running.gateway))

    def start(self) -> None:
        """Serve, and say so in `server.json`."""
        self._keeper.start()
        self._observing.start()
        self._edge.reopen()
        self._api.start()
        self._endpoint.start()
        self._running.start(self._data, self._schemas)
        self._parts.keep(Ticker("expired items", SWEEP_SECONDS, self._data.sweep_expired).start())
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
        """Stop everything; the last thing is to save the control plane."""
        self._parts.close()
        (self._home / "server.json").unlink(missing_ok=True)
        log.info("stopped")

    def _make_front(self) -> Front:
        dynamodb = DynamoDBFront(self._data)
        handlers = {
            "cloudfront": CloudFront(self._documents, moto_host.ACCOUNT_ID, self._edge).answer,
            "cloudfront-keyvaluestore": KeyValueData(self._documents).answer,
            "dynamodb": dynamodb.answer,
            "lambda": self._running.invoke_api.answer,
            "logs": self._observing.live_tail.answer,
        }
        amendments = {"dynamodb": dynamodb.amend}
        return Front(
            self._moto, handlers, amendments, self._keeper.touch, health=self._health, status=self._status
        )

    def _aws(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        return self._front(environ, start_response)

    def _deliver(self, function: str, version: str, payload: bytes) -> None:
        self._running.events.put(function, version, payload)

    def _on_request(self, capacity: Capacity) -> None:
        self._observing.tables.record(capacity)
        if capacity.write_units:
            self._running.wake(capacity.table)

    def _health(self) -> dict[str, Any]:
        return {"project": str(self._project), "instance_id": self._instance_id, "pid": os.getpid()}

    def _status(self) -> dict[str, Any]:
        import psutil

        came = self._restoration
        return {
            **self._health(),
            "uptime_seconds": round(time.time() - self._started, 1),
            "memory_mb": round(psutil.Process().memory_info().rss / 2**20),
            "requests": self._front.journal.number,
            "control_plane": {
                "state": came.state,
                "summary": came.summary,
                "restored_from": came.saved_at,
                "reason": came.reason,
                "saved_at": self._keeper.saved_at,
                "not_kept": list(self._keeper.left_out or came.left_out),
            },
            "tables": {name: self._data.item_count(name)[0] for name in sorted(self._schemas.names())},
            "functions": sorted(self._moto.backend("lambda")._lambdas._functions),
            "distributions": self._edge.urls(),
            "notes": list(self._ports.moved),
        }


def serve(project: Path, port: int | None, region: str) -> None:
    """Run until SIGTERM or SIGINT; raises PortInUse, DataUnusable, and OSError when the project's server runs."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("botocore").setLevel(logging.WARNING)
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    project = project.resolve()
    home = Project(project, project / "liveinsight.toml").embedded_aws
    home.mkdir(parents=True, exist_ok=True)
    with (home / "server.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # held for life: two servers never share the data
        require_usable(home)
        server = EmbeddedServer(project, home, port, region)
        server.start()
        ending.wait()
        server.close()
