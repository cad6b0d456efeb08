"""`load` against the deployed stack: every request is taken, and nobody's figures know of it."""

import pytest

from tests.e2e.conftest import Stack

pytestmark = pytest.mark.e2e


def test_a_load_is_taken_and_is_in_no_figure_that_does_not_name_its_site(stack: Stack) -> None:
    words = ("--rps", "15", "--duration", "2s", "--warm-up", "0s", "--arrivals", "constant", "--p95", "9s")
    before = stack.read("/api/realtime")["active_sessions"]
    found = stack.answer("load", *words, "--endpoint", "mixed", "--no-server-side")
    assert found["figures"]["requests"] == 30
    assert set(found["figures"]["outcomes"]) == {"200", "202"}
    assert found["throttle_rps"] > 1
    assert stack.read("/api/realtime?site=load.liveinsight.invalid&limit=1")["recent"]
    assert stack.read("/api/realtime")["active_sessions"] <= before
