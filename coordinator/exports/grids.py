"""Tables as Word writes them: the XML of a grid, with a head that repeats on every page and rows that stay whole.

Written as text: an annex of four hundred lines made cell by cell would take a second.
"""

from collections.abc import Sequence
from itertools import islice

from markupsafe import Markup, escape

from coordinator.exports.fitting import words_width
from coordinator.exports.form import Form
from coordinator.exports.lettering import printable
from coordinator.exports.tables import Table, shown

CELL_STYLE = "LanToaBang"  # the paragraphs of a cell; an office's template may say how they look
_MEASURED = 200  # lines that widths are judged by
_WIDEST = 340.0  # px of one column's words before they are broken
_TWIPS_A_MM = 1440 / 25.4
_EDGES = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)


def grid(table: Table, form: Form) -> Markup:
    """A table as one ``w:tbl`` element, as wide as the text."""
    lines = [_shown(table, values) for values in table.lines()]
    foot = [] if table.footer is None else [_shown(table, table.cells(table.footer))]
    head = [column.title for column in table.columns]
    widths = [round(part * _TWIPS_A_MM) for part in column_widths(table, form)]
    sides = ["right" if column.numeric else "left" for column in table.columns]
    rows = [_row(head, widths, ["center"] * len(widths), bold=True, head=True)]
    rows += [_row(line, widths, sides) for line in lines]
    rows += [_row(line, widths, sides, bold=True) for line in foot]
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return Markup(  # noqa: S704  # every word in it was escaped by ``_row``
        f'<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:tblBorders>{_EDGES}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        f'<w:tblLook w:val="04A0" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="0" '
        f'w:noVBand="1"/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>{"".join(rows)}</w:tbl>'
    )


def column_widths(table: Table, form: Form) -> list[float]:
    """The widths of a table's columns in mm, as wide as the text together: for Word and PDF alike."""
    some = [_shown(table, values) for values in islice(table.lines(), _MEASURED)]
    foot = [] if table.footer is None else [_shown(table, table.cells(table.footer))]
    return _widths([[column.title for column in table.columns], *some, *foot], form.width)


def _shown(table: Table, values: Sequence[object]) -> list[str]:
    return [shown(value, column.kind) for value, column in zip(values, table.columns, strict=True)]  # type: ignore[arg-type]  # a table's own cells


def _row(
    words: Sequence[str], widths: Sequence[int], sides: Sequence[str], *, bold: bool = False, head: bool = False
) -> str:
    heavy = "<w:rPr><w:b/></w:rPr>" if bold else ""
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr><w:p><w:pPr><w:pStyle w:val="{CELL_STYLE}"/>'
        f'<w:jc w:val="{side}"/></w:pPr><w:r>{heavy}<w:t xml:space="preserve">{escape(printable(word))}</w:t></w:r>'
        f"</w:p></w:tc>"
        for word, width, side in zip(words, widths, sides, strict=True)
    )
    repeats = '<w:tblHeader w:val="true"/>' if head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeats}</w:trPr>{cells}</w:tr>"


def _px(words: str) -> float:
    """The width of a cell in px. ``words_width`` judges 12 px letters; 12 pt in Times are a quarter wider, in bold a
    little more. A cell's own margins are 15 px."""
    return min(words_width(words) * 1.3, _WIDEST) + 18


def _widths(lines: Sequence[Sequence[str]], room: float) -> list[float]:
    """Column widths in mm that fill ``room``: what the longest cell wants, long text giving way to short figures."""
    columns = list(zip(*lines, strict=True))
    # What cannot be broken needs its own width: a date, a figure, the longest word of a head.
    least = [
        _px(max((word for cell in cells for word in cell.split()), key=words_width, default="")) for cells in columns
    ]
    # A head is broken between its words where the figures below are narrow.
    wanted = [max(low, *(_px(cell) for cell in cells[1:] or ("",))) for low, cells in zip(least, columns, strict=True)]
    spare = sum(wanted) - sum(least)
    left = room * 96 / 25.4 - sum(least)
    share = min(left / spare, 1.0) if spare else 0.0
    sizes = [low + (want - low) * max(share, 0.0) for low, want in zip(least, wanted, strict=True)]
    return [size / sum(sizes) * room for size in sizes]
