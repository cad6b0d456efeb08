"""The checks of `doctor` that are about this machine, and about what it needs to reach."""

import sys
import tempfile
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path

from liveinsight_cli.adapters import health
from liveinsight_cli.adapters.deployed import deploy_command, load
from liveinsight_cli.adapters.examination import Finding, Remedy
from liveinsight_cli.adapters.files import NEEDED_BYTES, require_space
from liveinsight_cli.adapters.no_turn import while_nobody_has_the_turn
from liveinsight_cli.adapters.releases import Ledger
from liveinsight_cli.adapters.shared_outputs import refresh
from liveinsight_cli.adapters.state_lock import release_dead, report
from liveinsight_cli.adapters.terraform_provider import require_registry
from liveinsight_cli.adapters.turns import turn
from liveinsight_cli.context import Context
from liveinsight_cli.core.checks import Check
from liveinsight_cli.core.stages import Stage
from liveinsight_cli.core.terraform_errors import age_in_words
from liveinsight_cli.errors import ConfigurationError, LiveInsightError, StateLocked

OLDEST_PYTHON = (3, 11)
REFUSED_SKEW_SECONDS = 300  # AWS takes no signature that is older or newer
WORRYING_SKEW_SECONDS = 60
OLD_LOCK_SECONDS = 3600


