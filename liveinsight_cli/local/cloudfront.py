"""CloudFront as documents: what Terraform wrote is what it reads back, in AWS's shapes. Serving them is in `edge`."""

import base64
import hashlib
import json
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from liveinsight_cli.local import cloudfront_wire
from liveinsight_cli.local.aws_errors import error_answer
from liveinsight_cli.local.cloudfront_defaults import completed
from liveinsight_cli.local.documents import Document, Documents
from liveinsight_cli.local.http import LOOPBACK, Answer, Environ

ID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
Result = dict[str, Any]


class CloudFrontError(Exception):
    """A refusal that CloudFront itself would give."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class Edge(Protocol):
    """Where distributions are served."""

    def open(self, distribution_id: str) -> int:
        """Serve a distribution and return its port."""

    def remove(self, distribution_id: str) -> None:
        """Stop serving it and free the port."""


@dataclass(frozen=True)
class Family:
    """Resources that CloudFront handles alike: Create, Get, GetConfig, Update, Delete and List around one config."""

    name: str
    plural: str
    new_id: Callable[[], str]
    named: bool = True

    @property
    def config(self) -> str:
        return f"{self.name}Config"


def _short_id() -> str:
    return "E" + "".join(secrets.choice(ID_LETTERS) for _ in range(13))


DISTRIBUTION = Family("Distribution", "Distributions", _short_id, named=False)
FAMILIES = (
    DISTRIBUTION,
    Family("OriginAccessControl", "OriginAccessControls", _short_id),
    Family("CachePolicy", "CachePolicies", lambda: str(uuid.uuid4())),
    Family("OriginRequestPolicy", "OriginRequestPolicies", lambda: str(uuid.uuid4())),
    Family("ResponseHeadersPolicy", "ResponseHeadersPolicies", lambda: str(uuid.uuid4())),
)


class CloudFront:
    """The CloudFront API of one account."""

    def __init__(self, documents: Documents, account_id: str, edge: Edge) -> None:
        self._documents, self._account, self._edge = documents, account_id, edge
        self._operations: dict[str, Callable[[Result], Result]] = {
            "CreateDistributionWithTags": self._create_distribution_with_tags,
            "CreateFunction": self._create_function,
            "DescribeFunction": self._describe_function,
            "GetFunction": self._get_function,
            "UpdateFunction": self._update_function,
            "PublishFunction": self._publish_function,
            "DeleteFunction": self._delete_function,
            "ListFunctions": self._list_functions,
            "CreateInvalidation": self._create_invalidation,
            "GetInvalidation": self._get_invalidation,
            "ListInvalidations": self._list_invalidations,
            "ListTagsForResource": lambda request: {"Tags": self._tags(request["Resource"])},
            "TagResource": self._tag,
            "UntagResource": self._untag,
        }
        for family in FAMILIES:
            self._operations.update(self._family_operations(family))

    def answer(self, environ: Environ, _operation: str) -> Answer:
        """Answer one request to CloudFront."""
        call = cloudfront_wire.read(environ)
        action = self._operations.get(call.operation) if call is not None else None
        try:
            if call is None or action is None:
                what = call.operation if call is not None else "This operation"
                raise CloudFrontError(
                    501, "NotImplemented", f"{what} is not part of the embedded CloudFront."
                )
            return cloudfront_wire.write(call, action(call.arguments))
        except CloudFrontError as error:
            return error_answer(environ, "cloudfront", error.status, error.code, error.message)

    def _family_operations(self, family: Family) -> dict[str, Callable[[Result], Result]]:
        name = family.name
        return {
            f"Create{name}": lambda request: self._create(family, request[family.config]),
            f"Get{name}": lambda request: self._answered(family, self._find(family, request["Id"])),
            f"Get{name}Config": lambda request: self._config(family, request["Id"]),
            f"Update{name}": lambda request: self._update(family, request),
            f"Delete{name}": lambda request: self._delete(family, request),
            f"List{family.plural}": lambda _: self._list(family),
        }

    def _create(self, family: Family, config: Result) -> Result:
        if family.named and any(_name(d, family) == config["Name"] for d in self._documents.all(family.name)):
            raise CloudFrontError(
                409, f"{family.name}AlreadyExists", f"{family.name} {config['Name']} already exists."
            )
        id_ = family.new_id()
        body: Result = {family.config: _as_kept(family, config)}
        if family is DISTRIBUTION:
            body["Port"] = self._edge.open(id_)
        document = self._documents.put(family.name, id_, body)
        return {**self._answered(family, document), "Location": f"/2020-05-31/{family.name.lower()}/{id_}"}

    def _create_distribution_with_tags(self, request: Result) -> Result:
        both = request["DistributionConfigWithTags"]
        result = self._create(DISTRIBUTION, both["DistributionConfig"])
        self._tag({"Resource": result["Distribution"]["ARN"], "Tags": both["Tags"]})
        return result

    def _config(self, family: Family, id_: str) -> Result:
        document = self._find(family, id_)
        return {family.config: document.body[family.config], "ETag": _etag(document)}

    def _update(self, family: Family, request: Result) -> Result:
        document = self._match(self._find(family, request["Id"]), request)
        body = {**document.body, family.config: _as_kept(family, request[family.config])}
        return self._answered(family, self._documents.put(family.name, document.id, body))

    def _delete(self, family: Family, request: Result) -> Result:
        document = self._match(self._find(family, request["Id"]), request)
        if family is DISTRIBUTION:
            if document.body["DistributionConfig"].get("Enabled"):
                raise CloudFrontError(
                    409,
                    "DistributionNotDisabled",
                    "The distribution you are trying to delete has not been disabled.",
                )
            self._edge.remove(document.id)
            self._documents.delete("Tags", self._arn("distribution", document.id))
        elif self._is_used(document.id):
            raise CloudFrontError(
                409, f"{family.name}InUse", f"{document.id} is used by one or more distributions."
            )
        self._documents.delete(family.name, document.id)
        return {}

    def _list(self, family: Family) -> Result:
        documents = self._documents.all(family.name)
        items = [
            {
                **document.body[family.config],
                **self._view(family, document),
                family.name: self._view(family, document),
                "Type": "custom",
                "ETag": _etag(document),
            }
            for document in documents
        ]
        return {f"{family.name}List": _page(items)}

    def _answered(self, family: Family, document: Document) -> Result:
        return {family.name: self._view(family, document), "ETag": _etag(document)}

    def _view(self, family: Family, document: Document) -> Result:
        view = {
            "Id": document.id,
            "LastModifiedTime": _time(document.modified),
            family.config: document.body[family.config],
        }
        if family is not DISTRIBUTION:
            return view
        nobody = {"Enabled": False, "Quantity": 0}
        return {
            **view,
            "ARN": self._arn("distribution", document.id),
            "Status": "Deployed",
            "InProgressInvalidationBatches": 0,
            "DomainName": f"{LOOPBACK}:{document.body['Port']}",
            "ActiveTrustedSigners": nobody,
            "ActiveTrustedKeyGroups": nobody,
        }

    def _create_function(self, request: Result) -> Result:
        if self._documents.get("Function", request["Name"]) is not None:
            raise CloudFrontError(
                409, "FunctionAlreadyExists", f"A function named {request['Name']} already exists."
            )
        body = {"Config": request["FunctionConfig"], "Code": _text(request["FunctionCode"]), "Live": None}
        return self._function(self._documents.put("Function", request["Name"], body), "DEVELOPMENT")

    def _describe_function(self, request: Result) -> Result:
        return self._function(self._find_function(request["Name"]), request.get("Stage") or "DEVELOPMENT")

    def _get_function(self, request: Result) -> Result:
        document = self._find_function(request["Name"])
        version = self._staged(document, request.get("Stage") or "DEVELOPMENT")
        code = base64.b64decode(version["Code"])
        return {"FunctionCode": code, "ETag": _etag(document), "ContentType": "application/octet-stream"}

    def _update_function(self, request: Result) -> Result:
        document = self._match(self._find_function(request["Name"]), request)
        body = {
            **document.body,
            "Config": request["FunctionConfig"],
            "Code": _text(request["FunctionCode"]),
        }
        return self._function(self._documents.put("Function", document.id, body), "DEVELOPMENT")

    def _publish_function(self, request: Result) -> Result:
        document = self._match(self._find_function(request["Name"]), request)
        live = {"Config": document.body["Config"], "Code": document.body["Code"]}
        published = self._documents.put("Function", document.id, {**document.body, "Live": live})
        return self._function(published, "LIVE")

    def _delete_function(self, request: Result) -> Result:
        document = self._match(self._find_function(request["Name"]), request)
        if self._is_used(self._arn("function", document.id)):
            raise CloudFrontError(
                409, "FunctionInUse", f"{document.id} is used by one or more distributions."
            )
        self._documents.delete("Function", document.id)
        return {}

    def _list_functions(self, request: Result) -> Result:
        stage = request.get("Stage") or "DEVELOPMENT"
        documents = [d for d in self._documents.all("Function") if stage == "DEVELOPMENT" or d.body["Live"]]
        return {"FunctionList": _page([self._function(d, stage)["FunctionSummary"] for d in documents])}

    def _function(self, document: Document, stage: str) -> Result:
        version = self._staged(document, stage)
        summary = {
            "Name": document.id,
            "Status": "DEPLOYED" if stage == "LIVE" else "UNPUBLISHED",
            "FunctionConfig": version["Config"],
            "FunctionMetadata": {
                "FunctionARN": self._arn("function", document.id),
                "Stage": stage,
                "CreatedTime": _time(document.created),
                "LastModifiedTime": _time(document.modified),
            },
        }
        return {"FunctionSummary": summary, "ETag": _etag(document)}

    def _staged(self, document: Document, stage: str) -> Result:
        version: Result | None = document.body["Live"] if stage == "LIVE" else document.body
        if version is None:
            raise CloudFrontError(404, "NoSuchFunctionExists", f"{document.id} was never published.")
        return version

    def _find_function(self, name: str) -> Document:
        document = self._documents.get("Function", name)
        if document is None:
            raise CloudFrontError(404, "NoSuchFunctionExists", "The specified function does not exist.")
        return document

    def _create_invalidation(self, request: Result) -> Result:
        distribution = self._find(DISTRIBUTION, request["DistributionId"])
        id_ = "I" + _short_id()[1:]
        body = {"DistributionId": distribution.id, "InvalidationBatch": request["InvalidationBatch"]}
        return {"Invalidation": _invalidation(self._documents.put("Invalidation", id_, body))}

    def _get_invalidation(self, request: Result) -> Result:
        document = self._documents.get("Invalidation", request["Id"])
        if document is None:
            raise CloudFrontError(404, "NoSuchInvalidation", "The specified invalidation does not exist.")
        return {"Invalidation": _invalidation(document)}

    def _list_invalidations(self, request: Result) -> Result:
        documents = self._documents.all("Invalidation")
        mine = [d for d in documents if d.body["DistributionId"] == request["DistributionId"]]
        return {"InvalidationList": _page([_invalidation(document) for document in mine])}

    def _tags(self, arn: str) -> Result:
        document = self._documents.get("Tags", arn)
        tags = document.body if document is not None else {}
        return {"Items": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def _tag(self, request: Result) -> Result:
        document = self._documents.get("Tags", request["Resource"])
        new = {tag["Key"]: tag.get("Value", "") for tag in request["Tags"].get("Items", [])}
        self._documents.put("Tags", request["Resource"], {**(document.body if document else {}), **new})
        return {}

    def _untag(self, request: Result) -> Result:
        document = self._documents.get("Tags", request["Resource"])
        gone = set(request["TagKeys"].get("Items", []))
        kept = {key: value for key, value in (document.body if document else {}).items() if key not in gone}
        self._documents.put("Tags", request["Resource"], kept)
        return {}

    def _find(self, family: Family, id_: str) -> Document:
        document = self._documents.get(family.name, id_)
        if document is None:
            raise CloudFrontError(404, f"NoSuch{family.name}", f"The specified {family.name} does not exist.")
        return document

    def _match(self, document: Document, request: Result) -> Document:
        given = request.get("IfMatch")
        if given is None:
            raise CloudFrontError(
                400, "InvalidIfMatchVersion", "The If-Match version is missing or not valid."
            )
        if given != _etag(document):
            raise CloudFrontError(412, "PreconditionFailed", "The ETag does not match the resource's.")
        return document

    def _is_used(self, reference: str) -> bool:
        return any(reference in json.dumps(document.body) for document in self._documents.all("Distribution"))

    def _arn(self, kind: str, id_: str) -> str:
        return f"arn:aws:cloudfront::{self._account}:{kind}/{id_}"


def _as_kept(family: Family, config: Result) -> Result:
    return completed(config) if family is DISTRIBUTION else config


def _page(items: list[Result]) -> Result:
    return {"Marker": "", "MaxItems": 100, "IsTruncated": False, "Quantity": len(items), "Items": items}


def _invalidation(document: Document) -> Result:
    batch = document.body["InvalidationBatch"]
    created = _time(document.created)
    return {"Id": document.id, "Status": "Completed", "CreateTime": created, "InvalidationBatch": batch}


def _name(document: Document, family: Family) -> str:
    return str(document.body[family.config]["Name"])


def _etag(document: Document) -> str:
    digest = hashlib.sha256(f"{document.id}/{document.revision}".encode()).hexdigest()
    return "E" + digest[:13].upper()


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _text(code: bytes | str) -> str:
    return base64.b64encode(code if isinstance(code, bytes) else code.encode()).decode()
