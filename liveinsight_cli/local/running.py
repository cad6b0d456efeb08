"""Deployed code in the server: functions and everything that calls them."""

from collections.abc import Callable
from pathlib import Path

from liveinsight_cli.local.dynamodb import DataPlane, SchemaSource, shard_id
from liveinsight_cli.local.execution.asynchronous import EventQueue
from liveinsight_cli.local.execution.checkpoints import Checkpoints
from liveinsight_cli.local.execution.deployed import Place
from liveinsight_cli.local.execution.functions import Functions
from liveinsight_cli.local.execution.gateway import Gateway
from liveinsight_cli.local.execution.invoke_api import InvokeApi
from liveinsight_cli.local.execution.moto_apigateway import MotoApis
from liveinsight_cli.local.execution.moto_events import MotoRules
from liveinsight_cli.local.execution.moto_lambda import MotoFunctions
from liveinsight_cli.local.execution.moto_streams import MotoMappings
from liveinsight_cli.local.execution.schedules import Schedules
from liveinsight_cli.local.execution.stream_consumer import StreamConsumer
from liveinsight_cli.local.execution.stream_mapping import StreamMapping
from liveinsight_cli.local.execution.streams import StreamPollers
from liveinsight_cli.local.moto_host import Moto
from liveinsight_cli.local.observing import Observing
from liveinsight_cli.local.parts import Parts
from liveinsight_cli.local.telemetry.database import Database


class Running:
    """Functions, their queue of events, API Gateway's public side, the streams' consumers and the schedules."""

    def __init__(
        self, moto: Moto, place: Place, observing: Observing, database: Database, directory: Path
    ) -> None:
        self._observing = observing
        self._checkpoints = Checkpoints(database)
        self._mappings = MotoMappings(lambda: moto.backend("lambda"))
        self._parts = Parts()
        source = MotoFunctions(lambda: moto.backend("lambda"))
        apis, rules = (
            MotoApis(lambda: moto.backend("apigateway")),
            MotoRules(lambda: moto.backend("events")),
        )
        logs, metrics = observing.logs, observing.metrics
        self.functions = Functions(source, place, logs, metrics, directory)
        self.events = self._parts.keep(EventQueue(self.functions, source.retries))
        self.gateway = self._parts.keep(
            Gateway(apis, self.functions, logs, metrics, account_id=place.account_id)
        )
        self._schedules = self._parts.keep(Schedules(rules, self.events, place.region, place.account_id))
        self.invoke_api = InvokeApi(self.functions, self.events)
        self._streams: StreamPollers | None = None

    def start(self, data: DataPlane, schemas: SchemaSource) -> None:
        """Begin to deliver streams and to fire schedules."""
        self._streams = self._parts.keep(StreamPollers(self._mappings, self._consumers(data, schemas)))
        self._streams.start()
        self._schedules.start()

    def wake(self, table: str) -> None:
        """Say that a table was written to."""
        if self._streams is not None:
            self._streams.wake(table)

    def close(self) -> None:
        """End the workers first: an invocation that is cut off is delivered again later."""
        self.functions.close()
        self._parts.close()

    def _consumers(self, data: DataPlane, schemas: SchemaSource) -> Callable[[StreamMapping], StreamConsumer]:
        def consumer(mapping: StreamMapping) -> StreamConsumer:
            table = schemas.table(mapping.table)
            shard = shard_id(table.stream.arn) if table is not None and table.stream is not None else ""
            metrics = self._observing.metrics
            return StreamConsumer(mapping, shard, data, self.functions, self._checkpoints, metrics)

        return consumer