@dataclass(frozen=True)
class MachineExamination:
    """What must be right here before anything can be deployed."""

    context: Context
    http: health.Http

    def python(self) -> Check:
        """The interpreter is one that this tool is made for."""
        version = ".".join(map(str, sys.version_info[:3]))
        if sys.version_info < OLDEST_PYTHON:
            return Check("python", "fail", version, "Install Python 3.11 or newer.")
        return Check("python", "ok", version)

    def settings(self) -> Check:
        """The configuration can be read, and every value keeps its rule."""
        try:
            _ = self.context.settings
        except ConfigurationError as error:
            mend = error.hint or "Mend it there; liveinsight config show tells every value and its place"
            return Check("settings", "fail", error.message, mend)
        path = self.context.project.config
        return Check("settings", "ok", str(path) if path.exists() else "built-in; no liveinsight.toml")

    def directory(self) -> Check:
        """The project directory can be written to."""
        place = self._work()
        try:
            with tempfile.TemporaryFile(dir=place):
                return Check("project directory", "ok", str(self.context.project.root))
        except OSError as error:
            found = f"{place} cannot be written: {error.strerror}"
            return Check("project directory", "fail", found, "Run the command in a directory of your own.")

    def disk(self) -> Check:
        """There is room for what a deploy writes."""
        require_space(self._work())
        return Check("disk space", "ok", f"more than {NEEDED_BYTES // 2**20} MiB")

    def secret_files(self) -> Check | Finding:
        """Nobody else may read the secrets of the environment."""
        files = self.context.files
        secrets = (files.read_token, files.next_read_token, files.origin_secret)
        there = [path for path in secrets if path.exists()]
        if not there:
            return Check("secret files", "ok", "none yet")
        open_to_others = [path for path in there if path.stat().st_mode & 0o077]
        if not open_to_others:
            return Check("secret files", "ok", "private")
        named = " and ".join(path.name for path in open_to_others)
        command = f"chmod 600 {' '.join(map(str, open_to_others))}"

        def close() -> None:
            for path in open_to_others:
                path.chmod(0o600)

        check = Check("secret files", "warn", f"others can read {named}", command)
        return Finding(check, Remedy(f"make {named} private", close))

    def terraform(self) -> Check:
        """There is a terraform, new enough."""
        return Check("terraform", "ok", self.context.terraform.binary.shown)

    def provider(self) -> Check:
        """Terraform gets its provider from somewhere."""
        provider = self.context.terraform.provider
        if provider.is_mirror:
            return Check("AWS provider", "ok", f"mirror {provider.mirror}")
        if provider.origin == "user":
            return Check("AWS provider", "ok", "as Terraform's own CLI configuration says")
        require_registry(self.context.variables, self.context.terraform.binary.registry)
        return Check("AWS provider", "ok", self.context.terraform.binary.registry)

    def aws(self) -> Check | Finding:
        """AWS answers, the credentials are good, and belong to the account that is configured."""
        if self.context.settings.target == "embedded":
            return self._embedded()
        expected, account = self.context.settings.account_id, self.context.aws.account()
        if expected is not None and account != expected:
            found = f"the credentials belong to account {account}, not to {expected}"
            return Check("AWS", "fail", found, "Give the right --profile.")
        return Check("AWS", "ok", f"account {account}, {self.context.settings.region}")

    def clock(self) -> Check:
        """This machine's clock agrees with AWS's, whose answers say the time even to whom they refuse."""
        if self.context.settings.target == "embedded":
            return Check("clock", "ok", "the embedded AWS has the same")
        try:
            answer = self.http("GET", self.context.aws.endpoint("sts"), {})
            theirs = parsedate_to_datetime(answer.headers["date"]).astimezone(UTC).timestamp()
        except (OSError, KeyError, ValueError) as error:
            return Check("clock", "skipped", f"AWS does not tell the time: {error}")
        seconds = self.context.clock.now() - theirs
        words = f"{abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} AWS's"
        if abs(seconds) < WORRYING_SKEW_SECONDS:
            return Check("clock", "ok", f"right within {max(1, abs(round(seconds)))} s")
        state, more = ("fail", "; AWS refuses") if abs(seconds) >= REFUSED_SKEW_SECONDS else ("warn", "")
        mend = "Set it by the network's time: sudo timedatectl set-ntp true"
        return Check("clock", "fail" if state == "fail" else "warn", words + more, mend)

    def state(self) -> Check:
        """Terraform's state can be reached, and is one that may be gone on with."""
        place = self.context.state.require_one(self.context.environment)
        return Check("state", "ok", place.shown if place.facts is not None else f"{place.shown} (none yet)")

    def lock(self) -> Check | Finding:
        """Nobody is at work, and no dead run has left a lock behind."""
        turn_file = self.context.files.turn
        try:
            with while_nobody_has_the_turn(turn_file) if turn_file.exists() else nullcontext():
                return self._remote_lock()
        except StateLocked as error:
            return Check("state lock", "warn", error.message, "Wait until it has ended.")

    def deployed(self) -> Check:
        """Something is deployed, all of it, and it is no dummy."""
        refresh(self.context)
        deploy = deploy_command(self.context.environment)
        if not self.context.files.outputs.exists():
            return Check("deployed", "warn", "never", deploy)
        deployed = load(self.context.files, self.context.environment, Stage.TABLES)
        if not deployed.stage.reaches(Stage.API):
            return Check("deployed", "warn", f"the stage {deployed.stage} only", deploy)
        try:
            release = Ledger.of(self.context).latest()
        except LiveInsightError:  # what this machine knows of it
            release = Ledger(self.context.files.releases).latest()
        if release is not None and release.is_dummy:
            return Check("deployed", "warn", "dummies, which keep nothing", deploy)
        _ = self.context.deployed  # once, before the checks that need it ask for it at the same time
        return Check("deployed", "ok", f"{release.id if release else 'no release noted'}, {deployed.stage}")

    def _embedded(self) -> Check | Finding:
        status = self.context.embedded.process.status()
        if status.server is not None and status.state == "running":
            return Check("AWS", "ok", f"embedded, {status.server.endpoint_url}")
        found = "the embedded AWS ended without being told to" if status.state == "stale" else "not running"
        if not self.context.files.outputs.exists():  # what can be told while the AWS is down
            return Check("AWS", "warn", f"embedded: {found}", deploy_command(self.context.environment))
        check = Check("AWS", "warn", f"embedded: {found}", "liveinsight local up")
        return Finding(check, Remedy("start the embedded AWS", lambda: _ignore(self.context.embedded.up())))

    def _remote_lock(self) -> Check | Finding:
        place, environment = self.context.state, self.context.environment
        found = place.bucket.lock(place.key) if place.bucket is not None and place.is_remote else None
        if found is None:
            return Check("state lock", "ok", "nobody is at work")
        lock = report(self.context, *found, has_turn=True)
        age = age_in_words(lock.age_seconds)
        words = f"{place.shown} is locked by {lock.who} ({lock.operation}), for {age}"
        if lock.holder_is_dead:
            check = Check(
                "state lock", "fail", f"{words}, who is dead", f"liveinsight state unlock --env {environment}"
            )
            return Finding(check, Remedy(f"take away the lock of {lock.who}", self._unlock))
        hint = f"liveinsight state show --env {environment}"
        old = "; is that one still at work?" if lock.age_seconds > OLD_LOCK_SECONDS else ""
        return Check("state lock", "warn", words + old, hint)

    def _unlock(self) -> None:
        context, place = self.context, self.context.state
        taken = turn(
            context.files.turn, context.command, context.variables, context.clock, context.terminal.say
        )
        with taken:
            if place.bucket is not None:
                release_dead(context, place.bucket, place.key)

    def _work(self) -> Path:
        work = self.context.project.work
        return work if work.is_dir() else self.context.project.root


def _ignore(_: object) -> None:
    """Take a value that nobody needs."""
