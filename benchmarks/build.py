"""What `liveinsight build` costs, beside `sam build` on equivalent functions when `sam` is on PATH.

Run: python benchmarks/build.py [runs]   (default 5)
Whole processes, start-up included: CPU ms (user and system, of all processes they start) and wall ms, from
nothing and unchanged, without dependencies and with one each, which comes from a directory: no network. Runs are
interleaved and medians are shown, so that a busy machine disturbs all rows alike: quote the ratios. sam copies
directories and leaves the zips to `sam deploy`; `liveinsight build` makes them. The figures in process leave the
start-up out.
"""

import base64
import hashlib
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from liveinsight_cli.adapters.package import Packager
from liveinsight_cli.assets import lambda_sources
from liveinsight_cli.core.build import PACKAGES, SHARED
from liveinsight_cli.core.lambda_platform import LAMBDA

RUN = """
import sys
from pathlib import Path
from liveinsight_cli import assets
assets.PACKAGE = Path(sys.argv.pop(1))  # the sources are beside it
from liveinsight_cli.cli import main
main()
"""
TEMPLATE_HEAD = "AWSTemplateFormatVersion: '2010-09-09'\nTransform: AWS::Serverless-2016-10-31\nResources:\n"
TEMPLATE_FUNCTION = """  {name}:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.11
      Architectures: [arm64]
      Handler: {package}.handler.handler
      CodeUri: {package}
"""
Cost = tuple[float, float]  # CPU ms, wall ms


@dataclass
class Scene:
    """The functions, once as this project has them and once as a SAM application."""

    root: Path
    variables: dict[str, str]
    has_dependency: bool = False
    own: Path = field(init=False)
    sam: Path = field(init=False)

    def __post_init__(self) -> None:
        """Copy the functions to both places."""
        self.own, self.sam = self.root / "own", self.root / "sam"
        without_caches = shutil.ignore_patterns("__pycache__")
        shutil.copytree(lambda_sources(), self.own / "lambdas", ignore=without_caches)
        self.sam.mkdir()
        text = TEMPLATE_HEAD
        for package in PACKAGES.values():
            for part in (package, SHARED):
                shutil.copytree(lambda_sources() / part, self.sam / package / part, ignore=without_caches)
            name = package.replace("_", " ").title().replace(" ", "")
            text += TEMPLATE_FUNCTION.format(name=name, package=package)
            if self.has_dependency:
                for place in (self.own / "lambdas" / package, self.sam / package):
                    (place / "requirements.txt").write_text("pure\n")
        (self.sam / "template.yaml").write_text(text)
        if self.has_dependency:
            self.liveinsight("build", "--lock", "--env", "dev")

    def liveinsight(self, *arguments: str) -> Cost:
        """Cost of one process of this tool."""
        command = [sys.executable, "-c", RUN, str(self.own / "liveinsight_cli"), *arguments]
        return cost(command, self.own, self.variables)

    def forget(self) -> None:
        """Leave nothing of earlier builds."""
        for path in (self.own / ".liveinsight", self.sam / ".aws-sam"):
            shutil.rmtree(path, ignore_errors=True)

    def run_sam(self, *arguments: str) -> Cost:
        """Cost of one process of sam."""
        return cost(["sam", *arguments], self.sam, self.variables)


def cost(command: Sequence[str], directory: Path, variables: dict[str, str]) -> Cost:
    """Run a process to its end."""
    before, started = _children_seconds(), time.perf_counter()
    subprocess.run(command, cwd=directory, env=variables, capture_output=True, check=True)
    return (_children_seconds() - before) * 1000, (time.perf_counter() - started) * 1000


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def in_process(scene: Scene) -> Callable[[], Cost]:
    """Return what measures one build without the start-up."""

    def measure() -> Cost:
        work = scene.own / ".liveinsight"
        packager = Packager(scene.own / "lambdas", work / "bench", LAMBDA, work / ".cache" / "dependencies")
        before, started = time.process_time(), time.perf_counter()
        packager.build()
        return (time.process_time() - before) * 1000, (time.perf_counter() - started) * 1000

    return measure


def measured(scene: Scene, runs: int, *, has_sam: bool) -> dict[str, Cost]:
    """Return the median cost of each row."""
    build = in_process(scene)
    rows: dict[str, Callable[[], Cost]] = {
        "liveinsight build, cold": lambda: scene.liveinsight("build", "--env", "dev"),
        "liveinsight build, unchanged": lambda: scene.liveinsight("build", "--env", "dev"),
        "in process, cold": build,  # but for installing: the processes above have done that
        "in process, unchanged": build,
        "liveinsight --version": lambda: scene.liveinsight("--version"),
    }
    if has_sam:
        rows["sam build, cold"] = lambda: scene.run_sam("build", "--cached", "--parallel")
        rows["sam build, unchanged"] = lambda: scene.run_sam("build", "--cached", "--parallel")
        rows["sam --version"] = lambda: scene.run_sam("--version")
    found: dict[str, list[Cost]] = {name: [] for name in rows}
    for _ in range(runs):
        scene.forget()
        for name, run in rows.items():
            found[name].append(run())
    return {
        name: (statistics.median(cpu for cpu, _ in costs), statistics.median(wall for _, wall in costs))
        for name, costs in found.items()
    }


def show(title: str, rows: dict[str, Cost]) -> None:
    """Print a table; ratios are to sam's row of the same kind."""
    print(f"{title:<30}  {'CPU ms':>7}  {'wall ms':>7}  {'CPU/sam':>7}  {'wall/sam':>8}")
    for name, (cpu, wall) in rows.items():
        other = rows.get(f"sam build, {name.rpartition(', ')[2]}") if ", " in name else None
        ratios = f"{cpu / other[0]:>7.2f}  {wall / other[1]:>8.2f}" if other else ""
        print(f"{name:<30}  {cpu:>7.0f}  {wall:>7.0f}  {ratios}".rstrip())
    print()


def write_wheel(directory: Path) -> None:
    """Write the wheel of a small pure distribution called pure."""
    files = {
        "pure.py": b"VALUE = 1\n",
        "pure-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: pure\nVersion: 1.0\n",
        "pure-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = []
    with zipfile.ZipFile(directory / "pure-1.0-py3-none-any.whl", "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            rows.append(f"{name},sha256={digest},{len(content)}")
        archive.writestr("pure-1.0.dist-info/RECORD", "\n".join([*rows, "pure-1.0.dist-info/RECORD,,"]))


def main() -> None:
    """Print both tables, and what was built."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    has_sam = shutil.which("sam") is not None
    if not has_sam:
        print("sam is not installed: without it there is nothing to compare with.")
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": directory, "PIP_CONFIG_FILE": os.devnull}
        sam = {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "ap-northeast-2", "HOME": directory}
        variables = {**os.environ, **offline, **sam, "UV_OFFLINE": "1", "UV_FIND_LINKS": directory}
        write_wheel(root)
        plain = Scene(root / "plain", variables)
        show("without dependencies", measured(plain, runs, has_sam=has_sam))
        show(
            "with one dependency each", measured(Scene(root / "with", variables, True), runs, has_sam=has_sam)
        )
        built = Packager(plain.own / "lambdas", root / "size").build()
        size = sum(function.size_bytes for function in built.functions)
        print(f"{len(built.functions)} zips, {size / 1024:.0f} KiB together, without dependencies")


if __name__ == "__main__":
    main()
