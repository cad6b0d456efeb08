"""What every CloudFront resource has: a document, an ETag that a write must name, an ARN, and errors of its own."""

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from liveinsight_cli.local.documents import Document, Documents

ID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
Result = dict[str, Any]
Operation = Callable[[Result], Result]


class CloudFrontError(Exception):
    """A refusal that CloudFront itself would give."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True)
class Store:
    """The documents of one account's CloudFront."""

    documents: Documents
    account_id: str

    def find(self, kind: str, id_: str, missing: str) -> Document:
        """Return a document; raises CloudFrontError with the code `missing`."""
        document = self.documents.get(kind, id_)
        if document is None:
            raise CloudFrontError(404, missing, f"The specified {kind} does not exist.")
        return document

    def arn(self, kind: str, id_: str) -> str:
        """Return the ARN of a distribution or function."""
        return f"arn:aws:cloudfront::{self.account_id}:{kind}/{id_}"

    def refuse_if_used(self, reference: str, code: str) -> None:
        """Raise CloudFrontError when a distribution names the resource."""
        for distribution in self.documents.all("Distribution"):
            if reference in json.dumps(distribution.body):
                raise CloudFrontError(409, code, f"{reference} is used by one or more distributions.")


def matched(document: Document, request: Result) -> Document:
    """Return the document if the request names its newest ETag."""
    given = request.get("IfMatch")
    if given is None:
        raise CloudFrontError(400, "InvalidIfMatchVersion", "The If-Match version is missing or not valid.")
    if given != etag(document):
        raise CloudFrontError(412, "PreconditionFailed", "The ETag does not match the resource's.")
    return document


def etag(document: Document) -> str:
    """Return the ETag, another one after each write."""
    digest = hashlib.sha256(f"{document.id}/{document.revision}".encode()).hexdigest()
    return "E" + digest[:13].upper()


def new_id(letter: str = "E") -> str:
    """Return an id such as CloudFront gives out."""
    return letter + "".join(secrets.choice(ID_LETTERS) for _ in range(13))


def moment(seconds: float) -> datetime:
    """Return a time in the form that the serialiser takes."""
    return datetime.fromtimestamp(seconds, UTC)


def page(items: list[Result]) -> Result:
    """Return everything as the one page of a list."""
    return {"Marker": "", "MaxItems": 100, "IsTruncated": False, "Quantity": len(items), "Items": items}
