"""CloudFront's key value stores: the stores in CloudFront's own API, their pairs in an API of its own."""

import json
import re
import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from liveinsight_cli.local.aws_errors import error_answer
from liveinsight_cli.local.cloudfront.resources import (
    CloudFrontError,
    Operation,
    Result,
    Store,
    etag,
    matched,
    moment,
)
from liveinsight_cli.local.documents import Document, Documents
from liveinsight_cli.local.http import Answer, Environ, body_of

KIND = "KeyValueStore"
PAIRS = "KeyValuePairs"
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
MAX_KEY_BYTES, MAX_VALUE_BYTES, MAX_STORE_BYTES = 512, 1024, 5 * 1024 * 1024
PATH = re.compile(r"/key-value-stores/(?P<arn>arn:[^/]+/[0-9a-f-]+)(?P<keys>/keys(?:/(?P<key>.+))?)?")


class KeyValueStores:
    """The operations on stores."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def operations(self) -> dict[str, Operation]:
        """Return the operations by name."""
        return {
            "CreateKeyValueStore": self._create,
            "DescribeKeyValueStore": lambda request: self._answered(self._find(request)),
            "UpdateKeyValueStore": self._update,
            "DeleteKeyValueStore": self._delete,
            "ListKeyValueStores": lambda _: self._list(),
        }

    def _create(self, request: Result) -> Result:
        name = request["Name"]
        if self._store.documents.get(KIND, name) is not None:
            raise CloudFrontError(409, "EntityAlreadyExists", f"A key value store named {name} exists.")
        if request.get("ImportSource"):
            raise CloudFrontError(501, "NotImplemented", "Imports are not part of the embedded CloudFront.")
        id_ = str(uuid.uuid4())
        self._store.documents.put(PAIRS, self._store.arn("key-value-store", id_), {})
        body = {"Id": id_, "Comment": request.get("Comment") or ""}
        return self._answered(self._store.documents.put(KIND, name, body))

    def _update(self, request: Result) -> Result:
        document = matched(self._find(request), request)
        body = {**document.body, "Comment": request["Comment"]}
        return self._answered(self._store.documents.put(KIND, document.id, body))

    def _delete(self, request: Result) -> Result:
        document = matched(self._find(request), request)
        arn = self._arn(document)
        for function in self._store.documents.all("Function"):
            if arn in json.dumps(function.body):
                message = f"{document.id} is used by the function {function.id}."
                raise CloudFrontError(409, "CannotDeleteEntityWhileInUse", message)
        self._store.documents.delete(PAIRS, arn)
        self._store.documents.delete(KIND, document.id)
        return {}

    def _list(self) -> Result:
        items = [self._view(document) for document in self._store.documents.all(KIND)]
        return {"KeyValueStoreList": {"MaxItems": 100, "Quantity": len(items), "Items": items}}

    def _answered(self, document: Document) -> Result:
        return {"KeyValueStore": self._view(document), "ETag": etag(document)}

    def _view(self, document: Document) -> Result:
        return {
            "Name": document.id,
            "Id": document.body["Id"],
            "Comment": document.body["Comment"],
            "ARN": self._arn(document),
            "Status": "READY",
            "LastModifiedTime": moment(document.modified),
        }

    def _arn(self, document: Document) -> str:
        return self._store.arn("key-value-store", document.body["Id"])

    def _find(self, request: Result) -> Document:
        return self._store.find(KIND, request["Name"], "EntityNotFound")


def pairs_of(documents: Documents, arn: str) -> dict[str, str]:
    """Return the pairs of a store; an unknown one has none."""
    document = documents.get(PAIRS, arn)
    return document.body if document is not None else {}


class KeyValueData:
    """The API of the pairs: each write names the newest ETag and gives another one."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._writing = threading.Lock()

    def answer(self, environ: Environ, _operation: str) -> Answer:
        """Answer one request."""
        try:
            return self._answer(environ)
        except CloudFrontError as error:
            service = "cloudfront-keyvaluestore"
            return error_answer(environ, service, error.status, error.code, error.message)

    def _answer(self, environ: Environ) -> Answer:
        path = PATH.fullmatch(environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace"))
        if path is None:
            raise CloudFrontError(404, "ResourceNotFoundException", "There is no such operation.")
        method, arn, key = environ["REQUEST_METHOD"], path["arn"], path["key"]
        document = self._documents.get(PAIRS, arn)
        if document is None:
            raise CloudFrontError(404, "ResourceNotFoundException", "The key value store was not found.")
        answers: Mapping[tuple[str, bool, bool], Callable[[], Answer]] = {
            ("GET", False, False): lambda: _described(document),
            ("GET", True, False): lambda: _listed(document, environ),
            ("GET", True, True): lambda: _got(document, key),
            ("PUT", True, True): lambda: self._write(arn, environ, {key: _body(environ).get("Value")}, []),
            ("DELETE", True, True): lambda: self._write(arn, environ, {}, [key]),
            ("POST", True, False): lambda: self._update(arn, environ),
        }
        answer = answers.get((method, path["keys"] is not None, key is not None))
        if answer is None:
            raise CloudFrontError(404, "ResourceNotFoundException", "There is no such operation.")
        return answer()

    def _update(self, arn: str, environ: Environ) -> Answer:
        body = _body(environ)
        puts = {pair["Key"]: pair["Value"] for pair in body.get("Puts") or []}
        return self._write(arn, environ, puts, [pair["Key"] for pair in body.get("Deletes") or []])

    def _write(self, arn: str, environ: Environ, puts: dict[str, Any], deletes: list[str]) -> Answer:
        with self._writing:
            document = self._documents.get(PAIRS, arn)
            if document is None or environ.get("HTTP_IF_MATCH") != etag(document):
                raise CloudFrontError(409, "ConflictException", "The If-Match version is not the newest.")
            for key in deletes:
                if key not in document.body:
                    raise CloudFrontError(404, "ResourceNotFoundException", f"{key} was not found.")
            kept = {key: value for key, value in document.body.items() if key not in deletes}
            pairs = {**kept, **_checked(puts)}
            if _size(pairs) > MAX_STORE_BYTES:
                raise CloudFrontError(402, "ServiceQuotaExceededException", "The store is full.")
            written = self._documents.put(PAIRS, arn, pairs)
        return _json(_figures(written), etag(written))


def _checked(puts: dict[str, Any]) -> dict[str, str]:
    for key, value in puts.items():
        if not isinstance(value, str):
            raise CloudFrontError(400, "ValidationException", "A value is missing.")
        if len(key.encode()) > MAX_KEY_BYTES or len(value.encode()) > MAX_VALUE_BYTES:
            raise CloudFrontError(400, "ValidationException", "The key or its value is too long.")
    return puts


def _described(document: Document) -> Answer:
    times = {"Created": document.created, "LastModified": document.modified}
    about = {"KvsARN": document.id, "Status": "READY", **times}
    return _json({**_figures(document), **about}, etag(document))


def _got(document: Document, key: str) -> Answer:
    if key not in document.body:
        raise CloudFrontError(404, "ResourceNotFoundException", f"The key {key} was not found.")
    return _json({"Key": key, "Value": document.body[key], **_figures(document)})


def _listed(document: Document, environ: Environ) -> Answer:
    query = parse_qs(environ.get("QUERY_STRING", ""))
    size = int(query.get("MaxResults", ["10"])[0])
    after = query.get("NextToken", [""])[0]
    keys = [key for key in sorted(document.body) if key > after]
    items = [{"Key": key, "Value": document.body[key]} for key in keys[:size]]
    more = {"NextToken": keys[size - 1]} if len(keys) > size else {}
    return _json({"Items": items, **more})


def _figures(document: Document) -> Result:
    return {"ItemCount": len(document.body), "TotalSizeInBytes": _size(document.body)}


def _size(pairs: dict[str, str]) -> int:
    return sum(len(key.encode()) + len(value.encode()) for key, value in pairs.items())


def _body(environ: Environ) -> Result:
    try:
        body = json.loads(body_of(environ) or b"{}")
    except ValueError as error:
        raise CloudFrontError(400, "ValidationException", "The body is not JSON.") from error
    return body if isinstance(body, dict) else {}


def _json(value: Result, tag: str | None = None) -> Answer:
    headers = (("Content-Type", "application/json"), *((("ETag", tag),) if tag else ()))
    return Answer(200, json.dumps(value).encode(), headers)
