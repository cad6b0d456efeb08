"""Makes the bucket of the Terraform states, and puts right what differs in one that is there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from liveinsight_cli.adapters.aws import AwsError
from liveinsight_cli.adapters.state_store import StateBucket, not_ours
from liveinsight_cli.core.state_bucket import MANAGED_BY, Aspect, aspects, owner_of
from liveinsight_cli.errors import PreconditionError

NOT_CONFIGURED = frozenset(
    {
        "NoSuchTagSet",
        "NoSuchPublicAccessBlockConfiguration",
        "OwnershipControlsNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
        "NoSuchBucketPolicy",
        "NoSuchLifecycleConfiguration",
    }
)


@dataclass(frozen=True)
class Foundation:
    """The state bucket of one project in one account and region."""

    bucket: StateBucket
    project: str

    def require_usable(self) -> bool:
        """Tell whether the bucket is there; raises PreconditionError for one that is there for something else."""
        if not self.bucket.exists():
            return False
        managed_by, project = owner_of(self._read("get_bucket_tagging"))
        if managed_by == MANAGED_BY and project != self.project:
            raise PreconditionError(
                f"The bucket {self.bucket.name} holds the states of the project {project!r}.",
                code="state_bucket",
                hint="Name another bucket for this one: state_bucket in liveinsight.toml. Nothing was changed.",
            )
        if managed_by != MANAGED_BY and not self.bucket.is_empty():
            raise PreconditionError(
                f"The bucket {self.bucket.name} is there for something else: it holds objects, and no tag says that "
                "it is for states.",
                code="state_bucket",
                hint="Name another bucket: state_bucket in liveinsight.toml. If it is the right one, tag it "
                f"ManagedBy={MANAGED_BY} and Project={self.project}. Nothing was changed.",
            )
        return True

    def differences(self) -> Iterator[tuple[Aspect, dict[str, Any]]]:
        """Yield what of an existing bucket differs, with the parameters of the call that puts it right."""
        partition = "aws-cn" if self.bucket.aws.region.startswith("cn-") else "aws"
        partition = "aws-us-gov" if self.bucket.aws.region.startswith("us-gov-") else partition
        for aspect in aspects(self.bucket.name, self.project, partition):
            wanted = aspect.wanted(self._read(aspect.read))
            if wanted is not None:
                yield aspect, wanted

    def create(self) -> None:
        """Make the bucket, still without any of its configuration."""
        place: dict[str, Any] = {"ObjectOwnership": "BucketOwnerEnforced"}
        if self.bucket.aws.region != "us-east-1":  # the one region that must not be named
            place["CreateBucketConfiguration"] = {"LocationConstraint": self.bucket.aws.region}
        try:
            self.bucket.aws.call("s3", "create_bucket", Bucket=self.bucket.name, **place)
        except AwsError as error:
            if error.aws_code == "BucketAlreadyExists":
                raise not_ours(self.bucket.name, self.bucket.account) from error
            if (
                error.aws_code != "BucketAlreadyOwnedByYou"
            ):  # somebody was quicker: then there is nothing to do
                raise

    def repair(self) -> tuple[str, ...]:
        """Put right what differs, and return what that was."""
        repaired = []
        for aspect, parameters in self.differences():
            owner = {"Bucket": self.bucket.name, "ExpectedBucketOwner": self.bucket.account}
            self.bucket.aws.call("s3", aspect.write, **owner, **parameters)
            repaired.append(aspect.what)
        return tuple(repaired)

    def _read(self, operation: str) -> dict[str, Any]:
        owner = {"Bucket": self.bucket.name, "ExpectedBucketOwner": self.bucket.account}
        try:
            return self.bucket.aws.call("s3", operation, **owner)
        except AwsError as error:
            if error.aws_code in NOT_CONFIGURED:
                return {}
            raise
