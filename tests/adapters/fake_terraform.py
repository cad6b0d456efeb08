"""A terraform that replays streams: an executable on PATH, told by files what to say and how to end."""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STREAMS = Path(__file__).parent / "streams"

PROGRAM = r"""#!{python} -SE
import json, os, pathlib, signal, sys, time
here = pathlib.Path({directory!r})
verb = sys.argv[1]
signals = []
waiting = here / (verb + ".wait")
if waiting.exists():
    def note(number, frame):
        signals.append(signal.Signals(number).name)
        (here / "signals").write_text(" ".join(signals))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, note)
else:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
with (here / "calls").open("a") as calls:
    calls.write(json.dumps([sys.argv[1:], dict(os.environ), os.getcwd(), os.getpid(), os.getpgid(0)]) + "\n")
def told(name, otherwise):
    path = here / name
    return path.read_text() if path.exists() else otherwise
if verb == "version":
    sys.stdout.write(told("version", json.dumps(dict(terraform_version="1.11.4"))))
    sys.exit(int(told("version.exit", "0")))
if verb == "init":
    provider = pathlib.Path(".terraform/providers")
    provider.mkdir(parents=True, exist_ok=True)
    pathlib.Path(".terraform.lock.hcl").touch()
imports = pathlib.Path("liveinsight_imports.tf.json")
if imports.exists():
    (here / "imports").write_text(imports.read_text())
for argument in sys.argv:
    if argument.startswith("-out="):
        pathlib.Path(argument[5:]).write_text("plan")
if waiting.exists():
    (here / "starting").write_text(str(os.getpid()))
    (here / "starting").rename(here / "started")
    wanted = int(waiting.read_text())
    while len(signals) < wanted:
        time.sleep(0.01)
if verb == "apply" and not (here / "apply.exit").exists():
    pathlib.Path("../terraform.tfstate").write_text("{{}}")
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
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

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
