"""A load's own HTTP client and processes, against real sockets of this machine."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from liveinsight_cli.adapters.load_client import Client, Exchange
from liveinsight_cli.adapters.load_processes import Target, WorkerFailed, send_load
from liveinsight_cli.context import Clock
from liveinsight_cli.core.load.plan import LoadPlan
from liveinsight_cli.core.load.samples import (
    NEW_CONNECTION,
    NO_CONNECTION,
    NO_HTTP,
    SENT_AGAIN,
    TIMED_OUT,
    Samples,
)
from tests.commands.world import Api
from tests.core.load.virtual import aside

REQUEST = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
KEPT = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}"
CLOSED = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

Answer = Callable[[int, asyncio.StreamWriter], Awaitable[None] | None]


def exchanged(
    answer: Answer, count: int = 1, *, connections: int = 1, together: bool = False, seconds: float = 5.0
) -> list[Exchange]:
    """Send requests to a server that answers the nth request of a connection so; one after the other, or at once."""

    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = 0
        writers.append(writer)
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                done = answer(number, writer)
                if done is not None:
                    await done
                number += 1
        except (asyncio.IncompleteReadError, ConnectionError):
            return

    async def main() -> list[Exchange]:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        client = Client(f"http://127.0.0.1:{port}/v1", connections)
        ended = []
        loop = asyncio.get_running_loop()
        for _ in range(count):
            over = loop.create_future()
            exchange = Exchange(REQUEST, loop.time() + seconds, lambda one, over=over: over.set_result(one))  # type: ignore[misc]
            client.send(exchange)
            ended.append(over)
            if not together:
                await over
        found = await asyncio.gather(*ended)
        client.close()
        server.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0.01)  # the loop has to see them go
        return list(found)

    return aside(lambda: asyncio.run(main()))


def writing(*parts: bytes) -> Answer:
    return lambda number, writer: writer.write(parts[min(number, len(parts) - 1)])


def test_a_connection_is_kept_and_used_again() -> None:
    found = exchanged(writing(KEPT), 3)
    assert [(one.outcome, one.body, one.flags) for one in found] == [
        (202, b"{}", NEW_CONNECTION),
        (202, b"{}", 0),
        (202, b"{}", 0),
    ]
    assert all(one.answered_at >= one.sent_at > 0 for one in found)


def test_answers_of_every_form_are_read() -> None:
    found = exchanged(writing(CHUNKED, CONTINUE + KEPT, CLOSED), 4)
    assert [(one.outcome, one.body) for one in found] == [
        (200, b"abcde"),
        (202, b"{}"),
        (200, b""),
        (200, b"abcde"),
    ]
    assert [bool(one.flags & NEW_CONNECTION) for one in found] == [True, False, False, True]


def test_more_requests_than_connections_wait_their_turn() -> None:
    found = exchanged(writing(KEPT), 20, connections=2, together=True)
    assert {one.outcome for one in found} == {202}
    assert sum(bool(one.flags & NEW_CONNECTION) for one in found) <= 2


def test_a_kept_connection_that_was_closed_meanwhile_is_no_failure() -> None:
    def once(number: int, writer: asyncio.StreamWriter) -> None:
        if number:
            writer.transport.abort()
        else:
            writer.write(KEPT)

    found = exchanged(once, 2)
    assert [one.outcome for one in found] == [202, 202]
    assert found[1].flags == NEW_CONNECTION | SENT_AGAIN


def test_a_new_connection_that_is_closed_is_one_and_the_others_go_on() -> None:
    found = exchanged(lambda _, writer: writer.transport.abort(), 5, connections=2, together=True)
    assert [one.outcome for one in found] == [NO_CONNECTION] * 5


def test_what_is_no_http_is_told_apart() -> None:
    assert exchanged(writing(b"SSH-2.0-OpenSSH\r\n"))[0].outcome == NO_HTTP


def test_a_request_without_an_answer_ends_in_time_and_takes_its_connection_along() -> None:
    def slow_once(number: int, writer: asyncio.StreamWriter) -> None:
        if number:
            writer.write(KEPT)

    found = exchanged(slow_once, 2, connections=2, together=True, seconds=0.05)
    assert [one.outcome for one in found] == [TIMED_OUT] * 2


def test_nobody_listening_is_a_failure_of_each_request() -> None:
    async def main() -> list[int]:
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        loop = asyncio.get_running_loop()
        client, outcomes, over = Client(f"http://127.0.0.1:{port}", 2), [], asyncio.Event()

        def ended(one: Exchange) -> None:
            outcomes.append(one.outcome)
            if len(outcomes) == 6:
                over.set()

        for _ in range(6):
            client.send(Exchange(REQUEST, loop.time() + 5, ended))
        await over.wait()
        return outcomes

    assert aside(lambda: asyncio.run(main())) == [NO_CONNECTION] * 6


@pytest.fixture
def api() -> Any:
    made = Api()
    yield made
    made.close()


def nothing(_: float, __: Samples) -> None:
    pass


def test_processes_send_a_plan_together_and_hand_on_every_answer(api: Api) -> None:
    plan = LoadPlan(rps=60, seconds=0.5, warm_up_seconds=0, arrivals="constant", processes=2)
    samples, is_whole = send_load(plan, Target(api.url), Clock(), nothing)
    assert is_whole
    assert sorted(round(one.due, 2) for one in samples) == pytest.approx(
        [n / 60 for n in range(30)], abs=0.02
    )
    assert {one.outcome for one in samples} == {202}
    assert sum(one.accepted for one in samples) == len(api.events)


def test_ctrl_c_ends_the_load_and_keeps_what_was_sent(api: Api) -> None:
    def interrupt(now: float, samples: Samples) -> None:
        if len(samples):
            raise KeyboardInterrupt

    plan = LoadPlan(rps=40, seconds=600, warm_up_seconds=0, arrivals="constant")
    samples, is_whole = send_load(plan, Target(api.url), Clock(), interrupt)
    assert not is_whole
    assert 0 < len(samples) < 200
    assert {one.outcome for one in samples} == {202}


def test_a_process_that_fails_says_why() -> None:
    plan = LoadPlan(rps=1, seconds=0.1, warm_up_seconds=0)
    with pytest.raises(WorkerFailed, match="KeyError: 'gopher'"):
        send_load(plan, Target("gopher://127.0.0.1"), Clock(), nothing)
