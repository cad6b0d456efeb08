"""The report of a load, on the terminal and as files."""

import io
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from rich.console import Console

from liveinsight_cli.core.load.figures import figures_of
from liveinsight_cli.core.load.plan import LoadPlan
from liveinsight_cli.core.load.report import LoadReport, Step
from liveinsight_cli.core.load.samples import TIMED_OUT, Sample
from liveinsight_cli.core.load.server import Arrival, Reading, assembled
from liveinsight_cli.core.load.verdict import Limits, judge, statement
from liveinsight_cli.core.stats_metrics import Names, Window
from liveinsight_cli.core.stats_metrics import assembled as platform
from liveinsight_cli.render.load import LoadView
from liveinsight_cli.render.load_page import page
from liveinsight_cli.render.load_text import markdown

NAMES = Names({"event-collector": "c", "aggregator": "a"}, {"events": "e"}, "api", "v1")
FIGURES = {
    "function event-collector Invocations": 480.0,
    "function event-collector p95": 61.2,
    "api p95": 80.0,
    "api Count": 500.0,
    "table events Write": 700.0,
}


def report(seconds: float = 45, *, latency: float = 0.03) -> LoadReport:
    samples = [
        Sample(
            n / 10, 0.0, 0.0, latency + n % 7 / 1000, (202, 202, 202, 429, TIMED_OUT)[n % 5 if n > 400 else 0]
        )
        for n in range(int(seconds * 10))
    ]
    figures, limits = figures_of(samples, 0, seconds), Limits()
    verdict = judge(figures, limits)
    said = statement(figures, verdict, limits)
    when = ("2026-11-26T07:00:00Z", "2026-11-26T07:01:00Z")
    return LoadReport(
        "dev", "https://api.example/v1", *when, True, LoadPlan(10, seconds), limits, figures, verdict, said
    )


def with_everything() -> LoadReport:
    plain = report()
    points = {key: {0: value} for key, value in FIGURES.items()}
    reading = Reading(platform(NAMES, points, Window(0, 60, 60.0)), {"ColdStarts event-collector": 12.0})
    return replace(
        plain,
        steps=(Step(10, "holds", "", plain.figures), Step(20, "throttled", "", plain.figures)),
        capacity_rps=10.0,
        server=assembled(NAMES, reading, 31.0, is_complete=True),
        arrival=Arrival(480, 20, 470, 6.0),
        notes=("a <b>note</b> \x1b[31m",),
    )


def drawn(value: LoadReport, width: int, encoding: str = "utf-8") -> list[str]:
    stream = io.TextIOWrapper(io.BytesIO(), encoding)
    Console(file=stream, width=width, color_system=None).print(LoadView(value))
    stream.flush()
    return stream.buffer.getvalue().decode(encoding).splitlines()  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [80, 200])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_the_screen_fits_its_width_and_its_encoding(width: int, encoding: str) -> None:
    for value in (report(), with_everything(), report(3), report(900)):
        lines = drawn(value, width, encoding)
        assert max(map(len, lines)) <= width
        assert "\x1b" not in "".join(lines)


def test_the_chart_marks_failures_and_throttled_requests_where_they_were() -> None:
    lines = drawn(report(), 80)
    marks = next(line for line in lines if set(line) == {" ", "x"})
    assert marks.index("x") > len(marks) * 0.8, "nothing failed before the fortieth second"
    assert "x failed  t throttled" in "".join(lines)


def test_a_missing_figure_is_a_dash_and_a_missing_event_is_shouted() -> None:
    text = "\n".join(drawn(with_everything(), 80))
    assert "12 (2.5%)" in text
    assert re.search(r"aggregator( +-){5}\n", text.replace(" \n", "\n").replace("- \n", "-\n"))
    assert "480 accepted, 470 counted 6 s later: 10 MISSING" in text


def test_the_page_is_whole_and_takes_words_for_words() -> None:
    for value in (report(), with_everything(), report(3), replace(report(), is_whole=False)):
        text = page(value)
        body = text[text.index("<body>") : text.index("</html>")]
        parsed = ET.fromstring(body)
        for chart in parsed.iter("svg"):
            for one in chart.iter():
                for name in ("points", "cx", "cy", "x", "y"):
                    for number in (one.get(name) or "").replace(",", " ").split():
                        assert -1 <= float(number) <= 721
    assert "a &lt;b&gt;note&lt;/b&gt;" in page(with_everything())


def test_markdown_has_the_same_rows() -> None:
    text = markdown(with_everything())
    assert "| since it was due | 33.0 | 36.0 |" in text
    assert "| 20 |" in text
    assert text.startswith("# Load on dev, 2026-11-26T07:00:00Z\n\n**")
