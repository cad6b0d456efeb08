"""The frame that all commands share: global options, the two streams, errors and exit codes."""

import json
import pkgutil
import subprocess
import sys
from collections.abc import Callable
from typing import NoReturn

import pytest

import liveinsight_cli.commands
from liveinsight_cli import errors
from liveinsight_cli.arguments import hoist
from liveinsight_cli.catalogue import ABOUT, Commands
from liveinsight_cli.context import Context
from tests.conftest import CommandLine


def fail_with(error: BaseException) -> Callable[[Context], None]:
    """Have the settings, which every command reads, end with an error."""

    class Refusing(dict[str, str]):
        def get(self, *_: object) -> NoReturn:
            raise error

    def change(context: Context) -> None:
        context.variables = Refusing()

    return change


EXIT_CODES = [
    (errors.UsageError("x"), 2),
    (errors.ConfigurationError("x"), 3),
    (errors.PreconditionError("x"), 3),
    (errors.CredentialsError("x"), 4),
    (errors.StateLocked("x"), 5),
    (errors.TerraformFailed("x"), 6),
    (errors.HealthCheckFailed("x"), 7),
    (errors.TimedOut("x"), 8),
    (errors.Declined("x"), 9),
    (errors.ComparisonFailed("x"), 10),
    (RuntimeError("x"), 1),
    (KeyboardInterrupt(), 130),
]


@pytest.mark.parametrize(("error", "code"), EXIT_CODES, ids=lambda value: type(value).__name__)
def test_each_error_ends_with_its_documented_exit_code(
    liveinsight: CommandLine, error: Exception, code: int
) -> None:
    liveinsight.prepare.append(fail_with(error))
    outcome = liveinsight("config", "show")
    assert outcome.code == code
    assert "Traceback" not in outcome.err
    assert outcome.out == ""


def test_an_error_says_what_happened_and_what_to_do_next(liveinsight: CommandLine) -> None:
    liveinsight.prepare.append(fail_with(errors.PreconditionError("No dice.", hint="Throw again.")))
    outcome = liveinsight("config", "show")
    assert outcome.err == "error: No dice.\n  Throw again.\n"


def test_an_error_that_quotes_somebody_never_commands_the_terminal(liveinsight: CommandLine) -> None:
    said = "It says \x1b]0;owned\x07:\n\tno dice\r."
    liveinsight.prepare.append(fail_with(errors.PreconditionError(said, hint="\x9b2J")))
    outcome = liveinsight("config", "show")
    assert outcome.err == "error: It says \\x1b]0;owned\\x07:\n\tno dice\\x0d.\n  \\x9b2J\n"


def test_an_error_under_json_is_one_object_on_stdout(liveinsight: CommandLine) -> None:
    liveinsight.prepare.append(fail_with(errors.PreconditionError("No dice.", hint="Throw again.")))
    outcome = liveinsight("config", "show", "--json")
    assert outcome.err == ""
    answer = json.loads(outcome.out)
    assert answer["ok"] is False
    assert answer["error"] == {"code": "precondition", "message": "No dice.", "hint": "Throw again."}


def test_a_bug_shows_its_traceback_only_when_asked(liveinsight: CommandLine) -> None:
    liveinsight.prepare.append(fail_with(ZeroDivisionError("division")))
    assert "Traceback" in liveinsight("config", "show", "--verbose").err
    assert "--verbose" in liveinsight("config", "show").err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--env", "dev", "--json", "config", "show"),
        ("config", "show", "--env", "dev", "--json"),
        ("config", "--json", "show", "--env=dev"),
        ("-e", "dev", "config", "show", "--json"),
    ],
)
def test_global_options_may_stand_anywhere(liveinsight: CommandLine, arguments: tuple[str, ...]) -> None:
    answer = json.loads(liveinsight(*arguments).out)
    assert answer["schema"] == "liveinsight.config-show/1"
    assert answer["data"]["environment"] == "dev"


def test_what_follows_a_double_dash_is_left_alone() -> None:
    assert hoist(["tail", "--", "--json"]) == ["tail", "--", "--json"]
    assert hoist(["tail", "--grep", "x", "-e", "dev"]) == ["-e", "dev", "tail", "--grep", "x"]


@pytest.mark.parametrize("arguments", [("nope",), ("config", "show", "--nope"), ("config",), ("-e",)])
def test_wrong_words_are_usage_errors(liveinsight: CommandLine, arguments: tuple[str, ...]) -> None:
    outcome = liveinsight(*arguments)
    assert outcome.code == 2
    assert outcome.err


def test_without_a_command_the_help_is_shown(liveinsight: CommandLine) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "liveinsight_cli.cli"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Exit codes" in done.stdout


@pytest.mark.parametrize("options", ["--json", ""])
def test_a_closed_pipe_ends_quietly(options: str) -> None:
    done = subprocess.run(
        f"set -o pipefail; {sys.executable} -m liveinsight_cli.cli config show {options} | head -c 1",
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert len(done.stdout) == 1
    assert done.stderr == b""


@pytest.mark.parametrize("name", ABOUT)
def test_the_line_about_a_command_is_the_beginning_of_its_help(name: str) -> None:
    assert Commands()[name].get_short_help_str(90) == ABOUT[name]


def test_every_command_there_is_can_be_called() -> None:
    """A module of `commands` that no command is in belongs to one that is named alike, such as stats_watch."""
    modules = {module.name for module in pkgutil.iter_modules(liveinsight_cli.commands.__path__)}
    names = {name.replace("-", "_") for name in ABOUT}
    assert names <= modules
    assert {
        one for one in modules - names if not one.startswith(tuple(f"{name}_" for name in names))
    } == set()


def test_the_help_imports_no_command() -> None:
    program = "import sys; from liveinsight_cli.cli import run; run(['--help']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "Ship:" in done.stdout
    assert not [one for one in done.stderr.split() if one.startswith("liveinsight_cli.commands.")]
    assert "liveinsight_cli.settings" not in done.stderr.split()


def test_starting_up_loads_nothing_heavy() -> None:
    """Start-up time is what every command pays; see docs/performance.md for figures."""
    program = (
        "import sys, liveinsight_cli.cli; from liveinsight_cli.catalogue import Commands; list(Commands().values()); "
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = {
        "boto3",
        "botocore",
        "rich",
        "hcl2",
        "moto",
        "pydantic",
        "flask",
        "werkzeug",
        "urllib3",
        "psutil",
        "sqlite3",
    }
    assert heavy.isdisjoint(loaded)
