"""Lines of text put beside and below each other; a screen is a list of them, so that it can be measured."""

from collections.abc import Sequence

from rich.text import Text

from liveinsight_cli.render.charts import Glyphs


def padded(line: Text, width: int, *, right: bool = False) -> Text:
    """Return the line with spaces up to `width` cells; `right` pushes it to the right edge."""
    missing = " " * max(0, width - line.cell_len)
    return Text.assemble(missing, line) if right else Text.assemble(line, missing)


def beside(left: Sequence[Text], right: Sequence[Text], left_width: int, gap: int) -> list[Text]:
    """Return two blocks next to each other, the left one `left_width` cells wide."""
    height = max(len(left), len(right))
    full_left = [*left, *[Text()] * (height - len(left))]
    full_right = [*right, *[Text()] * (height - len(right))]
    return [
        Text.assemble(padded(one, left_width + gap), other) if other.plain else one
        for one, other in zip(full_left, full_right, strict=True)
    ]


def heading(title: str, width: int, glyphs: Glyphs, note: str = "", style: str = "dim") -> Text:
    """Return a title on a rule that ends at `width`."""
    words = Text.assemble((title, "bold"), (f" {note}" if note else "", style), " ")
    return Text.assemble(words, (glyphs.rule * max(0, width - words.cell_len), "dim"))


def columns_of(cells: Sequence[Text], widths: Sequence[int]) -> Text:
    """Return one row of a table: the first cell left-aligned, all others right-aligned."""
    first, *others = cells
    return Text.assemble(
        padded(first, widths[0]),
        *(padded(cell, width, right=True) for cell, width in zip(others, widths[1:], strict=True)),
    )
