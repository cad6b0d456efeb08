"""What `stats` shows: the product's figures as the API answers them, the platform's as CloudWatch keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liveinsight_cli.core.stats_platform import Platform
from liveinsight_cli.core.thresholds import Check

ESTIMATED_VISITORS = "visitors are estimated"  # how the API's warning begins


@dataclass(frozen=True)
class Named:
    """One row of a top list. `name` came from visitors."""

    name: str
    count: int


@dataclass(frozen=True)
class Freshness:
    """How far figures can be trusted; `fresh_to` is the time of the newest event in them (epoch ms)."""

    fresh_to: int | None
    complete: bool
    exact: bool
    warnings: tuple[str, ...]

    @classmethod
    def read(cls, meta: Mapping[str, Any]) -> "Freshness":
        """Return what an answer's `meta` says."""
        return cls(meta["fresh_to"], meta["complete"], meta["exact"], tuple(meta["warnings"]))


@dataclass(frozen=True)
class Minute:
    """One clock minute of the last thirty; the running one is `partial`."""

    t: int
    pageviews: int
    visitors: int
    partial: bool


@dataclass(frozen=True)
class Live:
    """The answer of `GET /api/realtime`. `now` is the server's clock, epoch ms."""

    now: int
    active_visitors: int
    active_sessions: int
    visitors_30m: int
    pageviews_30m: int
    minutes: tuple[Minute, ...]
    meta: Freshness

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> "Live":
        """Return the answer's figures; raises KeyError or TypeError when it is none."""
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
        )


@dataclass(frozen=True)
class Step:
    """One hour or day of a period; a running one is `partial`. `t` is where it begins, epoch ms."""

    t: int
    pageviews: int
    visitors: int
    partial: bool


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
    """The answer of `GET /api/stats?compare=previous`. `change` is relative: 0.25 is a quarter more."""

    site: str | None
    range: str
    timezone: str
    begin: str
    end: str
    totals: Totals
    previous: Totals
    change: Mapping[str, float | None]
    step: str
    series: tuple[Step, ...]
    top: Mapping[str, tuple[Named, ...]]
    bots: Mapping[str, int]
    meta: Freshness

    @property
    def has_estimated_visitors(self) -> bool:
        """Whether the visitors are not counted but estimated."""
        return any(warning.startswith(ESTIMATED_VISITORS) for warning in self.meta.warnings)

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> "Period":
        """Return the answer's figures; raises KeyError or TypeError when it is none."""
        query, comparison = answer["query"], answer["comparison"]
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
            totals=Totals.read(answer["totals"]),
            previous=Totals.read(comparison["totals"]),
            change=dict(comparison["change"]),
            step=query["step"],
            series=tuple(
                Step(step["t"], step["pageviews"], step["visitors"], step["partial"])
                for step in answer["series"]
            ),
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
        said = [part.meta.warnings for part in (self.live, self.period) if part is not None]
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
