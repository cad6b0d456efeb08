"""A query is commands with bars between them: each becomes a step that the rows of the result go through."""

import re
from dataclasses import dataclass, field

from liveinsight_cli.local.telemetry.insights.expressions import Expression, expression
from liveinsight_cli.local.telemetry.insights.functions import STATISTICS
from liveinsight_cli.local.telemetry.insights.steps import (
    Dedup,
    Display,
    Fields,
    Filter,
    Limit,
    Parse,
    Sort,
    Statistic,
    Stats,
    Step,
)
from liveinsight_cli.local.telemetry.insights.tokens import END, Malformed, Reader

COMMANDS = ("fields", "filter", "stats", "sort", "limit", "parse", "display", "dedup")
PERCENTILES = ("pct", "percentile")
LARGEST_LIMIT = 10_000


@dataclass(frozen=True)
class Query:
    """A query that can be run."""

    steps: tuple[Step, ...] = field(default_factory=tuple)


def parse(text: str) -> Query:
    """Read a query; raises Malformed."""
    reader = Reader(text)
    steps = [_command(reader)]
    while reader.accept("|"):
        steps.append(_command(reader))
    if reader.peek().kind != END:
        reader.refuse("| expected")
    return Query(tuple(steps))


def _command(reader: Reader) -> Step:
    word = reader.peek()
    name = word.text.lower()
    if word.kind != "name" or name not in COMMANDS:
        reader.refuse(f"a command expected; the embedded AWS knows {', '.join(COMMANDS)}")
    reader.take()
    if name == "fields":
        return Fields(tuple(_named(reader)))
    if name == "filter":
        return Filter(expression(reader).compute)
    if name == "stats":
        return _stats(reader)
    if name == "sort":
        return _sort(reader)
    if name == "limit":
        return _limit(reader)
    if name == "parse":
        return _parse(reader)
    names = tuple(column for column, _ in _named(reader))
    return Display(names) if name == "display" else Dedup(names)


def _named(reader: Reader) -> list[tuple[str, Expression]]:
    """Expressions with the names of their columns."""
    found = [_column(reader)]
    while reader.accept(","):
        found.append(_column(reader))
    return found


def _column(reader: Reader) -> tuple[str, Expression]:
    value = expression(reader)
    return _alias(reader, value.name), value


def _alias(reader: Reader, otherwise: str) -> str:
    return reader.take_kind("name", "quoted").text if reader.accept("as") else otherwise


def _stats(reader: Reader) -> Step:
    found = [_statistic(reader)]
    while reader.accept(","):
        found.append(_statistic(reader))
    groups = tuple(_named(reader)) if reader.accept("by") else ()
    return Stats(tuple(found), groups)


def _statistic(reader: Reader) -> Statistic:
    word = reader.peek()
    name = word.text.lower()
    if word.kind != "name" or name not in (*STATISTICS, *PERCENTILES):
        reader.refuse(
            f"a statistic expected; the embedded AWS knows {', '.join((*STATISTICS, *PERCENTILES))}"
        )
    reader.take()
    reader.expect("(")
    share: float | None = None
    if name == "count" and reader.peek().says("*", ")"):
        reader.accept("*")
        value = Expression("*", lambda _: 1)
    else:
        value = expression(reader)
    if name in PERCENTILES:
        reader.expect(",")
        share = float(reader.take_kind("number").text)
    reader.expect(")")
    column = _alias(reader, reader.since(word.start))
    return Statistic(column, name, value.compute, share)


def _sort(reader: Reader) -> Step:
    keys: list[tuple[Expression, bool]] = []
    while not keys or reader.accept(","):
        key = expression(reader)
        word = reader.accept("asc", "desc")
        keys.append((key, word is not None and word.text.lower() == "desc"))
    return Sort(tuple(keys))


def _limit(reader: Reader) -> Step:
    token = reader.take_kind("number")
    if not token.text.isdecimal() or not 1 <= int(token.text) <= LARGEST_LIMIT:
        raise Malformed(f"limit must be a whole number from 1 to {LARGEST_LIMIT}", token.start, token.end)
    return Limit(int(token.text))


def _parse(reader: Reader) -> Step:
    """`parse FIELD "a * b *" as x, y`, or with a regular expression that names its groups."""
    source = "@message"
    if reader.peek().kind in ("name", "quoted"):
        source = reader.take().text
    pattern = reader.take_regex()
    if pattern is not None:
        return Parse(source, pattern, tuple(pattern.groupindex))
    glob = reader.take_kind("string")
    reader.expect("as")
    names = [reader.take_kind("name", "quoted").text]
    while reader.accept(","):
        names.append(reader.take_kind("name", "quoted").text)
    parts = glob.text.split("*")
    if len(parts) - 1 != len(names):
        raise Malformed(f"{len(parts) - 1} * in the pattern, but {len(names)} names", glob.start, glob.end)
    greedy_end = "(.*)$" if parts[-1] == "" else "(.*?)" + re.escape(parts[-1])
    joined = "(.*?)".join(re.escape(part) for part in parts[:-1]) + greedy_end
    return Parse(source, re.compile(joined, re.DOTALL), tuple(names))
