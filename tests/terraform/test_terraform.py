"""What terraform itself says about the stack: format, validity, and the tests below terraform/tests."""

import json
from collections.abc import Iterator

import pytest

from tests.terraform.stack import SOURCES, StackCopy, failures, initialised_or_skipped, one_provider

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackCopy]:
    with one_provider(initialised_or_skipped(tmp_path_factory.mktemp("terraform"))) as copy:
        yield copy


def test_the_sources_are_formatted(stack: StackCopy) -> None:
    done = stack.run("fmt", "-check", "-recursive", str(SOURCES))
    assert done.stdout.split() == []
    assert done.returncode == 0, done.stderr


def test_the_stack_is_valid(stack: StackCopy) -> None:
    report = json.loads(stack.run("validate", "-json").stdout)
    assert report["diagnostics"] == []
    assert report["valid"]


def test_terraforms_own_tests_pass(stack: StackCopy) -> None:
    done = stack.run("test", "-json")
    assert failures(done.stdout) == []
    assert done.returncode == 0, done.stderr
    summary = next(
        json.loads(line)["test_summary"] for line in done.stdout.splitlines() if '"test_summary"' in line
    )
    written = sum(path.read_text().count('\nrun "') for path in sorted(SOURCES.glob("tests/*.tftest.hcl")))
    assert summary["passed"] == written


def test_terraform_leaves_the_tree_alone() -> None:
    assert not list(SOURCES.rglob(".terraform"))
    assert not list(SOURCES.rglob("*.tfstate*"))


def test_the_lock_file_has_the_checksums_of_every_platform() -> None:
    lock = (SOURCES / ".terraform.lock.hcl").read_text(encoding="utf-8")
    assert 'version     = "5.100.0"' in lock
    assert lock.count('"zh:') == 15
    assert lock.count('"h1:') >= 1


def test_a_failure_of_terraform_test_is_reported_by_run() -> None:
    report = "\n".join(
        [
            '{"@level":"info","@message":"a... pass","@testrun":"a"}',
            '{"@level":"error","@message":"Error: Test assertion failed","@testrun":"b"}',
        ]
    )
    assert failures(report) == ["b: Error: Test assertion failed"]
