"""The ledger of releases: what two commands write at the same time is all there."""

import json
import threading
from pathlib import Path

import pytest

from liveinsight_cli.adapters.releases import Ledger, SharedLedger, commit
from liveinsight_cli.adapters.state_store import ObjectChanged, StoredObject
from liveinsight_cli.core.release import Release
from liveinsight_cli.errors import StateLocked


class Bucket:
    """Takes a write only in place of what is there. `meddle` writes in between, so many times."""

    def __init__(self) -> None:
        self.content: bytes | None = None
        self.meddle = 0
        self.number = 0

    def get(self, _key: str) -> StoredObject | None:
        return None if self.content is None else StoredObject(self.content, str(self.number), 0)

    def put(self, _key: str, content: bytes, *, replaces: str | None = None) -> str:
        if self.meddle:
            self.meddle -= 1
            document = json.loads(self.content or b'{"schema": 2, "releases": []}')
            document["releases"].append({**entry(f"other-{self.meddle}").__dict__})
            self.content, self.number = json.dumps(document).encode(), self.number + 1
        if replaces != (None if self.content is None else str(self.number)):
            raise ObjectChanged("key")
        self.content, self.number = content, self.number + 1
        return str(self.number)

    def url(self, key: str) -> str:
        return f"s3://bucket/{key}"


def entry(name: str) -> Release:
    return Release(name, "dev", "2026-11-26T00:00:00Z", "kim", "1", None, {}, {})


def test_no_entry_is_lost_when_many_write_to_the_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "dev" / "releases.json"
    names = [f"r{number:02}" for number in range(16)]
    writers = [threading.Thread(target=Ledger(path).add, args=(entry(name),)) for name in names]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    noted = Ledger(path).releases()
    assert sorted(one.id for one in noted) == names
    assert [one.status for one in noted].count("active") == 1


def test_what_somebody_else_put_into_the_bucket_meanwhile_stays(tmp_path: Path) -> None:
    bucket = Bucket()
    ledger = Ledger(tmp_path / "releases.json", SharedLedger(bucket, "key"))  # type: ignore[arg-type]
    bucket.meddle = 2
    assert ledger.add(entry("mine")).id == "mine"
    assert [one.id for one in ledger.releases()] == ["other-1", "other-0", "mine"]
    assert (tmp_path / "releases.json").read_bytes() == bucket.content
    bucket.meddle = 100
    with pytest.raises(StateLocked):
        ledger.add(entry("never"))


def test_a_reader_that_brings_the_copy_up_to_date_meanwhile_does_no_harm(tmp_path: Path) -> None:
    bucket, path = Bucket(), tmp_path / "releases.json"
    ledger = Ledger(path, SharedLedger(bucket, "key"))  # type: ignore[arg-type]
    ledger.add(entry("first"))
    reader = Ledger(path, SharedLedger(bucket, "key"))  # type: ignore[arg-type]

    def change(releases: list[Release]) -> list[Release]:
        reader.releases()
        return [*releases, entry("second")]

    ledger.update(change)
    assert [one.id for one in reader.releases()] == ["first", "second"]


def test_nothing_to_change_writes_nothing(tmp_path: Path) -> None:
    Ledger(tmp_path / "releases.json").close()
    assert not (tmp_path / "releases.json").exists()


def test_the_commit_is_told_with_whether_files_differ_from_it(tmp_path: Path) -> None:
    import subprocess

    assert commit(tmp_path).sha is None
    name = ["-c", "user.name=kim", "-c", "user.email=kim@example.com"]
    (tmp_path / "a").write_text("1")
    for arguments in (["init", "-q"], ["add", "a"], [*name, "commit", "-qm", "A"]):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    assert (len(commit(tmp_path).sha or ""), commit(tmp_path).is_dirty) == (40, False)
    (tmp_path / "a").write_text("2")
    assert commit(tmp_path).is_dirty is True
