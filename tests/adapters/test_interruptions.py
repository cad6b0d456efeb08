"""Real terraform on a stack without a provider, at a pseudo-terminal: interrupted, killed, and gone on with."""

import contextlib
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from liveinsight_cli.adapters.terraform import Terraform
from liveinsight_cli.adapters.turns import turn
from liveinsight_cli.context import Clock
from liveinsight_cli.core.state import read_state
from liveinsight_cli.project import Project
from liveinsight_cli.terminal import Terminal
from tests.adapters.test_terraform_process import _become_foreground, is_alive, until
from tests.conftest import IN_CI, REPOSITORY

pytestmark = pytest.mark.skipif(
    not IN_CI and shutil.which("terraform") is None, reason="terraform is not installed"
)

STACK = """
resource "terraform_data" "quick" {}

resource "terraform_data" "slow" {
  depends_on = [terraform_data.quick]

  provisioner "local-exec" {
    command = "sleep ${var.seconds}"
  }
}

variable "seconds" {
  type = number
}
"""

DEPLOY = """
import os, sys
from pathlib import Path
from tests.adapters import test_interruptions
sys.exit(test_interruptions.deploy(Path(sys.argv[1]), float(sys.argv[2])))
"""


def runner(root: Path) -> Terraform:
    project = Project(root, root / "liveinsight.toml")
    return Terraform(
        project, project.environment("local"), Terminal(), dict(os.environ), sources=root / "sources"
    )


def deploy(root: Path, seconds: float) -> int:
    """What a deploy does with terraform; 130 when it was interrupted."""
    from liveinsight_cli.errors import Interrupted

    terraform = runner(root)
    with turn(terraform.files.turn, "deploy", {}, Clock(), terraform.terminal.say):
        terraform.prepare({"seconds": seconds})
        plan = terraform.files.root / "deploy.tfplan"
        try:
            if terraform.plan(plan).has_changes:
                terraform.apply(plan)
        except Interrupted as error:
            terraform.terminal.say(error.message)
            return 130
    return 0


class Deploy:
    """A deploy at a pseudo-terminal, in the middle of a slow creation."""

    def __init__(self, root: Path, seconds: float) -> None:
        self.terraform = runner(root)
        self.keyboard, terminal = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", DEPLOY, str(root), str(seconds)],
            cwd=REPOSITORY,
            stdin=terminal,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: _become_foreground(terminal),
        )
        os.close(terminal)
        until(self.is_in_the_middle)

    def is_in_the_middle(self) -> bool:
        assert self.process.poll() is None, self.process.communicate()
        return any(
            "Provisioning with" in log.read_text() for log in self.terraform.files.logs.glob("*-apply.jsonl")
        )

    def below(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def ended(self) -> tuple[int, str]:
        _, said = self.process.communicate(timeout=60)
        os.close(self.keyboard)
        return self.process.returncode, said


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "main.tf").write_text(STACK)
    return tmp_path


def known(root: Path) -> set[str]:
    return set(read_state((root / ".liveinsight/local/terraform.tfstate").read_bytes()).resources)


def test_control_c_leaves_a_state_that_the_next_deploy_goes_on_from(root: Path) -> None:
    begun = Deploy(root, 20)
    os.write(begun.keyboard, b"\x03")
    code, said = begun.ended()
    assert code == 130
    assert "terraform finishes what it is doing" in said
    assert "terraform has stopped and released the state" in said
    assert "terraform_data.quick" in known(root)
    assert deploy(root, 0) == 0
    assert known(root) == {"terraform_data.quick", "terraform_data.slow"}
    assert not runner(root).unfinished.path.exists()


def test_a_killed_tool_leaves_terraform_to_write_its_state_and_the_next_deploy_waits_for_it(
    root: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    begun = Deploy(root, 20)
    # It begins others of its own name, which become something else a moment later.
    main = min((one for one in begun.below() if one.name() == "terraform"), key=lambda one: one.create_time())
    main.suspend()  # as slow as can be
    begun.process.kill()
    begun.ended()
    held = []

    def sleep(seconds: float) -> None:
        held.append(is_alive(main.pid))
        main.resume()
        Clock().sleep(seconds)

    terraform = runner(root)
    with turn(terraform.files.turn, "deploy", {}, Clock(sleep=sleep), terraform.terminal.say):
        assert held[0]
        assert not is_alive(main.pid)
    assert "was killed. Waiting for its terraform to finish" in capfd.readouterr().err
    assert "terraform_data.quick" in known(root)
    assert terraform.unfinished.creations() == {"terraform_data.quick", "terraform_data.slow"}
    assert deploy(root, 0) == 0
    assert not terraform.unfinished.path.exists()


def test_after_everything_was_killed_the_next_deploy_goes_on(root: Path) -> None:
    begun = Deploy(root, 20)
    for one in [psutil.Process(begun.process.pid), *begun.below()]:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    assert begun.ended()[0] == -signal.SIGKILL
    assert json.loads((root / ".liveinsight/local/unfinished.json").read_text())["log"].endswith(
        "-apply.jsonl"
    )
    assert deploy(root, 0) == 0
    assert known(root) == {"terraform_data.quick", "terraform_data.slow"}
