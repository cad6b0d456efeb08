"""StartLiveTail of the embedded AWS, read with boto3 over HTTP, and with the adapter that `tail --live` uses."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EventStreamError

from liveinsight_cli.adapters.aws import Aws
from liveinsight_cli.adapters.live_tail import LiveTail as Feed
from liveinsight_cli.core.logs.events import LogEvent, Trouble
from liveinsight_cli.local.http import Answer, Listener
from liveinsight_cli.local.telemetry.database import Database
from liveinsight_cli.local.telemetry.live_tail import LiveTail
from liveinsight_cli.local.telemetry.logs import LogStore

ARN = "arn:aws:logs:ap-northeast-2:123456789012:log-group:"
SECOND = 0.01


@dataclass
class Here:
    """A server whose seconds are short, and a log."""

    aws: Aws
    database: Database
    session_seconds: float = 30.0
    opened: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = LogStore(self.database)

    def answer(self, environ: dict[str, Any]) -> Answer | None:
        tail = LiveTail(self.store, lambda: {"/a", "/b"}, "123456789012", SECOND, self.session_seconds)
        return tail.answer(environ, environ["HTTP_X_AMZ_TARGET"].split(".")[-1])

    def feed(self) -> Feed:
        feed = Feed(self.aws, ARN)
        self.opened.append(feed)
        return feed

    def start(self, groups: list[str], **more: Any) -> Iterator[dict[str, Any]]:
        """The events of a session, without boto3's exceptions being translated."""
        client = self.aws.client("logs")
        answer = client.start_live_tail(logGroupIdentifiers=[ARN + group for group in groups], **more)
        self.opened.append(answer["responseStream"])
        return iter(answer["responseStream"])


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Aws, list[Here]]]:
    """A server for all tests, since a client is dear, and a list whose last entry answers."""
    heres: list[Here] = []

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        answer = heres[-1].answer(environ)
        assert answer is not None
        return answer.send(start_response)

    listener = Listener(app).start()
    aws = Aws("ap-northeast-2", endpoint_url=listener.url, attempts=1)
    yield aws, heres
    aws.client("logs").close()
    listener.close()


@pytest.fixture
def here(served: tuple[Aws, list[Here]], tmp_path: Path) -> Iterator[Here]:
    aws, heres = served
    made = Here(aws, Database(tmp_path / "logs.db"))
    heres.append(made)
    yield made
    for one in made.opened:
        one.close()
    made.database.close()


def test_what_arrives_in_the_groups_is_pushed_and_nothing_older(here: Here) -> None:
    here.store.put("/a", "s", [(1, "before")])
    session = here.start(["/a", "/b"], logEventFilterPattern="-no")
    assert next(session)["sessionStart"]["logGroupIdentifiers"] == [ARN + "/a", ARN + "/b"]
    here.store.put("/a", "s", [(2, "yes"), (3, "no")])
    here.store.put("/other", "s", [(4, "other")])
    found = next(one["sessionUpdate"] for one in session if one["sessionUpdate"]["sessionResults"])
    assert found["sessionMetadata"] == {"sampled": False}
    (event,) = found["sessionResults"]
    assert (event["logGroupIdentifier"], event["logStreamName"], event["timestamp"], event["message"]) == (
        "123456789012:/a",
        "s",
        2,
        "yes",
    )


def test_more_than_five_hundred_a_second_are_sampled(here: Here) -> None:
    session = here.start(["/a"])
    next(session)
    here.store.put("/a", "s", [(number, str(number)) for number in range(1200)])
    found = next(one["sessionUpdate"] for one in session if one["sessionUpdate"]["sessionResults"])
    assert found["sessionMetadata"] == {"sampled": True}
    assert 300 < len(found["sessionResults"]) <= 500


def test_a_session_ends_after_its_time(here: Here) -> None:
    here.session_seconds = 0.05
    with pytest.raises(EventStreamError, match="SessionTimeoutException"):
        list(here.start(["/a"]))


@pytest.mark.parametrize(
    ("groups", "code"),
    [
        (["/a", "/nobody"], "ResourceNotFoundException"),
        ([f"/{number}" for number in range(11)], "InvalidParameterException"),
    ],
)
def test_groups_that_cannot_be_shown_are_refused(here: Here, groups: list[str], code: str) -> None:
    with pytest.raises(ClientError, match=code):
        here.start(groups)


def taken(feed: Feed, count: int) -> list[LogEvent]:
    found: list[LogEvent] = []
    while len(found) < count:
        update = feed.take(5)
        assert update is not None, "nothing came"
        found += update.events
    return found


def test_the_feed_hands_on_what_comes_and_opens_a_session_for_a_group_that_comes_later(here: Here) -> None:
    feed = here.feed()
    feed.watch(["/a"])
    here.store.put("/a", "s", [(1, "first")])
    assert taken(feed, 1) == [LogEvent("/a", "", 1, "first", "s")]
    feed.watch(["/a", "/b"])
    here.store.put("/b", "t", [(2, "second")])
    assert taken(feed, 1) == [LogEvent("/b", "", 2, "second", "t")]
    assert feed.is_whole


def test_a_session_that_timed_out_is_begun_again_without_a_word(here: Here) -> None:
    here.session_seconds = 0.05
    feed = here.feed()
    feed.watch(["/a"])
    while feed.is_whole:
        feed.take(5)
    here.session_seconds = 30
    feed.watch(["/a"])
    here.store.put("/a", "s", [(1, "again")])
    assert [event.message for event in taken(feed, 1)] == ["again"]


def test_a_session_that_breaks_is_a_trouble_once(here: Here) -> None:
    feed = here.feed()
    feed.watch(["/a"])
    feed.take(5)
    here.database.close()  # the server fails in the middle of its answer
    with pytest.raises(Trouble, match="broke off"):
        taken(feed, 1)
    assert not feed.is_whole


def test_a_group_that_is_gone_is_a_trouble_and_no_end(here: Here) -> None:
    with pytest.raises(Trouble, match="does not exist"):
        here.feed().watch(["/nobody"])
