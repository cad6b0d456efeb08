"""Terraform states, their locks and their notes as objects of one bucket, which must be the account's own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from liveinsight_cli.adapters.aws import Aws, AwsError, fence
from liveinsight_cli.core.state import Lock, lock_key, read_lock
from liveinsight_cli.errors import PreconditionError

ABSENT = frozenset({"404", "NoSuchBucket", "NoSuchKey", "NotFound"})
CHANGED_MEANWHILE = frozenset({"412", "PreconditionFailed", "ConditionalRequestConflict", "409"})


@dataclass(frozen=True)
class StoredObject:
    """An object, and how old S3 says it is: both times are S3's, so that no clock of ours matters."""

    content: bytes
    etag: str
    age_seconds: float


class ObjectChanged(Exception):
    """A conditional write found another object than the one that was read."""


@dataclass(frozen=True)
class StateBucket:
    """The bucket `name` of an account."""

    aws: Aws
    name: str
    account: str

    def exists(self) -> bool:
        """Tell whether it is there; raises PreconditionError where it is not this account's, or not here."""
        try:
            self._call("head_bucket")
        except AwsError as error:
            if error.aws_code in ABSENT:
                return False
            if error.aws_code in ("301", "PermanentRedirect"):
                raise PreconditionError(
                    f"The bucket {self.name} is in another region than {self.aws.region}.",
                    code="state_bucket",
                    hint="Give the region it was made for, or name another bucket: state_bucket in liveinsight.toml.",
                ) from error
            if error.aws_code in ("403", "Forbidden"):
                raise not_ours(self.name, self.account) from error
            raise
        return True

    def get(self, key: str) -> StoredObject | None:
        """Return an object, or None where there is none."""
        try:
            with fence():
                answer = self._call("get_object", Key=key)
                content = answer["Body"].read()
        except AwsError as error:
            if error.aws_code in ABSENT:
                return None
            raise
        return StoredObject(content, answer["ETag"], _age(answer))

    def is_unchanged(self, key: str, etag: str) -> bool:
        """Tell whether an object still is the one with this ETag."""
        try:
            return bool(self._call("head_object", Key=key)["ETag"] == etag)
        except AwsError as error:
            if error.aws_code in ABSENT:
                return False
            raise

    def put(self, key: str, content: bytes, *, replaces: str | None = None) -> str:
        """Write an object in place of the one with the ETag `replaces`, or of none, and return its ETag.

        Raises ObjectChanged where another one is there.
        """
        condition = {"IfNoneMatch": "*"} if replaces is None else {"IfMatch": replaces}
        media_type = {"ContentType": "application/json"}
        try:
            return str(self._call("put_object", Key=key, Body=content, **media_type, **condition)["ETag"])
        except AwsError as error:
            if error.aws_code in CHANGED_MEANWHILE:
                raise ObjectChanged(key) from error
            raise

    def delete(self, key: str, etag: str) -> None:
        """Delete the object with this ETag and no other (its versions stay); raises ObjectChanged."""
        try:
            self._call("delete_object", Key=key, IfMatch=etag)
        except AwsError as error:
            if error.aws_code in CHANGED_MEANWHILE | ABSENT:
                raise ObjectChanged(key) from error
            raise

    def versions(self, key: str) -> int:
        """Count the versions of an object that are kept, the current one included."""
        pages = self.aws.pages(
            "s3", "list_object_versions", Bucket=self.name, Prefix=key, ExpectedBucketOwner=self.account
        )
        return sum(one["Key"] == key for page in pages for one in page.get("Versions", ()))

    def lock(self, key: str) -> "tuple[Lock, StoredObject] | None":
        """Return the lock of a state, and the object it is in."""
        found = self.get(lock_key(key))
        return None if found is None else (read_lock(found.content), found)

    def url(self, key: str) -> str:
        """Return an object's address for people."""
        return f"s3://{self.name}/{key}"

    def is_empty(self) -> bool:
        """Tell whether nothing was ever put there."""
        return not any(True for _ in self._contents())

    def _contents(self) -> Iterator[Any]:
        answer = self._call("list_object_versions", MaxKeys=1)
        yield from answer.get("Versions", ())
        yield from answer.get("DeleteMarkers", ())

    def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Call S3 for this bucket, as long as it is the account's: a name can be taken by anybody in the world."""
        owner = {"Bucket": self.name, "ExpectedBucketOwner": self.account}
        return self.aws.call("s3", operation, **owner, **parameters)


def not_ours(name: str, account: str) -> PreconditionError:
    """Return the error for a bucket that these credentials may not use."""
    return PreconditionError(
        f"The bucket {name} belongs to somebody else, or the credentials (account {account}) may not use it.",
        code="state_bucket",
        hint="Use credentials with rights on it (docs/deploying.md lists them), or name another bucket: state_bucket "
        "in liveinsight.toml. Nothing was changed.",
    )


def _age(answer: dict[str, Any]) -> float:
    date = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    now = parsedate_to_datetime(date) if date else datetime.now(UTC)
    written: datetime = answer["LastModified"]
    return max(0.0, (now - written).total_seconds())
