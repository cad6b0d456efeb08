"""What traffic takes of AWS in a month: counted operations, by the names of the price table.

Write units follow from what the functions do, and tests/lambdas/test_cost.py recounts them from real requests. What is
no operation is measured by benchmarks/ (CPU time, size of blocks) or assumed; docs/cost.md lists both.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

HOURS_A_MONTH = 730.0  # as AWS counts
MINUTES_A_MONTH = HOURS_A_MONTH * 60
SECONDS_A_MONTH = MINUTES_A_MONTH * 60
DAYS_A_MONTH = HOURS_A_MONTH / 24
GB = 1024**3

# The stack: terraform/ and web/src/dashboard/main.tsx, compared with them by tests.
ROUTE_SHARES = {"events": 0.70, "realtime": 0.12, "stats": 0.06}
MOST_EVENTS_A_REQUEST = 25
LARGEST_EVENT_UNITS = 4  # 64 KiB by 25, and what the collector adds
REALTIME_POLL_SECONDS, STATS_POLL_SECONDS = 2.0, 10.0
REALTIME_SHARED_SECONDS, STATS_SHARED_SECONDS = 2.0, 5.0  # an answer is CloudFront's for so long
SETTLED_SECONDS = 60.0  # blocks of hours that are over are read so often
BATCH_SECONDS, BATCH_EVENTS = 5.0, 500
WINDOW_SECONDS = 60.0
SWEEPS_AN_HOUR, FOLDS_AN_HOUR = 12.0, 1.0
ACTIVITY_STEP_SECONDS = 300.0
# Of the functions' own metrics, those of a healthy hour: four of cold starts, four of traffic, freshness. An hour in
# which a metric has no point is not charged: without traffic only the aggregator starts, to sweep.
ALARM_METRICS, CUSTOM_METRICS, IDLE_CUSTOM_METRICS = 45, 9, 1
WAF_ACLS, WAF_RULES = 2, 6

# A new table on demand takes 4,000 write units a second, and a partition takes 1,000 of them: four shards.
SHARDS = 4

# Assumed: people stay so long on a page; functions answer from a warm container but for one time in a hundred.
SECONDS_A_VIEW = 30.0
COLD_SHARE = 0.01

# CPU at one core (benchmarks/), and the wait for one call of DynamoDB.
CORE_MB = 1769
CALL_MS = 5.0
COLD_CPU_MS = 200.0
COLLECTOR_CPU_MS, COLLECTOR_CPU_MS_AN_EVENT, COLLECTOR_CALLS = 1.3, 0.085, 2
AGGREGATOR_CPU_MS, SESSION_CPU_MS = 3.0, 0.5
READ_CPU_MS, READ_CALLS = 12.0, 3
IDLE_MS = 2.0

# Bytes. An invocation logs platform.start, platform.report and a line of ours, a request its access line; CloudWatch
# counts 26 bytes more with each line.
INVOCATION_LOG_BYTES = 180 + 330 + 230 + 3 * 26
BATCH_METRICS_BYTES = 410  # carried by the line of a batch
ACCESS_LOG_BYTES = 280 + 26
EVENT_BYTES, EVENT_INDEX_SHARE, SESSION_BYTES, ROW_BYTES = 500, 0.8, 420, 1024
STORED_DAYS = 2.0  # 24 hours, and about a day more until DynamoDB has deleted what expired
BLOCK_DAYS = 40.0
# The visit log: an item for an hour with visits, 45 bytes a visit and what is in an item anyway, and a mark for each
# hour; every event is read once more for it (benchmarks/visit_log.py). Index entries are read 4 KB for half a unit.
LOGGED_VISIT_BYTES, LOGGED_HOUR_BYTES = 45, 250
LOG_CPU_MS_AN_EVENT = 0.065
LOG_TYPES = 3  # of events, each with a Query of its own an hour
ANSWER_BYTES = 700
REALTIME_SENT_BYTES, STATS_SENT_BYTES = 1_500, 1_700  # compressed
TRACKER_BYTES = 2_000
BUCKET_GB = 0.02

# Write units of one write of a shard's block, mean over an hour, by the geometric mean of the visits and the events
# of that hour: measured by benchmarks/write_units.py with 500 pages; between two points on a line over the logarithm.
BLOCK_UNITS = (
    (69.0, 1.04),
    (416.0, 2.35),
    (1039.0, 3.81),
    (2078.0, 5.40),
    (3464.0, 6.43),
    (8660.0, 7.55),
    (34641.0, 9.73),
)
LARGEST_BLOCK_SHARE = 1.5  # a block at the end of its hour, against the mean
VISIT_READ_UNITS = 1.05
REALTIME_READ_UNITS, LIVE_SESSION_READ_UNITS = 2.3, 0.0264
TASK_READ_UNITS = 1.0
MARKS_READ_UNITS = 0.5  # which hours are logged


@dataclass(frozen=True)
class Traffic:
    """What visitors do in a month. `dashboards` tabs show the dashboard all the time, and the same page of it.

    An event's item takes `units_per_event` write units, one for each KB begun. `visit_seconds` is the time from a
    visit's first to its last request, when it is known.
    """

    views: float
    events_per_view: float = 1.0
    events_per_request: float = 1.0
    views_per_visit: float = 3.0
    dashboards: float = 0.0
    units_per_event: float = 1.0
    visit_seconds: float | None = None
    is_each_dashboard_different: bool = field(default=False, kw_only=True)

    @property
    def events(self) -> float:
        """Events of all types."""
        return self.views * self.events_per_view

    @property
    def visits(self) -> float:
        """Visits, each with its views."""
        return self.views / self.views_per_visit

    @property
    def requests(self) -> float:
        """Requests with events: one a visit at least."""
        return max(self.events / self.events_per_request, self.visits)

    @property
    def seconds_a_visit(self) -> float:
        """Time from a visit's first to its last request."""
        if self.visit_seconds is not None:
            return self.visit_seconds
        return (self.views_per_visit - 1) * SECONDS_A_VIEW if self.requests > self.visits else 0.0


