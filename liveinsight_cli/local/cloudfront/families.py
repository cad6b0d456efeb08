"""Resources of CloudFront with one config each: distributions, origin access controls and the three policies."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from liveinsight_cli.local.cloudfront.attachments import Attachments
from liveinsight_cli.local.cloudfront.defaults import completed
from liveinsight_cli.local.cloudfront.resources import (
    CloudFrontError,
    Operation,
    Result,
    Store,
    etag,
    matched,
    moment,
    new_id,
    page,
)
from liveinsight_cli.local.documents import Document
from liveinsight_cli.local.http import LOOPBACK


class Edge(Protocol):
    """Where distributions are served."""

    def open(self, distribution_id: str) -> int:
        """Serve a distribution and return its port."""

    def remove(self, distribution_id: str) -> None:
        """Stop serving it and free the port."""

    def invalidate(self, distribution_id: str, paths: tuple[str, ...]) -> None:
        """Forget what is kept of these paths."""


@dataclass(frozen=True)
class Family:
    """A kind of resource: its names in the API and how its ids are made."""

    name: str
    plural: str
    new_id: Callable[[], str]

    @property
    def config(self) -> str:
        """The member that holds what the user configures."""
        return f"{self.name}Config"


def _uuid() -> str:
    return str(uuid.uuid4())


DISTRIBUTION = Family("Distribution", "Distributions", new_id)
NAMED = (
    Family("OriginAccessControl", "OriginAccessControls", new_id),
    Family("CachePolicy", "CachePolicies", _uuid),
    Family("OriginRequestPolicy", "OriginRequestPolicies", _uuid),
    Family("ResponseHeadersPolicy", "ResponseHeadersPolicies", _uuid),
)


class Resources:
    """Create, Get, GetConfig, Update, Delete and List of one family."""

    def __init__(self, family: Family, store: Store) -> None:
        self._family, self._store = family, store

    def operations(self) -> dict[str, Operation]:
        """Return the operations by name."""
        name, plural = self._family.name, self._family.plural
        return {
            f"Create{name}": lambda request: self._create(request[self._family.config]),
            f"Get{name}": lambda request: self._answered(self._find(request)),
            f"Get{name}Config": self._get_config,
            f"Update{name}": self._update,
            f"Delete{name}": self._delete,
            f"List{plural}": lambda _: self._list(),
        }

    def _create(self, config: Result) -> Result:
        family = self._family
        for existing in self._store.documents.all(family.name):
            if existing.body[family.config]["Name"] == config["Name"]:
                message = f"{family.name} {config['Name']} already exists."
                raise CloudFrontError(409, f"{family.name}AlreadyExists", message)
        return self._created(family.new_id(), {family.config: config})

    def _created(self, id_: str, body: Result) -> Result:
        document = self._store.documents.put(self._family.name, id_, body)
        location = f"/2020-05-31/{self._family.name.lower()}/{id_}"
        return {**self._answered(document), "Location": location}

    def _get_config(self, request: Result) -> Result:
        document = self._find(request)
        return {self._family.config: document.body[self._family.config], "ETag": etag(document)}

    def _update(self, request: Result) -> Result:
        document = matched(self._find(request), request)
        body = {**document.body, self._family.config: self._as_kept(request[self._family.config])}
        return self._answered(self._store.documents.put(self._family.name, document.id, body))

    def _delete(self, request: Result) -> Result:
        document = matched(self._find(request), request)
        self._store.refuse_if_used(document.id, f"{self._family.name}InUse")
        self._store.documents.delete(self._family.name, document.id)
        return {}

    def _list(self) -> Result:
        items = []
        for document in self._store.documents.all(self._family.name):
            view = self._view(document)
            flat = {**document.body[self._family.config], **view, "Type": "custom", "ETag": etag(document)}
            items.append({**flat, self._family.name: view})
        return {f"{self._family.name}List": page(items)}

    def _answered(self, document: Document) -> Result:
        return {self._family.name: self._view(document), "ETag": etag(document)}

    def _view(self, document: Document) -> Result:
        config = self._family.config
        return {
            "Id": document.id,
            "LastModifiedTime": moment(document.modified),
            config: document.body[config],
        }

    def _find(self, request: Result) -> Document:
        return self._store.find(self._family.name, request["Id"], f"NoSuch{self._family.name}")

    def _as_kept(self, config: Result) -> Result:
        return config


class Distributions(Resources):
    """Distributions: each has a port, and must be disabled before it goes."""

    def __init__(self, store: Store, edge: Edge, attachments: Attachments) -> None:
        super().__init__(DISTRIBUTION, store)
        self._edge, self._attachments = edge, attachments

    def operations(self) -> dict[str, Operation]:
        """Return the operations by name."""
        return {**super().operations(), "CreateDistributionWithTags": self._create_with_tags}

    def _create(self, config: Result) -> Result:
        id_ = new_id()
        return self._created(id_, {"DistributionConfig": completed(config), "Port": self._edge.open(id_)})

    def _create_with_tags(self, request: Result) -> Result:
        both = request["DistributionConfigWithTags"]
        result = self._create(both["DistributionConfig"])
        self._attachments.tag({"Resource": result["Distribution"]["ARN"], "Tags": both["Tags"]})
        return result

    def _delete(self, request: Result) -> Result:
        document = matched(self._find(request), request)
        if document.body["DistributionConfig"].get("Enabled"):
            message = "The distribution you are trying to delete has not been disabled."
            raise CloudFrontError(409, "DistributionNotDisabled", message)
        self._edge.remove(document.id)
        self._attachments.forget(document.id)
        self._store.documents.delete("Distribution", document.id)
        return {}

    def _view(self, document: Document) -> Result:
        nobody = {"Enabled": False, "Quantity": 0}
        return {
            **super()._view(document),
            "ARN": self._store.arn("distribution", document.id),
            "Status": "Deployed",
            "InProgressInvalidationBatches": 0,
            "DomainName": f"{LOOPBACK}:{document.body['Port']}",
            "ActiveTrustedSigners": nobody,
            "ActiveTrustedKeyGroups": nobody,
        }

    def _as_kept(self, config: Result) -> Result:
        return completed(config)
