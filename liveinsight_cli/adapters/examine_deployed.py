"""The checks of `doctor` that are about what AWS holds: functions, tables, the stream's mapping, alarms, logs."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from liveinsight_cli import __version__
from liveinsight_cli.adapters.alarms import described_alarms
from liveinsight_cli.adapters.aliases import Aliases
from liveinsight_cli.adapters.aws import AwsError
from liveinsight_cli.adapters.deployed import Deployed, deploy_command
from liveinsight_cli.adapters.drift import Search
from liveinsight_cli.adapters.examination import Finding, Remedy
from liveinsight_cli.adapters.releases import Ledger
from liveinsight_cli.context import Context
from liveinsight_cli.core.checks import Check, count_alarms
from liveinsight_cli.core.stages import Stage

USABLE = ("ACTIVE", "UPDATING")
IN_USE = ("Enabled", "Enabling", "Updating", "Creating")


@dataclass(frozen=True)
class DeployedExamination:
    """What must be right in AWS; asked only where something is deployed and AWS answers."""

    context: Context

    def tool_version(self) -> Check:
        """The environment was not deployed by a newer version of this tool."""
        release = Ledger.of(self.context).latest()
        if release is None or release.tool_version == __version__:
            return Check("tool version", "ok", __version__)
        found = f"{__version__} here; deployed by {release.tool_version}"
        return Check(
            "tool version", "warn", found, f"Use that version, or deploy with this one: {self._deploy}"
        )

    def region(self) -> Check:
        """The environment is where the configuration says."""
        configured, there = self.context.settings.region, self._deployed.region
        if configured == there:
            return Check("region", "ok", there)
        mend = f"Set region to {there} again; to move, destroy it there first."
        return Check("region", "fail", f"deployed to {there}, but {configured} is configured", mend)

    def functions(self) -> Check:
        """Every function is there, has its alias, and the version in service starts."""
        aliases = Aliases(self.context.aws, self._deployed)
        versions = {name: state.version for name, state in aliases.states().items()}
        problems = aliases.problems(versions)
        if problems:
            return Check("functions", "fail", "; ".join(problems), f"{self._named('tail')} --level error")
        return Check("functions", "ok", f"{len(versions)} in service, all start")

    def release(self) -> Check:
        """What is in service, and the code behind it, is what the ledger says: of one release."""
        drift = Search(self.context, self._deployed).code_only()
        if not drift.differences:
            return Check("release", "ok", f"{drift.release or '-'}, nothing changed behind it")
        said = [f"{one.where}: {one.what}" for one in drift.differences]
        found = "; ".join(said[:3]) + (f"; and {len(said) - 3} more" if len(said) > 3 else "")
        is_mixed = any(one.kind == "service" for one in drift.differences)
        return Check("release", "fail" if is_mixed else "warn", found, self._deploy)

    def tables(self) -> Check:
        """The tables and their indexes are active, rows expire, and the events table has its stream."""
        names = self._deployed.tables
        with ThreadPoolExecutor(3) as pool:
            found = pool.map(self._table_problems, (names.events, names.sessions, names.state))
            problems = [problem for problems in found for problem in problems]
        if problems:
            return Check("tables", "fail", "; ".join(problems), self._deploy)
        return Check("tables", "ok", "3 active, with time to live and stream")

    def mapping(self) -> Check | Finding:
        """The events stream reaches the aggregator, which takes what it is given."""
        found = self._mapping()
        if found is None:
            return Check("stream mapping", "fail", "the events stream reaches no aggregator", self._deploy)
        state, result = str(found["State"]), str(found.get("LastProcessingResult") or "")
        if state not in IN_USE:
            check = Check(
                "stream mapping", "fail", f"{state.lower()}: no event is counted", self._named("doctor --fix")
            )
            return Finding(check, Remedy("enable the stream mapping", lambda: self._enable(found["UUID"])))
        if result.startswith("PROBLEM"):
            return Check("stream mapping", "warn", result, self._named("tail aggregator"))
        return Check("stream mapping", "ok", state.lower())

    def alarms(self) -> Check:
        """Every alarm is there, and none rings."""
        wanted = set(self._deployed.alarm_names)
        if not wanted:
            return Check("alarms", "skipped", f"the stage {Stage.API} has none")
        alarms = described_alarms(self.context.aws, sorted(wanted))
        counts = count_alarms(alarms)
        missing = sorted(wanted - {str(alarm["AlarmName"]) for alarm in alarms})
        if missing:
            return Check("alarms", "fail", f"gone: {', '.join(missing)}", self._deploy)
        if counts.firing:
            return Check("alarms", "warn", f"ringing: {', '.join(counts.firing)}", self._named("alarms"))
        return Check("alarms", "ok", f"{len(alarms)}, none rings")

    def log_groups(self) -> Check | Finding:
        """Every log group is there, and keeps its lines as long as is configured."""
        days = self.context.settings.log_retention_days
        names = self._deployed.log_groups
        with ThreadPoolExecutor(4) as pool:
            found = dict(zip(names, pool.map(self._retention, names), strict=True))
        gone = [name for name, kept in found.items() if kept is None]
        if gone:
            return Check("log groups", "fail", f"gone: {', '.join(gone)}", self._deploy)
        other = [name for name, kept in found.items() if kept != days]
        if not other:
            return Check("log groups", "ok", f"{len(names)}, {days} days each")
        kept = ", ".join(f"{name} {f'{found[name]} days' if found[name] else 'for ever'}" for name in other)
        short = [name for name in other if 0 < (found[name] or 0) < days]
        # To keep the others shorter deletes lines: a deploy does that, and shows it first.
        mend = self._named("doctor --fix") if short == other else self._deploy
        check = Check("log groups", "warn", f"{kept}, not {days} days", mend)
        if not short:
            return check
        what = f"keep {len(short)} log group{'s' if len(short) > 1 else ''} longer, for {days} days"
        return Finding(check, Remedy(what, lambda: self._keep(short, days)))

    def _table_problems(self, name: str) -> list[str]:
        aws, deployed = self.context.aws, self._deployed
        try:
            table = aws.call("dynamodb", "describe_table", TableName=name)["Table"]
        except AwsError as error:
            if error.aws_code == "ResourceNotFoundException":
                return [f"{name} is gone"]
            raise
        problems = [] if table["TableStatus"] in USABLE else [f"{name} is {table['TableStatus']}"]
        problems += [
            f"{index['IndexName']} is {index['IndexStatus']}"
            for index in table.get("GlobalSecondaryIndexes", ())
            if index["IndexStatus"] not in USABLE
        ]
        if name == deployed.tables.events and not table.get("StreamSpecification", {}).get("StreamEnabled"):
            problems.append(f"{name} has no stream")
        lives = aws.call("dynamodb", "describe_time_to_live", TableName=name)["TimeToLiveDescription"]
        if lives.get("TimeToLiveStatus") not in ("ENABLED", "ENABLING"):
            problems.append(f"rows of {name} never expire")
        return problems

    def _mapping(self) -> Mapping[str, Any] | None:
        """Return the mapping from the events stream to the aggregator, whatever alias or version it calls."""
        aws, deployed = self.context.aws, self._deployed
        table = aws.call("dynamodb", "describe_table", TableName=deployed.tables.events)["Table"]
        answer = aws.call("lambda", "list_event_source_mappings", EventSourceArn=table["LatestStreamArn"])
        aggregator = deployed.functions["aggregator"].arn
        mappings = [one for one in answer["EventSourceMappings"] if one["FunctionArn"].startswith(aggregator)]
        return mappings[0] if mappings else None

    def _enable(self, uuid: str) -> None:
        self.context.aws.call("lambda", "update_event_source_mapping", UUID=uuid, Enabled=True)

    def _retention(self, group: str) -> int | None:
        """Return the days that a group keeps its lines, 0 for ever, None when there is no such group."""
        for page in self.context.aws.pages("logs", "describe_log_groups", logGroupNamePrefix=group):
            for one in page["logGroups"]:
                if one["logGroupName"] == group:
                    return int(one.get("retentionInDays") or 0)
        return None

    def _keep(self, groups: list[str], days: int) -> None:
        for group in groups:
            self.context.aws.call("logs", "put_retention_policy", logGroupName=group, retentionInDays=days)

    @property
    def _deployed(self) -> Deployed:
        return self.context.deployed

    @property
    def _deploy(self) -> str:
        return deploy_command(self.context.environment)

    def _named(self, command: str) -> str:
        """Return a command for the environment in use."""
        environment = self.context.environment
        return f"liveinsight {command}" + ("" if environment == "local" else f" --env {environment}")
