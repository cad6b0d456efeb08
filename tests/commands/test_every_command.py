"""What holds for all commands, walked through the application itself: one that is new must be entered here."""

import json
from collections.abc import Iterator
from typing import Any, NoReturn

import jsonschema
import pytest
import typer

from liveinsight_cli.cli import app
from liveinsight_cli.context import Context
from tests.commands.world import World
from tests.conftest import REPOSITORY, CommandLine, Outcome

# Every command with the arguments that it needs to go on without a question, and to come to an end.
COMMANDS = {
    "deploy": "--yes",
    "plan": "",
    "destroy": "--yes",
    "build": "",
    "outputs": "",
    "status": "",
    "releases": "",
    "rollback": "--yes",
    "promote": "--yes",
    "init": "--no-input --force",
    "drift": "",
    "sync": "",
    "doctor": "",
    "stats": "",
    "tail": "--no-follow",
    "load": "--rps 30 --duration 1s --warm-up 0s --no-server-side --yes",
    "cost": "",
    "seed-demo": "--sessions 1 --days 1",
    "verify": "",
    "token show": "--raw",
    "token rotate": "--yes",
    "state bootstrap": "--yes",
    "state show": "",
    "state migrate": "--to local --yes",
    "state unlock": "--yes",
    "state pull-local": "",
    "account show": "",
    "account deploy": "--yes",
    "account destroy": "--yes",
    "local up": "",
    "local down": "",
    "local status": "",
    "local logs": "",
    "logs query": "",
    "alarms": "",
    "open": "--print",
    "config show": "",
}
ANSWER = jsonschema.Draft202012Validator(
    json.loads((REPOSITORY / "docs" / "schemas" / "answer.schema.json").read_text(encoding="utf-8"))
)
FOLLOWERS = {"tail", "local logs"}  # one object a line
ASKING = {"deploy", "destroy", "init", "load", "state bootstrap", "account destroy", "token rotate"}


def walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the full names of the commands below."""
    below = getattr(command, "commands", None)
    if below is None:
        yield " ".join(path)
    else:
        for name, one in below.items():
            yield from walk(one, (*path, name))


def test_every_command_is_entered_here() -> None:
    assert set(walk(typer.main.get_command(app))) == set(COMMANDS)


def check_answer(name: str, done: Outcome) -> None:
    """Hold the form of an answer under --json: one object, the command's own schema, nothing on stderr."""
    assert done.err == "", name
    lines = done.out.splitlines()
    assert len(lines) == 1 or name in FOLLOWERS, (name, done.out)
    for line in lines:
        answer = json.loads(line)
        assert answer["schema"].rpartition("/")[0] == f"liveinsight.{name.replace(' ', '-')}"
        if name not in FOLLOWERS or done.code:
            ANSWER.validate(answer)
            assert answer["ok"] is (done.code == 0), line


@pytest.mark.parametrize("name", COMMANDS)
def test_under_json_the_answer_is_one_object_and_nothing_else(
    liveinsight: CommandLine, world: World, name: str
) -> None:
    """Before anything is deployed, with wrong words, and with Ctrl-C."""
    check_answer(name, liveinsight(*name.split(), *COMMANDS[name].split(), "--json"))

    wrong = liveinsight(*name.split(), "--nope", "--json")
    check_answer(name, wrong)
    assert (wrong.code, json.loads(wrong.out)["error"]["code"]) == (2, "usage")

    def interrupt(_: Context) -> NoReturn:
        raise KeyboardInterrupt

    liveinsight.prepare.append(interrupt)
    stopped = liveinsight(*name.split(), *COMMANDS[name].split(), "--json")
    check_answer(name, stopped)
    assert (stopped.code, json.loads(stopped.out)["error"]["code"]) == (130, "interrupted")


def test_of_what_is_deployed_too_and_without_a_terminal_nobody_is_asked(
    liveinsight: CommandLine, world: World
) -> None:
    """A question ends with 9 and says which option answers it; nothing is written before that."""
    assert liveinsight("deploy", "--yes").code == 0
    for name, words in COMMANDS.items():
        if name != "destroy":
            check_answer(name, liveinsight(*name.split(), *words.split(), "--json"))
        unanswered = [word for word in words.split() if word not in ("--yes", "--no-input")]
        world.aws.writes.clear()
        done = liveinsight(*name.split(), *unanswered)
        assert (done.code == 9) is (name in ASKING), (name, done)
        if name in ASKING:
            assert world.aws.writes == [], name
            assert "--yes" in done.err or "--no-input" in done.err, name
