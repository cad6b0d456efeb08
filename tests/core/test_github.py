"""What is said to GitHub Actions means what it should, and what others say is never taken for a command."""

import json
import re

from hypothesis import example, given
from hypothesis import strategies as st

from liveinsight_cli.core.github import (
    ANNOTATIONS_SHOWN,
    Annotation,
    annotations,
    end_of_line,
    group,
    harmless,
)
from liveinsight_cli.core.github_summary import code, output_lines, without_token
from liveinsight_cli.terminal import envelope

NEARLY_COMMANDS = st.lists(
    st.sampled_from([":", "::", "#", "##", "##[", "[", " ", "\t", "\r", "\n", "\u00a0", "error"])
)


def is_a_command(line: str) -> bool:
    """Read a line as the runner does: the second form counts wherever it stands."""
    return line.lstrip().startswith("::") or "##[" in line


def test_an_annotation_is_escaped_as_github_wants_it() -> None:
    made = Annotation("error", "50% of\r\na:b,c", "not found: x,y", "terraform/a,b.tf", 7)
    assert made.command() == (
        "::error file=terraform/a%2Cb.tf,line=7,title=not found%3A x%2Cy::50%25 of%0D%0Aa:b,c"
    )
    assert Annotation("warning", "x", line=7).command() == "::warning::x"  # a line of no file is none
    assert group("a\n::error::b") == "::group::a%0A::error::b"


@given(NEARLY_COMMANDS.map("".join), st.integers(0, 30))
@example("#" * 2 + "[error]x", 2)
@example(" ::add-mask::e", 2)
def test_no_text_is_a_command_however_it_is_written(text: str, cut: int) -> None:
    written, line = "", ""
    for part in (text[:cut], text[cut:]):
        written += harmless(part, line)
        line = end_of_line(line + harmless(part, line))
    assert not any(is_a_command(line) for line in re.split(r"[\r\n]", written))
    assert written.replace("\u200b", "") == text


def test_text_that_is_no_command_stays_as_it_is() -> None:
    text = "a ::b # [x] ##x std::string\n:x\n"
    assert harmless(text) == text


def test_the_answer_in_json_is_no_command_and_means_the_same() -> None:
    line = envelope("tail", {"##[group]x": "::error::\n##[error]"}, warnings=[])
    assert not is_a_command(line)
    assert json.loads(line)["data"] == {"##[group]x": "::error::\n##[error]"}


def diagnostic(number: int) -> dict[str, object]:
    return {
        "severity": "error",
        "summary": f"broken {number}",
        "detail": "",
        "filename": "api.tf",
        "line": number,
    }


def test_errors_of_terraform_are_shown_at_their_lines_as_many_as_github_shows() -> None:
    data = {"diagnostics": [{"severity": "warning", "summary": "old"}, *map(diagnostic, range(1, 13))]}
    found = annotations("x", "y", data, lambda name: f"terraform/{name}", lambda name: None)
    assert len(found) == ANNOTATIONS_SHOWN
    assert found[0] == Annotation("error", "broken 1", "broken 1", "terraform/api.tf", 1)
    assert found[-1].text == "... and 3 more; see the log."


def test_an_error_in_a_file_is_shown_at_its_line() -> None:
    message = "/repo/liveinsight.toml:3: env.dev must be a table"
    found = annotations(
        message, "See docs.", None, lambda name: None, lambda name: name.removeprefix("/repo/")
    )
    assert found == [Annotation("error", f"{message}\nSee docs.", "", "liveinsight.toml", 3)]
    assert annotations(message, None, None, lambda name: None, lambda name: None)[0].line is None


def test_outputs_end_where_they_should() -> None:
    assert output_lines({"a": "1", "b": "x\nc=2"}, "end-9") == "a<<end-9\n1\nend-9\nb<<end-9\nx\nc=2\nend-9\n"
    assert without_token("https://d/#token=secret") == "https://d/"


def test_code_in_a_summary_is_not_left_by_what_is_in_it() -> None:
    assert code("a`b|c\n<img>") == "`a'b\\|c <img>`"
