"""Puts versions into service by hand, without Terraform: what `rollback` and `promote` have in common."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from liveinsight_cli import __version__
from liveinsight_cli.adapters.account import require_account
from liveinsight_cli.adapters.aliases import Aliases, restored_in_words, uninterrupted
from liveinsight_cli.adapters.deployed import Deployed
from liveinsight_cli.adapters.releases import Ledger, who
from liveinsight_cli.adapters.service_check import check_service
from liveinsight_cli.adapters.turns import turn
from liveinsight_cli.adapters.versions import Versions
from liveinsight_cli.context import Context
from liveinsight_cli.core.release import (
    AliasState,
    FunctionCode,
    Kind,
    Promotion,
    Release,
    in_service,
    release_id,
    with_added,
)
from liveinsight_cli.core.rollback import digest_of, pins
from liveinsight_cli.core.times import rfc3339
from liveinsight_cli.errors import HealthCheckFailed, LiveInsightError, TimedOut, UsageError


@dataclass(frozen=True)
class Present:
    """What is there: where the aliases point, which versions exist, what the ledger says."""

    aliases: Mapping[str, AliasState]
    codes: Mapping[str, FunctionCode]
    releases: list[Release]

    @property
    def versions(self) -> dict[str, str]:
        """Function -> the version in service."""
        return {name: state.version for name, state in self.aliases.items()}

    def with_canary_ended(self, versions: Mapping[str, str]) -> dict[str, str]:
        """Return these versions (function -> number), and those of the other functions that share their traffic.

        A canary is of all functions as one unit, and ends so.
        """
        return {name: one.version for name, one in self.aliases.items() if one.weights} | dict(versions)

    def as_noted(self, releases: list[Release]) -> "Present":
        """Return it with the entries as they are by now; what somebody else put into service meanwhile is theirs."""
        latest, before = in_service(releases), in_service(self.releases)
        theirs = latest.versions if latest is not None and latest != before else {}
        aliases = {
            name: replace(state, version=theirs.get(name, state.version))
            for name, state in self.aliases.items()
        }
        return replace(self, aliases=aliases, releases=releases)

    def is_noted(self, versions: Mapping[str, str]) -> bool:
        """Tell whether the ledger has these versions in service: not so where a command was killed before its note."""
        latest = in_service(self.releases)
        return latest is None or all(latest.versions.get(name) == one for name, one in versions.items())


@dataclass(frozen=True)
class Mover:
    """The aliases of a deployed environment, its versions and its ledger."""

    context: Context
    deployed: Deployed

    @classmethod
    def of(cls, context: Context) -> "Mover":
        """Take the turn, check the account, and return what is deployed; raises where another command is at it."""
        deployed = context.deployed
        held = turn(
            context.files.turn, context.command, context.variables, context.clock, context.terminal.say
        )
        context.closing.enter_context(held)
        if context.settings.target != "embedded" or context.settings.account_id is not None:
            require_account(context)
        return cls(context, deployed)

    @property
    def aliases(self) -> Aliases:
        """Where the functions' aliases point."""
        return Aliases(self.context.aws, self.deployed)

    @property
    def ledger(self) -> Ledger:
        """The releases of the environment."""
        return Ledger.of(self.context)

    def look(self) -> Present:
        """Read everything at once."""
        ledger, aliases = self.ledger, self.aliases
        versions = Versions(self.context.aws, self.deployed, self.context.clock)
        with ThreadPoolExecutor(3) as pool:
            states, codes, releases = (
                pool.submit(aliases.states),
                pool.submit(versions.codes),
                pool.submit(ledger.releases),
            )
            return Present(states.result(), codes.result(), releases.result())

    def functions(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the named functions, all when none is named; raises UsageError for one that is not there."""
        for name in names:
            if name not in self.deployed.functions:
                raise UsageError(
                    f"There is no function {name!r}.",
                    hint=f"Functions: {', '.join(self.deployed.functions)}.",
                )
        return tuple(dict.fromkeys(names)) or tuple(self.deployed.functions)

    def move(self, moves: tuple[Promotion, ...], note: Callable[[], Release], *, check: bool) -> Release:
        """Smoke-test these versions, put them into service, check, note; on any failure everything is as it was.

        What is in service and not noted would be undone by the next deploy.
        """
        aliases = self.aliases
        aliases.smoke_test({move.function: move.to_version for move in moves})
        moved = aliases.move(moves)
        try:
            if check:
                check_service(self.context, self.deployed)
            with uninterrupted():
                return note()
        except BaseException as error:
            left = aliases.restore({move.function: move.before for move in moves}, moved)
            if isinstance(error, LiveInsightError):
                self._explain(error, left)
            raise

    def record(
        self, kind: Kind, present: Present, moves: Mapping[str, str], target: Release | None
    ) -> Release:
        """Note what is in service now. `moves` is function -> version that was asked for, moved or not."""

        def added(releases: list[Release]) -> list[Release]:
            return with_added(releases, self._release(kind, present.as_noted(releases), moves, target))

        return self.ledger.update(added)[-1]

    def _release(
        self, kind: Kind, present: Present, moves: Mapping[str, str], target: Release | None
    ) -> Release:
        codes, now = present.codes, self.context.clock.now()
        versions = {**present.versions, **moves}
        latest = in_service(present.releases)
        noted = latest.code_sha256 if latest else {}
        code_sha256 = {
            name: codes[name].published.get(version, "" if name in moves else noted.get(name, ""))
            for name, version in versions.items()
        }
        digests = {
            name: digest_of(present.releases, name, version, code_sha256[name])
            for name, version in versions.items()
        }
        return Release(
            id=release_id(now, digests),
            environment=self.context.environment,
            at=rfc3339(now),
            by=who(self.context.variables),
            tool_version=__version__,
            git_sha=target.git_sha if target else None,
            git_dirty=target.git_dirty if target else False,
            digests=digests,
            versions=versions,
            code_sha256=code_sha256,
            kind=kind,
            target=target.id if target else None,
            pinned=pins(latest, moves, codes),
        )

    def _explain(self, error: LiveInsightError, left: list[str]) -> None:
        error.message += restored_in_words(left)
        if isinstance(error, (HealthCheckFailed, TimedOut)):
            error.hint = "If the check itself is what fails: the same command with --no-health-check."
