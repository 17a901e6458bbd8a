"""Tables as WordprocessingML, with a head that repeats on every page and rows that are not split.

Written as text: with python-docx an annex of four hundred lines would take a second.
"""

from collections.abc import Sequence
from itertools import islice

from markupsafe import Markup, escape

from coordinator.exports.documents.layout import DocumentLayout
from coordinator.exports.printable_text import printable
from coordinator.exports.tables import Table, display_value

CELL_STYLE = "LanToaBang"  # the style of a cell's paragraphs, which an office's template may change
KEPT_WHOLE = 5  # rows of a table that is never split over pages: a longer one would leave half a page empty
KEPT_FIRST, KEPT_LAST = 2, 3  # fewest rows of a longer table on its first and on its last page
_MEASURED = 200  # rows that widths are estimated from
_MARGIN = 14.0  # px of a cell on both sides of its text
_LINES_OF_HEAD = 2.5  # lines into which a long head is broken
_WIDEST = 360.0  # px of one column's text before it is broken
_TWIPS_A_MM = 1440 / 25.4
_EDGES = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)

# Twips: 2 and 4 pt, as in the PDF.
_MARGINS = "".join(
    f'<w:{side} w:w="{width}" w:type="dxa"/>'
    for side, width in (("top", 40), ("left", 80), ("bottom", 40), ("right", 80))
)


def kept_with_next(rows: int) -> frozenset[int]:
    """Return the numbers (from 0) of a table's rows that stay on one page with the next row: all of a short table, the
    first and the last ones of a long one."""
    if rows <= KEPT_WHOLE:
        return frozenset(range(rows - 1))
    return frozenset((*range(KEPT_FIRST - 1), *range(rows - KEPT_LAST, rows - 1)))


def word_table(table: Table, form: DocumentLayout) -> Markup:
    """Return a table as one ``w:tbl`` element, as wide as the text."""
    lines = [_displayed_cells(table, values) for values in table.lines()]
    foot = [] if table.footer is None else [_displayed_cells(table, table.cells(table.footer))]
    head = [column.title for column in table.columns]
    widths = [round(part * _TWIPS_A_MM) for part in column_widths(table, form)]
    sides = ["right" if column.numeric else "left" for column in table.columns]
    count = len(lines) + len(foot)
    kept = kept_with_next(count) | ({count - 1} if table.note else set())  # a note stays below its last row
    rows = [_row(head, widths, ["center"] * len(widths), bold=True, head=True, kept=True)]
    rows += [_row(line, widths, sides, kept=number in kept) for number, line in enumerate(lines)]
    rows += [_row(line, widths, sides, bold=True, kept=bool(table.note)) for line in foot]
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return Markup(  # noqa: S704  # all text was escaped by ``_row``
        f'<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:jc w:val="center"/>'
        f'<w:tblBorders>{_EDGES}</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>{_MARGINS}</w:tblCellMar>'
        f'<w:tblLook w:val="04A0" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="0" '
        f'w:noVBand="1"/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>{"".join(rows)}</w:tbl>'
    )


def column_widths(table: Table, form: DocumentLayout) -> list[float]:
    """Return the widths of a table's columns in mm, together as wide as the text; for Word and PDF."""
    some = [_displayed_cells(table, values) for values in islice(table.lines(), _MEASURED)]
    foot = [] if table.footer is None else [_displayed_cells(table, table.cells(table.footer))]
    return _widths(table, [[column.title for column in table.columns], *some, *foot], form.width)


def _displayed_cells(table: Table, values: Sequence[object]) -> list[str]:
    return [display_value(value, column.kind) for value, column in zip(values, table.columns, strict=True)]  # type: ignore[arg-type]  # a table's own cells


def _row(
    words: Sequence[str], widths: Sequence[int], sides: Sequence[str], *, bold: bool = False, head: bool = False,
    kept: bool = False,
) -> str:  # fmt: skip
    heavy = "<w:rPr><w:b/></w:rPr>" if bold else ""
    keep = "<w:keepNext/>" if kept else ""
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr><w:p><w:pPr><w:pStyle w:val="{CELL_STYLE}"/>{keep}'
        f'<w:jc w:val="{side}"/></w:pPr><w:r>{heavy}<w:t xml:space="preserve">{escape(printable(word))}</w:t></w:r>'
        f"</w:p></w:tc>"
        for word, width, side in zip(words, widths, sides, strict=True)
    )
    repeats = '<w:tblHeader w:val="true"/>' if head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeats}</w:trPr>{cells}</w:tr>"


def _px(words: str) -> float:
    """Return the estimated width of a cell in px, in 12 pt Times bold, with the cell's margins."""
    return min(sum(map(_letter_px, words)), _WIDEST) + _MARGIN


def _letter_px(letter: str) -> float:
    """Return the estimated width of one letter of 16 px in bold, by the metrics of Times New Roman."""
    if letter in "iljtfrI.,:;'|()-/ ·":
        return 6.0
    if letter.isdecimal():
        return 8.3
    if letter in "mwMW%—…":
        return 15.5
    return 12.2 if letter.isupper() else 9.0


def _grown(table: Table, heads: Sequence[float], sizes: list[float], width: float) -> list[float]:
    """Return the sizes with what is left of the width: the heads of figures get one line, the rest is for text."""
    missing = [
        max(head - size, 0.0) if column.numeric else 0.0
        for column, head, size in zip(table.columns, heads, sizes, strict=True)
    ]
    rest = width - sum(sizes)
    share = min(max(rest, 0.0) / sum(missing), 1.0) if sum(missing) else 0.0
    grown = [size + more * share for size, more in zip(sizes, missing, strict=True)]
    texts = sum(1 for column in table.columns if not column.numeric)
    rest = max(width - sum(grown), 0.0)
    return [size if column.numeric else size + rest / texts for column, size in zip(table.columns, grown, strict=True)]


def _widths(table: Table, lines: Sequence[Sequence[str]], total_width: float) -> list[float]:
    """Return column widths in mm that fill ``total_width``; ``lines`` begin with the head. Figures get their full
    width, text gets the rest."""
    columns = list(zip(*lines, strict=True))
    least, wanted = [], []
    for column, (head, *cells) in zip(table.columns, columns, strict=True):
        # The smallest width is that of the longest unbreakable text: a date, a figure, a word.
        whole = [] if column.kind in {"text", "link"} else cells
        words = [word for cell in (head, *(cells if not whole else ())) for word in cell.split()]
        least.append(max(_MARGIN + (_px(head) - _MARGIN) / _LINES_OF_HEAD, *map(_px, (*whole, *words, ""))))
        wanted.append(max(least[-1], *map(_px, cells or ("",))))
    spare = sum(wanted) - sum(least)
    left = total_width * 96 / 25.4 - sum(least)
    share = min(left / spare, 1.0) if spare else 0.0
    sizes = [low + (want - low) * max(share, 0.0) for low, want in zip(least, wanted, strict=True)]
    sizes = _grown(table, [_px(head) for head in lines[0]], sizes, total_width * 96 / 25.4)
    return [size / sum(sizes) * total_width for size in sizes]
