"""A DynamoDB in a process of its own that answers every operation with what it was given: free for the caller."""

from __future__ import annotations

import json
import multiprocessing
import socket
import threading
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any


@contextmanager
def canned_dynamodb(answers: Mapping[str, Any]) -> Iterator[str]:
    """Serve answers by operation; yields the URL."""
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    texts = {operation: json.dumps(answer).encode() for operation, answer in answers.items()}
    server = multiprocessing.get_context("fork").Process(target=_serve, args=(listening, texts), daemon=True)
    server.start()
    try:
        yield url
    finally:
        server.kill()
        server.join()
        listening.close()


def environment(url: str) -> dict[str, str]:
    """What makes a function come to that URL with some credentials."""
    return {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "token" * 100,  # a real one is as long
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": url,
        "AWS_EC2_METADATA_DISABLED": "true",
        "EVENTS_TABLE": "liveinsight-events-dev",
        "SESSIONS_TABLE": "liveinsight-sessions-dev",
        "STATE_TABLE": "liveinsight-state-dev",
        "ENVIRONMENT": "dev",
        "PUBLIC_DASHBOARD": "true",
        "LOG_LEVEL": "INFO",
    }


def _serve(listening: socket.socket, texts: Mapping[str, bytes]) -> None:
    while True:
        client, _ = listening.accept()
        threading.Thread(target=_answer, args=(client, texts), daemon=True).start()


def _answer(client: socket.socket, texts: Mapping[str, bytes]) -> None:
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with client, client.makefile("rb") as reading:
        while reading.readline():
            headers = {}
            while line := reading.readline().strip():
                name, _, value = line.decode().partition(":")
                headers[name.lower()] = value.strip()
            reading.read(int(headers["content-length"]))
            body = texts[headers["x-amz-target"].partition(".")[2]]
            client.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nx-amzn-RequestId: 0\r\n"
                b"x-amz-crc32: %d\r\nContent-Length: %d\r\n\r\n%b" % (zlib.crc32(body), len(body), body)
            )
