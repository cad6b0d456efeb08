"""The answer of `cost` for people: a row for each thing that is paid for, sums, and what the month may cost at most."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from liveinsight_cli.core.cost import CostLine, Estimate, Summary
from liveinsight_cli.render.tables import facts, table

DASH = "-"
NUMBERS = ("units a month", "price", "$ a month", "$ per million events", "model", "used")


def cost_view(found: Estimate) -> RenderableType:
    """Return the estimate, or the use beside the model."""
    body = _modelled(found) if found.actual is None else _compared(found)
    notes = [Text(f"Note: {note}", style="yellow") for note in found.notes]
    return Group(
        *_heading(found), body, *_sums(found), *([Text(), *notes] if notes else []), Text(), _footer(found)
    )


def summary_line(found: Summary, environment: str) -> str:
    """Return the estimate in one paragraph."""
    return (
        f"Estimated cost (list prices of {found.region}, {found.prices_as_of}): {money(found.idle)} a month when idle, "
        f"{money(found.per_million_views)} for a million page views, at the limit of "
        f"{found.ceiling.requests_per_minute} requests a minute {money(found.ceiling.dollars)} a month "
        f"({money(found.ceiling.dollars_largest_requests)} in an attack with the largest requests). "
        f"More: liveinsight cost --env {environment}"
    )


def money(dollars: float | None) -> str:
    """Return dollars: cents while they matter, a dash for what is not known."""
    if dollars is None:
        return DASH
    if 0 < dollars < 0.005:
        return "<$0.01"
    return f"${dollars:,.2f}" if dollars < 1000 else f"${dollars:,.0f}"


def quantity(units: float | None) -> str:
    """Return units with as many digits as mean something."""
    if units is None:
        return DASH
    if units >= 1000:
        return f"{units:,.0f}"
    return f"{units:.3g}"


def _heading(found: Estimate) -> list[Text]:
    traffic = found.traffic
    lines = [Text.assemble((found.environment, "bold"), f", prices of {found.region}, US dollars a month")]
    if found.actual is not None:
        seconds = found.actual.seconds
        span = f"{seconds / 3600:.0f} hours" if seconds >= 7200 else f"{seconds // 60} minutes"
        lines.append(Text(f"used: the last {span}, as if the month went on like that"))
        lines.append(
            Text(f"model: the same events and requests ({found.events:,.0f} and {found.requests:,.0f})")
        )
    else:
        lines.append(
            Text(
                f"{traffic.views:,.0f} page views in {traffic.visits:,.0f} visits, {found.events:,.0f} events in "
                f"{found.requests:,.0f} requests, {traffic.dashboards:g} dashboards open"
            )
        )
    return lines


def _modelled(found: Estimate) -> Table:
    view = table(
        None,
        "service",
        "what",
        "units a month",
        "price",
        "$ a month",
        "$ per million events",
        numbers=NUMBERS,
    )
    for line in found.bill.lines:
        view.add_row(
            line.service,
            line.what,
            _units(line),
            price(line),
            money(_dollars(line, found)),
            money(line.per_million_events),
        )
    total = found.bill.dollars_free_tier if found.free_tier else found.bill.dollars
    view.add_section()
    view.add_row("together", "", "", "", money(total), money(found.bill.per_million_events), style="bold")
    return view


def _compared(found: Estimate) -> Table:
    view = table(None, "service", "what", "units a month", "price", "used", "model", numbers=NUMBERS)
    assert found.actual is not None  # noqa: S101 - the caller's condition
    modelled = {line.name: line for line in found.bill.lines}
    used = {line.name: line for line in found.actual.bill.lines}
    for name in dict.fromkeys([*used, *modelled]):
        shown = used.get(name) or modelled[name]
        view.add_row(
            shown.service,
            shown.what,
            _units(used[name]) if name in used else DASH,
            price(shown),
            money(_dollars(used[name], found)) if name in used else DASH,
            money(_dollars(modelled[name], found)) if name in modelled else money(0.0),
        )
    bills = (found.actual.bill, found.bill)
    totals = [bill.dollars_free_tier if found.free_tier else bill.dollars for bill in bills]
    view.add_section()
    view.add_row("together", "", "", "", *map(money, totals), style="bold")
    return view


def _sums(found: Estimate) -> list[Text]:
    bill = found.bill if found.actual is None else found.actual.bill
    other = (
        ("at list prices", money(bill.dollars))
        if found.free_tier
        else ("with free tier", f"{money(bill.dollars_free_tier)}, if nothing else in the account uses it")
    )
    ceiling = found.ceiling
    return [
        Text(),
        *facts(
            [
                other,
                ("when idle", f"{money(found.idle)}, with free tier {money(found.idle_free_tier)}"),
                ("a million views", f"{money(found.per_million_views)} more, at a million a month"),
                (
                    "at most",
                    f"{money(ceiling.dollars)} with {ceiling.requests_per_minute} requests a minute all month; "
                    f"{money(ceiling.dollars_largest_requests)} if each is as large as it may be",
                ),
            ]
        ),
    ]


def price(line: CostLine) -> str:
    """Return the price of a line's first tier; ~ before one that is only remembered."""
    mark = "~" if line.usd_read is None else ""
    amount = f"{line.usd:.4g}" if line.usd >= 0.001 else f"{line.usd:.10f}".rstrip("0")
    return f"{mark}{amount}" + ("" if line.per == 1 else f" / {line.per:,.0f}")


def _units(line: CostLine) -> str:
    return DASH if line.units is None else f"{quantity(line.units)} {line.unit}".rstrip()


def _dollars(line: CostLine, found: Estimate) -> float | None:
    return line.dollars_free_tier if found.free_tier else line.dollars


def _footer(found: Estimate) -> Text:
    free = "free allowances taken off" if found.free_tier else "no free allowances taken off"
    return Text(
        f"List prices of {found.prices_as_of}, without taxes, {free}; ~ remembered, not looked up. "
        "Left out: credits of new accounts, Route 53, what people download from the console.",
        style="dim",
    )
