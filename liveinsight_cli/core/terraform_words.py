"""Terraform's errors for people: why, what next, where, the lines with what is wrong marked; the like told once."""

import re
from collections.abc import Iterable, Sequence

from liveinsight_cli.core.terraform_causes import Cause, cause_of, without_call
from liveinsight_cli.core.terraform_events import Diagnostic, Snippet

HALTED = "execution halted"  # every operation that an interruption ends says so, beside the reason
SHOWN_ERRORS = 5
SHOWN_LIKE = 5
SHOWN_VALUES = 6
# What differs between errors that say the same of different resources.
PARTICULARS = re.compile(r"\([^()]*\)|\"[^\"]*\"|'[^']*'|RequestID: [^,]*|arn:\S+|\b[\w-]*\d[\w-]*\b")


def describe_all(errors: Sequence[Diagnostic]) -> str:
    """Return errors in words; several that say the same are one, with the other resources named."""
    telling = [one for one in errors if one.summary != HALTED] or errors
    groups: dict[tuple[str, str], list[Diagnostic]] = {}
    for error in telling:
        groups.setdefault(_kind(error), []).append(error)
    told: set[Cause | None] = set()
    shown = []
    for group in list(groups.values())[:SHOWN_ERRORS]:
        cause = cause_of(group[0])
        shown.append(_group(group, says_why=cause not in told))
        told.add(cause)
    more = sum(len(group) for group in list(groups.values())[SHOWN_ERRORS:])
    return "\n\n".join([*shown, *([f"... and {more} more"] if more else [])])


def describe(diagnostic: Diagnostic, *, says_why: bool = True) -> str:
    """Return a diagnostic in words: what, why, what next, which resource, where, and the lines."""
    lines = [without_call(diagnostic.summary)]
    cause = cause_of(diagnostic) if says_why else None
    if cause:
        lines += [f"  why: {cause.why}", f"  next: {cause.next}"]
    if diagnostic.address:
        lines.append(f"  resource: {diagnostic.address}")
    if diagnostic.filename:
        number = f":{diagnostic.line}" if diagnostic.line else ""
        lines.append(f"  at: {diagnostic.filename}{number}")
    if diagnostic.snippet:
        lines += _snippet(diagnostic.snippet)
    lines += [f"  {line}".rstrip() for line in without_call(diagnostic.detail).strip().splitlines()]
    return "\n".join(lines)


def _group(group: Sequence[Diagnostic], *, says_why: bool) -> str:
    first, *others = group
    if not others:
        return describe(first, says_why=says_why)
    named = [one.address or f"{one.filename}:{one.line}" for one in others if one.address or one.filename]
    listed = ", ".join(named[:SHOWN_LIKE]) + (", ..." if len(named) > SHOWN_LIKE else "")
    return f"{describe(first, says_why=says_why)}\n  the same for {len(others)} more{f': {listed}' if listed else ''}"


def _kind(error: Diagnostic) -> tuple[str, str]:
    def general(text: str) -> str:
        return PARTICULARS.sub("_", text)

    # One line with many mistakes is many errors; one mistake of many resources is one.
    place = "" if error.address else f"{error.filename}:{error.line}"
    return general(error.summary), general(error.detail) + place


def _snippet(snippet: Snippet) -> Iterable[str]:
    if snippet.context:
        yield f"        in {snippet.context}"
    start, end = snippet.highlight or (0, 0)
    position = 0
    for number, code in enumerate(snippet.code.splitlines(), start=snippet.start_line):
        yield f"  {number:>5} | {code}"
        marked = _marked(code, start - position, end - position)
        if marked:
            yield f"        | {marked}"
        position += len(code.encode()) + 1
    for traversal, statement in snippet.values[:SHOWN_VALUES]:
        yield f"        {traversal} {statement}"


def _marked(code: str, start: int, end: int) -> str:
    """Return carets below a part of a line, given as offsets in bytes; empty when it is not on the line."""
    content = code.encode()
    first, last = max(0, start), min(end, len(content))
    if last <= first or content[first:last] == b"{":  # where the head of a block ends: that tells nothing
        return ""
    before = content[:first].decode(errors="replace")
    width = len(content[first:last].decode(errors="replace"))
    # A tab is as wide below as above.
    return "".join("\t" if char == "\t" else " " for char in before) + "^" * width
