"""How much of everything `stats` draws, from the most to the least: what does not fit is cut by importance."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Room:
    """How much of everything is drawn; screens try from the most to the least."""

    rows: int
    chart: int
    is_short: bool
    is_airy: bool
    is_tall: bool = False


LONG = (1000, 500, 200, 100)
TALL_ROOMS = tuple(
    Room(rows, 6, is_short=False, is_airy=True, is_tall=True) for rows in (*LONG, 50, 20, 15, 10, 8)
)
ROOMS = (
    *(Room(rows, 4, is_short=False, is_airy=True) for rows in (*LONG, 50, 20, 15, 10, 8, 6, 5, 4, 3)),
    *(Room(rows, 3, is_short=True, is_airy=True) for rows in (6, 5, 4, 3)),
    Room(3, 2, is_short=True, is_airy=True),
    Room(3, 2, is_short=True, is_airy=False),
    Room(2, 2, is_short=True, is_airy=False),
    Room(1, 1, is_short=True, is_airy=False),
)


def rooms_for(limit: int, *, may_be_tall: bool) -> list[Room]:
    """Return the rooms to try in turn for top lists of at most `limit` entries."""
    enough = min(room.rows for room in ROOMS if room.rows >= limit)
    return [room for room in (*(TALL_ROOMS if may_be_tall else ()), *ROOMS) if room.rows <= enough]
