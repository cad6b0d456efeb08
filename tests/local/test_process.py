"""The background process as the command line sees it: started once, found again, ended completely."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from liveinsight_cli.errors import PreconditionError
from liveinsight_cli.local.process import EmbeddedAws, LocalPortInUse, LocalStartFailed, Server

from .conftest import client, create_function

ANSWER = "def handler(event, context):\n    return {'ok': True}\n"


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[EmbeddedAws]:
    aws = EmbeddedAws(tmp_path)
    yield aws
    aws.down()


def test_two_commands_at_once_start_one_server_and_a_later_one_finds_it(
    tmp_path: Path, aws: EmbeddedAws
) -> None:
    with ThreadPoolExecutor(2) as commands:
        first, second = commands.map(lambda _: EmbeddedAws(tmp_path).up(), range(2))
    assert first == second
    assert aws.up() == first == aws.running()


def test_only_the_loopback_is_listened_on_and_down_leaves_no_process_and_no_open_port(
    aws: EmbeddedAws,
) -> None:
    server = aws.up()
    create_function(server, "answer", ANSWER)
    client(server, "lambda").invoke(FunctionName="answer")
    listening = [c for c in psutil.Process(server.pid).net_connections() if c.status == psutil.CONN_LISTEN]
    assert {connection.laddr.ip for connection in listening} == {"127.0.0.1"}
    family = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
    assert len(family) > 1, "the function's worker is a child of the server"
    assert aws.down()
    assert not [process for process in family if process.is_running()]
    for url in (server.endpoint_url, server.api_url):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", urlsplit(url).port or 0))
    assert aws.running() is None
    assert aws.status().state == "stopped"


def test_down_without_a_server_does_nothing(tmp_path: Path) -> None:
    assert not EmbeddedAws(tmp_path).down()
    assert list(tmp_path.iterdir()) == []


def test_a_killed_server_is_noticed_and_replaced_and_its_workers_end(
    tmp_path: Path, aws: EmbeddedAws
) -> None:
    killed = aws.up()
    create_function(killed, "answer", ANSWER)
    client(killed, "lambda").invoke(FunctionName="answer")
    workers = psutil.Process(killed.pid).children(recursive=True)
    assert workers
    _kill(killed.pid)
    _, alive = psutil.wait_procs(workers, timeout=30)
    assert not alive
    assert aws.running() is None
    assert aws.status().state == "stale"
    _harms_nobody(aws, tmp_path / ".liveinsight" / "aws" / "server.json", killed)
    replaced = aws.up()
    assert replaced.pid != killed.pid
    assert replaced.endpoint_url == killed.endpoint_url, "ports are remembered"


def _harms_nobody(aws: EmbeddedAws, record: Path, killed: Server) -> None:
    """Check a record whose pid belongs to another program by now."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as bystander:
        record.write_text(json.dumps({**asdict(killed), "pid": bystander.pid}))
        assert aws.running() is None
        assert not aws.down()
        assert bystander.poll() is None
        bystander.communicate(b"\n")


def test_a_server_without_a_record_is_found_by_its_hold_on_the_data(tmp_path: Path, aws: EmbeddedAws) -> None:
    forgotten = aws.up()
    (tmp_path / ".liveinsight" / "aws" / "server.json").unlink()
    replaced = aws.up()
    assert replaced.pid != forgotten.pid
    assert not psutil.pid_exists(forgotten.pid) or psutil.Process(forgotten.pid).status() == "zombie"


def test_two_projects_run_side_by_side(tmp_path: Path) -> None:
    projects = [EmbeddedAws(tmp_path / name) for name in ("one", "two")]
    try:
        one, two = [project.up() for project in projects]
        client(one, "s3").create_bucket(
            Bucket="mine", CreateBucketConfiguration={"LocationConstraint": one.region}
        )
        assert client(two, "s3").list_buckets()["Buckets"] == []
    finally:
        for project in projects:
            project.down()


def test_a_wanted_port_is_used_and_a_taken_one_is_named(tmp_path: Path, aws: EmbeddedAws) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(LocalPortInUse, match=f"Port {port} is in use"):
            aws.up(port=port)
    assert urlsplit(aws.up(port=port).endpoint_url).port == port


def test_a_start_that_fails_shows_why(tmp_path: Path, aws: EmbeddedAws) -> None:
    in_the_way = tmp_path / ".liveinsight" / "aws" / "ports.new"
    in_the_way.mkdir(parents=True)
    with pytest.raises(LocalStartFailed, match="IsADirectoryError"):
        aws.up()
    in_the_way.rmdir()


def test_a_directory_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / ".liveinsight").write_text("a file is in the way")
    with pytest.raises(PreconditionError, match="cannot be written"):
        EmbeddedAws(tmp_path).up()


def test_nothing_of_the_users_aws_settings_reaches_the_server(
    tmp_path: Path, aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text("this is [not a configuration")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "somebody")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    server = aws.up()
    for name in ("AWS_CONFIG_FILE", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name)
    create_function(server, "answer", ANSWER)
    assert client(server, "lambda").invoke(FunctionName="answer")["Payload"].read() == b'{"ok": true}'


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    psutil.Process(pid).wait(10)