@dataclass(frozen=True)
class StackShape:
    """What of an environment costs something. With a domain events, too, are sent by way of CloudFront."""

    memory_mb: int = 256
    log_retention_days: int = 7
    requests_per_minute: int = 1000
    is_protected: bool = False
    has_domain: bool = False
    has_waf: bool = False
    has_key: bool = False
    alarm_metrics: int = ALARM_METRICS
    custom_metrics: int = CUSTOM_METRICS


@dataclass(frozen=True)
class WriteUnits:
    """Write units by table and by index."""

    events: float
    event_type_index: float
    state: float
    sessions: float
    activity_index: float

    @property
    def total(self) -> float:
        """All of them."""
        return self.events + self.event_type_index + self.state + self.sessions + self.activity_index


def write_units(traffic: Traffic, hours: float = HOURS_A_MONTH, shards: int = SHARDS) -> WriteUnits:
    """Return what the traffic of so many hours writes, evenly spread over them.

    An event is an item and an entry of EventTypeIndex. A request updates its visitor's row and, when its batch is
    folded, its session; a visit's first request tries in vain to continue a session, and the sweep ends each. In
    ActivityIndex a session's entry moves, which is two writes, every five minutes. A batch writes its shard's block.
    """
    sessions = traffic.requests + traffic.visits
    blocks = batches(traffic, hours, shards) * block_units(traffic, hours, shards)
    moves = traffic.visits * traffic.seconds_a_visit / ACTIVITY_STEP_SECONDS
    return WriteUnits(
        events=traffic.events * traffic.units_per_event,
        event_type_index=traffic.events * traffic.units_per_event,
        state=traffic.requests + traffic.visits + blocks,
        sessions=sessions,
        activity_index=sessions + moves,
    )


def batches(traffic: Traffic, hours: float = HOURS_A_MONTH, shards: int = SHARDS) -> float:
    """Return how many batches with events the aggregator is handed: at most one in five seconds and shard."""
    return max(_busy_spans(BATCH_SECONDS, traffic, hours, shards), traffic.events / BATCH_EVENTS)


def block_units(traffic: Traffic, hours: float = HOURS_A_MONTH, shards: int = SHARDS) -> float:
    """Return the write units of one write of a block."""
    size = math.sqrt(traffic.visits * traffic.events) / hours / shards
    before = (1.0, 1.0)
    for point in BLOCK_UNITS:
        if size <= point[0]:
            return _between(before, point, max(size, before[0]))
        before = point
    return BLOCK_UNITS[-1][1]


