"""What `stats` shows: the product's figures as the API answers them, the platform's as CloudWatch keeps them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from liveinsight_cli.core.stats_platform import Platform
from liveinsight_cli.core.thresholds import Check

ESTIMATED_VISITORS = "visitors are estimated"  # how the API's warning begins
# Reasons of the statistics API.
BEGINS_LATE = frozenset({"filter_cut", "filter_log_cut", "filter_log_begins"})
UNFILTERED_MINUTES = "series_unfiltered"  # the reason that the realtime API always gives with filters


@dataclass(frozen=True)
class Named:
    """One row of a top list. `name` came from visitors."""

    name: str
    count: int


@dataclass(frozen=True)
class Freshness:
    """How far figures can be trusted; `fresh_to` is the time of the newest event in them (epoch ms).

    `reasons` say the same as `warnings`, in the same order, as codes with their numbers.
    """

    fresh_to: int | None
    complete: bool
    exact: bool
    warnings: tuple[str, ...]
    reasons: tuple[Mapping[str, Any], ...] = ()

    @property
    def said(self) -> tuple[str, ...]:
        """The warnings without what `Live.filters` tells."""
        unneeded = {n for n, reason in enumerate(self.reasons) if reason.get("code") == UNFILTERED_MINUTES}
        return tuple(warning for n, warning in enumerate(self.warnings) if n not in unneeded)

    @classmethod
    def read(cls, meta: Mapping[str, Any]) -> "Freshness":
        """Return what an answer's `meta` says."""
        return cls(
            meta["fresh_to"],
            meta["complete"],
            meta["exact"],
            tuple(meta["warnings"]),
            tuple(dict(reason) for reason in meta.get("reasons", ())),
        )


@dataclass(frozen=True)
class Minute:
    """One clock minute of the last thirty; the running one is `partial`."""

    t: int
    pageviews: int
    visitors: int
    partial: bool


@dataclass(frozen=True)
class Live:
    """The answer of `GET /api/realtime`. `now` is the server's clock, epoch ms.

    `filters` hold for the visits, not for the minutes and `pageviews_30m`, which are those of all.
    """

    now: int
    active_visitors: int
    active_sessions: int
    visitors_30m: int
    pageviews_30m: int
    minutes: tuple[Minute, ...]
    meta: Freshness
    filters: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, answer: Mapping[str, Any], filters: Mapping[str, str] | None = None) -> "Live":
        """Return the answer's figures, asked for with filters; raises KeyError or TypeError when it is none."""
        return cls(
            now=answer["now"],
            active_visitors=answer["active_visitors"],
            active_sessions=answer["active_sessions"],
            visitors_30m=answer["visitors_30m"],
            pageviews_30m=answer["pageviews_30m"],
            minutes=tuple(
                Minute(step["t"], step["pageviews"], step["visitors"], step["partial"])
                for step in answer["series"]
            ),
            meta=Freshness.read(answer["meta"]),
            filters=dict(filters or {}),
        )


@dataclass(frozen=True)
class Step:
    """One minute, hour or day of a period; a running one is `partial`. `t` is where it begins, epoch ms."""

    t: int
    pageviews: int
    visitors: int
    partial: bool

    @classmethod
    def read_all(cls, series: Iterable[Mapping[str, Any]]) -> "tuple[Step, ...]":
        """Return the steps of a series; raises KeyError or TypeError when they are none."""
        return tuple(cls(step["t"], step["pageviews"], step["visitors"], step["partial"]) for step in series)


@dataclass(frozen=True)
class Totals:
    """Sums and means of a period; None where nothing can be divided by."""

    pageviews: int
    visitors: int
    sessions: int
    events: int
    bounce_rate: float | None
    avg_duration_s: float | None
    views_per_session: float | None
    engaged_s: float

    @classmethod
    def read(cls, totals: Mapping[str, Any]) -> "Totals":
        """Return the totals of an answer; raises KeyError when they are none."""
        return cls(**{name: totals[name] for name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class Period:
    """The answer of `GET /api/stats?compare=previous`. `change` is relative: 0.25 is a quarter more.

    All figures are of the visits that `filters` choose. Without `previous` nothing can be compared with: what was
    before is gone.
    """

    site: str | None
    range: str
    timezone: str
    begin: str
    end: str
    filters: Mapping[str, str]
    totals: Totals
    previous: Totals | None
    change: Mapping[str, float | None]
    step: str
    series: tuple[Step, ...]
    previous_series: tuple[Step, ...]
    top: Mapping[str, tuple[Named, ...]]
    bots: Mapping[str, int]
    meta: Freshness

    @property
    def has_estimated_visitors(self) -> bool:
        """Whether the visitors are not counted but estimated."""
        return any(warning.startswith(ESTIMATED_VISITORS) for warning in self.meta.warnings)

    @property
    def begins_late(self) -> bool:
        """Whether filters do not reach the beginning of the range, so that figures begin later."""
        return any(reason.get("code") in BEGINS_LATE for reason in self.meta.reasons)

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> "Period":
        """Return the answer's figures; raises KeyError or TypeError when it is none."""
        query, comparison = answer["query"], answer.get("comparison") or {}
        top = {
            name: tuple(Named(str(row["name"]), row["count"]) for row in rows)
            for name, rows in answer["top"].items()
        }
        return cls(
            site=query["site"],
            range=query["range"],
            timezone=query["timezone"],
            begin=query["from"],
            end=query["to"],
            filters=dict(query.get("filters", {})),
            totals=Totals.read(answer["totals"]),
            previous=Totals.read(comparison["totals"]) if comparison else None,
            change=dict(comparison["change"]) if comparison else {},
            step=query["step"],
            series=Step.read_all(answer["series"]),
            previous_series=Step.read_all(comparison.get("series", ())),
            top=top,
            bots=dict(answer["meta"].get("bots", {})),
            meta=Freshness.read(answer["meta"]),
        )


@dataclass(frozen=True)
class Stats:
    """One look at an environment. What could not be had is None, and `problems` says why.

    `taken_at` is when live and period were asked for, epoch ms of this machine; the platform has its own.
    """

    environment: str
    taken_at: int
    by: tuple[str, ...]
    live: Live | None
    period: Period | None
    platform: Platform | None
    problems: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the answers say about themselves, each once."""
        said = [part.meta.said for part in (self.live, self.period) if part is not None]
        return tuple(dict.fromkeys(warning for warnings in said for warning in warnings))

    @property
    def is_complete(self) -> bool:
        """Whether nothing was left out."""
        return all(part.meta.complete for part in (self.live, self.period) if part is not None)

    @property
    def is_sound(self) -> bool:
        """Whether every figure is exact and nothing was left out."""
        parts = (self.live, self.period)
        return all(p.meta.complete and p.meta.exact for p in parts if p is not None)

    @property
    def fresh_to(self) -> int | None:
        """Time of the newest event in any figure, epoch ms."""
        parts = (self.live, self.period)
        known = [p.meta.fresh_to for p in parts if p is not None and p.meta.fresh_to is not None]
        return max(known, default=None)
