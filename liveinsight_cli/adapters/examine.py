"""What `doctor` looks at, in the order in which it is shown. Looking changes nothing; remedies wait to be asked for."""

from contextlib import suppress
from dataclasses import dataclass

from liveinsight_cli.adapters import health
from liveinsight_cli.adapters.examination import Finding, Question, examined
from liveinsight_cli.adapters.examine_deployed import DeployedExamination
from liveinsight_cli.adapters.examine_machine import MachineExamination
from liveinsight_cli.adapters.examine_service import ServiceExamination
from liveinsight_cli.context import Context
from liveinsight_cli.errors import LiveInsightError


@dataclass(frozen=True)
class Examination:
    """Examines one environment."""

    context: Context
    http: health.Http = health.send

    def findings(self) -> list[Finding]:
        """Make every check that makes sense; one that breaks off is a failed check."""
        with suppress(LiveInsightError):
            _ = self.context.aws  # made once, before threads ask for it
        return examined(self.questions())

    def questions(self) -> tuple[Question, ...]:
        """Return everything there is to find out."""
        machine = MachineExamination(self.context, self.http)
        deployed = DeployedExamination(self.context)
        service = ServiceExamination(self.context, self.http)
        reached = ("AWS", "deployed")
        return (
            Question("python", machine.python),
            Question("settings", machine.settings),
            Question("project directory", machine.directory),
            Question("disk space", machine.disk),
            Question("secret files", machine.secret_files, ("settings",)),
            Question("terraform", machine.terraform, ("settings",)),
            Question("AWS provider", machine.provider, ("terraform",)),
            Question("AWS", machine.aws, ("settings",), is_vital=True),
            Question("clock", machine.clock, ("settings",)),
            Question("state", machine.state, ("AWS",), is_vital=True),
            Question("state lock", machine.lock, ("state",)),
            Question("deployed", machine.deployed, ("settings",)),
            Question("tool version", deployed.tool_version, ("deployed",)),
            Question("region", deployed.region, ("deployed",)),
            Question("functions", deployed.functions, reached),
            Question("release", deployed.release, ("functions",)),
            Question("tables", deployed.tables, reached),
            Question("stream mapping", deployed.mapping, ("tables",)),
            Question("alarms", deployed.alarms, reached),
            Question("log groups", deployed.log_groups, reached),
            Question("dashboard", service.dashboard, reached),
            Question("read token", service.token, reached),
        )