def monthly(traffic: Traffic, stack: StackShape) -> Mapping[str, float]:
    """Return the units of a month by the names of the price table."""
    looks = _looks(traffic)
    reads = _reads(traffic, stack)
    folded = batches(traffic)
    windows = _busy_spans(WINDOW_SECONDS, traffic, HOURS_A_MONTH, SHARDS)
    tasks = HOURS_A_MONTH * (SWEEPS_AN_HOUR + FOLDS_AN_HOUR)
    asked = traffic.requests + reads.realtime + reads.stats
    invocations = asked + folded + windows + tasks
    log_gb = (
        invocations * INVOCATION_LOG_BYTES + folded * BATCH_METRICS_BYTES + asked * ACCESS_LOG_BYTES
    ) / GB
    table_gb = _table_gb(traffic)
    collected_gb = traffic.requests * ANSWER_BYTES / GB
    shown_gb = (looks.realtime * REALTIME_SENT_BYTES + looks.stats * STATS_SENT_BYTES) / GB
    at_the_edge = (
        traffic.visits + looks.realtime + looks.stats + (traffic.requests if stack.has_domain else 0.0)
    )
    return {
        "api_requests": asked,
        "lambda_requests": invocations,
        "lambda_gb_seconds": _busy_seconds(traffic, stack, reads.realtime + reads.stats)
        * stack.memory_mb
        / 1024,
        "write_units": write_units(traffic).total + _visit_log_writes(traffic),
        "read_units": _read_units(traffic, reads),
        "table_gb": table_gb,
        "backup_gb": table_gb if stack.is_protected else 0.0,
        "log_gb": log_gb,
        "log_stored_gb": log_gb * stack.log_retention_days / DAYS_A_MONTH,
        "alarm_metrics": stack.alarm_metrics,
        "custom_metrics": stack.custom_metrics if traffic.requests else IDLE_CUSTOM_METRICS,
        "dashboards": 1.0,
        "transfer_gb": 0.0 if stack.has_domain else collected_gb,  # to CloudFront it is free
        "cdn_requests": at_the_edge,
        "cdn_gb": traffic.visits * TRACKER_BYTES / GB
        + shown_gb
        + (collected_gb if stack.has_domain else 0.0),
        "bucket_gb": BUCKET_GB,
        "waf_acls": WAF_ACLS if stack.has_waf else 0.0,
        "waf_rules": WAF_RULES if stack.has_waf else 0.0,
        "waf_requests": asked + at_the_edge if stack.has_waf else 0.0,
        "kms_keys": 1.0 if stack.has_key else 0.0,
    }


def at_the_limit(traffic: Traffic, stack: StackShape) -> Traffic:
    """Return the traffic of a month in which every route is called as often as its throttle allows.

    Reads come that often only from dashboards of which each shows something else.
    """
    requests = MINUTES_A_MONTH * stack.requests_per_minute * ROUTE_SHARES["events"]
    tabs = (ROUTE_SHARES["realtime"] * REALTIME_POLL_SECONDS, ROUTE_SHARES["stats"] * STATS_POLL_SECONDS)
    return replace(
        traffic,
        views=requests * traffic.events_per_request / traffic.events_per_view,
        # A request is of one visit: as many views as fit into it at least.
        views_per_visit=max(traffic.views_per_visit, traffic.events_per_request / traffic.events_per_view),
        dashboards=stack.requests_per_minute / 60 * max(tabs),
        is_each_dashboard_different=True,
    )


def largest_requests(traffic: Traffic) -> Traffic:
    """Return the same with the most that a request may hold, each from a visitor of its own: an attack."""
    return replace(
        traffic,
        events_per_view=1.0,
        events_per_request=MOST_EVENTS_A_REQUEST,
        views_per_visit=MOST_EVENTS_A_REQUEST,
        units_per_event=LARGEST_EVENT_UNITS,
    )


def most_dashboards(stack: StackShape) -> float:
    """Return how many tabs that all show something else the throttle of the realtime API has room for."""
    return stack.requests_per_minute / 60 * ROUTE_SHARES["realtime"] * REALTIME_POLL_SECONDS


def are_dashboards_refused(traffic: Traffic, stack: StackShape) -> bool:
    """Tell whether the throttle of the realtime API refuses some of their reads."""
    return _asked(traffic).realtime > stack.requests_per_minute / 60 * ROUTE_SHARES["realtime"]


@dataclass(frozen=True)
class _Reads:
    """Requests of dashboards by route, in a month or a second."""

    realtime: float
    stats: float

    def times(self, factor: float) -> "_Reads":
        return _Reads(self.realtime * factor, self.stats * factor)


def _looks(traffic: Traffic) -> _Reads:
    """How often dashboards ask CloudFront in a month."""
    tabs = traffic.dashboards
    return _Reads(tabs / REALTIME_POLL_SECONDS, tabs / STATS_POLL_SECONDS).times(SECONDS_A_MONTH)


def _asked(traffic: Traffic) -> _Reads:
    """How often CloudFront asks the API in a second: an edge location does once for all who see the same."""
    looks = _looks(traffic).times(1 / SECONDS_A_MONTH)
    if traffic.is_each_dashboard_different:
        return looks
    return _Reads(
        min(looks.realtime, 1 / REALTIME_SHARED_SECONDS), min(looks.stats, 1 / STATS_SHARED_SECONDS)
    )


def _reads(traffic: Traffic, stack: StackShape) -> _Reads:
    """What of that the throttles let through in a month."""
    asked, room = _asked(traffic), stack.requests_per_minute / 60
    let_through = _Reads(
        min(asked.realtime, room * ROUTE_SHARES["realtime"]), min(asked.stats, room * ROUTE_SHARES["stats"])
    )
    return let_through.times(SECONDS_A_MONTH)


