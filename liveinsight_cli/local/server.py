"""Composition of the embedded AWS inside its process: who answers what, in which order things start and stop."""

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
from typing import Any, Protocol, TypeVar

from liveinsight_cli import __version__
from liveinsight_cli.local import moto_host, snapshot
from liveinsight_cli.local.cloudfront import CloudFront
from liveinsight_cli.local.documents import Documents
from liveinsight_cli.local.dynamodb import Capacity, DataPlane, shard_id
from liveinsight_cli.local.dynamodb_front import DynamoDBFront
from liveinsight_cli.local.dynamodb_metrics import DynamoDBMetrics
from liveinsight_cli.local.edge import DistributionEdge
from liveinsight_cli.local.execution.asynchronous import EventQueue
from liveinsight_cli.local.execution.checkpoints import Checkpoints
from liveinsight_cli.local.execution.deployed import Place
from liveinsight_cli.local.execution.functions import Functions
from liveinsight_cli.local.execution.gateway import Gateway
from liveinsight_cli.local.execution.invoke_api import InvokeApi
from liveinsight_cli.local.execution.moto_apigateway import MotoApis
from liveinsight_cli.local.execution.moto_lambda import MotoFunctions
from liveinsight_cli.local.execution.moto_streams import MotoMappings
from liveinsight_cli.local.execution.stream_consumer import StreamConsumer
from liveinsight_cli.local.execution.stream_mapping import StreamMapping
from liveinsight_cli.local.execution.streams import StreamPollers
from liveinsight_cli.local.front import Front
from liveinsight_cli.local.http import Environ
from liveinsight_cli.local.ports import Ports
from liveinsight_cli.local.process import Server, write_record
from liveinsight_cli.local.telemetry import moto_alarms, moto_logs, moto_metrics
from liveinsight_cli.local.telemetry.alarms import AlarmEvaluator
from liveinsight_cli.local.telemetry.database import Database
from liveinsight_cli.local.telemetry.logs import LogStore
from liveinsight_cli.local.telemetry.metrics import MetricStore
from liveinsight_cli.local.ticker import Ticker
from liveinsight_cli.project import Project

SWEEP_SECONDS = 20.0
ALARM_SECONDS = 20.0
FLUSH_SECONDS = 2.0
EXPIRY_SECONDS = 900.0

log = logging.getLogger(__name__)


class Closes(Protocol):
    """A part that must be closed at the end."""

    def close(self) -> None:
        """Stop and free what it holds."""


Part = TypeVar("Part", bound=Closes)


