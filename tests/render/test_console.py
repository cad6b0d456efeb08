"""The console at a closed pipe."""

import io

import pytest

from liveinsight_cli.terminal import Terminal


class ClosedPipe(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError

    def flush(self) -> None:
        raise BrokenPipeError


def test_a_closed_pipe_reaches_the_boundary_instead_of_ending_the_program() -> None:
    with pytest.raises(BrokenPipeError):
        Terminal(stdout=ClosedPipe()).out.print("anything")
