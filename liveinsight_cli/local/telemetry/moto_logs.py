"""Puts the log store below moto 5.2.5's CloudWatch Logs: moto keeps groups and retention, the store keeps events."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from liveinsight_cli.local.telemetry.logs import (
    MAX_MILLIS,
    PAGE_EVENTS,
    FilterQuery,
    LogEvent,
    LogStore,
    LogStream,
    Position,
)
from liveinsight_cli.local.telemetry.patterns import InvalidPattern

_HEAD = Position(-1, -1)


class LogWriter:
    """Where the embedded services log to: a group that does not exist yet is created, as Lambda does."""

    def __init__(
        self, store: LogStore, backend: Callable[[], Any], created: Callable[[], None] = lambda: None
    ) -> None:
        """`backend` answers moto's Logs backend; `created` is told when a group has come into being."""
        self._store = store
        self._backend = backend
        self._created = created

    def put(self, group: str, stream: str, events: Iterable[tuple[int, str]]) -> None:
        """Epoch milliseconds and message of each event."""
        backend = self._backend()
        if group not in backend.groups:
            backend.ensure_log_group(group)
            self._created()
        self._store.put(group, stream, events)

    def expire(self) -> None:
        """Drop what is older than its group's retention; a group without one keeps everything."""
        groups = self._backend().groups
        days = {
            name: int(group.retention_in_days)
            for name, group in list(groups.items())
            if group.retention_in_days
        }
        self._store.expire(days)


def install(store: LogStore) -> None:
    """Replace moto's data methods, once per process."""
    from moto.logs.models import LogGroup, LogsBackend
    from moto.logs.responses import LogsResponse

    operations = _Operations(store)
    describe = LogGroup.to_describe_dict
    delete_group = LogsBackend.delete_log_group

    def to_describe_dict(self: Any) -> dict[str, Any]:
        return {**describe(self), "storedBytes": store.stored_bytes(self.name)}

    def delete_log_group(self: Any, log_group_name: str) -> None:
        delete_group(self, log_group_name)
        store.delete_group(log_group_name)

    LogGroup.to_describe_dict = to_describe_dict  # type: ignore[method-assign]
    LogsBackend.delete_log_group = delete_log_group  # type: ignore[method-assign]
    for name in ("create_log_stream", "ensure_log_stream", "delete_log_stream", "describe_log_streams",
                 "put_log_events", "get_log_events"):  # fmt: skip
        setattr(LogsBackend, name, _method(getattr(operations, name)))
    LogsResponse.filter_log_events = _method(operations.filter_response)  # type: ignore[method-assign]


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    """A bound function as a method of another class, which it gets as its first argument."""
    return lambda self, *args, **kwargs: function(self, *args, **kwargs)


