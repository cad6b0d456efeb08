"""Hermetic tests: nobody's AWS profile, configuration, terminal width or home directory reaches them."""

import functools
import gc
import io
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.loaders import JSONFileLoader

from liveinsight_cli import cli
from liveinsight_cli.context import Context, GlobalOptions
from liveinsight_cli.terminal import Terminal
from tests import profiles

if TYPE_CHECKING:
    from playwright.sync_api import Browser

REPOSITORY = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI", "").lower() in ("1", "true")
# Headless Chromium says so of itself, and is no visitor. Set for a context, what leaves with a page forgets it.
BROWSER = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
CHROMIUM_FLAGS = [
    f"--user-agent={BROWSER}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_configure(config: pytest.Config) -> None:
    """Before any test is imported: settings are read from the profile when a test is decorated.

    And Ctrl-C reaches the programs that tests start, also where a shell runs the tests in its background.
    """
    profiles.register(config.getoption("--hypothesis-seed", default=None))
    # Terraform and its provider end long before they need their memory back: a quarter of their CPU was for that.
    os.environ.setdefault("GOGC", "400")
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # which a child process would inherit
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        from tests import distribution

        items.sort(key=distribution.turn)


def pytest_collection_finish() -> None:
    """What is loaded now stays: a sixth of the tests' CPU was for looking at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from tests import distribution

    config.option.loadscopereorder = False
    return distribution.Scheduling(config, log)


@pytest.fixture(autouse=True, scope="session")
def _models_of_aws_are_read_once() -> Iterator[None]:
    """Commands make clients of their own each time, and most of the CPU that takes goes into the same JSON files."""
    read_once = functools.cache(functools.partial(JSONFileLoader.load_file, JSONFileLoader()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", lambda _, path: read_once(path))
        yield


@pytest.fixture(autouse=True)
def _hermetic(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if (
            name.startswith(("AWS_", "LIVEINSIGHT_", "TF_VAR_", "TF_CLI_ARGS", "GITHUB_"))
            and name != "AWS_CA_BUNDLE"
        ):
            monkeypatch.delenv(name)
    for name in ("CI", "NO_COLOR", "FORCE_COLOR", "CLICOLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@dataclass
class Outcome:
    """What one run of the command line left: its exit code and its two streams."""

    code: int
    out: str
    err: str


@dataclass
class CommandLine:
    """Runs commands through the real entry point, in one project directory."""

    project: Path
    prepare: list[Callable[[Context], None]] = field(default_factory=list)

    def __call__(self, *arguments: str, stdin: str | None = None) -> Outcome:
        """Run `liveinsight *arguments`; with `stdin` somebody is there to answer."""
        out, err = io.StringIO(), io.StringIO()
        answers = _Keyboard(stdin or "", present=stdin is not None)
        code = cli.run(arguments, Terminal(stdout=out, stderr=err, stdin=answers), self._compose)
        return Outcome(int(code), out.getvalue(), err.getvalue())

    def _compose(self, options: GlobalOptions, terminal: Terminal) -> Context:
        context = Context(options, terminal)
        for change in self.prepare:
            change(context)
        return context


class _Keyboard(io.StringIO):
    def __init__(self, text: str, *, present: bool) -> None:
        super().__init__(text)
        self.present = present

    def isatty(self) -> bool:
        return self.present


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project directory, made current."""
    directory = tmp_path / "project"
    directory.mkdir()
    monkeypatch.chdir(directory)
    return directory


@pytest.fixture
def liveinsight(project: Path) -> CommandLine:
    """The command line in an empty project; `liveinsight.prepare` takes changes to the composition."""
    return CommandLine(project)


def installed_chromium() -> str | None:
    """Where it is."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    """The installed Chromium, one for all tests: Playwright does not start twice in a thread."""
    from playwright.sync_api import sync_playwright

    path = installed_chromium()
    if path is None:
        if IN_CI:
            pytest.fail("Chromium is not installed, and in CI its tests may not be skipped.")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()
