"""Log lines made to deceive: whatever is written, a terminal gets visible text, and a program valid JSON.

The check knows nothing of how text is made harmless: it looks at each character that comes out.
"""

import json
import time
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveinsight_cli.core.logs.choice import Choice
from liveinsight_cli.core.logs.events import LogEvent
from liveinsight_cli.core.logs.fold import Fold
from liveinsight_cli.core.logs.reading import read_entry
from liveinsight_cli.core.logs.summary import Summary
from liveinsight_cli.render.tail import TailStyle
from liveinsight_cli.render.tail_lines import json_line, raw_text

REQUEST = "8f507cfc-2c27-4c4e-9a5d-0b1f3a9d5c11"
ESCAPES = [
    "\x1b[2J\x1b[H",
    "\x1b]8;;https://evil.example\x1b\\here\x1b]8;;\x1b\\",
    "\x1b]52;c;cm0gLXJmIC8=\x07",
    "\x1b]0;title\x07",
    "\x1bP+q544e\x1b\\",
    "\x1b[?1049h\x1b[6n",
    "\x9b31m \x9d0;title\x9c \x90q\x9c \x85next",
    "\u202egnp.exe\u202c \u2066a\u2069 \u061c\u200e\u200f",
    "zero\u200bwidth\u2060 word\ufeff soft\u00adhyphen \u180e",
    "pay\u200dpal \u200c \U000e0041\U000e0042 \u3164\uffa0\u115f\u1160\u034f",
    "v\ufe00\ufe01\ufe02 \U000e0100 x\ufe0f\ufe0f",
    "lone \ud800 \udfff",
    "bell\x07 back\x08\x08space \x7f \x00nul",
    "10%\r20%\rdone",
    "next\u2028line\u2029paragraph\x0b\x0c\x1c\x1d\x1e",
    "a\r\nFAKE 10:00:00.000 x INFO forged",
    "\x0e\x0fshift",
    "##[error]::warning::x",
]
NUMBERS = ["1e999", "-1e999", "NaN", "Infinity", "1" * 400, "1" * 5000, "0.1e-400", "-0"]
STRUCTURES = [
    '{"a":' * 2000 + "1" + "}" * 2000,
    "[" * 5000,
    '{"a": [' + "[" * 400 + "]" * 400 + "]}",
    '{"a": 1, "a": 2}',
    '{"level": {"x": 1}, "message": [1], "requestId": [2], "route": {"y": null}, "status": {}}',
    '{"level": "", "message": null, "requestId": "", "timestamp": 5, "time": 6}',
    '{"type": "platform.report", "record": {"requestId": "'
    + REQUEST
    + '", "metrics": {"durationMs": "x", "memorySizeMB": 1e999, "initDurationMs": null}}}',
    '{"type": "platform.report", "record": {"requestId": {"a": 1}, "metrics": [1], "status": {}, "errorType": 3}}',
    '{"type": "platform.report", "record": null}',
    '{"type": "platform.report", "record": {"requestId": "r", "metrics": {"billed_ms": "x"}, "max_memory_mb": "y"}}',
    '{"requestId": "r", "route": "x", "billed_ms": [], "cold_start": 5, "init_ms": "x", "outcome": 3}',
    '{"type": "platform.", "record": {}}',
    '{"time":"2026-11-23T10:00:00.000Z","type":"platform.end","type":5,"record":{}}',
    '{"type": ["platform.start"], "record": {}}',
    '{"type": "platform.logsDropped", "record": {"type": "x", "reason": "\\u001b[2J"}}',
    '{"type": "platform.start", "record": {"requestId": "\\u001b[2J"}}',
    '{"errorType": {"a": 1}, "errorMessage": ["x"], "stackTrace": {"frames": [1, {"file": {}}]}, "exception": 5}',
    '{"stackTrace": "\\u001b[31mred\\n\\tx", "requestId": "' + REQUEST + '"}',
    '{"key\\nwith\\r\\u001b[2Jlines": "value\\n\\u202e", "message": "m\\u001b]0;x\\u0007"}',
    "{}",
    '{"": ""}',
    f"REPORT RequestId: {REQUEST}\tDuration: x ms\tMemory Size: MB\tInit Duration:  ms\tStatus: \x1b[2J\t",
    f"REPORT RequestId: {REQUEST}\t: \t: : \tDuration: nan ms\tBilled Duration: inf ms",
    f"[ERROR]\t\t{REQUEST}\t\x1b[2J\nFAKE",
    '{"status": "\\u001b[2J", "method": "GET\\n", "path": {"a": 1}, "responseLatency": "nan", "requestId": 7}',
    '{"status": 1e999, "responseLatency": 1e999, "functionRequestId": {"a": "\\u001b"}, "errorType": ["\\u009b"]}',
    '{"message": "wide 한국어 テスト 👩\\u200d💻 e\\u0301\\u0301\\u0301", "x": "\\ud83d"}',
]
TEXTS = ESCAPES + STRUCTURES + [f'{{"message": "n", "x": {number}, "y": [{number}]}}' for number in NUMBERS]
STYLES = TailStyle(("x", "api"), color=False), TailStyle(("x", "api"), color=True)


