"""What a rule works with: AWS, asked about things that may not be there, and the values that a plan knows."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from liveinsight_cli.adapters.aws import Aws, AwsError

MISSING = frozenset(
    {
        "404",
        "AWS.SimpleQueueService.NonExistentQueue",
        "EntityNotFound",
        "NoSuchBucket",
        "NoSuchEntity",
        "NoSuchFunctionExists",
        "NoSuchTagSet",
        "NotFound",
        "ResourceNotFound",
        "NotFoundException",
        "QueueDoesNotExist",
        "ResourceNotFoundException",
    }
)
IDENTIFYING = ("Project", "Environment", "ManagedBy")
Tags = Mapping[str, str]


class NotKnownYetError(Exception):
    """A value that Terraform only knows after the apply: what it is the name of a parent of cannot be there."""


class Values(dict[str, Any]):
    """The arguments of a resource, as far as the plan knows them."""

    def __missing__(self, name: str) -> Any:
        raise NotKnownYetError(name)

    def are_tagged_as(self, tags: Tags) -> bool:
        """Tell whether tags say that their owner is the environment which these arguments are of.

        Where the plan does not know what ours would be, nothing is ours.
        """
        expected = self.get("tags_all") or {}
        names = [name for name in IDENTIFYING if name in expected]
        return bool(names) and all(tags.get(name) == expected[name] for name in names)


@dataclass(frozen=True)
class Orphan:
    """What is there. `id` is Terraform's id to import it by; `tags` None where the name is all there is to go by."""

    id: str
    tags: Tags | None = None


@dataclass(frozen=True)
class Search:
    """One region of the account."""

    aws: Aws

    def ask(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Make one call; empty where what is asked for does not exist."""
        try:
            return self.aws.call(service, operation, **parameters)
        except AwsError as error:
            if error.aws_code in MISSING:
                return {}
            raise

    def first(
        self, service: str, operation: str, items: str, fits: Callable[[Any], bool], **parameters: Any
    ) -> Any:
        """Return the first item of a list that fits, or None; `items` is the path to it, such as `List.Items`."""
        for page in self._pages(service, operation, parameters):
            found: Any = page
            for part in items.split("."):
                found = found.get(part) or {}
            for one in found:
                if fits(one):
                    return one
        return None

    def arn(self, service: str, rest: str) -> str:
        """Return the ARN of something of this account and region."""
        partition = self.aws.session.get_partition_for_region(self.aws.region)
        return f"arn:{partition}:{service}:{self.aws.region}:{self.aws.account()}:{rest}"

    def _pages(self, service: str, operation: str, parameters: dict[str, Any]) -> Iterator[dict[str, Any]]:
        try:
            if self.aws.client(service).can_paginate(operation):
                yield from self.aws.pages(service, operation, **parameters)
            else:
                yield self.aws.call(service, operation, **parameters)
        except AwsError as error:
            if error.aws_code not in MISSING:
                raise


Rule = Callable[[Search, Values], Orphan | None]


def pairs(tags: Iterable[Mapping[str, str]], name: str = "Key", value: str = "Value") -> Tags:
    """Return tags as most services list them."""
    return {one[name]: one[value] for one in tags}
