"""Serves each CloudFront distribution on a loopback port of its own: from S3 and other origins, as it was deployed."""

import fnmatch
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import unquote

from liveinsight_cli.local.cloudfront.cache import EdgeCache
from liveinsight_cli.local.cloudfront.custom_origin import CustomOrigins
from liveinsight_cli.local.cloudfront.functions import FunctionRuns
from liveinsight_cli.local.cloudfront.headers import policy_headers
from liveinsight_cli.local.cloudfront.origin import read
from liveinsight_cli.local.cloudfront.policies import CachePolicy
from liveinsight_cli.local.cloudfront.representation import represented
from liveinsight_cli.local.cloudfront.viewer import ViewerRequest
from liveinsight_cli.local.documents import Documents
from liveinsight_cli.local.http import Answer, Environ, Listener
from liveinsight_cli.local.moto_host import ACCOUNT_ID, Moto
from liveinsight_cli.local.ports import Ports

PLAIN = (("Content-Type", "text/plain"),)


class DistributionEdge:
    """Opens and closes the ports of the distributions and answers on them."""

    def __init__(self, documents: Documents, moto: Moto, ports: Ports) -> None:
        self._documents, self._moto, self._ports = documents, moto, ports
        self._functions, self._custom_origins = FunctionRuns(documents), CustomOrigins(documents)
        self._cache = EdgeCache()
        self._listeners: dict[str, Listener] = {}

    def open(self, distribution_id: str) -> int:
        """Serve a distribution and return its port."""
        app = partial(self._serve, distribution_id)
        listener = self._ports.listen(f"distribution/{distribution_id}", app).start()
        self._listeners[distribution_id] = listener
        return listener.port

    def remove(self, distribution_id: str) -> None:
        """Stop serving a distribution and free its port."""
        listener = self._listeners.pop(distribution_id, None)
        if listener is not None:
            listener.close()
        self._ports.forget(f"distribution/{distribution_id}")
        self._cache.forget(distribution_id)

    def invalidate(self, distribution_id: str, paths: tuple[str, ...]) -> None:
        """Forget what is kept of these paths."""
        self._cache.forget(distribution_id, paths)

    def reopen(self) -> None:
        """Serve every distribution there is, after a start; a port that was taken meanwhile becomes another."""
        for document in self._documents.all("Distribution"):
            port = self.open(document.id)
            if port != document.body["Port"]:
                self._documents.put("Distribution", document.id, {**document.body, "Port": port})

    def close(self) -> None:
        """Stop serving; ports stay remembered."""
        for listener in self._listeners.values():
            listener.close()
        self._listeners.clear()
        self._custom_origins.close()

    def urls(self) -> dict[str, str]:
        """Return the URL of each distribution by its id."""
        return {distribution_id: listener.url for distribution_id, listener in self._listeners.items()}

    def _serve(
        self, distribution_id: str, environ: Environ, start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        document = self._documents.get("Distribution", distribution_id)
        config = document.body["DistributionConfig"] if document is not None else {}
        return self._answer(distribution_id, config, environ).send(start_response)

    def _answer(self, distribution_id: str, config: dict[str, Any], environ: Environ) -> Answer:
        if not config.get("Enabled"):
            return Answer(403, b"The distribution is disabled.\n", PLAIN)
        behaviour = _behaviour(
            config, _path(environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace"))
        )
        if environ["REQUEST_METHOD"] not in behaviour["AllowedMethods"]["Items"]:
            return Answer(
                403, b"This distribution is not configured to allow the HTTP request method.\n", PLAIN
            )
        request = ViewerRequest.of(
            environ, str(environ.get("REQUEST_URI") or environ["PATH_INFO"]).partition("?")[0]
        )
        made = self._functions.on_request(distribution_id, behaviour, request)
        if isinstance(made, Answer):
            answer = made
        else:
            answer = self._from_origin(distribution_id, config, behaviour, made, environ)
            if answer.status >= 400:
                answer = self._custom_error(distribution_id, config, behaviour, answer, environ)
        policy = self._documents.get("ResponseHeadersPolicy", behaviour.get("ResponseHeadersPolicyId") or "")
        applied = policy_headers(
            policy.body["ResponseHeadersPolicyConfig"] if policy else {}, answer, environ
        )
        return Answer(applied.status, applied.body, (*applied.headers, ("Via", "1.1 liveinsight-local")))

    def _from_origin(
        self,
        distribution_id: str,
        config: dict[str, Any],
        behaviour: dict[str, Any],
        request: ViewerRequest,
        environ: Environ,
    ) -> Answer:
        if _path(request.uri) == "/" and config.get("DefaultRootObject"):
            request = replace(request, uri="/" + config["DefaultRootObject"].lstrip("/"))
        policy = CachePolicy.of(self._documents, behaviour)
        key = (distribution_id, *policy.key(request))
        fetch = partial(self._fetch, distribution_id, config, behaviour, request)
        age: float | None = None
        if policy.most <= 0 or request.method not in ("GET", "HEAD"):
            answer = fetch()
        elif request.method == "HEAD" and (found := self._cache.look_up(key)):
            answer, age = found
        elif request.method == "HEAD":
            answer = fetch()
        else:
            errors = _error_seconds(config)
            answer, age = self._cache.answer(key, fetch, lambda new: policy.seconds(new, errors, time.time()))
        shown = represented(answer, bool(behaviour.get("Compress")) and policy.compresses, environ)
        said = "Error" if shown.status >= 400 else "Miss" if age is None else "Hit"
        own: tuple[tuple[str, str], ...] = (("X-Cache", f"{said} from cloudfront"),)
        if age is not None:
            own += (("Age", str(int(age))),)
        return replace(shown, headers=shown.headers + own)

    def _fetch(
        self, distribution_id: str, config: dict[str, Any], behaviour: dict[str, Any], request: ViewerRequest
    ) -> Answer:
        origin = next(o for o in config["Origins"]["Items"] if o["Id"] == behaviour["TargetOriginId"])
        if origin.get("CustomOriginConfig"):
            return self._custom_origins.answer(origin, behaviour, request)
        bucket = self._moto.backend("s3").buckets.get(origin["DomainName"].split(".s3", 1)[0])
        if bucket is None:
            return Answer(502, f"The origin {origin['DomainName']} cannot be reached.\n".encode(), PLAIN)
        key = ((origin.get("OriginPath") or "") + _path(request.uri)).lstrip("/")
        return read(bucket, key, f"arn:aws:cloudfront::{ACCOUNT_ID}:distribution/{distribution_id}")

    def _custom_error(
        self,
        distribution_id: str,
        config: dict[str, Any],
        behaviour: dict[str, Any],
        answer: Answer,
        environ: Environ,
    ) -> Answer:
        rules = (config.get("CustomErrorResponses") or {}).get("Items") or []
        rule = next(
            (r for r in rules if int(r["ErrorCode"]) == answer.status and r.get("ResponsePagePath")), None
        )
        if rule is None:
            return answer
        page_path = rule["ResponsePagePath"]
        environ = {**_without_conditions(environ), "REQUEST_METHOD": "GET"}
        request = ViewerRequest.of(environ, page_path)
        page = self._from_origin(distribution_id, config, _behaviour(config, page_path), request, environ)
        if page.status >= 400:
            return answer
        return Answer(int(rule.get("ResponseCode") or answer.status), page.body, page.headers)


def _error_seconds(config: dict[str, Any]) -> dict[int, float]:
    rules = (config.get("CustomErrorResponses") or {}).get("Items") or []
    return {
        int(rule["ErrorCode"]): float(rule["ErrorCachingMinTTL"])
        for rule in rules
        if rule.get("ErrorCachingMinTTL") is not None
    }


def _path(uri: str) -> str:
    return unquote(uri) if "%" in uri else uri


def _behaviour(config: dict[str, Any], path: str) -> dict[str, Any]:
    for behaviour in (config.get("CacheBehaviors") or {}).get("Items") or []:
        if fnmatch.fnmatchcase(path.lstrip("/"), behaviour["PathPattern"].lstrip("/")):
            return dict(behaviour)
    return dict(config["DefaultCacheBehavior"])


def _without_conditions(environ: Environ) -> Environ:
    return {
        name: value
        for name, value in environ.items()
        if name not in ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE")
    }