class EmbeddedServer:
    """Every part of one embedded AWS. Ports are bound at once, served from `start`, and closed first."""

    def __init__(self, project: Path, port: int | None, region: str) -> None:
        from liveinsight_cli.local import fixups

        self._project, self._region = project.resolve(), region
        self._home = Project(self._project, self._project / "liveinsight.toml").embedded_aws
        self._instance_id = uuid.uuid4().hex
        self._started = time.time()
        self._parts: list[Closes] = []
        fixups.apply(self._deliver)
        self._restoration = snapshot.restore(self._home / "control.snapshot")
        self._moto = moto_host.Moto(region)
        self._ports = Ports(self._home / "ports.json")
        self._endpoint = self._ports.listen("endpoint", self._aws, port, moto_host.handler())
        self._api = self._ports.listen("api", self._gateway_app)
        self._keeper = self._keep(snapshot.Keeper(self._home / "control.snapshot", self._moto.gate))
        self._keep_stores()
        self._run_functions()
        self._streams = self._keep(self._stream_pollers())
        self._edge = self._keep(DistributionEdge(self._documents, self._moto, self._ports))
        self._front = self._make_front()

    def start(self) -> None:
        """Serve, and say so in `server.json`."""
        self._keeper.start()
        self._edge.reopen()
        self._streams.start()
        self._api.start()
        self._endpoint.start()
        self._tick()
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
        """Stop everything; one part's failure does not keep the others from stopping."""
        # Functions before those who wait for them: an invocation that is cut off is delivered again later.
        parts: list[Closes] = [self._api, self._endpoint, self._functions, *reversed(self._parts)]
        for part in parts:
            try:
                part.close()
            except Exception:
                log.exception("stopping %s failed", type(part).__name__)
        (self._home / "server.json").unlink(missing_ok=True)
        log.info("stopped")

    def _keep(self, part: Part) -> Part:
        self._parts.append(part)
        return part

    def _keep_stores(self) -> None:
        from liveinsight_cli.local.dynamodb.moto_schemas import MotoSchemas

        self._documents = self._keep(Documents(self._home / "documents.db"))
        self._schemas = MotoSchemas(moto_host.ACCOUNT_ID, self._region)
        self._data = self._keep(
            DataPlane(self._home / "dynamodb.db", self._schemas, on_request=self._on_request)
        )
        self._telemetry = self._keep(Database(self._home / "telemetry.db"))
        self._observe()

    def _observe(self) -> None:
        """Put logs, metrics and alarms below moto's CloudWatch."""
        logs, self._metrics = LogStore(self._telemetry), MetricStore(self._telemetry)
        self._logs = moto_logs.LogWriter(logs, lambda: self._moto.backend("logs"))
        moto_logs.install(logs)
        moto_metrics.install(self._metrics)
        moto_alarms.install()
        self._table_metrics = DynamoDBMetrics(self._metrics.put)
        alarms = moto_alarms.MotoAlarms(lambda: self._moto.backend("cloudwatch"))
        self._alarms = AlarmEvaluator(alarms, self._metrics, time.time)

    def _tick(self) -> None:
        """Start what is done again and again."""
        self._keep(Ticker("expired items", SWEEP_SECONDS, self._data.sweep_expired).start())
        self._keep(Ticker("alarms", ALARM_SECONDS, self._evaluate_alarms).start())
        self._keep(Ticker("metrics", FLUSH_SECONDS, self._metrics.flush, at_the_end=True).start())
        self._keep(Ticker("old logs", EXPIRY_SECONDS, self._logs.expire).start())
        self._keep(Ticker("old metrics", EXPIRY_SECONDS, self._metrics.expire).start())

    def _evaluate_alarms(self) -> None:
        with self._moto.gate.request():  # states are kept in moto: not while it is being saved
            self._alarms.evaluate()

    def _run_functions(self) -> None:
        source = MotoFunctions(lambda: self._moto.backend("lambda"))
        place = Place(self._endpoint.url, self._region, moto_host.ACCOUNT_ID)
        directory = self._home / "functions"
        self._functions = Functions(source, place, self._logs, self._metrics, directory)
        self._events = self._keep(EventQueue(self._functions, source.retries))
        apis = MotoApis(lambda: self._moto.backend("apigateway"))
        self._gateway = self._keep(
            Gateway(apis, self._functions, self._logs, self._metrics, account_id=moto_host.ACCOUNT_ID)
        )

    def _stream_pollers(self) -> StreamPollers:
        checkpoints = Checkpoints(self._telemetry)

        def consumer(mapping: StreamMapping) -> StreamConsumer:
            table = self._schemas.table(mapping.table)
            shard = shard_id(table.stream.arn) if table is not None and table.stream is not None else ""
            return StreamConsumer(mapping, shard, self._data, self._functions, checkpoints, self._metrics)

        return StreamPollers(MotoMappings(lambda: self._moto.backend("lambda")), consumer)

    def _on_request(self, capacity: Capacity) -> None:
        self._table_metrics.record(capacity)
        if capacity.write_units:
            self._streams.wake(capacity.table)

    def _make_front(self) -> Front:
        dynamodb = DynamoDBFront(self._data)
        handlers = {
            "cloudfront": CloudFront(self._documents, moto_host.ACCOUNT_ID, self._edge).answer,
            "dynamodb": dynamodb.answer,
            "lambda": InvokeApi(self._functions, self._events).answer,
        }
        amendments = {"dynamodb": dynamodb.amend}
        return Front(
            self._moto, handlers, amendments, self._keeper.touch, health=self._health, status=self._status
        )

    def _aws(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        return self._front(environ, start_response)

    def _gateway_app(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        return self._gateway(environ, start_response)

    def _deliver(self, function: str, version: str, payload: bytes) -> None:
        self._events.put(function, version, payload)

    def _health(self) -> dict[str, Any]:
        return {"project": str(self._project), "instance_id": self._instance_id, "pid": os.getpid()}

    def _status(self) -> dict[str, Any]:
        import psutil

        tables = self._moto.backend("dynamodb").tables
        return {
            **self._health(),
            "uptime_seconds": round(time.time() - self._started, 1),
            "memory_mb": round(psutil.Process().memory_info().rss / 2**20),
            "requests": self._front.journal.number,
            "control_plane": self._control_plane(),
            "tables": {name: self._data.item_count(name)[0] for name in sorted(tables)},
            "functions": sorted(self._moto.backend("lambda")._lambdas._functions),
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
            "summary": came.summary,
        }


def serve(project: Path, port: int | None, region: str) -> None:
    """Run until SIGTERM or SIGINT; raises PortInUse, and OSError when another server of the project runs."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("botocore").setLevel(logging.WARNING)
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
