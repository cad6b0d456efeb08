"""Brings changed code of functions into service, and nothing else: no Terraform, no dashboard, no health check."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from liveinsight_cli import __version__
from liveinsight_cli.adapters.aws import AwsError
from liveinsight_cli.adapters.deployed import deploy_command
from liveinsight_cli.adapters.files import make_private_home
from liveinsight_cli.adapters.moving import Mover, Present
from liveinsight_cli.adapters.releases import commit, require_functions, who
from liveinsight_cli.adapters.syntax import Syntax
from liveinsight_cli.adapters.turns import turn
from liveinsight_cli.adapters.versions import Versions
from liveinsight_cli.context import Context
from liveinsight_cli.core.build import PACKAGES, SHARED, Build
from liveinsight_cli.core.release import FunctionCode, Promotion, Release, in_service, release_id
from liveinsight_cli.core.sync import (
    SyncedFunction,
    SyncResult,
    hindrance,
    outdated,
    synced_release,
    with_synced,
)
from liveinsight_cli.core.times import rfc3339
from liveinsight_cli.errors import PreconditionError


@dataclass(frozen=True)
class Sync:
    """The functions `names` of a deployed environment and their sources."""

    context: Context
    mover: Mover
    names: tuple[str, ...]
    syntax: Syntax = field(default_factory=Syntax)

    @property
    def sources(self) -> Path:
        """The directory of the sources."""
        return self.context.packager.sources

    def run(self) -> SyncResult:
        """Build, upload what differs, publish, see whether it starts, put it into service as one unit, note it."""
        context = self.context
        started = context.clock.monotonic()
        make_private_home(context.project.work)
        build = context.packager.build()
        say = context.terminal.say
        with turn(context.files.turn, context.command, context.variables, context.clock, say):
            present = self._look()
            self._require_free(present)
            names = outdated(self.names, build.code_sha256, present.codes, present.aliases)
            release = self._put(present, build, names) if names else in_service(present.releases)
        sizes = {one.function: one.size_bytes for one in build.functions}
        return SyncResult(
            environment=context.environment,
            functions=tuple(
                SyncedFunction(name, release.versions[name], sizes[name]) for name in names if release
            ),
            release=release.id if release else None,
            duration_s=round(context.clock.monotonic() - started, 2),
        )

    def _look(self) -> Present:
        try:
            return self.mover.look()
        except AwsError as error:
            if error.aws_code != "ResourceNotFoundException":
                raise
            name = self.context.environment
            raise PreconditionError(
                f"Not all functions of {name} are there any more, or not all their aliases.",
                code="functions_gone",
                hint=f"Put them there again: {deploy_command(name)}",
            ) from error

    def _require_free(self, present: Present) -> None:
        require_functions(in_service(present.releases), self.context.environment)
        found = hindrance(present.releases, present.aliases)
        if found is not None:
            code, reason = found
            ways = {
                "no_release": f"Deploy first: {deploy_command(self.context.environment)}",
                "canary": "End it first: liveinsight promote, or liveinsight rollback.",
                "pinned": "End that first: liveinsight promote.",
            }
            raise PreconditionError(reason, code=code, hint=ways[code])

    def _put(self, present: Present, build: Build, names: tuple[str, ...]) -> Release:
        self.syntax.require(watched(self.sources, names))
        with ThreadPoolExecutor(len(names)) as pool:
            ready = dict(
                zip(names, pool.map(lambda name: self._ready(present.codes[name], build), names), strict=True)
            )
        versions = {name: code.newest for name, code in ready.items()}
        moves = tuple(Promotion(name, present.aliases[name], version) for name, version in versions.items())
        return self.mover.move(moves, lambda: self._note(present.releases, build, versions), check=False)

    def _ready(self, code: FunctionCode, build: Build) -> FunctionCode:
        """Return a function whose newest version holds the code of the build."""
        versions = Versions(self.context.aws, self.mover.deployed, self.context.clock)
        if code.latest_sha256 != build.code_sha256[code.function]:
            code = versions.give(code, build)
        return code if code.is_published else versions.publish(code)

    def _note(self, releases: list[Release], build: Build, versions: dict[str, str]) -> Release:
        context, present = self.context, in_service(releases)
        assert present is not None  # noqa: S101 - `hindrance` saw to it
        now, found = context.clock.now(), commit(context.project.root)
        news = Release(
            id=release_id(now, {name: build.digests[name] for name in versions}),
            environment=context.environment,
            at=rfc3339(now),
            by=who(context.variables),
            tool_version=__version__,
            git_sha=found.sha,
            git_dirty=found.is_dirty,
            digests={name: build.digests[name] for name in versions},
            versions=versions,
            code_sha256={name: build.code_sha256[name] for name in versions},
        )

        def synced(entries: list[Release]) -> list[Release]:
            return with_synced(entries, synced_release(in_service(entries) or present, news))

        return self.mover.ledger.update(synced)[-1]


def watched(sources: Path, names: tuple[str, ...]) -> Iterator[Path]:
    """Yield the directories that these functions are made of."""
    yield from (sources / PACKAGES[name] for name in names)
    yield sources / SHARED