class _Operations:
    """moto's methods over the store; the first argument is moto's object. Raises moto's exceptions."""

    def __init__(self, store: LogStore) -> None:
        from moto.logs import exceptions

        self._store = store
        self._missing = exceptions.ResourceNotFoundException
        self._invalid = exceptions.InvalidParameterException
        self._exists = exceptions.ResourceAlreadyExistsException

    def create_log_stream(self, backend: Any, log_group_name: str, log_stream_name: str) -> None:
        self._check_group(backend, log_group_name)
        if not self._store.create_stream(log_group_name, log_stream_name):
            raise self._exists()

    def ensure_log_stream(self, backend: Any, log_group_name: str, log_stream_name: str) -> None:
        self._check_group(backend, log_group_name)
        self._store.create_stream(log_group_name, log_stream_name)

    def delete_log_stream(self, backend: Any, log_group_name: str, log_stream_name: str) -> None:
        self._check_group(backend, log_group_name)
        if not self._store.delete_stream(log_group_name, log_stream_name):
            raise self._missing("The specified log stream does not exist.")

    def describe_log_streams(
        self,
        backend: Any,
        descending: bool,
        limit: int,
        log_group_name: str,
        log_group_id: str,
        log_stream_name_prefix: str,
        next_token: str | None,
        order_by: str,
    ) -> tuple[list[dict[str, Any]], str | None]:
        group = self._group(backend, log_group_name, log_group_id)
        if not 1 <= limit <= 50:
            raise self._invalid("limit must be from 1 to 50")
        if order_by not in ("LogStreamName", "LastEventTime"):
            raise self._invalid(f"orderBy cannot be {order_by}")
        if order_by == "LastEventTime" and log_stream_name_prefix:
            raise self._invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
        order: Any = "last" if order_by == "LastEventTime" else "name"
        streams = self._store.streams(group.name, log_stream_name_prefix, order, newest_first=descending)
        names = [stream.name for stream in streams]
        first = names.index(next_token) + 1 if next_token in names else 0
        page = streams[first : first + limit]
        token = page[-1].name if first + limit < len(streams) else None
        return [_stream_dict(group.arn, stream) for stream in page], token

    def put_log_events(
        self, backend: Any, log_group_name: str, log_stream_name: str, log_events: list[dict[str, Any]]
    ) -> tuple[str, dict[str, Any]]:
        self._check_group(backend, log_group_name)
        if self._store.stream(log_group_name, log_stream_name) is None:
            raise self._missing("The specified log stream does not exist.")
        events = [(int(event["timestamp"]), str(event["message"])) for event in log_events]
        if events != sorted(events, key=lambda event: event[0]):
            raise self._invalid("Log events in a single PutLogEvents request must be in chronological order.")
        accepted, rejected = self._store.accepted(events)
        self._store.put(log_group_name, log_stream_name, accepted)
        return "embedded", rejected

    def get_log_events(
        self,
        backend: Any,
        log_group_name: str,
        log_group_id: str,
        log_stream_name: str,
        start_time: int | None,
        end_time: int | None,
        limit: int | None,
        next_token: str | None,
        start_from_head: bool,
    ) -> tuple[list[dict[str, Any]], str, str]:
        """The tokens are for the page before and the page after, in this order."""
        group = self._group(backend, log_group_name, log_group_id)
        if self._store.stream(group.name, log_stream_name) is None:
            raise self._missing("The specified log stream does not exist.")
        if limit is not None and not 1 <= limit <= PAGE_EVENTS:
            raise self._invalid(f"limit must be from 1 to {PAGE_EVENTS}")
        direction, position = (
            self._position(next_token) if next_token else ("f" if start_from_head else "b", None)
        )
        events = self._store.read(
            group.name,
            log_stream_name,
            start=start_time or 0,
            end=MAX_MILLIS if end_time is None else end_time,
            limit=limit or PAGE_EVENTS,
            after=(position or _HEAD) if direction == "f" else None,
            before=position if direction == "b" else None,
        )
        first, last = (events[0], events[-1]) if events else (position or _HEAD, position or _HEAD)
        found = [{"timestamp": e.at, "message": e.message, "ingestionTime": e.ingested} for e in events]
        return found, f"b/{first.at}/{first.id}", f"f/{last.at}/{last.id}"

    def filter_response(self, response: Any) -> str:
        """FilterLogEvents as a whole: moto does not hand the prefix and the direction on to its backend."""
        parameter = response._get_param
        group = self._group(response.logs_backend, parameter("logGroupName"), parameter("logGroupIdentifier"))
        limit = parameter("limit") or PAGE_EVENTS
        if not 1 <= limit <= PAGE_EVENTS:
            raise self._invalid(f"limit must be from 1 to {PAGE_EVENTS}")
        if parameter("logStreamNames") and parameter("logStreamNamePrefix"):
            raise self._invalid("logStreamNames and logStreamNamePrefix exclude each other.")
        if (parameter("startTime") or 0) > (
            MAX_MILLIS if parameter("endTime") is None else parameter("endTime")
        ):
            raise self._invalid("startTime must not be after endTime.")
        direction, position = self._position(parameter("nextToken")) if parameter("nextToken") else ("", None)
        query = FilterQuery(
            group=group.name,
            pattern=parameter("filterPattern") or "",
            streams=tuple(parameter("logStreamNames") or ()),
            prefix=parameter("logStreamNamePrefix") or "",
            start=parameter("startTime") or 0,
            end=MAX_MILLIS if parameter("endTime") is None else parameter("endTime"),
            limit=limit,
            newest_first=direction == "b" or (not direction and parameter("startFromHead") is False),
        )
        try:
            page = self._store.filter(query, position)
        except InvalidPattern as error:
            raise self._invalid(str(error)) from error
        answer: dict[str, Any] = {
            "events": [_event_dict(event) for event in page.events],
            "searchedLogStreams": [],
        }
        if page.next is not None:
            answer["nextToken"] = f"{'b' if query.newest_first else 'f'}/{page.next.at}/{page.next.id}"
        return json.dumps(answer)

    def _group(self, backend: Any, name: str | None, identifier: str | None) -> Any:
        """By name, or by an identifier that is a name or an ARN."""
        name = name or (identifier or "").removesuffix(":*").split(":log-group:")[-1]
        self._check_group(backend, name)
        return backend.groups[name]

    def _check_group(self, backend: Any, name: str) -> None:
        if name not in backend.groups:
            raise self._missing()

    def _position(self, token: str) -> tuple[str, Position]:
        direction, _, rest = token.partition("/")
        at, _, number = rest.partition("/")
        try:
            return direction, Position(int(at), int(number))
        except ValueError as error:
            raise self._invalid("The specified nextToken is invalid.") from error


def _event_dict(event: LogEvent) -> dict[str, Any]:
    return {
        "logStreamName": event.stream,
        "timestamp": event.at,
        "message": event.message,
        "ingestionTime": event.ingested,
        "eventId": f"{event.id:056d}",
    }


def _stream_dict(group_arn: str, stream: LogStream) -> dict[str, Any]:
    described = {
        "logStreamName": stream.name,
        "creationTime": stream.created,
        "firstEventTimestamp": stream.first,
        "lastEventTimestamp": stream.last,
        "lastIngestionTime": stream.ingested,
        "arn": f"{group_arn}:log-stream:{stream.name}",
        "storedBytes": 0,
    }
    return {name: value for name, value in described.items() if value is not None}
