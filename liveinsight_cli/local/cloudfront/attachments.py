"""What hangs on a distribution: tags, and invalidations, which are done at once: there is one edge."""

from collections.abc import Callable

from liveinsight_cli.local.cloudfront.resources import Operation, Result, Store, moment, new_id, page
from liveinsight_cli.local.documents import Document


class Attachments:
    """Tags of any resource by its ARN, and invalidations by their distribution."""

    def __init__(self, store: Store, invalidate: Callable[[str, tuple[str, ...]], None]) -> None:
        self._store, self._forget_kept = store, invalidate

    def operations(self) -> dict[str, Operation]:
        """Return the operations by name."""
        return {
            "ListTagsForResource": self._list_tags,
            "TagResource": self.tag,
            "UntagResource": self._untag,
            "CreateInvalidation": self._invalidate,
            "GetInvalidation": self._get_invalidation,
            "ListInvalidations": self._list_invalidations,
        }

    def tag(self, request: Result) -> Result:
        """Add or change tags."""
        new = {tag["Key"]: tag.get("Value", "") for tag in request["Tags"].get("Items", [])}
        tags = {**self._tags(request["Resource"]), **new}
        self._store.documents.put("Tags", request["Resource"], tags)
        return {}

    def forget(self, distribution_id: str) -> None:
        """Drop everything that hung on a distribution."""
        self._store.documents.delete("Tags", self._store.arn("distribution", distribution_id))
        for invalidation in self._invalidations(distribution_id):
            self._store.documents.delete("Invalidation", invalidation.id)

    def _untag(self, request: Result) -> Result:
        gone = set(request["TagKeys"].get("Items", []))
        kept = {key: value for key, value in self._tags(request["Resource"]).items() if key not in gone}
        self._store.documents.put("Tags", request["Resource"], kept)
        return {}

    def _list_tags(self, request: Result) -> Result:
        tags = self._tags(request["Resource"])
        return {"Tags": {"Items": [{"Key": key, "Value": value} for key, value in tags.items()]}}

    def _tags(self, arn: str) -> dict[str, str]:
        document = self._store.documents.get("Tags", arn)
        return document.body if document is not None else {}

    def _invalidate(self, request: Result) -> Result:
        distribution = self._store.find("Distribution", request["DistributionId"], "NoSuchDistribution")
        body = {"DistributionId": distribution.id, "InvalidationBatch": request["InvalidationBatch"]}
        self._forget_kept(distribution.id, tuple(request["InvalidationBatch"]["Paths"].get("Items") or ()))
        return {"Invalidation": _view(self._store.documents.put("Invalidation", new_id("I"), body))}

    def _get_invalidation(self, request: Result) -> Result:
        return {"Invalidation": _view(self._store.find("Invalidation", request["Id"], "NoSuchInvalidation"))}

    def _list_invalidations(self, request: Result) -> Result:
        mine = self._invalidations(request["DistributionId"])
        return {"InvalidationList": page([_view(invalidation) for invalidation in mine])}

    def _invalidations(self, distribution_id: str) -> list[Document]:
        documents = self._store.documents.all("Invalidation")
        return [document for document in documents if document.body["DistributionId"] == distribution_id]


def _view(document: Document) -> Result:
    return {
        "Id": document.id,
        "Status": "Completed",
        "CreateTime": moment(document.created),
        "InvalidationBatch": document.body["InvalidationBatch"],
    }
