"""A terraform that replays streams: an executable on PATH, told by files what to say and how to end."""

import ast
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STREAMS = Path(__file__).parent / "streams"

# Tests run it thousands of times, and most of a run is Python's start: it gets by on what is built into Python.
PROGRAM = r"""#!{python} -SE
import _signal, os, sys
here = {directory!r} + "/"
verb = sys.argv[1]
signals = []
def told(name, otherwise):
    try:
        with open(here + name, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return otherwise
def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
wanted = told(verb + ".wait", None)
if wanted is not None:
    import signal, time
    def note(number, frame):
        signals.append(signal.Signals(number).name)
        write(here + "signals", " ".join(signals))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, note)
else:
    _signal.signal(_signal.SIGINT, _signal.SIG_IGN)
with open(here + "calls", "a", encoding="utf-8") as calls:
    calls.write(repr([sys.argv[1:], dict(os.environ), os.getcwd(), os.getpid(), os.getpgid(0)]) + "\n")
if verb == "version":
    sys.stdout.write(told("version", '{{"terraform_version": "1.11.4"}}'))
    sys.exit(int(told("version.exit", "0")))
if verb == "init":
    os.makedirs(".terraform/providers", exist_ok=True)
    open(".terraform.lock.hcl", "a").close()
if os.path.exists("liveinsight_imports.tf.json"):
    with open("liveinsight_imports.tf.json", encoding="utf-8") as file:
        write(here + "imports", file.read())
for argument in sys.argv:
    if argument.startswith("-out="):
        write(argument[5:], "plan")
if wanted is not None:
    write(here + "starting", str(os.getpid()))
    os.rename(here + "starting", here + "started")
    while len(signals) < int(wanted):
        time.sleep(0.01)
if verb == "apply" and not os.path.exists(here + "apply.exit"):
    write("../terraform.tfstate", "{{}}")
sys.stdout.write(told(verb + ".jsonl", ""))
sys.stdout.flush()
sys.exit(int(told(verb + ".exit", "0")))
"""


@dataclass(frozen=True)
class FakeTerraform:
    """The executable below `directory`, and what it is told."""

    directory: Path

    @classmethod
    def install(cls, directory: Path, name: str = "terraform") -> "FakeTerraform":
        """Write the executable into directory/bin."""
        (directory / "bin").mkdir(parents=True)
        program = directory / "bin" / name
        program.write_text(PROGRAM.format(python=sys.executable, directory=str(directory)))
        program.chmod(0o755)
        return cls(directory)

    @property
    def path(self) -> Path:
        return self.directory / "bin" / "terraform"

    def says(self, verb: str, *, stream: str | None = None, text: str = "", exit_code: int = 0) -> None:
        """Have `verb` replay a recorded stream, or these lines, and end with an exit code."""
        said = (STREAMS / f"{stream}.jsonl").read_text() if stream else text
        (self.directory / f"{verb}.jsonl").write_text(said)
        (self.directory / f"{verb}.exit").unlink(missing_ok=True)
        if exit_code:
            (self.directory / f"{verb}.exit").write_text(str(exit_code))

    def waits_for_signals(self, verb: str, count: int) -> None:
        """Have `verb` go on only after that many signals."""
        (self.directory / f"{verb}.wait").write_text(str(count))

    @property
    def calls(self) -> list[list[Any]]:
        """Every run so far: arguments, environment, working directory, pid, process group."""
        path = self.directory / "calls"
        return [ast.literal_eval(line) for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def verbs(self) -> list[str]:
        return [call[0][0] for call in self.calls if call[0][0] != "version"]

    @property
    def imports(self) -> dict[str, str]:
        """What the last plan that imported anything was told to import, address -> id."""
        blocks = json.loads((self.directory / "imports").read_text())["import"]
        return {one["to"]: one["id"] for one in blocks}

    @property
    def signals(self) -> list[str]:
        path = self.directory / "signals"
        return path.read_text().split() if path.exists() else []

    def on_path(self) -> str:
        """Return a PATH that finds this terraform first."""
        return f"{self.directory / 'bin'}{os.pathsep}{os.environ['PATH']}"


def event(kind: str, **fields: object) -> str:
    """Return one line of a stream."""
    return json.dumps({"@level": "info", "type": kind, **fields}) + "\n"


def error_event(summary: str, detail: str = "", **fields: object) -> str:
    """Return the line of an error."""
    return event(
        "diagnostic", diagnostic={"severity": "error", "summary": summary, "detail": detail, **fields}
    )


VERSION_EVENT = event("version", terraform="1.11.4", ui="1.2")
