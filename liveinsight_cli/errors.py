"""What a user can cause, each with the exit code a script sees and the next step a person reads."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of every command; documented in docs/cli.md and tested one by one."""

    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    PRECONDITION = 3
    CREDENTIALS = 4
    LOCKED = 5
    TERRAFORM = 6
    UNHEALTHY = 7
    TIMED_OUT = 8
    DECLINED = 9
    COMPARISON = 10
    INTERRUPTED = 130


class LiveInsightError(Exception):
    """Base of every error that is shown without a traceback.

    `message` says what happened, `hint` what to do next (may hold a command to run), `code` is the stable
    name a script reads in the JSON answer, `data` what the command can answer all the same.
    """

    exit_code = ExitCode.UNEXPECTED
    code = "unexpected"

    def __init__(
        self, message: str, *, hint: str | None = None, code: str | None = None, data: object = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or type(self).code
        self.data = data


class UsageError(LiveInsightError):
    """The words of the command line do not fit together."""

    exit_code = ExitCode.USAGE
    code = "usage"


class ConfigurationError(LiveInsightError):
    """A setting is missing, malformed or contradicts another."""

    exit_code = ExitCode.PRECONDITION
    code = "configuration"


class PreconditionError(LiveInsightError):
    """Something that must be there is not: a tool, a file, a deployed environment, a running process."""

    exit_code = ExitCode.PRECONDITION
    code = "precondition"


class CredentialsError(LiveInsightError):
    """AWS credentials or the read token are missing, expired, refused, or belong to another account."""

    exit_code = ExitCode.CREDENTIALS
    code = "credentials"


class StateLocked(LiveInsightError):
    """Another operation holds the Terraform state."""

    exit_code = ExitCode.LOCKED
    code = "state_locked"


class TerraformFailed(LiveInsightError):
    """Terraform ended with an error of its own."""

    exit_code = ExitCode.TERRAFORM
    code = "terraform"


class HealthCheckFailed(LiveInsightError):
    """What was deployed does not answer as it should."""

    exit_code = ExitCode.UNHEALTHY
    code = "health_check"


class TimedOut(LiveInsightError):
    """Something did not answer within its time."""

    exit_code = ExitCode.TIMED_OUT
    code = "timed_out"


class Declined(LiveInsightError):
    """The user said no, or nobody was there to say yes."""

    exit_code = ExitCode.DECLINED
    code = "declined"


class ComparisonFailed(LiveInsightError):
    """A comparison that the caller asked for does not hold."""

    exit_code = ExitCode.COMPARISON
    code = "comparison"


class Interrupted(LiveInsightError):
    """Somebody stopped the command half-way, and there is something to say about what is left."""

    exit_code = ExitCode.INTERRUPTED
    code = "interrupted"
