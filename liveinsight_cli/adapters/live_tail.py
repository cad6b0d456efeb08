"""Live Tail: sessions of CloudWatch Logs that push what arrives, each read by a thread of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from queue import Empty, Queue
from threading import Thread
from typing import Any

from liveinsight_cli.adapters.aws import Aws, AwsError, fence
from liveinsight_cli.adapters.logs import trouble_of
from liveinsight_cli.core.logs.events import LogEvent, Trouble
from liveinsight_cli.core.logs.live import Update
from liveinsight_cli.errors import CredentialsError, LiveInsightError, PreconditionError

GROUPS_OF_A_SESSION = 10
WAITING_UPDATES = 100
BROKE_OFF = "Live Tail broke off: {} What it would have shown comes by reading, until it is back."


@dataclass
class Session:
    """A session and what ended it."""

    groups: tuple[str, ...]
    stream: Any
    error: LiveInsightError | None = None
    is_open: bool = True


@dataclass
class LiveTail:
    """Sessions over any number of groups. `arn_prefix` makes a group's ARN of its name; `pattern` is a filter pattern.

    See core.logs.live.LiveFeed.
    """

    aws: Aws
    arn_prefix: str
    pattern: str | None = None
    _sessions: list[Session] = field(default_factory=list)
    _asked: set[str] = field(default_factory=set)
    _came: "Queue[Update | Session]" = field(default_factory=lambda: Queue(WAITING_UPDATES))

    @property
    def is_whole(self) -> bool:
        """Whether all groups are being watched."""
        return self._asked <= self._watched()

    def watch(self, groups: Sequence[str]) -> None:
        """Begin sessions for the groups that have none; raises Trouble."""
        self._asked = set(groups)
        watched = self._watched()
        new = [group for group in groups if group not in watched]
        for first in range(0, len(new), GROUPS_OF_A_SESSION):
            self._begin(tuple(new[first : first + GROUPS_OF_A_SESSION]))

    def take(self, seconds: float) -> Update | None:
        """Return what comes within that time; raises Trouble once for a session that broke."""
        try:
            came = self._came.get(timeout=seconds)
        except Empty:
            return None
        if isinstance(came, Update):
            return came
        self._sessions.remove(came)
        came.stream.close()
        if came.error is None or _has_timed_out(came.error):
            return Update()
        raise Trouble("live", BROKE_OFF.format(came.error.message), came.error)

    def close(self) -> None:
        """End all sessions."""
        for session in self._sessions:
            session.is_open = False
            Thread(target=session.stream.close, daemon=True).start()  # closing waits for who reads

    def _watched(self) -> set[str]:
        return {group for session in self._sessions for group in session.groups}

    def _begin(self, groups: tuple[str, ...]) -> None:
        request: dict[str, Any] = {"logGroupIdentifiers": [self.arn_prefix + group for group in groups]}
        if self.pattern:
            request["logEventFilterPattern"] = self.pattern
        try:
            answer = self.aws.call("logs", "start_live_tail", **request)
        except CredentialsError as error:
            if trouble_of(error, self.aws) is None:
                raise  # no right to: waiting does not help
            raise Trouble("live", BROKE_OFF.format(error.message), error) from error
        except LiveInsightError as error:
            raise Trouble("live", BROKE_OFF.format(error.message), error) from error
        session = Session(groups, answer["responseStream"])
        self._sessions.append(session)
        Thread(target=self._read, args=(session,), name="live-tail", daemon=True).start()

    def _read(self, session: Session) -> None:
        try:
            self._pass_on(session)
        except LiveInsightError as error:
            session.error = error
        except Exception as error:  # noqa: BLE001 - whatever it is, this session is over, and that is said
            session.error = PreconditionError(f"{type(error).__name__}.")
        if session.is_open:
            self._came.put(session)

    def _pass_on(self, session: Session) -> None:
        from urllib3.exceptions import HTTPError

        try:
            with fence():
                for event in session.stream:
                    if "sessionUpdate" in event:
                        self._came.put(_update(event["sessionUpdate"]))
        except (HTTPError, OSError, AttributeError) as error:  # the last: closed while it was being read
            raise PreconditionError(f"{type(error).__name__}.") from error


def _update(update: dict[str, Any]) -> Update:
    events = [
        LogEvent(
            str(one["logGroupIdentifier"]).split(":")[-1],
            "",
            one["timestamp"],
            one["message"],
            one.get("logStreamName", ""),
        )
        for one in update.get("sessionResults", [])
    ]
    return Update(events, bool(update.get("sessionMetadata", {}).get("sampled")))


def _has_timed_out(error: LiveInsightError) -> bool:
    return isinstance(error, AwsError) and error.aws_code == "SessionTimeoutException"
