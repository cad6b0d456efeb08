"""How rollups are written down: counts by name as two columns, smaller than JSON and three times as fast to read."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

SEPARATOR = "\n"
_LENGTH = struct.Struct("<I")
_LEVEL = 6


class Group(NamedTuple):
    """Names, one a line and none twice, and columns with a count for every name."""

    names: str
    counts: tuple[Sequence[int], ...]


def pack(header: Mapping[str, Any], groups: Sequence[Group]) -> bytes:
    """A header (JSON) and groups of counts, compressed."""
    sizes = [len(group.counts[0]) for group in groups]
    texts = [group.names.encode("utf-8", "surrogatepass") for group in groups]
    counts = [count for group in groups for column in group.counts for count in column]
    return pack_parts([header, sizes], [*texts, struct.pack(f"<{len(counts)}q", *counts)])


def unpack(data: bytes, columns: Sequence[int]) -> tuple[dict[str, Any], list[Group]]:
    """Header and groups out of what was packed, given how many columns each group has."""
    (header, sizes), (*texts, packed) = unpack_parts(data)
    counts = struct.unpack(f"<{len(packed) // 8}q", packed)
    groups = []
    first = 0
    for size, width, text in zip(sizes, columns, texts, strict=True):
        starts = range(first, first + size * width, size or 1)
        found = tuple(counts[at : at + size] for at in starts) or ((),) * width
        groups.append(Group(text.decode("utf-8", "surrogatepass"), found))
        first += size * width
    return header, groups


def pack_parts(header: Any, parts: Sequence[bytes]) -> bytes:
    """Any JSON value and binaries that belong to it, compressed together; equal ones give equal bytes."""
    head = json.dumps(header, separators=(",", ":"), sort_keys=True).encode()
    lengths = [len(head), *map(len, parts)]
    table = struct.pack(f"<{len(lengths) + 1}I", len(lengths), *lengths)
    return zlib.compress(b"".join([table, head, *parts]), _LEVEL)


def unpack_parts(data: bytes) -> tuple[Any, list[bytes]]:
    """The value and the binaries."""
    content = zlib.decompress(data)
    (count,) = _LENGTH.unpack_from(content)
    lengths = struct.unpack_from(f"<{count}I", content, _LENGTH.size)
    at = _LENGTH.size * (count + 1)
    pieces = []
    for length in lengths:
        pieces.append(content[at : at + length])
        at += length
    return json.loads(pieces[0]), pieces[1:]
