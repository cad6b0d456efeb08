"""What a deploy does after Terraform: new versions into service, the dashboard into its bucket, a check, the ledger.

Everything here is found out by reading, so that it is the same for a first deploy, for one that goes on where another
was interrupted, and for one that has nothing to do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from liveinsight_cli import __version__
from liveinsight_cli.adapters.aliases import Aliases
from liveinsight_cli.adapters.dashboard_upload import Site
from liveinsight_cli.adapters.deployed import Deployed, read_outputs, read_token, write_outputs
from liveinsight_cli.adapters.files import unwritable
from liveinsight_cli.adapters.health import HealthCheck
from liveinsight_cli.adapters.origin_secret import EdgeStore
from liveinsight_cli.adapters.proof import DummyProof
from liveinsight_cli.adapters.releases import Ledger, git_sha, who
from liveinsight_cli.adapters.versions import Versions
from liveinsight_cli.assets import dashboard_sources
from liveinsight_cli.context import Context
from liveinsight_cli.core.build import Build
from liveinsight_cli.core.release import FunctionCode, Promotion, Release, promotions, release_id
from liveinsight_cli.core.site_files import SiteChanges, dashboard_config
from liveinsight_cli.core.times import rfc3339
from liveinsight_cli.errors import LiveInsightError, PreconditionError

HEALTH_SECONDS_EMBEDDED = 40.0
HEALTH_SECONDS_AWS = 120.0


@dataclass(frozen=True)
class Unfinished:
    """What is left to do, read off AWS and the ledger.

    `repairs` are functions whose code is not the build's, `unpublished` those whose newest version lacks something.
    """

    repairs: tuple[str, ...]
    unpublished: tuple[str, ...]
    moves: tuple[Promotion, ...]
    site: SiteChanges
    is_recorded: bool
    is_secret_told: bool

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
    codes: dict[str, FunctionCode] = field(default_factory=dict)

    @property
    def versions(self) -> dict[str, str]:
        """The newest published versions, function -> number."""
        return {name: code.newest for name, code in self.codes.items()}

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
        settings = self.context.settings
        config = dashboard_config(
            self.context.environment,
            self.deployed.public_api_url,
            settings.public_dashboard,
            tuple(settings.sites),
        )
        return Site(self.context.aws, self.deployed, dashboard_sources(), config, self.context.clock.now)

    def unfinished(self) -> Unfinished:
        """Find out what is left to do; reads only."""
        self.codes = self.functions.codes()
        built = self.build.code_sha256
        repairs = tuple(name for name, code in self.codes.items() if code.latest_sha256 != built[name])
        unpublished = tuple(name for name, code in self.codes.items() if not code.is_published)
        latest = self.ledger.latest()
        return Unfinished(
            repairs=repairs,
            unpublished=unpublished,
            moves=promotions(self.aliases.states(), self.versions),
            site=self.site.changes(),
            is_recorded=latest is not None and dict(latest.versions) == self.versions,
            is_secret_told=self.edge_store.is_told(),
        )

    def publish(self, left: Unfinished) -> Unfinished:
        """Put right code that is not the build's, publish what is not published, and return what is left then."""
        for name in left.repairs:
            self.codes[name] = self.functions.repair(self.codes[name], self.build)
        unpublished = [name for name, code in self.codes.items() if not code.is_published]
        for name in unpublished:
            self.codes[name] = self.functions.publish(self.codes[name])
        if not (left.repairs or unpublished):
            return left
        moves = promotions(self.aliases.states(), self.versions)
        return replace(left, repairs=(), unpublished=(), moves=moves)

    def smoke_test(self) -> None:
        """Invoke the newest version of every function, in service or not."""
        self.aliases.smoke_test(self.versions)

    def put_in_service(self, left: Unfinished) -> None:
        """Move the aliases, upload, check; when the check fails the aliases go back."""
        self.aliases.promote(left.moves)
        try:
            if left.site:
                self.site.upload(left.site)
            self.check()
        except LiveInsightError as error:
            self._back(left.moves, error)
            raise
        if not left.is_secret_told:  # last: until the function in service knows it, it proves nothing
            self.edge_store.tell()

    def check(self) -> None:
        """Send one event and read it back, as far as this machine may; of dummies, prove what is around them."""
        context, settings = self.context, self.context.settings
        seconds = HEALTH_SECONDS_EMBEDDED if settings.target == "embedded" else HEALTH_SECONDS_AWS
        if self.build.is_dummy:
            origins, limit = tuple(settings.allowed_origins), settings.requests_per_minute
            DummyProof(context.aws, self.deployed, origins, limit, context.clock, seconds).run()
            return
        may_read = settings.public_dashboard or self.deployed.token is not None
        if not may_read:
            context.terminal.warn(
                "This machine has no read token, so the check ends where the API takes an event. "
                f"With the token in {context.files.read_token} it also reads the event back."
            )
        authorization = self.deployed.authorization()
        HealthCheck(self.deployed.api_gateway_url, authorization, context.clock, seconds).run(
            read_back=may_read
        )

    def record(self) -> Release:
        """Write the release into the ledger."""
        now = self.context.clock.now()
        release = Release(
            id=release_id(now, self.build.digests),
            environment=self.context.environment,
            at=rfc3339(now),
            by=who(self.context.variables),
            tool_version=__version__,
            git_sha=git_sha(self.context.project.root),
            digests=self.build.digests,
            versions=self.versions,
            is_dummy=self.build.is_dummy,
            code_sha256=self.build.code_sha256,
        )
        self.ledger.add(release)
        return release

    def _back(self, moves: tuple[Promotion, ...], error: LiveInsightError) -> None:
        if not moves:
            return
        left = self.aliases.restore(moves)
        if left:
            error.message += f"\nThese aliases could not be moved back: {', '.join(left)}."
        else:
            error.message += "\nThe versions in service before are in service again."


def remember_outputs(context: Context, outputs: Mapping[str, Any]) -> Deployed:
    """Keep the outputs of an apply for every other command.

    Terraform gives those that depend on nothing only with the last stage.
    """
    outputs = {"environment": context.environment, "region": context.settings.region, **outputs}
    if not write_outputs(context.files, outputs):
        with unwritable(context.files.outputs):
            context.files.outputs.touch()
    return Deployed.from_outputs(outputs, read_token(context.files))


def known_outputs(context: Context) -> Deployed:
    """Return the deployed environment without an apply; the state is asked where the kept outputs are older."""
    files, facts = context.files, context.state.remote
    if context.state.is_remote and facts is not None:
        return remember_outputs(context, facts.outputs)
    try:
        kept_at = files.outputs.stat().st_mtime_ns
        state_at = files.state.stat().st_mtime_ns if files.state.exists() else 0
        if kept_at >= state_at:
            return Deployed.from_outputs(read_outputs(files, context.environment), read_token(files))
    except (OSError, PreconditionError, KeyError, TypeError):
        pass
    return remember_outputs(context, context.terraform.outputs())
