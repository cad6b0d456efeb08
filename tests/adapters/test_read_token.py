"""Which read token a deploy tells the stack about, on this machine and on another."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from liveinsight_cli.adapters import read_token
from liveinsight_cli.adapters.read_token import read_token_digest, require_same_token, token_sha256
from liveinsight_cli.adapters.token_rotation import begin_rotation, drop_rotation
from liveinsight_cli.core.state import StateFacts
from liveinsight_cli.errors import PreconditionError, StateLocked
from liveinsight_cli.project import EnvironmentFiles

TOKEN = "t" * 43
DEPLOYED = StateFacts("l", 1, ("a.b",), {"read_token_sha256": token_sha256(TOKEN)})
OF_AN_EARLIER_VERSION = StateFacts("l", 1, ("a.b",), {})


def machine(
    directory: Path, facts: StateFacts | None, *, remote: bool = True, token: str | None = None
) -> Any:
    files = EnvironmentFiles(directory)
    if token is not None:
        files.read_token.write_text(token)
    return SimpleNamespace(
        environment="prod", files=files, state=SimpleNamespace(is_remote=remote, facts=facts)
    )


def test_a_machine_without_the_token_leaves_the_deployed_one_and_makes_none(tmp_path: Path) -> None:
    context = machine(tmp_path, DEPLOYED)
    assert read_token_digest(context) == token_sha256(TOKEN)
    assert not context.files.read_token.exists()


def test_another_token_than_the_deployed_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PreconditionError, match="lock out everybody"):
        read_token_digest(machine(tmp_path, DEPLOYED, token="o" * 43))
    assert read_token_digest(machine(tmp_path, DEPLOYED, token=TOKEN)) == token_sha256(TOKEN)


def test_a_rotation_that_was_begun_brings_its_token_whatever_is_deployed(tmp_path: Path) -> None:
    context = machine(tmp_path, DEPLOYED, token=TOKEN)
    context.files.next_read_token.write_text("n" * 43)
    assert read_token_digest(context) == token_sha256("n" * 43)


def test_a_rotation_that_was_forgotten_ends_no_token_of_somebody_elses(tmp_path: Path) -> None:
    context = machine(tmp_path, DEPLOYED, token=TOKEN)
    assert begin_rotation(context)
    mine = read_token_digest(context)
    theirs = StateFacts("l", 2, ("a.b",), {"read_token_sha256": token_sha256("o" * 43)})
    context.state.facts = theirs
    context.files.read_token.write_text("o" * 43)  # which they gave out
    assert not begin_rotation(context)
    with pytest.raises(PreconditionError, match="Somebody else rotated"):
        read_token_digest(context)
    context.state.facts = StateFacts("l", 2, ("a.b",), {"read_token_sha256": mine})  # cut off after Terraform
    assert read_token_digest(context) == mine
    drop_rotation(context.files)
    context.state.facts = theirs
    assert read_token_digest(context) == token_sha256("o" * 43)
    assert not context.files.replaced_digest.exists()


def test_where_nothing_says_which_token_is_deployed_only_a_machine_that_has_it_deploys(
    tmp_path: Path,
) -> None:
    with pytest.raises(PreconditionError, match="does not have it"):
        read_token_digest(machine(tmp_path, OF_AN_EARLIER_VERSION))
    found = read_token_digest(machine(tmp_path, OF_AN_EARLIER_VERSION, token=TOKEN))
    assert found == token_sha256(TOKEN)


@pytest.mark.parametrize("facts", [None, StateFacts("l", 3, (), {})])
def test_the_first_deploy_makes_a_token(tmp_path: Path, facts: StateFacts | None) -> None:
    context = machine(tmp_path, facts)
    assert read_token_digest(context) == token_sha256(context.files.read_token.read_text().strip())


def test_a_state_in_a_file_is_this_machines_own(tmp_path: Path) -> None:
    context = machine(tmp_path, DEPLOYED, remote=False, token="o" * 43)
    assert read_token_digest(context) == token_sha256("o" * 43)


def test_a_first_deploy_that_somebody_else_was_quicker_with_gives_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = machine(tmp_path, None)
    mine = read_token_digest(context)
    monkeypatch.setattr(read_token, "locate", lambda _: SimpleNamespace(remote=None))
    require_same_token(context)
    monkeypatch.setattr(read_token, "locate", lambda _: SimpleNamespace(remote=DEPLOYED))
    with pytest.raises(StateLocked, match="for the first time meanwhile"):
        require_same_token(context)
    assert not context.files.read_token.exists()
    context.state.facts = DEPLOYED
    assert read_token_digest(context) != mine
