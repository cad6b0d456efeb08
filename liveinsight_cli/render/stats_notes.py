"""The last lines of `stats`: conditions, bots, what the answers say about themselves, troubles."""

from textwrap import wrap

from rich.text import Text

from liveinsight_cli.core.stats import Stats
from liveinsight_cli.render import stats_product
from liveinsight_cli.render.charts import Glyphs
from liveinsight_cli.render.text import encodable, plain


def notes(stats: Stats, width: int, glyphs: Glyphs) -> list[Text]:
    """Return every note in as many lines as it takes."""
    found = [("bold red", problem) for problem in stats.problems]
    found += [*_conditions(stats), *_about_the_period(stats)]
    found += [(_style(stats), warning) for warning in stats.warnings]
    return [Text(line, style) for style, note in found for line in wrap(safe(note, glyphs), width)]


def steady_notes(stats: Stats, width: int, glyphs: Glyphs, footer: str, warning_lines: int) -> list[Text]:
    """Return the notes in as many lines whatever they say, since a screen that jumps cannot be read.

    The last line is the trouble, or `footer`.
    """
    lines = [
        Text(safe(note, glyphs), style) for style, note in (*_conditions(stats), *_about_the_period(stats))
    ]
    warnings = wrap(safe(f" {glyphs.dot} ".join(stats.warnings), glyphs), width)
    shown = [Text(line, _style(stats)) for line in warnings[:warning_lines]]
    if len(warnings) > warning_lines:
        shown[-1].truncate(width - len(glyphs.ellipsis))
        shown[-1].append(glyphs.ellipsis)
    lines += [*shown, *[Text()] * (warning_lines - len(shown))]
    if stats.problems:
        return [*lines, Text(safe(" ".join(stats.problems), glyphs), style="bold red")]
    return [*lines, Text(footer, style="dim")] if footer else lines


def safe(text: str, glyphs: Glyphs) -> str:
    """Return a text that may hold what visitors or services sent, as it can be shown."""
    return encodable(plain(text), glyphs.encoding)


def _conditions(stats: Stats) -> list[tuple[str, str]]:
    """Return the conditions, those that failed first: they must not be what is cut."""
    ordered = sorted(stats.checks, key=lambda check: not check.failed)
    return [
        ("bold red", f"failed  {check.in_words()}")
        if check.failed
        else ("green", f"passed  {check.in_words()}")
        for check in ordered
    ]


def _about_the_period(stats: Stats) -> list[tuple[str, str]]:
    """Return how many events of bots were left out; no filter chooses any, since they make no visits."""
    if stats.period is None or stats.period.filters:
        return []
    return [("dim", stats_product.bots(stats.period))]


def _style(stats: Stats) -> str:
    """Return how warnings look: an estimate is no trouble, and marked where it stands."""
    return "dim" if stats.is_complete else "yellow"