def _busy_spans(seconds: float, traffic: Traffic, hours: float, shards: int) -> float:
    """Return how many of the spans of so many seconds have requests in them, all shards together."""
    spans = hours * 3600 / seconds * shards
    return spans * (1 - math.exp(-traffic.requests / spans))


def _busy_seconds(traffic: Traffic, stack: StackShape, polls: float) -> float:
    core = stack.memory_mb / CORE_MB if stack.memory_mb < CORE_MB else 1.0
    events_per_request = traffic.events / traffic.requests if traffic.requests else 0.0
    collector = (
        COLLECTOR_CALLS * CALL_MS + (COLLECTOR_CPU_MS + COLLECTOR_CPU_MS_AN_EVENT * events_per_request) / core
    )
    read = READ_CALLS * CALL_MS + READ_CPU_MS / core
    cold = COLD_SHARE * COLD_CPU_MS / core
    windows = _busy_spans(WINDOW_SECONDS, traffic, HOURS_A_MONTH, SHARDS)
    tasks = HOURS_A_MONTH * (SWEEPS_AN_HOUR + FOLDS_AN_HOUR)
    milliseconds = (
        traffic.requests * (collector + cold)
        + polls * (read + cold)
        + batches(traffic) * (CALL_MS + AGGREGATOR_CPU_MS / core)
        + (traffic.requests + traffic.visits) * (CALL_MS + SESSION_CPU_MS / core)
        + windows * IDLE_MS
        + tasks * (2 * CALL_MS + AGGREGATOR_CPU_MS / core)
        + traffic.events * LOG_CPU_MS_AN_EVENT / core
    )
    return milliseconds / 1000


def _read_units(traffic: Traffic, reads: _Reads) -> float:
    """Visitors' rows, dashboards (functions keep answers for 1 and 5 seconds), and the scheduled tasks.

    A report reads the running hour, and half the time the one before; the rest of the day once in a while.
    """
    events_kb = traffic.events * traffic.units_per_event * EVENT_BYTES * EVENT_INDEX_SHARE / 1024
    block = _block_kb(traffic) / 8  # a unit reads 4 KB, twice that where a moment's delay is no harm
    live = traffic.visits / HOURS_A_MONTH / 2
    a_look = REALTIME_READ_UNITS + LIVE_SESSION_READ_UNITS * live + 2 * SHARDS * block
    a_report = max(0.5, 1.5 * SHARDS * block)
    a_day = max(0.5, 22.5 * SHARDS * block)
    reports = min(reads.stats, SECONDS_A_MONTH / 5)
    return (
        traffic.visits * VISIT_READ_UNITS
        + min(reads.realtime, SECONDS_A_MONTH) * a_look
        + reports * a_report
        + min(reports, SECONDS_A_MONTH / SETTLED_SECONDS) * a_day
        + HOURS_A_MONTH * (SWEEPS_AN_HOUR + FOLDS_AN_HOUR) * TASK_READ_UNITS
        + HOURS_A_MONTH * (SWEEPS_AN_HOUR * MARKS_READ_UNITS + SHARDS * block)
        + max(events_kb / 8, HOURS_A_MONTH * LOG_TYPES / 2)
    )


def _visit_log_writes(traffic: Traffic) -> float:
    """The items of the visit log, one at least for an hour with visits, and the hours' marks."""
    hours = min(HOURS_A_MONTH, traffic.visits)
    return HOURS_A_MONTH + hours * math.ceil(_visit_log_bytes(traffic) / (hours or 1) / 1024)


def _visit_log_bytes(traffic: Traffic) -> float:
    """What a month adds to the visit log."""
    return traffic.visits * LOGGED_VISIT_BYTES + min(HOURS_A_MONTH, traffic.visits) * LOGGED_HOUR_BYTES


def _table_gb(traffic: Traffic) -> float:
    a_day = (
        traffic.events * traffic.units_per_event * EVENT_BYTES * (1 + EVENT_INDEX_SHARE)
        + traffic.visits * (SESSION_BYTES * (1 + EVENT_INDEX_SHARE) + ROW_BYTES)
    ) / DAYS_A_MONTH
    blocks = BLOCK_DAYS * 24 * SHARDS * _block_kb(traffic) * 1024
    logged = _visit_log_bytes(traffic) / DAYS_A_MONTH * BLOCK_DAYS
    return (a_day * STORED_DAYS + blocks + logged) / GB


def _block_kb(traffic: Traffic) -> float:
    return LARGEST_BLOCK_SHARE * block_units(traffic) if traffic.requests else 0.0


def _between(left: tuple[float, float], right: tuple[float, float], size: float) -> float:
    share = math.log(size / left[0]) / math.log(right[0] / left[0])
    return left[1] + share * (right[1] - left[1])
