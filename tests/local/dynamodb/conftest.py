"""Tables and data planes for the tests, and dynalite: a second DynamoDB to compare with."""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest

from liveinsight_cli.local.dynamodb import (
    Capacity,
    DataPlane,
    DynamoDBError,
    IndexSchema,
    KeyAttribute,
    StreamSchema,
    TableSchema,
)
from tests.conftest import IN_CI

HERE = Path(__file__).parent
STREAM_ARN = "arn:aws:dynamodb:ap-northeast-2:123456789012:table/events/stream/2026-11-23T00:00:00.000"
EVENTS = TableSchema(
    name="events",
    partition=KeyAttribute("pk", "S"),
    sort=KeyAttribute("sk", "N"),
    indexes=(
        IndexSchema("ByGroup", KeyAttribute("grp", "S"), KeyAttribute("place", "N")),
        IndexSchema("ByKind", KeyAttribute("kind", "S"), None, "INCLUDE", frozenset({"a"})),
    ),
    ttl_attribute="expires",
    stream=StreamSchema(STREAM_ARN, "2026-11-23T00:00:00.000", "NEW_AND_OLD_IMAGES"),
)


@dataclass
class Schemas:
    """A control plane that is a dictionary."""

    tables: dict[str, TableSchema] = field(default_factory=dict)

    def table(self, name: str) -> TableSchema | None:
        return self.tables.get(name)

    def names(self) -> list[str]:
        return list(self.tables)


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    now: float = 1_795_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Plane:
    """A data plane with its surroundings, and short ways to ask it."""

    data: DataPlane
    schemas: Schemas
    clock: Clock
    capacities: list[Capacity]

    def __call__(self, operation: str, **request: Any) -> dict[str, Any]:
        return self.data.handle(operation, request)

    def put(self, pk: str, sk: int = 0, **attributes: Any) -> None:
        item = {"pk": {"S": pk}, "sk": {"N": str(sk)}, **attributes}
        self("PutItem", TableName="events", Item=item)

    def get(self, pk: str, sk: int = 0) -> dict[str, Any] | None:
        answer = self("GetItem", TableName="events", Key=key(pk, sk), ConsistentRead=True)
        return answer.get("Item")

    def refusal(self, operation: str, **request: Any) -> DynamoDBError:
        with pytest.raises(DynamoDBError) as caught:
            self(operation, **request)
        return caught.value


def key(pk: str, sk: int = 0) -> dict[str, Any]:
    """A key of the events table."""
    return {"pk": {"S": pk}, "sk": {"N": str(sk)}}


@pytest.fixture
def make_plane(tmp_path: Path) -> Iterator[Callable[..., Plane]]:
    """Data planes over one database file each; the same name opens the same file again."""
    made: list[Plane] = []

    def make(*tables: TableSchema, name: str = "data.db") -> Plane:
        schemas = Schemas({table.name: table for table in tables or (EVENTS,)})
        clock, capacities = Clock(), list[Capacity]()
        data = DataPlane(tmp_path / name, schemas, clock, capacities.append)
        made.append(Plane(data, schemas, clock, capacities))
        return made[-1]

    yield make
    for plane in made:
        plane.data.close()


@pytest.fixture
def plane(make_plane: Callable[..., Plane]) -> Plane:
    """A data plane that has the events table."""
    return make_plane()


class Implementation(Protocol):
    """Answers a request, or raises DynamoDBError."""

    def __call__(self, operation: str, **request: Any) -> dict[str, Any]: ...


class Dynalite:
    """A client of a running dynalite."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def __call__(self, operation: str, **request: Any) -> dict[str, Any]:
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"DynamoDB_20120810.{operation}",
            "X-Amz-Date": "20261123T000000Z",
            "Authorization": "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=0",
        }
        self._connection.request("POST", "/", json.dumps(request), headers)
        response = self._connection.getresponse()
        answer: dict[str, Any] = json.loads(response.read())
        if response.status != 200:
            message = answer.get("message") or answer.get("Message") or ""
            raise DynamoDBError(answer["__type"].partition("#")[2], message, response.status)
        return answer

    def close(self) -> None:
        self._connection.close()


_SERVE = """
require('dynalite')({createTableMs: 0, deleteTableMs: 0})
  .listen(0, '127.0.0.1', function () { console.log(this.address().port) })
"""


@pytest.fixture(scope="session")
def dynalite() -> Iterator[Dynalite]:
    """A running dynalite of the pinned version, installed once per user."""
    home = _installed()
    environment = {**os.environ, "NODE_PATH": str(home / "node_modules")}
    command = ["node", "-e", _SERVE]
    with subprocess.Popen(command, cwd=home, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            port = server.stdout.readline().strip()
            assert port, "dynalite did not start"
            client = Dynalite(int(port))
            yield client
            client.close()
        finally:
            server.terminate()


def _installed() -> Path:
    missing = [tool for tool in ("node", "npm") if shutil.which(tool) is None]
    if missing:
        _cannot(f"{' and '.join(missing)} not installed")
    lock = (HERE / "package-lock.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = cache / "liveinsight-tests" / f"dynalite-{hashlib.sha256(lock).hexdigest()[:12]}"
    home.mkdir(parents=True, exist_ok=True)
    with (home / "turn.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not (home / "complete").exists():
            _install(home)
    return home


def _install(home: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, home / name)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False, timeout=240)
    if done.returncode != 0:
        _cannot(f"npm could not install dynalite: {done.stderr.strip()[-300:]}")
    (home / "complete").touch()


def _cannot(reason: str) -> None:
    if IN_CI:
        pytest.fail(reason)
    pytest.skip(reason)
