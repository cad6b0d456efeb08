"""CloudWatch in the server: logs, metrics and alarms below moto's APIs, and what is done for them again and again."""

import time

from liveinsight_cli.local.dynamodb_metrics import DynamoDBMetrics
from liveinsight_cli.local.moto_host import ACCOUNT_ID, Moto
from liveinsight_cli.local.parts import Parts
from liveinsight_cli.local.telemetry import (
    moto_alarms,
    moto_insights,
    moto_logs,
    moto_metrics,
    moto_saved_queries,
)
from liveinsight_cli.local.telemetry.alarms import AlarmEvaluator
from liveinsight_cli.local.telemetry.database import Database
from liveinsight_cli.local.telemetry.live_tail import LiveTail
from liveinsight_cli.local.telemetry.logs import LogStore
from liveinsight_cli.local.telemetry.metrics import MetricStore
from liveinsight_cli.local.ticker import Ticker

ALARM_SECONDS = 20.0
FLUSH_SECONDS = 2.0
EXPIRY_SECONDS = 900.0


class Observing:
    """`logs` and `metrics` are where the other parts write; `tables` is where the data plane reports.

    `live_tail` shows what is written to `logs`.
    """

    def __init__(self, database: Database, moto: Moto) -> None:
        self._moto = moto
        self._parts = Parts()
        store = LogStore(database)
        self.logs = moto_logs.LogWriter(store, lambda: moto.backend("logs"))
        self.live_tail = LiveTail(store, lambda: moto.backend("logs").groups, ACCOUNT_ID)
        self.metrics = MetricStore(database)
        self.tables = DynamoDBMetrics(self.metrics.put)
        alarms = moto_alarms.MotoAlarms(lambda: moto.backend("cloudwatch"))
        self._alarms = AlarmEvaluator(alarms, self.metrics, time.time)
        moto_logs.install(store)
        moto_insights.install(store)
        moto_metrics.install(self.metrics)
        moto_alarms.install()
        moto_saved_queries.install()

    def start(self) -> None:
        """Begin to evaluate alarms and to expire what is old."""
        self._parts.keep(Ticker("metrics", FLUSH_SECONDS, self.metrics.flush, at_the_end=True).start())
        self._parts.keep(Ticker("alarms", ALARM_SECONDS, self._evaluate).start())
        self._parts.keep(Ticker("old logs", EXPIRY_SECONDS, self.logs.expire).start())
        self._parts.keep(Ticker("old metrics", EXPIRY_SECONDS, self.metrics.expire).start())

    def close(self) -> None:
        """Stop, with everything written."""
        self._parts.close()

    def _evaluate(self) -> None:
        with self._moto.gate.request():  # alarm states are kept in moto: not while it is being saved
            self._alarms.evaluate()
