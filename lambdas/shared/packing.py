"""How rollups are written down: counts by name as two columns, which read three times as fast as JSON and are smaller."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

_SEPARATOR = "\n"
_LENGTH = struct.Struct("<I")
_LEVEL = 6


def pack(header: dict[str, Any], tallies: Mapping[str, Mapping[str, int]]) -> bytes:
    """A header (JSON) and counts by name, compressed. Equal content gives equal bytes; counts of 0 are left out.

    Names come sorted, so that lists of the same pages stand side by side as the same text.
    """
    names: list[str] = []
    counts: list[int] = []
    lengths: dict[str, int] = {}
    for dimension, tally in sorted(tallies.items()):
        kept = sorted((name, count) for name, count in _by_line(tally).items() if count)
        if kept:
            lengths[dimension] = len(kept)
            names += [name for name, _ in kept]
            counts += [count for _, count in kept]
    text = json.dumps({**header, "d": lengths}, separators=(",", ":"), sort_keys=True)
    return _joined(
        text,
        [_SEPARATOR.join(names).encode("utf-8", "surrogatepass"), struct.pack(f"<{len(counts)}q", *counts)],
    )


def unpack(data: bytes) -> tuple[dict[str, Any], dict[str, dict[str, int]]]:
    """Header and counts by name out of what was packed."""
    header, (joined, packed) = _parted(data)
    names = joined.decode("utf-8", "surrogatepass").split(_SEPARATOR)
    counts = struct.unpack(f"<{len(packed) // 8}q", packed)
    tallies = {}
    first = 0
    for dimension, length in header.pop("d").items():
        end = first + length
        tallies[dimension] = dict(zip(names[first:end], counts[first:end], strict=True))
        first = end
    return header, tallies


def pack_parts(header: Any, parts: Sequence[bytes]) -> bytes:
    """Any JSON value and binaries that belong to it, compressed together."""
    return _joined(json.dumps(header, separators=(",", ":"), sort_keys=True), parts)


def unpack_parts(data: bytes) -> tuple[Any, list[bytes]]:
    """The value and the binaries."""
    return _parted(data)


def _joined(text: str, parts: Sequence[bytes]) -> bytes:
    head = text.encode()
    lengths = [len(head), *map(len, parts)]
    table = struct.pack(f"<{len(lengths) + 1}I", len(lengths), *lengths)
    return zlib.compress(b"".join([table, head, *parts]), _LEVEL)


def _parted(data: bytes) -> tuple[Any, list[bytes]]:
    content = zlib.decompress(data)
    (count,) = _LENGTH.unpack_from(content)
    lengths = struct.unpack_from(f"<{count}I", content, _LENGTH.size)
    at = _LENGTH.size * (count + 1)
    pieces = []
    for length in lengths:
        pieces.append(content[at : at + length])
        at += length
    return json.loads(pieces[0]), pieces[1:]


def _by_line(tally: Mapping[str, int]) -> Mapping[str, int]:
    """The same counts under names that hold no separator; hardly ever is there one."""
    if not any(_SEPARATOR in name for name in tally):
        return tally
    counts: dict[str, int] = {}
    for name, count in tally.items():
        line = name.replace(_SEPARATOR, " ")
        counts[line] = counts.get(line, 0) + count
    return counts
