"""What a saved plan was made for, and what must not have changed when it is applied."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Circumstances:
    """Everything a plan depends on. `sources` is a digest of the Terraform files, `release` the one in service.

    `lineage` and `serial` are those of the Terraform state, serial -1 before the first deploy.
    """

    account: str
    region: str
    tool_version: str
    terraform_version: str
    sources: str
    plan_sha256: str
    digests: Mapping[str, str]
    lineage: str
    serial: int
    release: str | None
    released_by: str

    def as_json(self) -> dict[str, Any]:
        """Return what from_json takes."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, source: Mapping[str, Any]) -> "Circumstances":
        """Return them again; raises KeyError for what is missing."""
        return cls(**{one.name: source[one.name] for one in dataclasses.fields(cls)})


def why_stale(then: Circumstances, now: Circumstances) -> str | None:
    """Return why a plan made then must not be applied now; None when it may."""
    if (then.account, then.region) != (now.account, now.region):
        return f"it was made for account {then.account} in {then.region}, and this is {now.account} in {now.region}"
    if then.plan_sha256 != now.plan_sha256:
        return "the file is not the one that was written with its note"
    if then.tool_version != now.tool_version:
        return f"liveinsight {then.tool_version} made it, and this is {now.tool_version}"
    if then.terraform_version != now.terraform_version:
        return f"Terraform {then.terraform_version} made it, and this is {now.terraform_version}"
    if then.sources != now.sources:
        return "the Terraform files of the stack are others by now"
    if dict(then.digests) != dict(now.digests):
        changed = sorted(
            name for name in {*then.digests, *now.digests} if then.digests.get(name) != now.digests.get(name)
        )
        return f"the functions' code is not the one it was made for ({', '.join(changed)})"
    if then.release != now.release:
        released = f"{now.release} by {now.released_by}" if now.release else "none"
        return f"another release is in service by now: {released}"
    if (then.lineage, then.serial) != (now.lineage, now.serial):
        return f"the Terraform state changed since: serial {now.serial} instead of {then.serial}"
    return None
