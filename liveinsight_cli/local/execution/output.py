"""What a worker prints, cut into log events: framed by the runtime where it can, by lines otherwise."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field

_HEADER_BYTES = 16  # frame type, length, microseconds since the epoch
_READ_BYTES = 1 << 16
LogLine = tuple[int, str]  # epoch milliseconds, text


def _now() -> int:
    return int(time.time() * 1000)


@dataclass
class Lines:
    """Standard output and error: an event a line, as it arrives; a carriage return goes on in the same event."""

    received: bytes = b""

    def feed(self, data: bytes) -> list[LogLine]:
        """The lines that are complete now."""
        *lines, self.received = (self.received + data).split(b"\n")
        return [(_now(), _decode(line) + "\n") for line in lines]

    def rest(self) -> list[LogLine]:
        """An unfinished line, at the end of an invocation."""
        rest, self.received = self.received, b""
        return [(_now(), _decode(rest))] if rest else []


@dataclass
class Frames:
    """The runtime's own log messages, each with its length and its time."""

    received: bytes = b""

    def feed(self, data: bytes) -> list[LogLine]:
        """The messages that are complete now."""
        self.received += data
        found: list[LogLine] = []
        while len(self.received) >= _HEADER_BYTES:
            end = _HEADER_BYTES + int.from_bytes(self.received[4:8], "big")
            if len(self.received) < end:
                break
            micros = int.from_bytes(self.received[8:16], "big")
            found.append((micros // 1000, self.received[_HEADER_BYTES:end].decode("utf-8", "replace")))
            self.received = self.received[end:]
        return found

    def rest(self) -> list[LogLine]:
        """Half a frame is of no use to anyone."""
        return []


def _decode(line: bytes) -> str:
    return line.decode("utf-8", "replace").replace("\r", "\n")


@dataclass
class Pipe:
    """The reading end of a pipe from the worker, never blocking."""

    cut: Lines | Frames
    descriptor: int = -1
    child_descriptor: int = -1
    is_open: bool = field(default=True)

    def __post_init__(self) -> None:
        self.descriptor, self.child_descriptor = os.pipe()
        os.set_blocking(self.descriptor, False)

    def fileno(self) -> int:
        """For the selector."""
        return self.descriptor

    def read(self, keep: Callable[[list[LogLine]], None]) -> None:
        """Read all there is."""
        while self.is_open:
            try:
                data = os.read(self.descriptor, _READ_BYTES)
            except BlockingIOError:
                return
            if not data:
                self.is_open = False
                return
            keep(self.cut.feed(data))

    def close_child_end(self) -> None:
        """Once the worker has it."""
        os.close(self.child_descriptor)

    def close(self) -> None:
        """Close the reading end."""
        os.close(self.descriptor)
