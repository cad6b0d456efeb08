"""What a deploy does after Terraform: new versions into service, the dashboard into its bucket, a check, the ledger.

Everything here is found out by reading, so that it is the same for a first deploy, for one that goes on where another
was interrupted, and for one that has nothing to do.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from liveinsight_cli import __version__
from liveinsight_cli.adapters.aliases import Aliases, restored_in_words, uninterrupted
from liveinsight_cli.adapters.dashboard_upload import Site
from liveinsight_cli.adapters.deployed import Deployed
from liveinsight_cli.adapters.origin_secret import EdgeStore
from liveinsight_cli.adapters.releases import Ledger, commit, who
from liveinsight_cli.adapters.service_check import check_service
from liveinsight_cli.adapters.versions import Versions
from liveinsight_cli.context import Context
from liveinsight_cli.core.build import Build
from liveinsight_cli.core.canary import Canary
from liveinsight_cli.core.prune import superfluous, with_pruned
from liveinsight_cli.core.release import (
    AliasState,
    FunctionCode,
    Promotion,
    Release,
    in_service,
    promotions,
    release_id,
    with_aborted,
    without_weights,
)
from liveinsight_cli.core.rollback import Stays, staying
from liveinsight_cli.core.site_files import SiteChanges
from liveinsight_cli.core.times import rfc3339
from liveinsight_cli.errors import LiveInsightError


@dataclass(frozen=True)
class Unfinished:
    """What is left to do, read off AWS and the ledger.

    `repairs` are functions whose code is not the build's, `unpublished` those whose newest version lacks something,
    `stays` are versions that remain in service although newer ones are there.
    """

    repairs: tuple[str, ...]
    unpublished: tuple[str, ...]
    moves: tuple[Promotion, ...]
    site: SiteChanges
    is_recorded: bool
    is_secret_told: bool
    stays: Stays | None = None

    def __bool__(self) -> bool:
        is_done = self.is_recorded and self.is_secret_told
        return bool(self.repairs or self.unpublished or self.moves or self.site) or not is_done

    def in_words(self) -> str:
        """Return what is left as a list for people."""
        parts = [f"put right the code of {', '.join(self.repairs)}"] if self.repairs else []
        parts += [f"publish {', '.join(self.unpublished)}"] if self.unpublished else []
        parts += [f"put {len(self.moves)} functions' newest versions into service"] if self.moves else []
        parts += [f"upload {len(self.site.upload)} dashboard files"] if self.site.upload else []
        parts += [f"remove {len(self.site.remove)} dashboard files"] if self.site.remove else []
        parts += ["tell CloudFront the origin secret"] if not self.is_secret_told else []
        parts += ["note the release"] if not self.is_recorded else []
        return ", ".join(parts)


@dataclass
class Finish:
    """The part of a deploy after Terraform."""

    context: Context
    deployed: Deployed
    build: Build
    is_trial: bool = False  # a canary was asked for, so what was taken out of service is tried anew
    codes: dict[str, FunctionCode] = field(default_factory=dict)
    stays: Stays | None = None

    @property
    def versions(self) -> dict[str, str]:
        """The versions that belong into service, function -> number: the newest, but for those that stay."""
        newest = {name: code.newest for name, code in self.codes.items()}
        return newest | (dict(self.stays.versions) if self.stays else {})

    @property
    def functions(self) -> Versions:
        """What Lambda holds of the functions."""
        return Versions(self.context.aws, self.deployed, self.context.clock)

    @property
    def ledger(self) -> Ledger:
        """The releases of the environment."""
        return Ledger.of(self.context)

    @property
    def aliases(self) -> Aliases:
        """Where the functions' aliases point."""
        return Aliases(self.context.aws, self.deployed)

    @property
    def edge_store(self) -> EdgeStore:
        """Where CloudFront reads the origin secret."""
        return EdgeStore(self.context, self.deployed.edge_store_arn)

    @property
    def site(self) -> Site:
        """The dashboard as it should be in its bucket."""
        return Site.of(self.context, self.deployed)

    def unfinished(self) -> Unfinished:
        """Find out what is left to do; reads only."""
        self.codes = self.functions.codes()
        built, states, releases = self.build.code_sha256, self.aliases.states(), self.ledger.releases()
        if not self.is_trial:
            self.stays = staying(releases, self.codes, states, built)
        repairs = tuple(name for name, code in self.codes.items() if code.latest_sha256 != built[name])
        unpublished = tuple(name for name, code in self.codes.items() if not code.is_published)
        latest = in_service(releases)
        return Unfinished(
            repairs=repairs,
            unpublished=unpublished,
            moves=self._moves(states),
            site=self.site.changes(),
            is_recorded=latest is not None and latest.kind != "sync" and self._is_of(latest),
            is_secret_told=self.edge_store.is_told(),
            stays=self.stays,
        )

    def publish(self, left: Unfinished) -> Unfinished:
        """Put right code that is not the build's, publish what is not published, and return what is left then."""
        for name in left.repairs:
            self.codes[name] = self.functions.give(self.codes[name], self.build)
        unpublished = [name for name, code in self.codes.items() if not code.is_published]
        for name in unpublished:
            self.codes[name] = self.functions.publish(self.codes[name])
        if not (left.repairs or unpublished):
            return left
        return replace(left, repairs=(), unpublished=(), moves=self._moves(self.aliases.states()))

    def smoke_test(self) -> None:
        """Invoke the versions that belong into service, be they there already or not."""
        self.aliases.smoke_test(self.versions)

    def put_in_service(self, left: Unfinished, note: Callable[[], Release]) -> Release:
        """Move the aliases, upload, check, note; on any failure, or when somebody interrupts, the aliases go back."""
        moved = self.aliases.move(left.moves)
        try:
            if left.site:
                self.site.upload(left.site)
            self.check()
            with uninterrupted():
                release = note()
        except BaseException as error:
            self._back(left.moves, moved, error)
            raise
        if not left.is_secret_told:  # last: until the function in service knows it, it proves nothing
            self.edge_store.tell()
        return release

    def check(self) -> None:
        """See whether what is deployed takes events and shows them; of dummies, prove what is around them."""
        check_service(self.context, self.deployed, is_dummy=self.build.is_dummy)

    def release(self) -> Release:
        """Return the release that this deploy puts into service."""
        now, context = self.context.clock.now(), self.context
        earlier, found = self.ledger.latest(), commit(context.project.root)
        stays = dict(self.stays.versions) if self.stays else {}
        kept = earlier if earlier is not None and stays else None
        digests = self.build.digests
        return Release(
            id=release_id(now, digests),
            environment=context.environment,
            at=rfc3339(now),
            by=who(context.variables),
            tool_version=__version__,
            git_sha=found.sha,
            git_dirty=found.is_dirty,
            digests={
                name: kept.digests.get(name, "") if kept and name in stays else digests[name]
                for name in digests
            },
            versions=self.versions,
            is_dummy=self.build.is_dummy,
            code_sha256={
                name: self.codes[name].published[version] for name, version in self.versions.items()
            },
            pinned=kept.pinned if kept else {},
        )

    def record(self) -> Release:
        """Write the release into the ledger; where all stays as it was there is none."""
        latest = self.ledger.latest()
        if self.stays and latest is not None and self._is_of(latest):
            return latest
        return self.ledger.add(self.release())

    def begin_canary(self, canary: Canary) -> Release:
        """Note that the new versions are about to get a part of the traffic."""
        return self.ledger.add(replace(self.release(), status="canary", canary=canary.text))

    def end_canary(self, noted: Release) -> None:
        """Note that a canary was ended early: its code stays out of service until somebody tries it again.

        Where that cannot be noted it is a warning: why the canary ended is the error.
        """
        try:
            self.ledger.update(lambda releases: with_aborted(releases, noted))
        except LiveInsightError as error:
            self.context.terminal.warn(
                "The end of the canary is not noted, so that the next deploy of this code puts it into service: "
                + error.message
            )

    def prune(self) -> None:
        """Delete versions that nobody needs any more; what goes wrong is a warning, as the deploy is done."""
        keep = self.context.settings.kept_versions
        if all(len(code.published) <= keep for code in self.codes.values()):
            return
        try:
            found = superfluous(self.codes, self.aliases.states(), self.ledger.releases(), keep)
            deleted, problems = self.functions.delete(found)
            if deleted:
                self.ledger.update(lambda releases: with_pruned(releases, deleted))
        except LiveInsightError as error:
            self.context.terminal.warn(f"Old versions were not tidied up: {error.message}")
            return
        for problem in problems:
            self.context.terminal.warn(f"An old version stays: {problem}")

    def _is_of(self, release: Release) -> bool:
        """Tell whether a release is what belongs into service, code included: numbers begin anew with a function."""
        return dict(release.versions) == self.versions and all(
            release.fits(name, self.codes[name].published.get(version, ""))
            for name, version in self.versions.items()
        )

    def _moves(self, states: Mapping[str, AliasState]) -> tuple[Promotion, ...]:
        """Return the aliases to move; those of a canary that was left open keep their weights."""
        if self.stays and self.stays.reason == "canary":
            return ()
        return promotions(states, self.versions)

    def _back(
        self, moves: tuple[Promotion, ...], moved: Mapping[str, AliasState], error: BaseException
    ) -> None:
        if not moves:
            return
        left = self.aliases.restore({move.function: without_weights(move.before) for move in moves}, moved)
        if not isinstance(error, LiveInsightError):
            return
        error.message += restored_in_words(left)
        if self.is_trial:  # noted as a canary
            return
        with suppress(LiveInsightError):  # what is wrong is the check, not the ledger
            self.ledger.add(replace(self.release(), status="failed"))
