"""Counts distinct visitors: exactly while they are few, with a HyperLogLog sketch beyond that.

Both forms can be merged any number of times in any order. Sketch: Flajolet et al. 2007 with linear counting for
small fillings; its standard error is 1.04 / sqrt(2 ** precision).
"""

from __future__ import annotations

import math
from base64 import b64decode, b64encode
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Shape:
    """How many values are kept exactly, the sketch's precision, and the width of a hash in bytes."""

    exact_limit: int
    precision: int
    width: int

    @property
    def standard_error(self) -> float:
        """Relative standard error of the sketch."""
        return 1.04 / math.sqrt(2**self.precision)


VISITORS = Shape(exact_limit=512, precision=12, width=8)
MINUTE_VISITORS = Shape(exact_limit=64, precision=8, width=4)


@dataclass(slots=True)
class Distinct:
    """A set of hashes; `registers` is None as long as it is exact."""

    shape: Shape
    hashes: set[int] = field(default_factory=set)
    registers: bytearray | None = None

    @property
    def is_exact(self) -> bool:
        """Whether `count()` is exact."""
        return self.registers is None

    def add(self, value: int) -> None:
        """Count a 64-bit hash; shapes of a smaller width keep its upper bytes."""
        value >>= 64 - 8 * self.shape.width
        if self.registers is not None:
            self._note(self.registers, value)
            return
        self.hashes.add(value)
        if len(self.hashes) > self.shape.exact_limit:
            self._sketch()

    def merge(self, other: Distinct) -> None:
        """Take in another one of the same shape. Exact and exact stays exact, whatever the size."""
        if other.registers is None and self.registers is None:
            self.hashes |= other.hashes
            return
        registers = self.registers if self.registers is not None else self._sketch()
        if other.registers is not None:
            registers[:] = bytes(map(max, registers, other.registers))
        for value in other.hashes:
            self._note(registers, value)

    def count(self) -> int:
        """How many distinct values there were."""
        return len(self.hashes) if self.registers is None else _estimate(self.registers)

    def _sketch(self) -> bytearray:
        self.registers = bytearray(2**self.shape.precision)
        for value in self.hashes:
            self._note(self.registers, value)
        self.hashes = set()
        return self.registers

    def _note(self, registers: bytearray, value: int) -> None:
        rest_bits = 8 * self.shape.width - self.shape.precision
        index = value >> rest_bits
        rank = rest_bits - (value & ((1 << rest_bits) - 1)).bit_length() + 1
        if rank > registers[index]:
            registers[index] = rank

    def encoded(self) -> list[str]:
        """A form for JSON; equal sets give equal forms."""
        if self.registers is not None:
            return ["h", b64encode(self.registers).decode()]
        packed = b"".join(value.to_bytes(self.shape.width, "big") for value in sorted(self.hashes))
        return ["e", b64encode(packed).decode()]

    @classmethod
    def decoded(cls, shape: Shape, form: list[str]) -> Distinct:
        """The set back out of its form."""
        kind, text = form
        packed = b64decode(text)
        if kind == "h":
            return cls(shape, registers=bytearray(packed))
        width = shape.width
        return cls(
            shape, {int.from_bytes(packed[i : i + width], "big") for i in range(0, len(packed), width)}
        )


def _estimate(registers: bytearray) -> int:
    size = len(registers)
    zeros = registers.count(0)
    raw = 0.7213 / (1 + 1.079 / size) * size * size / math.fsum(2.0**-rank for rank in registers)
    if raw <= 2.5 * size and zeros:
        return round(size * math.log(size / zeros))
    return round(raw)
