"""CloudFront Functions: kept in a development and a live stage; the live one runs before a request is passed on."""

import base64
import logging
from typing import Any

from liveinsight_cli.local.cloudfront.key_value_stores import pairs_of
from liveinsight_cli.local.cloudfront.resources import (
    CloudFrontError,
    Operation,
    Result,
    Store,
    etag,
    matched,
    moment,
    page,
)
from liveinsight_cli.local.cloudfront.runtime import FunctionFailed, NoEngine, run
from liveinsight_cli.local.cloudfront.viewer import ViewerRequest, response_of
from liveinsight_cli.local.documents import Document, Documents
from liveinsight_cli.local.http import Answer

KIND = "Function"
MISSING = "NoSuchFunctionExists"
PLAIN = (("Content-Type", "text/plain"),)

log = logging.getLogger(__name__)


class FunctionRuns:
    """Runs the functions that a behaviour is associated with."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def on_request(
        self, distribution_id: str, behaviour: dict[str, Any], request: ViewerRequest
    ) -> ViewerRequest | Answer:
        """Return what the viewer-request function makes of a request: another request, or the answer to it."""
        associated = (behaviour.get("FunctionAssociations") or {}).get("Items") or []
        arn = next((one["FunctionARN"] for one in associated if one["EventType"] == "viewer-request"), None)
        if arn is None:
            return request
        name = arn.rpartition("/")[2]
        document = self._documents.get(KIND, name)
        live = document.body["Live"] if document is not None else None
        if live is None:
            return _failure(f"The function {name} was never published.")
        distribution = self._documents.get("Distribution", distribution_id)
        port = distribution.body["Port"] if distribution is not None else 0
        event = request.event(distribution_id, f"127.0.0.1:{port}")
        try:
            result = run(base64.b64decode(live["Code"]).decode(), event, self._stores(live))
            return response_of(result) or request.changed(result)
        except NoEngine as error:
            return _failure(str(error))
        except (
            FunctionFailed,
            KeyError,
            TypeError,
            AttributeError,
        ) as error:  # what it returned has another shape
            log.warning("function %s failed: %s", name, error)
            return _failure(f"The function {name} failed: {error}")

    def _stores(self, live: Result) -> dict[str, dict[str, str]]:
        associations = (live["Config"].get("KeyValueStoreAssociations") or {}).get("Items") or []
        arns = [association["KeyValueStoreARN"] for association in associations]
        return {arn.rpartition("/")[2]: pairs_of(self._documents, arn) for arn in arns}


def _failure(message: str) -> Answer:
    return Answer(
        503, f"{message}\n".encode(), (*PLAIN, ("X-Cache", "FunctionExecutionError from cloudfront"))
    )


class EdgeFunctions:
    """The operations on functions."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def operations(self) -> dict[str, Operation]:
        """Return the operations by name."""
        return {
            "CreateFunction": self._create,
            "DescribeFunction": self._describe,
            "GetFunction": self._get,
            "UpdateFunction": self._update,
            "PublishFunction": self._publish,
            "DeleteFunction": self._delete,
            "ListFunctions": self._list,
        }

    def _create(self, request: Result) -> Result:
        name = request["Name"]
        if self._store.documents.get(KIND, name) is not None:
            raise CloudFrontError(409, "FunctionAlreadyExists", f"A function named {name} already exists.")
        return self._put(name, {**_written(request), "Live": None}, "DEVELOPMENT")

    def _describe(self, request: Result) -> Result:
        return self._view(self._find(request), _stage(request))

    def _get(self, request: Result) -> Result:
        document = self._find(request)
        code = base64.b64decode(_staged(document, _stage(request))["Code"])
        return {"FunctionCode": code, "ETag": etag(document), "ContentType": "application/octet-stream"}

    def _update(self, request: Result) -> Result:
        document = matched(self._find(request), request)
        return self._put(document.id, {**document.body, **_written(request)}, "DEVELOPMENT")

    def _publish(self, request: Result) -> Result:
        document = matched(self._find(request), request)
        live = {"Config": document.body["Config"], "Code": document.body["Code"]}
        return self._put(document.id, {**document.body, "Live": live}, "LIVE")

    def _delete(self, request: Result) -> Result:
        document = matched(self._find(request), request)
        self._store.refuse_if_used(self._store.arn("function", document.id), "FunctionInUse")
        self._store.documents.delete(KIND, document.id)
        return {}

    def _list(self, request: Result) -> Result:
        stage = _stage(request)
        documents = [d for d in self._store.documents.all(KIND) if stage != "LIVE" or d.body["Live"]]
        return {"FunctionList": page([self._view(d, stage)["FunctionSummary"] for d in documents])}

    def _put(self, name: str, body: Result, stage: str) -> Result:
        return self._view(self._store.documents.put(KIND, name, body), stage)

    def _find(self, request: Result) -> Document:
        return self._store.find(KIND, request["Name"], MISSING)

    def _view(self, document: Document, stage: str) -> Result:
        summary = {
            "Name": document.id,
            "Status": "DEPLOYED" if stage == "LIVE" else "UNPUBLISHED",
            "FunctionConfig": _staged(document, stage)["Config"],
            "FunctionMetadata": {
                "FunctionARN": self._store.arn("function", document.id),
                "Stage": stage,
                "CreatedTime": moment(document.created),
                "LastModifiedTime": moment(document.modified),
            },
        }
        return {"FunctionSummary": summary, "ETag": etag(document)}


def _stage(request: Result) -> str:
    return request.get("Stage") or "DEVELOPMENT"


def _staged(document: Document, stage: str) -> Result:
    version: Result | None = document.body["Live"] if stage == "LIVE" else document.body
    if version is None:
        raise CloudFrontError(404, MISSING, f"{document.id} was never published.")
    return version


def _written(request: Result) -> Result:
    code = request["FunctionCode"]
    encoded = base64.b64encode(code if isinstance(code, bytes) else code.encode()).decode()
    return {"Config": request["FunctionConfig"], "Code": encoded}
