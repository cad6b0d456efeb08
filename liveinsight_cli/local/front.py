"""The AWS port: checks who calls, sends each request to whoever answers it, and never dies of an error."""

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qs

from liveinsight_cli.local.aws_errors import error_answer
from liveinsight_cli.local.guard import Refused, Scope, scope
from liveinsight_cli.local.http import Answer, Environ, body_of
from liveinsight_cli.local.journal import Journal, is_write, operation_of
from liveinsight_cli.local.moto_host import Moto
from liveinsight_cli.local.process import HEALTH_PATH, JOURNAL_PATH, STATUS_PATH

log = logging.getLogger(__name__)

Handler = Callable[[Environ, str], Answer | None]
"""Answers an operation of one service, or returns None to leave it to moto."""
Amendment = Callable[[Environ, str, Answer], Answer]
"""Follows up on an operation of one service that moto answered."""
Report = Callable[[], dict[str, Any]]


class Front:
    """The WSGI application of the AWS port."""

    def __init__(
        self,
        moto: Moto,
        handlers: Mapping[str, Handler],
        amendments: Mapping[str, Amendment],
        changed: Callable[[], None],
        health: Report,
        status: Report,
    ) -> None:
        """`changed` is called after moto answered a write; `health` and `status` are this process's own pages."""
        self.journal = Journal()
        self._moto, self._handlers, self._amendments = moto, handlers, amendments
        self._changed = changed
        self._pages: dict[str, Callable[[Environ], dict[str, Any]]] = {
            HEALTH_PATH: lambda _: health(),
            STATUS_PATH: lambda _: status(),
            JOURNAL_PATH: self._journal_page,
        }

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        return self._answer(environ).send(start_response)

    def _answer(self, environ: Environ) -> Answer:
        try:
            signed_for = scope(environ)
        except Refused as refusal:
            return error_answer(environ, "front", 403, "AccessDeniedException", str(refusal))
        page = self._pages.get(environ["PATH_INFO"])
        if page is not None:
            return _json(page(environ))
        return self._answer_aws(environ, signed_for)

    def _answer_aws(self, environ: Environ, signed_for: Scope) -> Answer:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        operation = operation_of(method, path, environ.get("HTTP_X_AMZ_TARGET"), _action(environ))
        write = is_write(method, operation)
        try:
            handler = self._handlers.get(signed_for.service)
            answer = handler(environ, operation) if handler is not None else None
            if answer is None:
                answer = self._from_moto(environ, signed_for.service, operation, write)
        except NotImplementedError as error:  # 501: SDKs try a 500 again and again
            message = f"The embedded AWS does not have {operation}. {error}".rstrip()
            answer = error_answer(environ, signed_for.service, 501, "NotImplemented", message)
        except Exception as error:
            log.exception("%s %s failed", signed_for.service, operation)
            message = f"The embedded AWS failed at {operation} ({type(error).__name__}); see its server.log."
            answer = error_answer(environ, signed_for.service, 500, "InternalFailure", message)
        agent = environ.get("HTTP_USER_AGENT", "")
        self.journal.add(signed_for.service, operation, write, answer.status, agent)
        return answer

    def _from_moto(self, environ: Environ, service: str, operation: str, write: bool) -> Answer:
        answer = self._moto.answer(environ)
        if write:
            self._changed()
        amend = self._amendments.get(service)
        return amend(environ, operation, answer) if amend is not None else answer

    def _journal_page(self, environ: Environ) -> dict[str, Any]:
        after = parse_qs(environ.get("QUERY_STRING", "")).get("after", ["0"])[0]
        entries = self.journal.since(int(after) if after.isdigit() else 0)
        return {"number": self.journal.number, "entries": [asdict(entry) for entry in entries]}


def _action(environ: Environ) -> str | None:
    """Return the `Action` of the query protocol, from the form body or the query string."""
    form = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
    text = body_of(environ).decode("utf-8", "replace") if form else environ.get("QUERY_STRING", "")
    if "Action=" not in text:
        return None
    return next(iter(parse_qs(text).get("Action", [])), None)


def _json(value: dict[str, Any]) -> Answer:
    return Answer(200, json.dumps(value).encode(), (("Content-Type", "application/json"),))
