"""Makes the sources of a function and builds them, as somebody else on another machine would. Run by a test.

Standard input: JSON with the files (name -> content) and what is different here.
"""

import json
import os
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from liveinsight_cli.adapters.package import Packager


def make_tree(root: Path, files: dict[str, str], chance: random.Random) -> None:
    """Write the files in another order, with other dates and modes."""
    for name in chance.sample(sorted(files), len(files)):
        path = Path(os.fsdecode(os.fsencode(str(root)) + b"/" + name.encode()))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[name].encode())
        path.chmod(chance.choice((0o600, 0o644, 0o755, 0o777)))
        os.utime(path, (chance.randrange(2**31), chance.randrange(2**31)))


def in_another_order(chance: random.Random) -> None:
    """Let directories be listed as another file system would list them."""
    scandir = os.scandir

    @contextmanager
    def shuffled(path: Any) -> Iterator[Iterator["os.DirEntry[str]"]]:
        with scandir(path) as entries:
            found = list(entries)
        chance.shuffle(found)
        yield iter(found)

    os.scandir = shuffled  # type: ignore[assignment]


def main() -> None:
    """Build, and print what a deploy would go by."""
    asked = json.load(sys.stdin)
    chance = random.Random(asked["seed"])
    root = Path(asked["root"])
    os.umask(int(asked["umask"], 8))
    if asked["uid"] is not None:
        os.setuid(asked["uid"])
    root.mkdir()
    make_tree(root / "lambdas", asked["files"], chance)
    in_another_order(chance)
    os.chdir(root if asked["inside"] else "/")
    sources = Path("lambdas") if asked["inside"] else root / "lambdas"
    build = Packager(sources, Path("build") if asked["inside"] else root / "build").build()
    manifest = (root / "build/manifest.json").read_text(encoding="utf-8")
    found = {one.function: [one.digest, one.code_sha256] for one in build.functions}
    json.dump({"functions": found, "manifest": manifest}, sys.stdout)


if __name__ == "__main__":
    main()
