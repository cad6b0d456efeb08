"""Stores in a temporary file, a clock of the test's own, and moto with the stores below it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from liveinsight_cli.local.telemetry.database import Database
from liveinsight_cli.local.telemetry.logs import LogStore
from liveinsight_cli.local.telemetry.metrics import MetricStore

REGION = "ap-northeast-2"
NOW = 1_800_000_000.0  # a full minute


@dataclass
class Clock:
    now: float = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "telemetry.db")
    yield database
    database.close()


@pytest.fixture
def logs(database: Database, clock: Clock) -> LogStore:
    return LogStore(database, clock)


@pytest.fixture
def metrics(database: Database, clock: Clock) -> MetricStore:
    return MetricStore(database, clock)


@dataclass
class Aws:
    """moto in this process, answering boto3."""

    logs: Any
    cloudwatch: Any

    @staticmethod
    def backend(service: str) -> Any:
        from moto.backends import get_backend

        return get_backend(service)["123456789012"][REGION]  # type: ignore[call-overload]


@pytest.fixture
def aws(logs: LogStore, metrics: MetricStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """The corrections are taken back afterwards: other tests want moto as it is."""
    from moto import mock_aws
    from moto.cloudwatch.models import CloudWatchBackend
    from moto.cloudwatch.responses import CloudWatchResponse
    from moto.logs.models import LogGroup, LogsBackend
    from moto.logs.responses import LogsResponse

    from liveinsight_cli.local.telemetry import (
        moto_alarms,
        moto_insights,
        moto_logs,
        moto_metrics,
        moto_saved_queries,
    )

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    patched = (CloudWatchBackend, CloudWatchResponse, LogGroup, LogsBackend, LogsResponse)
    before = {one: dict(one.__dict__) for one in patched}
    with mock_aws():
        moto_logs.install(logs)
        moto_insights.install(logs)
        moto_metrics.install(metrics)
        moto_alarms.install()
        moto_saved_queries.install()
        yield Aws(boto3.client("logs", region_name=REGION), boto3.client("cloudwatch", region_name=REGION))
    for one, attributes in before.items():
        for name in set(one.__dict__) - attributes.keys():
            delattr(one, name)
        for name, value in attributes.items():
            if one.__dict__[name] is not value:
                setattr(one, name, value)
