"""Plays traces: sends requests through collectors that may meet trouble, and tells the oracle what rows accepted."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from hypothesis import reject

from event_collector.ingest import Collector
from tests.lambdas.oracle import Oracle
from tests.lambdas.oracle_traffic import DAY, HOUR, Row, Sender
from tests.lambdas.traces import PEOPLE, Fault, Turn, document_of
from tests.lambdas.wire import Wire
from tests.lambdas.world import World

REMEMBERED = 4
BAD_EVENT = {"event_type": "page_view", "page_url": "ftp://shop.example/"}


@dataclass(eq=False)
class Letter:
    """A request: its bytes, and which rows have accepted it, with the time at which they did."""

    sender: Sender
    document: dict[str, Any]
    body: bytes
    new_id: str
    accepted: dict[Row, int] = field(default_factory=dict)
    due_in: int = 0

    @classmethod
    def of(
        cls, sender: Sender, document: dict[str, Any], new_id: str, *, has_bad_event: bool = False
    ) -> Letter:
        """A letter for the document; a bad event is sent along, but nobody has to know of it."""
        bad = [BAD_EVENT] if has_bad_event else []
        sent = {**document, "events": [*document["events"], *bad]}
        return cls(sender, document, json.dumps(sent).encode(), new_id)

    @property
    def is_repeatable(self) -> bool:
        """Only what has ids may be sent again."""
        return all("event_id" in event for event in self.document["events"])

    @property
    def request_id(self) -> str:
        """By what the rows know it."""
        return sha256(self.body if self.is_repeatable else self.new_id.encode()).hexdigest()[:24]


class Player:
    """Two containers, the requests so far, and those that were answered 503 and wait for being sent again."""

    def __init__(self, world: World, oracle: Oracle, own_sessions_last_ms: int = 400 * DAY) -> None:
        self.world = world
        self._own_sessions_last_ms = own_sessions_last_ms
        self.oracle = oracle
        self.letters: list[Letter] = []
        self._owed: list[Letter] = []
        self._memory: dict[Row, list[Letter]] = {}
        self._new_id = ""
        self._wires = [Wire(world) for _ in range(2)]
        self._collectors = [
            Collector(wire, world.settings, clock=world.seconds, sleep=no_sleep, new_id=lambda: self._new_id)
            for wire in self._wires
        ]

    def take(self, turn: Turn) -> None:
        """Let the time pass and send the turn's request, or an earlier one again, whatever comes of it."""
        self.world.now += turn.gap_s * 1000
        letter = self._earlier(turn.again) if turn.again is not None else None
        letter = letter or self._letter(turn)
        if not self._send(letter, turn.container, turn.fault if letter.is_repeatable else None):
            letter.due_in = turn.retried_after
            self._owed = [owed for owed in self._owed if owed is not letter] + [letter]
        for owed in list(self._owed):
            if owed.due_in <= 0:
                self._send_again(owed)
            owed.due_in -= 1

    def settle(self) -> None:
        """Send everything again that has not been confirmed yet."""
        for owed in list(self._owed):
            self._send_again(owed)

    def _send_again(self, letter: Letter) -> None:
        if letter in self._owed:
            assert self._send(letter, 0, None), "a retry without any trouble has to be accepted"

    def _send(self, letter: Letter, container: int, fault: Fault | None) -> bool:
        self._make_room(letter)
        if not self._is_remembered(letter):
            reject()

        def on_accepted(pk: str) -> None:
            [row] = [row for row in self.oracle.rows(letter.sender, letter.document) if is_key_of(pk, row)]
            assert row not in letter.accepted, f"{row} accepted one request twice"
            letter.accepted[row] = self.world.now
            self._memory.setdefault(row, []).insert(0, letter)
            self.oracle.tell(self.world.now, letter.sender, letter.document, [row])

        self._wires[container].expect(letter.request_id, fault, on_accepted)
        self._new_id = letter.new_id
        result = self._collectors[container].collect(
            letter.body,
            source_ip=letter.sender.ip,
            user_agent=letter.sender.user_agent,
            country=letter.sender.country,
            received_at_ms=self.world.now,
        )
        is_confirmed = result.status == 202
        assert is_confirmed or (fault and result.status == 503), result
        if is_confirmed and letter in self._owed:
            self._owed.remove(letter)
        return is_confirmed

    def _make_room(self, letter: Letter) -> None:
        """Whoever would be forgotten by this request has to be sent again before."""
        rows = [row for row in self.oracle.rows(letter.sender, letter.document) if row not in letter.accepted]
        for owed in list(self._owed):
            is_last_chance = any(owed in self._memory.get(row, [])[REMEMBERED - 1 :] for row in rows)
            if owed is not letter and owed in self._owed and is_last_chance:
                self._owed.remove(owed)
                assert self._send(owed, 0, None), "a retry without any trouble has to be accepted"

    def _letter(self, turn: Turn) -> Letter:
        number = len(self.letters)
        ids_from = number - 1 if turn.repeats_ids and number else number
        own_number = self.world.now // self._own_sessions_last_ms % 10
        document = document_of(turn, number, self.world.now, ids_from, own_number)
        letter = Letter.of(PEOPLE[turn.who], document, f"request-{number}", has_bad_event=turn.has_bad_event)
        self.letters.append(letter)
        return letter

    def _earlier(self, back: int) -> Letter | None:
        """An earlier request that may be sent again without becoming another one."""
        known = [letter for letter in self.letters if letter.is_repeatable and self._is_remembered(letter)]
        return known[-1 - back] if back < len(known) else None

    def _is_remembered(self, letter: Letter) -> bool:
        """Every row still knows it: among its last four requests, for 23 hours, on the same UTC day or the next."""
        now = self.world.now
        return all(
            letter in self._memory[row][:REMEMBERED] and now - at <= 23 * HOUR and now // DAY - at // DAY <= 1
            for row, at in letter.accepted.items()
        )


def is_key_of(pk: str, row: Row) -> bool:
    kind, site, name = pk.split("#", 2)
    return (kind, site) == (row.kind, row.site) and (kind != "session" or name == row.name)


def no_sleep(seconds: float) -> None:
    """Nobody waits in a test."""
