"""Kills deploys at random moments, then deploys once: that one must succeed and leave nothing double, nothing behind.

Run: python tools/kill_deploys.py DIRECTORY [--chains 2] [--kills 5] [--modes tool,tree,int,server] [--seed 1]

A chain begins with an empty project below DIRECTORY and an embedded AWS of its own, and kills first deploys until one
gets through; then it kills updates. After each part comes the deploy that must succeed, one that must find nothing to
do, and at the end a destroy that must leave nothing. Every figure is printed; the exit code is 1 if anything failed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from liveinsight_cli.adapters.aws import Aws
from liveinsight_cli.local.process import EmbeddedAws
from tests.terraform.leftovers import leftovers

LONGEST_DEPLOY_SECONDS = 600
TERRAFORM = ("terraform", "tofu")


@dataclass
class Report:
    """What came of all chains."""

    kills: Counter[str] = field(default_factory=Counter)
    phases: Counter[str] = field(default_factory=Counter)
    recoveries: int = 0
    taken_over: int = 0
    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def fail(self, text: str) -> None:
        """Note and show what should not have happened."""
        self.failures.append(text)
        print(f"FAILED: {text}", flush=True)


@dataclass(frozen=True)
class Moment:
    """When to kill: so many seconds after the start, or after so many steps of the apply, which are the risky part."""

    seconds: float
    steps: int | None

    @classmethod
    def choose(cls, chance: random.Random, duration: float) -> Moment:
        """Return a moment; two of three are in the apply."""
        if chance.random() < 1 / 3:
            return cls(chance.uniform(0.2, duration), None)
        return cls(chance.uniform(0.0, 0.5), int(155 ** chance.random()))

    def __str__(self) -> str:
        at = f"step {self.steps} + " if self.steps is not None else ""
        return f"at {at}{self.seconds:.1f} s"

    def comes(self, process: subprocess.Popen[bytes], said: Path) -> bool:
        """Return at the moment, and whether the process lives."""
        while self.steps is not None and f"[{self.steps}/" not in said.read_text():
            try:
                process.wait(0.02)
                return False
            except subprocess.TimeoutExpired:
                continue
        try:
            process.wait(self.seconds)
            return False
        except subprocess.TimeoutExpired:
            return True


@dataclass
class Chain:
    """One project, killed again and again."""

    project: Path
    modes: tuple[str, ...]
    chance: random.Random
    report: Report
    duration: float = 60.0
    memory_mb: int = 256

    def variables(self) -> dict[str, str]:
        """Return the environment of a user whose settings are those of this moment."""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LIVEINSIGHT_"))
        }
        return kept | {"LIVEINSIGHT_MEMORY_MB": str(self.memory_mb), "COLUMNS": "120"}

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of a command."""
        return [sys.executable, "-m", "liveinsight_cli.cli", *arguments]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.project,
            env=self.variables(),
            capture_output=True,
            text=True,
            timeout=LONGEST_DEPLOY_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def kill_one(self) -> bool:
        """Begin a deploy and kill it at a random moment; False when it came to its end before."""
        mode = self.chance.choice(self.modes)
        moment = Moment.choose(self.chance, self.duration)
        said = self.project.with_suffix(".said")
        with said.open("w") as file:
            process = subprocess.Popen(
                self.command("deploy", "--yes"),
                cwd=self.project,
                env=self.variables(),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            ended = not moment.comes(process, said)
            if not ended:
                self.kill(process.pid, mode)
            code = process.wait()
        lines = said.read_text().splitlines()
        phase = _phase(lines)
        self.report.taken_over += sum(line.startswith("Taking over") for line in lines)
        if ended:
            if code != 0:
                self.report.fail(f"a deploy that nobody killed ended with {code}: {said.read_text()[-1500:]}")
            return False
        self.report.kills[mode] += 1
        self.report.phases[phase] += 1
        if code not in (-signal.SIGKILL, 130, 0):
            self.report.fail(f"killed ({mode}), it ended with {code}: {said.read_text()[-1500:]}")
        print(f"  {mode} {moment}: {phase}: {lines[-1] if lines else ''}", flush=True)
        return True

    def kill(self, pid: int, mode: str) -> None:
        """Kill the tool: alone, with all of its terraform, with the embedded AWS too, or as Ctrl-C does."""
        if mode == "int":
            os.kill(pid, signal.SIGINT)
            return
        victims = [psutil.Process(pid)]
        if mode in ("tree", "server"):
            below = psutil.Process(pid).children(recursive=True)
            victims += [one for one in below if one.name().startswith(TERRAFORM)]
        server = EmbeddedAws(self.project).running()
        if mode == "server" and server is not None:
            victims.append(psutil.Process(server.pid))
        for one in victims:
            try:
                one.kill()
            except psutil.NoSuchProcess:
                continue

    def recover(self, what: str) -> bool:
        """Deploy; it must succeed, and the next one must find nothing to do."""
        started = time.monotonic()
        done = self.run("deploy", "--yes")
        self.report.taken_over += sum(line.startswith("Taking over") for line in done.stderr.splitlines())
        if done.returncode != 0:
            self.report.fail(
                f"{self.project.name}: the deploy after {what} ended with {done.returncode}:\n{done.stderr[-4000:]}"
            )
            return False
        self.report.seconds.append(time.monotonic() - started)
        self.report.recoveries += 1
        print(f"  recovered in {self.report.seconds[-1]:.0f} s", flush=True)
        again = self.run("deploy", "--yes", "--json")
        answer = json.loads(again.stdout)
        if again.returncode != 0 or answer["data"]["changed"]:
            self.report.fail(
                f"{self.project.name}: after {what} a second deploy is not empty: {again.stdout[-2000:]}"
            )
        for problem in self.doubles():
            self.report.fail(f"{self.project.name}: after {what}: {problem}")
        return True

    def doubles(self) -> list[str]:
        """Return what exists more often than it should, and functions that are not in service as they should be."""
        client = self.aws().client
        apis = client("apigateway").get_rest_apis()["items"]
        problems = [f"{len(apis)} REST APIs"] if len(apis) != 1 else []
        for api in apis:
            found = client("apigateway").get_resources(restApiId=api["id"], limit=500)["items"]
            paths = Counter(one["path"] for one in found)
            problems += [f"{path} is there {count} times" for path, count in paths.items() if count > 1]
        edges = client("cloudfront").list_distributions()["DistributionList"].get("Items", [])
        problems += [f"{len(edges)} distributions"] if len(edges) != 1 else []
        mappings = client("lambda").list_event_source_mappings()["EventSourceMappings"]
        problems += [f"{len(mappings)} event source mappings"] if len(mappings) != 1 else []
        queries = Counter(
            one["name"] for one in client("logs").describe_query_definitions()["queryDefinitions"]
        )
        problems += [f"{name} is there {count} times" for name, count in queries.items() if count > 1]
        for one in client("lambda").list_functions()["Functions"]:
            name = one["FunctionName"]
            live = client("lambda").get_alias(FunctionName=name, Name="live")["FunctionVersion"]
            memory = client("lambda").get_function_configuration(FunctionName=name, Qualifier=live)[
                "MemorySize"
            ]
            if memory != self.memory_mb:
                problems.append(f"{name}: {memory} MB in service, {self.memory_mb} wanted")
        return problems

    def aws(self) -> Aws:
        """Return the chain's embedded AWS."""
        server = EmbeddedAws(self.project).running()
        if server is None:
            raise RuntimeError("the embedded AWS is not running")
        return Aws(server.region, endpoint_url=server.endpoint_url)

    def go_through(self, kills: int) -> None:
        """Kill first deploys, then updates; end with a destroy."""
        for _ in range(kills):
            if not self.kill_one():
                break
        if not self.recover("killed first deploys"):
            return
        for _ in range(kills):
            self.memory_mb += 1
            self.kill_one()
        if not self.recover("killed updates"):
            return
        done = self.run("destroy", "--yes")
        if done.returncode != 0:
            self.report.fail(f"destroy ended with {done.returncode}: {done.stderr[-2000:]}")
            return
        left = [one for one in leftovers(self.aws().client) if "api-gateway-logs" not in str(one)]
        if left:
            self.report.fail(f"{self.project.name}: left after destroy: {left}")

    def destroy_after_kills(self, kills: int) -> None:
        """Kill first deploys, then destroy at once: nothing may be left."""
        for _ in range(kills):
            if not self.kill_one():
                break
        done = self.run("destroy", "--yes")
        if done.returncode not in (0, 3):  # 3: nothing was begun yet
            self.report.fail(f"destroy after kills ended with {done.returncode}: {done.stderr[-3000:]}")
            return
        left = [one for one in leftovers(self.aws().client) if "api-gateway-logs" not in str(one)]
        if left:
            self.report.fail(f"{self.project.name}: left after kills and destroy: {left}")


def _phase(lines: list[str]) -> str:
    """Return where a deploy was, told by what it said."""
    steps = ("Smoke-testing", "Putting the new", "[", "Planning", "Starting")
    for step in steps:
        if any(line.startswith(step) for line in lines):
            return {"[": "apply"}.get(step, step)
    return "before"


def main() -> None:
    """Go through the chains and print what came of them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=Path)
    parser.add_argument("--chains", type=int, default=1)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--modes", default="tool,tree,int,server")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=45.0, help="How long an undisturbed deploy takes.")
    parser.add_argument(
        "--destroy", action="store_true", help="Destroy after the kills, without a deploy between."
    )
    asked = parser.parse_args()
    report, chance = Report(), random.Random(asked.seed)  # noqa: S311 - moments, not secrets
    for number in range(asked.chains):
        project = asked.directory / f"chain-{asked.seed}-{number}"
        shutil.rmtree(project, ignore_errors=True)
        project.mkdir(parents=True)
        print(project, flush=True)
        chain = Chain(project, tuple(asked.modes.split(",")), chance, report, asked.seconds)
        try:
            (chain.destroy_after_kills if asked.destroy else chain.go_through)(asked.kills)
        finally:
            chain.run("local", "down")
    summary: dict[str, Any] = {
        "kills": dict(report.kills),
        "at": dict(report.phases),
        "recoveries": report.recoveries,
        "taken_over": report.taken_over,
        "recovery_seconds": [round(one) for one in report.seconds],
        "failures": report.failures,
    }
    print(json.dumps(summary, indent=2))
    sys.exit(1 if report.failures else 0)


if __name__ == "__main__":
    main()
