"""New versions on a part of real traffic, into service and back, with the real terraform."""

import json
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from liveinsight_cli.adapters.aws import Aws, AwsError
from liveinsight_cli.local.process import EmbeddedAws
from tests.conftest import REPOSITORY
from tests.e2e.conftest import Stack

pytestmark = pytest.mark.e2e

HANDLER = "lambdas/stats_api/handler.py"
CHECK = '    check_origin(_settings, request.headers.get("origin"))\n'


@pytest.fixture
def broken(stack: Stack, tmp_path: Path) -> Stack:
    """The same project with a command line whose stats-api starts, and then fails at every request."""
    for name in ("liveinsight_cli", "lambdas", "terraform", "dashboard"):
        shutil.copytree(REPOSITORY / name, tmp_path / name)
    handler = tmp_path / HANDLER
    text = handler.read_text()
    assert CHECK in text
    handler.write_text(text.replace(CHECK, '    raise RuntimeError("a change for the worse")\n'))
    return Stack(stack.project, stack.variables | {"PYTHONPATH": str(tmp_path)})


@contextmanager
def asked(stack: Stack) -> Iterator[Counter[int]]:
    """Ask for statistics all the time, about as often as the route allows; counts the answers."""
    answers: Counter[int] = Counter()
    over = threading.Event()

    def ask() -> None:
        headers = {"Authorization": f"Bearer {stack.token}"}
        while not over.wait(0.5):
            answers[stack.request("GET", "/api/stats", headers=headers).status] += 1

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield answers
    finally:
        over.set()
        thread.join()


def in_service(stack: Stack) -> dict[str, tuple[str, dict[str, float]]]:
    return {one["name"]: (one["in_service"], one["weights"]) for one in stack.answer("status")["functions"]}


def test_a_canary_ends_by_itself_and_a_rollback_leaves_the_plan_empty(stack: Stack, broken: Stack) -> None:
    before = in_service(stack)
    with asked(stack) as answers:
        done = broken.run("deploy", "--yes", "--json", "--canary", "50:20s", "--abort-if", "error_rate>1%")
    assert done.returncode == 7, done.stdout + done.stderr
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "canary"
    assert "error_rate is" in error["message"]
    assert "All traffic goes to the versions before again" in error["message"]
    assert answers[502] >= 1, answers  # from the new version alone
    assert in_service(stack) == before
    assert stack.answer("releases")["releases"][0]["status"] == "aborted"

    promoted = broken.answer("promote", "--yes")
    assert promoted["moved"].keys() == {
        name for name in before if promoted["in_service"][name] != before[name][0]
    }
    assert "stats-api" in promoted["moved"]

    number = EmbeddedAws(stack.project).journal()[-1]["number"]
    rolled = broken.answer("rollback", "--yes")
    assert {name: (version, {}) for name, version in rolled["in_service"].items()} == before
    writes = [
        one
        for one in EmbeddedAws(stack.project).journal(number)
        if one["write"] and one["caller"] != "function" and "invocations" not in str(one)
    ]
    assert len(writes) == len(rolled["moved"]), writes

    again = broken.answer("deploy", "--yes")
    assert (again["changed"], again["stays"]["reason"]) == (False, "pinned")
    assert in_service(stack) == before


def test_a_version_in_service_cannot_be_deleted(stack: Stack) -> None:
    function = stack.outputs["functions"]["stats-api"]["function_name"]
    server = EmbeddedAws(stack.project).running()
    assert server is not None
    aws = Aws("ap-northeast-2", endpoint_url=server.endpoint_url)
    version = in_service(stack)["stats-api"][0]
    with pytest.raises(AwsError, match="ResourceConflictException"):
        aws.call("lambda", "delete_function", FunctionName=function, Qualifier=version)