def every_form(texts: list[str], *, access: bool) -> list[tuple[str, str]]:
    """Everything that `tail` may print of these events, laid out and as JSON."""
    fold, out = Fold(), []
    entries = [
        read_entry(LogEvent("g", str(n), n, text), "x", is_access_log=access) for n, text in enumerate(texts)
    ]
    summary, choice = Summary(), Choice(level="DEBUG", request_id="")
    folded = [one for entry in entries for one in fold.take(entry)]
    for entry in [*entries, *folded, *fold.release()]:
        choice.wants(entry)
        summary.count(entry)
        out += [(style.line(entry), json_line(entry)) for style in STYLES]
    assert all(invisible(line, allowed="") == [] for line in summary.in_words())
    return out


def check(shown: str, as_json: str) -> None:
    ours = shown.replace("\x1b[0m", "")
    for number in (1, 2, "38;5;31", "38;5;133", "1;31", "1;38;5;136"):
        ours = ours.replace(f"\x1b[{number}m", "")
    assert invisible(ours, allowed="\n") == []
    assert all(line.startswith(" " * 14) for line in ours.splitlines()[1:])
    assert invisible(as_json, allowed="\n") == []
    assert as_json.count("\n") <= 1
    json.loads(as_json, parse_constant=refuse)
    as_json.encode()


def invisible(text: str, allowed: str) -> list[str]:
    """The characters that a terminal acts upon, or that nobody sees."""
    return [
        f"U+{ord(char):04X}"
        for place, char in enumerate(text)
        if char not in allowed
        and (
            unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")
            or (unicodedata.category(char) == "Cf" and not joins(text, place))
            or char in "\u3164\uffa0\u115f\u1160\u034f"
            or 0xE0000 <= ord(char) <= 0xE0FFF
        )
    ]


def joins(text: str, place: int) -> bool:
    """Whether a joiner stands among letters or emoji that it can join."""
    around = text[place - 1 : place] + text[place + 1 : place + 2]
    return text[place] in "\u200c\u200d" and len(around) == 2 and not any(map(str.isascii, around))


def refuse(constant: str) -> Any:
    raise AssertionError(f"{constant} is not JSON")


@pytest.mark.parametrize("access", [False, True])
@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_hostile_line_is_visible_text_and_valid_json(text: str, access: bool) -> None:
    for shown, as_json in every_form(
        [text, json.dumps({"message": text, text: text, "level": text})], access=access
    ):
        check(shown, as_json)
    raw = raw_text(text, is_terminal=True)
    assert invisible(raw, allowed="\n\t") == []


def test_no_line_of_others_can_look_like_one_of_ours() -> None:
    forged = "ok\n10:00:00.000 x     ERROR forged"
    for text in (
        forged,
        json.dumps({"message": forged}),
        json.dumps({"errorType": "E", "stackTrace": [forged]}),
    ):
        entry = read_entry(LogEvent("g", "1", 1, text), "x", is_access_log=False)
        assert sum(line[:1].isdigit() for line in STYLES[0].line(entry).split("\n")) == 1


@pytest.mark.parametrize("text", ["\x1b" * 1_000_000, '{"a": "' + "\u00e9\u202e" * 500_000 + '"}'])
def test_a_megabyte_is_shown_whole_and_soon(text: str) -> None:
    began = time.process_time()
    shown = STYLES[0].line(read_entry(LogEvent("g", "1", 1, text), "x", is_access_log=False))
    assert shown.count("\\x1b") == text.count("\x1b")
    assert shown.count("\\u202e") == text.count("\u202e")
    assert time.process_time() - began < 10


ANY = st.text(st.characters(), max_size=60)
VALUES = st.recursive(
    ANY | st.integers() | st.floats() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY, inner, max_size=3),
    max_leaves=8,
)
KNOWN = st.sampled_from(
    [
        "level",
        "message",
        "requestId",
        "type",
        "record",
        "metrics",
        "durationMs",
        "status",
        "errorType",
        "stackTrace",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(KNOWN | ANY, VALUES, max_size=5) | ANY, st.booleans())
def test_nothing_that_can_be_written_reaches_a_terminal_as_a_command(written: object, access: bool) -> None:
    text = written if isinstance(written, str) else json.dumps(written)
    for shown, as_json in every_form([text], access=access):
        check(shown, as_json)
