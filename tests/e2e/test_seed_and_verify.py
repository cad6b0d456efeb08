"""`seed-demo` and `verify` against the deployed stack, as a user runs them."""

import json
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.e2e.conftest import Stack

pytestmark = pytest.mark.e2e
SPEC = ("--seed", "7", "--sessions", "120", "--days", "2")
PATIENCE_SECONDS = 60


@contextmanager
def command(stack: Stack, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a command beside the test; it never outlives the block."""
    running = subprocess.Popen(
        [sys.executable, "-m", "liveinsight_cli.cli", *arguments],
        cwd=stack.project,
        env=stack.variables,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with running:
        try:
            yield running
        finally:
            running.kill()


def figures(stack: Stack, site: str) -> Any:
    """What the API answers for a site, without what depends on the clock."""
    answer = stack.read(f"/api/stats?site={site}&range=7d&limit=100")
    return {name: answer[name] for name in ("totals", "top")}


def events_of(stack: Stack, site: str) -> int:
    return int(stack.read(f"/api/stats?site={site}&range=7d")["totals"]["events"])


def wait_for_events(stack: Stack, site: str, least: int) -> None:
    """Wait until a site has that many events."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while events_of(stack, site) < least:
        assert time.monotonic() < give_up_at, f"fewer than {least} events for {site}"
        time.sleep(
            1
        )  # polls the state of another process, inside the throttle; nothing depends on the length


@pytest.fixture
def site(stack: Stack) -> Iterator[str]:
    """A site for one test, purged afterwards."""
    name = f"demo-{uuid.uuid4().hex[:8]}.example"
    yield name
    stack.run("seed-demo", "--purge", "--yes", "--site", name)


def test_what_is_seeded_is_answered_exactly_and_twice_is_once(stack: Stack, site: str) -> None:
    seeded = stack.answer("seed-demo", *SPEC, "--site", site)
    verified = stack.answer("verify", "--only", "seeded")
    assert verified["site"] == site
    assert all(row["ok"] for row in verified["rows"])
    before = figures(stack, site)
    again = stack.answer("seed-demo", *SPEC, "--site", site)
    assert (seeded["sent_now"] > 100, again["sent_now"]) == (True, 0)
    assert figures(stack, site) == before
    assert stack.answer("verify")["seeded"]["rows"]


def test_visitors_through_the_api_are_answered_exactly(stack: Stack, site: str) -> None:
    seeded = stack.answer("seed-demo", "--via", "api", "--sessions", "12", "--site", site)
    assert seeded["expected"]["totals"]["visitors"] == 12
    assert sum(seeded["expected"]["top"]["countries"].values()) == 12
    assert all(row["ok"] for row in stack.answer("verify", "--only", "seeded")["rows"])


def test_a_killed_run_is_continued_exactly(stack: Stack, site: str) -> None:
    arguments = ("seed-demo", "--seed", "5", "--sessions", "400", "--days", "3", "--site", site)
    with command(stack, *arguments) as running:
        wait_for_events(stack, site, 50)
        running.kill()
        running.communicate()
    assert running.returncode == -signal.SIGKILL
    seeded = stack.answer(*arguments)
    assert seeded["sent_now"] > 0
    assert all(row["ok"] for row in stack.answer("verify", "--only", "seeded")["rows"])


def test_live_traffic_flows_until_ctrl_c_which_ends_well(stack: Stack, site: str) -> None:
    with command(stack, "seed-demo", "--live", "--rate", "20", "--site", site) as running:
        wait_for_events(stack, f"live.{site}", 5)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=PATIENCE_SECONDS)
    assert running.returncode == 0, said
    assert "Traceback" not in said


def test_purge_leaves_no_trace_of_the_demo(stack: Stack, site: str) -> None:
    stack.answer("seed-demo", "--sessions", "20", "--site", site)
    stack.answer("seed-demo", "--purge", "--yes", "--site", site)
    deadline = (
        time.monotonic() + 100
    )  # a container remembers hours that are over for a minute, and the sites for half

    def is_gone() -> bool:
        events = stack.read(f"/api/stats?site={site}&range=30d")["totals"]["events"]
        return events == 0 and site not in json.dumps(stack.read("/api/stats?range=30d"))

    while not is_gone():
        assert time.monotonic() < deadline
        time.sleep(1)
