"""A table of list prices: what its document must look like, and what a quantity costs.

The document is `liveinsight_cli/prices.toml`, which also says where each price is from.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

SCHEMA = 1
GLOBAL = "global"  # stands for every region
MEMORY = "memory"  # the source of what nobody has looked up
HEAD = frozenset({"service", "what", "unit", "per", "tiers"})


class InvalidPrices(ValueError):
    """The document is not a table of prices; the message names the place."""


class UnknownRegion(LookupError):
    """The table lacks prices of a region; `is_partial` is whether it has some of them. `known` are complete ones."""

    def __init__(self, known: tuple[str, ...], missing: tuple[str, ...], *, is_partial: bool) -> None:
        super().__init__(f"no price of {', '.join(missing)}")
        self.known = known
        self.missing = missing
        self.is_partial = is_partial


@dataclass(frozen=True)
class Price:
    """The price of one thing in one region: `per` units cost `usd[0]`, beyond the first tier `usd[1]`, and so on.

    `free_units` are what every account gets each month for nothing. `read` is None for what is only remembered.
    """

    name: str
    service: str
    what: str
    unit: str
    per: float
    usd: tuple[float, ...]
    tiers: tuple[float, ...]
    source: str
    read: str | None
    free_units: float = 0.0

    @property
    def is_remembered(self) -> bool:
        """Whether nobody has looked it up."""
        return self.source == MEMORY

    def dollars(self, units: float, *, free_tier: bool = False) -> float:
        """Return what so many units of a month cost. Free units come off the first tier."""
        paid = max(0.0, units - self.free_units) if free_tier else units
        total, below = 0.0, 0.0
        for usd, end in zip(self.usd, (*self.tiers, float("inf")), strict=False):
            total += max(0.0, min(paid, end) - below) * usd / self.per
            below = end
        return total


@dataclass(frozen=True)
class PriceTable:
    """The prices of one region, by name, in the order of the document."""

    region: str
    as_of: str
    prices: Mapping[str, Price]


def price_table(document: Mapping[str, Any], region: str) -> PriceTable:
    """Return the prices of a region; raises InvalidPrices and UnknownRegion."""
    _require(document.get("schema") == SCHEMA, f"schema must be {SCHEMA}")
    as_of, sources = document.get("as_of"), _section(document, "sources")
    _require(isinstance(as_of, date), "as_of must be a date")
    figures, free = _section(document, "prices"), _section(document, "free")
    prices: dict[str, Price] = {}
    missing: list[str] = []
    regions: list[set[str]] = []
    for name, figure in figures.items():
        _require(isinstance(figure, Mapping), f"prices.{name} must be a table")
        places = {place: entry for place, entry in figure.items() if place not in HEAD}
        parsed = {
            place: _price(name, figure, place, entry, as_of, sources) for place, entry in places.items()
        }
        if GLOBAL not in parsed:
            regions.append(set(parsed))
        if found := parsed.get(region) or parsed.get(GLOBAL):
            prices[name] = found
        else:
            missing.append(name)
    if missing:
        known = tuple(sorted(set.intersection(*regions)))
        raise UnknownRegion(known, tuple(missing), is_partial=len(missing) < len(regions))
    for name, entry in free.items():
        _require(name in prices and isinstance(entry, Mapping), f"free.{name} names no price")
        _require(_is_amount(entry.get("units")), f"free.{name}.units must be a number")
        _provenance(f"free.{name}", entry, as_of, sources)
        prices[name] = replace(prices[name], free_units=float(entry["units"]))
    return PriceTable(region, str(as_of), prices)


def with_changes(document: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document with another one laid over it, table by table: prices of a further region, or newer ones."""
    merged = dict(document)
    for name, value in changes.items():
        old = merged.get(name)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[name] = with_changes(old, value) if both else value  # type: ignore[arg-type]
    return merged


def _price(
    name: str, figure: Mapping[str, Any], place: str, entry: Any, as_of: Any, sources: Mapping[str, Any]
) -> Price:
    where = f"prices.{name}"
    for key in ("service", "what", "unit"):
        _require(isinstance(figure.get(key), str), f"{where}.{key} must be a text")
    _require(_is_amount(figure.get("per")) and figure["per"] > 0, f"{where}.per must be a number above 0")
    tiers = figure.get("tiers", [])
    _require(
        isinstance(tiers, list) and all(map(_is_amount, tiers)) and tiers == sorted(tiers),
        f"{where}.tiers must be numbers in rising order",
    )
    where = f"{where}.{place}"
    _require(isinstance(entry, Mapping), f"{where} must be a table with usd, source and read")
    usd = entry.get("usd")
    _require(
        isinstance(usd, list) and len(usd) == len(tiers) + 1 and all(map(_is_amount, usd)),
        f"{where}.usd must be a list of {len(tiers) + 1} dollars, one for each tier",
    )
    read = _provenance(where, entry, as_of, sources)
    return Price(
        name=name,
        service=figure["service"],
        what=figure["what"],
        unit=figure["unit"],
        per=float(figure["per"]),
        usd=tuple(map(float, entry["usd"])),
        tiers=tuple(map(float, tiers)),
        source=entry["source"],
        read=read,
    )


def _provenance(where: str, entry: Mapping[str, Any], as_of: Any, sources: Mapping[str, Any]) -> str | None:
    """Return the day on which the source was read; None for memory, which has none."""
    source, read = entry.get("source"), entry.get("read")
    _require(isinstance(source, str) and source in sources, f"{where}.source must be one of [sources]")
    if source == MEMORY:
        _require(read is None, f"{where}.read: what is remembered was not read on any day")
        return None
    _require(isinstance(read, date) and read <= as_of, f"{where}.read must be a date, not after as_of")
    return str(read)


def _section(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = document.get(name)
    if not isinstance(section, Mapping):
        raise InvalidPrices(f"[{name}] is missing")
    return section


def _is_amount(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise InvalidPrices(message)
