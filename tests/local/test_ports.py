"""Ports are chosen once per project, remembered, and never two projects' first choice by accident."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from liveinsight_cli.local.ports import RANGE, PortInUse, Ports


def nothing(environ: object, start_response: object) -> list[bytes]:
    raise AssertionError("nobody asks")


def chosen(ports: Ports, purpose: str = "api", wanted: int | None = None) -> int:
    listener = ports.listen(purpose, nothing, wanted)
    listener.close()
    return listener.port


@contextmanager
def taken(port: int) -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        yield other.getsockname()[1]


def test_a_port_is_remembered(tmp_path: Path) -> None:
    first = chosen(Ports(tmp_path / "ports.json", tmp_path))
    assert first in RANGE
    assert chosen(Ports(tmp_path / "ports.json", tmp_path)) == first


def test_projects_begin_at_different_places(tmp_path: Path) -> None:
    found = {chosen(Ports(tmp_path / f"{n}.json", Path(f"/home/me/site-{n}"))) for n in range(20)}
    assert len(found) > 15


def test_two_purposes_never_share_a_port(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "ports.json", tmp_path)
    assert chosen(ports, "api") != chosen(ports, "endpoint")


def test_a_remembered_port_that_is_taken_is_replaced_and_told(tmp_path: Path) -> None:
    first = chosen(Ports(tmp_path / "ports.json", tmp_path))
    ports = Ports(tmp_path / "ports.json", tmp_path)
    with taken(first):
        assert chosen(ports) != first
    assert ports.moved == [f"port {first} (api) was taken by another program"]


def test_a_wanted_port_that_is_taken_is_an_error(tmp_path: Path) -> None:
    with taken(0) as port, pytest.raises(PortInUse, match=str(port)):
        chosen(Ports(tmp_path / "ports.json", tmp_path), wanted=port)


def test_a_forgotten_port_is_free_for_others(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "ports.json", tmp_path)
    first = chosen(ports, "distribution/E1")
    ports.forget("distribution/E1")
    assert chosen(ports, "distribution/E2") == first
