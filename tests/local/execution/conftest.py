"""Real worker processes running tiny functions, with everything around them in memory."""

import hashlib
import io
import textwrap
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pytest

from liveinsight_cli.local.execution.deployed import Alias, Deployed, Logging, Place
from liveinsight_cli.local.execution.functions import Functions
from liveinsight_cli.local.execution.worker import Runtime

ARN = "arn:aws:lambda:ap-northeast-2:123456789012:function:"


def zip_of(files: Mapping[str, str]) -> bytes:
    """A zip of texts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, textwrap.dedent(text))
    return buffer.getvalue()


def deployed(source: str, name: str = "demo", version: str = "$LATEST", **changes: object) -> Deployed:
    """A version of a function whose whole code is one module."""
    code = zip_of({"app.py": source})
    arguments: dict[str, object] = {
        "name": name,
        "version": version,
        "arn": ARN + name,
        "handler": "app.handler",
        "code": code,
        "code_digest": hashlib.sha256(code).hexdigest(),
        "logging": Logging(f"/aws/lambda/{name}"),
    }
    return Deployed(**{**arguments, **changes})  # type: ignore[arg-type]


@dataclass
class Shelf:
    """Deployed functions in memory."""

    versions: dict[tuple[str, str], Deployed] = field(default_factory=dict)
    aliases: dict[tuple[str, str], Alias] = field(default_factory=dict)
    reserved: dict[str, int] = field(default_factory=dict)

    def deploy(self, source: str, name: str = "demo", version: str = "$LATEST", **changes: object) -> None:
        self.versions[name, version] = deployed(source, name, version, **changes)

    def version(self, name: str, version: str) -> Deployed | None:
        return self.versions.get((name, version))

    def alias(self, name: str, alias: str) -> Alias | None:
        return self.aliases.get((name, alias))

    def reserved_concurrency(self, name: str) -> int | None:
        return self.reserved.get(name)


@dataclass
class Log:
    """Log events in memory."""

    events: list[tuple[str, str, int, str]] = field(default_factory=list)

    def put(self, group: str, stream: str, events: list[tuple[int, str]]) -> None:
        self.events += [(group, stream, at, message) for at, message in events]

    @property
    def messages(self) -> list[str]:
        return [message for _, _, _, message in self.events]

    @property
    def streams(self) -> list[str]:
        return list(dict.fromkeys(stream for _, stream, _, _ in self.events))


@dataclass
class Samples:
    """Metric samples in memory."""

    values: list[tuple[str, str, dict[str, str], float, str]] = field(default_factory=list)

    def put(
        self,
        namespace: str,
        name: str,
        dimensions: Mapping[str, str],
        value: float,
        unit: str = "None",
        at: float | None = None,
    ) -> None:
        self.values.append((namespace, name, dict(dimensions), value, unit))

    def of(self, name: str, **dimensions: str) -> list[float]:
        return [value for _, title, found, value, _ in self.values if title == name and found == dimensions]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def samples() -> Samples:
    return Samples()


@pytest.fixture(params=["ric", "shim"])
def runtime(request: pytest.FixtureRequest) -> Runtime:
    return request.param


@pytest.fixture
def functions(
    shelf: Shelf, log: Log, samples: Samples, runtime: Runtime, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Functions]:
    place = Place("http://127.0.0.1:1")
    functions = Functions(shelf, place, log, samples, tmp_path_factory.mktemp("lambda"), runtime=runtime)
    yield functions
    functions.close()
