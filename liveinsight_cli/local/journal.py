"""The last requests to the AWS port: what was called, by whom, and whether it changed anything.

`deploy` twice must make no write call the second time; this is where a test reads that.
"""

import re
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Literal

Caller = Literal["terraform", "function", "aws-cli", "boto3", "other"]

CAPACITY = 5000
READS = re.compile(
    r"(Get|List|Describe|Head|Filter|Query$|Scan$|BatchGet|TransactGet|Lookup|Search|Test|Select|"
    r"StartQuery|StopQuery|StartLiveTail|AssumeRole|Decode|Simulate|Invoke)"
)
READ_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Entry:
    """One request. `write`: it may have changed what AWS holds; invoking a function does not count as that."""

    number: int
    at: float
    service: str
    operation: str
    write: bool
    status: int
    caller: Caller


class Journal:
    """A ring of the newest requests with a number that never repeats."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=CAPACITY)
        self._lock = threading.Lock()
        self._number = 0

    def add(self, service: str, operation: str, write: bool, status: int, agent: str) -> None:
        """Record a request that was answered."""
        with self._lock:
            self._number += 1
            entry = Entry(self._number, time.time(), service, operation, write, status, caller(agent))
            self._entries.append(entry)

    def since(self, number: int = 0) -> list[Entry]:
        """Return the entries after a number, oldest first."""
        with self._lock:
            return [entry for entry in self._entries if entry.number > number]

    @property
    def number(self) -> int:
        """The number of the newest entry."""
        return self._number


def operation_of(method: str, path: str, target: str | None, action: str | None) -> str:
    """Name the operation: from the target header or the action, else method and first words of the path."""
    if target:
        return target.rsplit(".", 1)[-1]
    if action:
        return action
    if path.endswith("/invocations"):
        return "Invoke"
    return f"{method} {path}"


def is_write(method: str, operation: str) -> bool:
    """Tell whether an operation may change anything."""
    named = " " not in operation
    return READS.match(operation) is None if named else method not in READ_METHODS


def caller(agent: str) -> Caller:
    """Tell from a User-Agent header who called."""
    lower = agent.lower()
    if "aws_lambda" in lower:
        return "function"
    if "terraform" in lower or "opentofu" in lower:
        return "terraform"
    if "aws-cli" in lower:
        return "aws-cli"
    return "boto3" if "boto3" in lower or "botocore" in lower else "other"
