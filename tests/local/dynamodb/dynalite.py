"""dynalite, an independent DynamoDB: installed with npm in its pinned version once a user, started on a free port."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import IN_CI

HERE = Path(__file__).parent
# dynalite 4.0.0 takes `SET a = m, m.x = :x` for one map in two places: a change of m.x shows in a. It evaluates all
# values before it writes any, as AWS does ("the item as it was"), but forgets to copy them.
_SERVE = """
const Module = require('module')
const compile = Module.prototype._compile
Module.prototype._compile = function (source, path) {
  if (/dynalite.actions.updateItem\\.js$/.test(path)) {
    const mended = source.replace(
      'val = db.mapPath(val, item)\\n', "val = JSON.parse(JSON.stringify(db.mapPath(val, item)) || 'null')\\n")
    if (mended === source) throw new Error('dynalite is not the version that needs mending')
    source = mended
  }
  return compile.call(this, source, path)
}
require('dynalite')({createTableMs: 0, deleteTableMs: 0})
  .listen(0, '127.0.0.1', function () { console.log(this.address().port) })
"""


@contextmanager
def running_dynalite() -> Iterator[int]:
    """The port of a dynalite of its own; skips the test without node and npm, but fails in CI."""
    home = _installed()
    environment = {**os.environ, "NODE_PATH": str(home / "node_modules")}
    command = ["node", "-e", _SERVE]
    with subprocess.Popen(command, cwd=home, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            port = server.stdout.readline().strip()
            assert port, "dynalite did not start"
            yield int(port)
        finally:
            server.terminate()


def _installed() -> Path:
    missing = [tool for tool in ("node", "npm") if shutil.which(tool) is None]
    if missing:
        _cannot(f"{' and '.join(missing)} not installed")
    lock = (HERE / "package-lock.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = cache / "liveinsight-tests" / f"dynalite-{hashlib.sha256(lock).hexdigest()[:12]}"
    home.mkdir(parents=True, exist_ok=True)
    with (home / "turn.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not (home / "complete").exists():
            _install(home)
    return home


def _install(home: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, home / name)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False, timeout=240)
    if done.returncode != 0:
        _cannot(f"npm could not install dynalite: {done.stderr.strip()[-300:]}")
    (home / "complete").touch()


def _cannot(reason: str) -> None:
    if IN_CI:
        pytest.fail(reason)
    pytest.skip(reason)
