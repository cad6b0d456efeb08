"""What functions run on: the Python, the processor and the C library that their dependencies have to fit."""

from dataclasses import dataclass
from typing import Literal

Architecture = Literal["arm64", "x86_64"]
GlibcVersion = tuple[int, int]

# As wheels and ELF headers call what Lambda calls arm64 and x86_64.
MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
# manylinux2014 is the newest that pip and uv can both be told and that Amazon Linux 2 can load.
WHEEL_GLIBC_MINOR = 17
OLDEST_GLIBC_MINOR = {"arm64": 17, "x86_64": 5}


@dataclass(frozen=True)
class Platform:
    """`glibc` is None where it is not known or another C library is used: binaries are then not looked into."""

    python: tuple[int, int]
    architecture: Architecture
    glibc: GlibcVersion | None
    is_this_machine: bool = False

    @property
    def python_version(self) -> str:
        """As `3.11`."""
        return f"{self.python[0]}.{self.python[1]}"

    @property
    def machine(self) -> str:
        """The architecture as wheels call it."""
        return MACHINES[self.architecture]

    @property
    def name(self) -> str:
        """In words, for people."""
        where = ", this machine" if self.is_this_machine else ""
        return f"Python {self.python_version} on {self.architecture}{where}"

    @property
    def key(self) -> str:
        """Tells platforms apart whose dependencies may differ."""
        glibc = f"{self.glibc[0]}.{self.glibc[1]}" if self.glibc else "other"
        place = "here" if self.is_this_machine else "aws"
        return f"python{self.python_version} {self.architecture} glibc{glibc} {place}"

    @property
    def wheel_tags(self) -> tuple[str, ...]:
        """The platform tags of wheels that run there, best first; PEP 600."""
        minors = range(WHEEL_GLIBC_MINOR, OLDEST_GLIBC_MINOR[self.architecture] - 1, -1)
        tags = [f"manylinux_2_{minor}_{self.machine}" for minor in minors]
        return (tags[0], f"manylinux2014_{self.machine}", *tags[1:])


# The runtime of terraform/modules/function: python3.11 is Amazon Linux 2, which has glibc 2.26.
LAMBDA = Platform((3, 11), "arm64", (2, 26))
