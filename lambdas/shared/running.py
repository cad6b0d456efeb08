"""A running session as a DynamoDB map: in the visitor's row, in its memory of requests, and as an event's stamp.

Names are one letter: the row holds five such maps and has to stay within one write unit.
"""

from __future__ import annotations

from typing import Any

from shared.metrics import Running


def to_map(session: Running, *, with_id: bool = True) -> dict[str, Any]:
    """The typed map; parts that have their default value are kept, so that an update may add to them."""
    fields = {
        "a": {"N": str(session.start)},
        "l": {"N": str(session.last)},
        "n": {"N": str(session.events)},
        "p": {"N": str(session.views)},
        "q": {"N": str(session.seen)},
        "i": {"BOOL": session.interactive},
        "v": {"N": str(session.viewed_at)},
        "g": {"S": session.page},
    }
    return {"M": {"s": {"S": session.session_id}, **fields} if with_id else fields}


def from_map(value: dict[str, Any], session_id: str | None = None) -> Running:
    """The session back out of its map."""
    fields = value["M"]
    return Running(
        session_id=fields["s"]["S"] if session_id is None else session_id,
        start=int(fields["a"]["N"]),
        last=int(fields["l"]["N"]),
        events=int(fields["n"]["N"]),
        views=int(fields["p"]["N"]),
        seen=int(fields["q"]["N"]),
        interactive=bool(fields["i"]["BOOL"]),
        viewed_at=int(fields["v"]["N"]),
        page=fields["g"]["S"],
    )
