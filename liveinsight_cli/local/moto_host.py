"""moto in this process: the control plane of the embedded AWS, corrected by `fixups` and reached through `Moto`."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from liveinsight_cli.local.http import Answer, Environ, KeepAliveHandler, call

ACCOUNT_ID = "123456789012"

# Read by moto when it is imported.
ENVIRONMENT = {
    "MOTO_ACCOUNT_ID": ACCOUNT_ID,
    "MOTO_ACM_VALIDATION_WAIT": "1",
    "MOTO_DISABLE_GLOBAL_CORS": "true",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_EC2_METADATA_DISABLED": "true",
    # moto makes boto3 sessions: the user's own files, broken ones included, are none of its business.
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
# What a user's shell may hold, and what would send moto's own boto3 sessions somewhere else.
FOREIGN = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN")


def prepare_environment(region: str) -> None:
    """Set what moto and boto3 read from the environment; must come before moto is imported."""
    for name in FOREIGN:
        os.environ.pop(name, None)
    os.environ.update(ENVIRONMENT)
    os.environ["AWS_DEFAULT_REGION"] = region


class Gate:
    """Lets requests through together, and a snapshot only when none of them is under way."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._closed = False

    @contextmanager
    def request(self) -> Iterator[None]:
        """Let a request through, unless somebody wants to be alone."""
        with self._changed:
            self._changed.wait_for(lambda: not self._closed)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until no request is under way, and keep new ones out for the length of the block."""
        with self._changed:
            self._changed.wait_for(lambda: not self._closed)
            self._closed = True
            self._changed.wait_for(lambda: self._inside == 0)
        try:
            yield
        finally:
            with self._changed:
                self._closed = False
                self._changed.notify_all()


class Moto:
    """moto's WSGI application behind a gate, and the look-ups the other parts need."""

    def __init__(self, region: str) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        self.region = region
        self.gate = Gate()
        self._app = DomainDispatcherApplication(create_backend_app)

    def answer(self, environ: Environ) -> Answer:
        """Answer one AWS request; raises whatever moto raises."""
        with self.gate.request():
            return call(self._app, environ)

    def backend(self, service: str, region: str | None = None) -> Any:
        """Return a service's backend of this account; global services answer under any region."""
        from moto.backends import get_backend

        regions: Any = get_backend(service)[ACCOUNT_ID]  # type: ignore[call-overload]
        wanted = region or self.region
        return regions[wanted] if wanted in regions else regions["aws"]


def handler() -> type[KeepAliveHandler]:
    """Return the HTTP handler for the AWS port: keep-alive, and moto's care for underscores in S3 metadata."""
    from moto.moto_server.werkzeug_app import MotoRequestHandler

    class AwsHandler(KeepAliveHandler, MotoRequestHandler):
        """KeepAliveHandler with moto's environ."""

    return AwsHandler
