"""What a zip will hold, before there is one, and what speaks against it."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from liveinsight_cli.adapters.binaries import is_binary, refusals
from liveinsight_cli.adapters.dependencies import Dependencies
from liveinsight_cli.adapters.installed import refuse
from liveinsight_cli.core.build import (
    PACKAGES,
    SHARED,
    SourceFile,
    file_mode,
    name_clash,
    same_but_for_case,
    too_big,
)
from liveinsight_cli.core.lambda_platform import Platform
from liveinsight_cli.core.requirements import Lock
from liveinsight_cli.errors import PreconditionError

Named = list[tuple[str, bytes]]


@dataclass(frozen=True)
class Contents:
    """What a zip will hold: the function's own files, and the dependencies as they are installed."""

    function: str
    own: Named
    lock: Lock | None
    dependencies: Dependencies | None

    @cached_property
    def files(self) -> list[SourceFile]:
        """Every file, sorted by name."""
        own = [
            SourceFile(name, hashlib.sha256(content).hexdigest(), file_mode(content))
            for name, content in self.own
        ]
        others = self.dependencies.files if self.dependencies else ()
        return sorted(
            [*own, *(SourceFile(one.path, one.sha256, one.mode) for one in others)], key=lambda one: one.path
        )

    @property
    def sizes(self) -> Mapping[str, int]:
        """Bytes by package and distribution."""
        sizes = Counter[str]()
        for name, content in self.own:
            sizes[name.partition("/")[0]] += len(content)
        for one in self.dependencies.files if self.dependencies else ():
            sizes[one.distribution] += one.size_bytes
        return sizes


def require_fit(contents: Contents, platform: Platform) -> None:
    """Raise what Lambda, or another machine, would stumble over."""
    function = contents.function
    refuse(refusals([one for one in contents.own if is_binary(one[1])], platform), platform)
    others = contents.dependencies.files if contents.dependencies else ()
    clash = name_clash({one.path: one.distribution for one in others}, (PACKAGES[contents.function], SHARED))
    if clash is not None:
        raise PreconditionError(
            f"{function}: {clash}.", code="dependencies_clash", hint="Leave that dependency out."
        )
    twins = same_but_for_case(file.path for file in contents.files)
    if twins is not None:
        raise PreconditionError(
            f"{function}: {twins[0]} and {twins[1]} differ in case only; not every machine can hold both.",
            code="unshippable_file",
            hint="Rename one of them.",
        )
    excess = too_big(contents.sizes)
    if excess is not None:
        raise PreconditionError(
            f"{function} has {excess}",
            code="package_too_big",
            hint="Leave out what is not needed, or take smaller versions.",
        )
