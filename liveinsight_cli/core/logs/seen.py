"""What was shown already: by id among what is read, by content where Live Tail shows the same events without ids."""

from dataclasses import dataclass, field

from liveinsight_cli.core.logs.events import LogEvent

PRUNED_EVERY = 1024

Content = tuple[int, str, str]


@dataclass(slots=True)
class Seen:
    """The events of one group that can be met again. Whoever reads says with `forget` what cannot."""

    matches_content: bool = False  # Live Tail shows events too
    _ids: set[tuple[int, str, str, int]] = field(default_factory=set)
    _live: dict[Content, int] = field(default_factory=dict)
    _polled: dict[Content, int] = field(default_factory=dict)
    _room: int = PRUNED_EVERY

    def __len__(self) -> int:
        return len(self._ids) + len(self._live) + len(self._polled)

    def is_new(self, event: LogEvent) -> bool:
        """Tell whether an event that was read was not shown yet, and remember it.

        An id is taken for what it should be, unique; two events that share one are still told apart.
        """
        key = (event.timestamp_ms, event.event_id, event.stream, hash(event.message))
        if key in self._ids:
            return False
        self._ids.add(key)
        self._room -= 1
        return not self.matches_content or self._counts(event, self._polled, self._live)

    def is_new_live(self, event: LogEvent) -> bool:
        """The same for an event of Live Tail: of equal lines as many are shown as the one who saw more of them saw."""
        self._room -= 1
        return self._counts(event, self._live, self._polled)

    def forget(self, before_ms: int) -> None:
        """Drop what is older, now and then: going through everything is dear."""
        if self._room > 0:
            return
        self._ids = {key for key in self._ids if key[0] >= before_ms}
        self._live = {key: count for key, count in self._live.items() if key[0] >= before_ms}
        self._polled = {key: count for key, count in self._polled.items() if key[0] >= before_ms}
        self._room = max(PRUNED_EVERY, len(self))

    @staticmethod
    def _counts(event: LogEvent, mine: dict[Content, int], other: dict[Content, int]) -> bool:
        key = (event.timestamp_ms, event.stream, event.message.rstrip("\n"))
        mine[key] = mine.get(key, 0) + 1
        return mine[key] > other.get(key, 0)
