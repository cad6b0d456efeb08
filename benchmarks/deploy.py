"""What `liveinsight deploy` costs over the bare terraform of the same stack, on the embedded AWS.

Run: python benchmarks/deploy.py [deploys] [unchanged]   (default 1 and 3; a deploy takes half a minute, on each side)
Both sides have an embedded AWS of their own, freshly started, the same sources, variables, zips and environment. Each
first deploy is timed beside `terraform init`, `plan -out` and `apply` of that plan, each unchanged one beside
`terraform plan`; sides take turns. CPU is that of the command and all it starts, without the embedded AWS. Processes
are counted as they are seen, ten times a second.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

import psutil

from liveinsight_cli.adapters.terraform_environment import Target, terraform_environment
from liveinsight_cli.local.process import EmbeddedAws

TOOL = [sys.executable, "-m", "liveinsight_cli.cli"]
BARE = (
    ["terraform", "init", "-input=false"],
    ["terraform", "plan", "-input=false", "-out=bare.tfplan"],
    ["terraform", "apply", "-input=false", "bare.tfplan"],
)
NAMES = (
    "liveinsight deploy, first",
    "terraform init, plan, apply",
    "liveinsight deploy, unchanged",
    "terraform plan, unchanged",
)
LOOKS_EVERY_SECONDS = 0.1
KEPT_VARIABLES = ("LIVEINSIGHT_PROVIDER_MIRROR", "LIVEINSIGHT_TERRAFORM")


@dataclass
class Measured:
    """Wall and CPU seconds of some commands, and the terraform and provider processes below them."""

    wall: float = 0.0
    cpu: float = 0.0
    terraforms: set[int] = field(default_factory=set)
    providers: set[int] = field(default_factory=set)

    def look(self) -> None:
        """Note the processes that run now."""
        for process in psutil.Process().children(recursive=True):
            try:
                name, parent = process.name(), process.ppid()
            except psutil.Error:  # ended meanwhile
                continue
            if name == "terraform" and parent not in self.terraforms:  # else on its way to be a provider
                self.terraforms.add(process.pid)
            elif name.startswith("terraform-provi"):  # the kernel keeps fifteen letters
                self.providers.add(process.pid)


def measured(commands: Sequence[Sequence[str]], directory: Path, variables: Mapping[str, str]) -> Measured:
    """Run commands one after the other, each to its good end."""
    found, done = Measured(), threading.Event()

    def watch() -> None:
        while not done.wait(LOOKS_EVERY_SECONDS):
            found.look()

    watching = threading.Thread(target=watch)
    watching.start()
    started, before = time.monotonic(), _cpu()
    try:
        for command in commands:
            _run(command, directory, variables)
    finally:
        done.set()
        watching.join()
    found.wall, found.cpu = time.monotonic() - started, _cpu() - before
    return found


def _run(command: Sequence[str], directory: Path, variables: Mapping[str, str]) -> None:
    done = subprocess.run(
        command, cwd=directory, env=dict(variables), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def _cpu() -> float:
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@dataclass(frozen=True)
class Side:
    """A project with an embedded AWS of its own, where nothing is deployed but what an account has one of."""

    project: Path

    @property
    def stack(self) -> Path:
        """Terraform's working copy."""
        return self.project / ".liveinsight" / "local" / "stack"

    def tool(self, *arguments: str) -> None:
        """Run the command line, unmeasured."""
        _run([*TOOL, *arguments], self.project, _ours())

    def deploy(self) -> Measured:
        """Deploy with the tool."""
        return measured([[*TOOL, "deploy", "--yes", "--json"]], self.project, _ours())

    def first(self) -> Measured:
        """Deploy with terraform itself, what the tool prepared."""
        self.tool("plan")  # writes the stack, its variables and the zips
        shutil.rmtree(self.stack / ".terraform")
        return self.bare(*BARE)

    def bare(self, *commands: Sequence[str]) -> Measured:
        """Run terraform itself on the stack that the tool generated."""
        server = EmbeddedAws(self.project).running()
        if server is None:
            sys.exit("The embedded AWS ended.")
        target = Target(server.region, endpoint_url=server.endpoint_url)
        variables = terraform_environment(os.environ, target)
        configuration = self.stack / ".terraformrc"
        if configuration.exists():
            variables["TF_CLI_CONFIG_FILE"] = str(configuration)
        return measured(commands, self.stack, variables)


@contextmanager
def side(directory: Path, name: str) -> Iterator[Side]:
    """Start a side, and end it."""
    project = directory / name
    project.mkdir()
    made = Side(project)
    made.tool("local", "up")
    try:
        made.tool("account", "deploy", "--yes")
        yield made
    finally:
        made.tool("local", "down")


def _ours() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("LIVEINSIGHT_") or name in KEPT_VARIABLES
    }


def main() -> None:
    """Measure and print one line for each of the four."""
    deploys = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    unchanged = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    rows: dict[str, list[Measured]] = {name: [] for name in NAMES}
    for number in range(deploys):
        with (
            tempfile.TemporaryDirectory() as directory,
            side(Path(directory), "ours") as ours,
            side(Path(directory), "bare") as bare,
        ):
            turns = [(NAMES[0], ours.deploy), (NAMES[1], bare.first)]
            for name, run in turns if number % 2 == 0 else turns[::-1]:
                rows[name].append(run())
            for _ in range(unchanged):
                rows[NAMES[2]].append(ours.deploy())
                rows[NAMES[3]].append(bare.bare(["terraform", "plan", "-input=false"]))
    _print(rows)


def _print(rows: Mapping[str, Sequence[Measured]]) -> None:
    print(f"{'':<30}  {'wall s':>7}  {'CPU s':>7}  {'terraform':>9}  {'providers':>9}")
    for name, all_of_it in rows.items():
        wall = statistics.median(one.wall for one in all_of_it)
        cpu = statistics.median(one.cpu for one in all_of_it)
        last = all_of_it[-1]
        print(f"{name:<30}  {wall:>7.1f}  {cpu:>7.1f}  {len(last.terraforms):>9}  {len(last.providers):>9}")
    for what, mine, bare in (("first", *NAMES[:2]), ("unchanged", *NAMES[2:])):
        pairs = list(zip(rows[mine], rows[bare], strict=True))
        wall = statistics.median(one.wall / other.wall for one, other in pairs)
        cpu = statistics.median(one.cpu / other.cpu for one, other in pairs)
        print(f"{what}: {wall:.2f} of the wall time, {cpu:.2f} of the CPU time of bare terraform")


if __name__ == "__main__":
    main()
