"""Fills the tables of docs/cost.md and README.md from model and prices; `--check` only compares (a test runs that)."""

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from liveinsight_cli.adapters.price_file import load_prices
from liveinsight_cli.core.cost import Bill, bill, estimate, summary
from liveinsight_cli.core.prices import PriceTable
from liveinsight_cli.core.usage import StackShape, Traffic, at_the_limit, monthly, write_units
from liveinsight_cli.render.cost import money

PAGES = (Path(__file__).with_name("cost.md"), Path(__file__).parent.parent / "README.md")
REGIONS = ("ap-northeast-2", "us-east-1")
SEOUL, US = (load_prices(region) for region in REGIONS)
BLOCK = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
STACK = StackShape()
Rows = Iterator[tuple[str, ...]]


def months() -> Rows:
    """Yield what months of different traffic cost, in Seoul."""
    yield ("page views a month", "dashboards", "at list prices", "with free tier", "for a million events")
    for views, tabs in (
        (0, 0),
        (100_000, 0.25),
        (1_000_000, 0.25),
        (1_000_000, 1),
        (1_000_000, 20),
        (10_000_000, 2),
    ):
        found = estimate("", Traffic(views, dashboards=tabs), STACK, SEOUL, free_tier=False).bill
        free, events = money(found.dollars_free_tier), money(found.per_million_events)
        yield (f"{views:,}", f"{tabs:g}", money(found.dollars), free, events)


def services() -> Rows:
    """Yield what a million page views add, by service."""
    yield ("a million page views", *REGIONS)
    columns = [_by_service(_added(Traffic(1_000_000), table)) for table in (SEOUL, US)]
    for service in columns[0]:
        yield (service, *(money(column[service]) for column in columns))
    yield ("together", *(money(sum(column.values())) for column in columns))


def idle() -> Rows:
    """Yield what there is to pay without traffic, and what each switch adds."""
    plain = summary(Traffic(0), STACK, SEOUL)
    found = estimate("", Traffic(0), STACK, SEOUL, free_tier=False)
    yield ("", "$ a month when idle", "$ for a million page views")
    yield ("nothing switched on", money(plain.idle), money(plain.per_million_views))
    yield ("the same with the free tier", money(found.idle_free_tier), "")
    switches = {
        "`domain`": replace(STACK, has_domain=True),
        "`waf = true`": replace(STACK, has_waf=True),
        "`customer_managed_key = true`": replace(STACK, has_key=True),
        "`protected = true` (point-in-time recovery)": replace(STACK, is_protected=True),
        "`charges_alarm_usd`": replace(STACK, alarm_metrics=STACK.alarm_metrics + 1),
        "`log_retention_days = 90`": replace(STACK, log_retention_days=90),
        "`memory_mb = 1024`": replace(STACK, memory_mb=1024),
    }
    for name, stack in switches.items():
        other = summary(Traffic(0), stack, SEOUL)
        yield (name, _more(other.idle - plain.idle), _more(other.per_million_views - plain.per_million_views))
    for name, tabs in (("one dashboard", 1), ("twenty dashboards", 20)):
        tab = estimate("", Traffic(0, dashboards=tabs), STACK, SEOUL, free_tier=False)
        free = _more(tab.bill.dollars_free_tier - tab.idle_free_tier)
        yield (f"{name}, shown all the month", _more(tab.bill.dollars - tab.idle), "")
        yield ("the same with the free tier", free, "")


def batching() -> Rows:
    """Yield write units and dollars by how many events are sent together, a million events a month."""
    yield (
        "events a request",
        "write units an event",
        *(f"$ a million events, {region}" for region in REGIONS),
    )
    for together in (1, 3, 6):
        traffic = Traffic(1_000_000, events_per_request=together, views_per_visit=6)
        dollars = (money(_added(traffic, table).dollars) for table in (SEOUL, US))
        yield (str(together), f"{write_units(traffic).total / traffic.events:.1f}", *dollars)


def busyness() -> Rows:
    """Yield write units of an event by how busy a month is."""
    yield ("page views a month", "requests a minute", "write units a page view")
    for views in (10_000, 100_000, 1_000_000, 10_000_000):
        traffic = Traffic(views)
        yield (f"{views:,}", f"{views / 43_800:.1f}", f"{write_units(traffic).total / traffic.events:.1f}")


def ceilings() -> Rows:
    """Yield what a month at the limit costs."""
    yield ("requests_per_minute", "events in a month", "ordinary requests", "the largest requests")
    for limit in (60, 300, 1000, 6000):
        stack = replace(STACK, requests_per_minute=limit)
        found = summary(Traffic(0), stack, SEOUL).ceiling
        events = at_the_limit(Traffic(1.0), stack).events
        yield (f"{limit:,}", f"{events:,.0f}", money(found.dollars), money(found.dollars_largest_requests))


def prices() -> Rows:
    """Yield every price with its source."""
    yield ("what", "for", *(f"{region}" for region in REGIONS), "free each month", "source")
    for name, price in SEOUL.prices.items():
        both = (price, US.prices[name])
        source = "; ".join(dict.fromkeys(f"{one.source}{f' {one.read}' if one.read else ''}" for one in both))
        free = f"{price.free_units:,.0f}" if price.free_units else ""
        per = f"{price.per:,.0f} {price.unit}".strip()
        yield (
            f"{price.service}: {price.what}",
            per,
            *(" / ".join(f"{usd:g}" for usd in one.usd) for one in both),
            free,
            source,
        )


TABLES: dict[str, Callable[[], Rows]] = {
    table.__name__: table for table in (months, services, idle, batching, busyness, ceilings, prices)
}


def page(text: str) -> str:
    """Return the page with its tables made anew."""
    return BLOCK.sub(lambda found: found[1] + _table(TABLES[found[2]]()) + found[3], text)


def _table(rows: Rows) -> str:
    head, *body = rows
    lines = [f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *body)]
    return "\n".join(lines) + "\n"


def _added(traffic: Traffic, table: PriceTable) -> Bill:
    """What traffic adds to an idle month."""
    nothing = monthly(replace(traffic, views=0.0), STACK)
    units = {name: value - nothing[name] for name, value in monthly(traffic, STACK).items()}
    return bill({name: value for name, value in units.items() if value > 0}, table, traffic.events, {})


def _by_service(found: Bill) -> dict[str, float]:
    sums: dict[str, float] = {}
    for line in found.lines:
        sums[line.service] = sums.get(line.service, 0.0) + (line.dollars or 0.0)
    return sums


def _more(dollars: float) -> str:
    if abs(dollars) < 1e-6:
        return ""
    return f"{'+' if dollars > 0 else '-'} {money(abs(dollars))}"


def main() -> int:
    """Write the pages, or with `--check` say which are not current."""
    old = {path: path.read_text(encoding="utf-8") for path in PAGES}
    stale = [path for path, text in old.items() if page(text) != text]
    if "--check" in sys.argv:
        for path in stale:
            sys.stderr.write(f"{path.name} is not current: make docs\n")
        return int(bool(stale))
    for path in stale:
        path.write_text(page(old[path]), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
