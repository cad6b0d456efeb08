"""Frames of the live view at several sizes, and the plain lines."""

import io

import pytest
from rich.console import Console

from liveinsight_cli.core.durations import Durations
from liveinsight_cli.core.progress import ApplyProgress
from liveinsight_cli.core.terraform_events import Phase, Progress, Resource
from liveinsight_cli.render.apply_progress import ApplyScreen, apply_progress, in_about, shortened
from liveinsight_cli.terminal import Terminal

NAMES = [f'module.function["function-number-{number}"].aws_lambda_function.this' for number in range(13)]


def event(address: str, phase: Phase, seconds: float = 0.0) -> Progress:
    return Progress(Resource(address, "aws_lambda_function", "this", None), "create", phase, seconds)


def under_way() -> ApplyProgress:
    progress = ApplyProgress([(name, "aws_lambda_function", "create") for name in NAMES], Durations("aws"))
    for name in NAMES:
        progress.take(event(name, "start"), 0.0)
    return progress


def frame(progress: ApplyProgress, width: int, height: int = 30) -> list[str]:
    out = io.StringIO()
    console = Console(file=out, width=width, height=height, color_system=None)
    console.print(ApplyScreen(progress, "Applying", lambda: 7.0, 0.0))
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [40, 80, 120])
def test_every_line_fits_and_the_rest_is_counted(width: int) -> None:
    lines = frame(under_way(), width)
    assert all(len(line.rstrip()) <= width for line in lines)
    assert len(lines) == 1 + 8 + 1
    assert lines[-1].strip() == "and 5 more"
    assert all(line.rstrip().endswith("7 s") for line in lines[1:-1])


def test_a_low_terminal_shows_fewer_rows() -> None:
    assert [line.strip() for line in frame(under_way(), 80, height=6)][-1] == "and 11 more"


def test_what_failed_stays_to_be_read() -> None:
    progress = under_way()
    progress.take(event(NAMES[0], "errored", 3.0), 3.0)
    assert frame(progress, 100)[-1].strip() == f"failed {NAMES[0]}"


def test_the_head_counts_and_estimates() -> None:
    progress = under_way()
    progress.take(event(NAMES[0], "complete", 3.0), 3.0)
    assert "1/13  0:07  about 10 s left" in frame(progress, 100)[0]


def test_an_address_keeps_its_beginning_and_end() -> None:
    assert shortened("module.function.aws_lambda_function.this", 15) == "module.…on.this"
    assert shortened("short", 15) == "short"
    assert [in_about(seconds) for seconds in (4.2, 32, 250)] == ["about 4 s", "about 30 s", "about 4 min"]


def test_without_a_terminal_a_line_is_written_when_something_ends_or_takes_long() -> None:
    said, clock = io.StringIO(), [0.0]
    terminal = Terminal(stderr=said)
    progress = ApplyProgress(
        [("aws_x.a", "aws_x", "create"), ("aws_x.b", "aws_x", "create")], Durations("aws")
    )
    with apply_progress(terminal, progress, "Applying", lambda: clock[0]) as listen:
        listen(event("aws_x.a", "start"))
        listen(event("aws_x.b", "start"))
        for second in range(10, 100, 10):
            clock[0] = second
            listen(event("aws_x.a", "progress", second))
        listen(event("aws_x.a", "complete", 95.0))
        listen(event("aws_x.b", "errored", 2.0))
    assert said.getvalue().splitlines() == [
        "Applying: 2 operations",
        "still creating aws_x.a (30 s)",
        "still creating aws_x.a (60 s)",
        "still creating aws_x.a (90 s)",
        "[1/2] aws_x.a created (95 s)",
        "[failed] aws_x.b (2 s)",
    ]


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_lines_go_above_what_moves_and_nothing_of_it_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    screen = Screen()
    terminal = Terminal(stderr=screen, color=False)
    progress = ApplyProgress([(NAMES[0], "aws_lambda_function", "create")], Durations("aws"))
    with apply_progress(terminal, progress, "Applying", lambda: 7.0) as listen:
        listen(event(NAMES[0], "start"))
        terminal.say("Interrupted: terraform finishes what it is doing. " + "x" * 60)
    said = screen.getvalue()
    assert "Applying" in said
    assert "Interrupted: terraform finishes what it is doing. " + "x" * 60 + "\n" in said
    terminal.say("after it")
    assert screen.getvalue().endswith("after it\n")
