"""The three tables behind a real port of the loopback, as the functions and boto3 reach them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from liveinsight_cli.local.dynamodb import DataPlane
from liveinsight_cli.local.dynamodb_front import DynamoDBFront
from liveinsight_cli.local.http import Answer, Environ, Listener

Amend = Callable[[Environ, Answer], Answer]


class ServedTables:
    """Answers DynamoDB's protocol; `before_call` may raise, `amend` put something else in an answer's place."""

    def __init__(self, plane: DataPlane) -> None:
        self._front = DynamoDBFront(plane)
        self.targets: list[str] = []
        self.connections: set[str] = set()
        self.before_call: Callable[[str], None] = lambda operation: None
        self.amend: Amend = lambda environ, answer: answer
        self._listener = Listener(self._app).start()
        self.url = self._listener.url

    def _app(self, environ: Environ, start_response: Callable[..., Any]) -> list[bytes]:
        operation = environ["HTTP_X_AMZ_TARGET"].partition(".")[2]
        self.targets.append(operation)
        self.connections.add(environ["REMOTE_PORT"])
        self.before_call(operation)
        answer = self._front.answer(environ, operation)
        assert answer is not None
        return self.amend(environ, answer).send(start_response)

    def environment(self) -> dict[str, str]:
        """What makes an AWS client, ours or another, come here."""
        return {
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_SESSION_TOKEN": "testing",
            "AWS_REGION": "ap-northeast-2",
            "AWS_DEFAULT_REGION": "ap-northeast-2",
            "AWS_ENDPOINT_URL": self.url,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def close(self) -> None:
        """Free the port."""
        self._listener.close()
