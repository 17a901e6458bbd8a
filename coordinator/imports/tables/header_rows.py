"""Finds the headings of a table in a sheet, below a letterhead, and reads them, merged cells included.

A head may have two or more rows: "Giấy phép" merged over "Số" and "Ngày cấp", "Tên miền" merged down beside them. The
heading of a column is then its lowest cell, or that cell with the cells above it where only both together are known.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeAlias

from campaigns.core.vietnamese import nfc
from coordinator.imports.tables.xlsx import Rows, Worksheet

MergedRange: TypeAlias = tuple[tuple[int, int], tuple[int, int]]

_HEADER_WITHIN: Final = 20  # rows above a table: letterhead, title, date
_MAX_HEADER_ROWS: Final = 4  # rows of a head
_NUMBERING: Final = re.compile(r"\(?([A-Z]|\d{1,2})\)?")  # (1), 2, A: forms number their columns below the head


@dataclass(frozen=True)
class HeaderRows:
    """``headings``: every one different, ``[5]`` for a column without one; ``last``: the index of the head's lowest
    row; ``lines``: its rows as they are in the sheet, tidied."""

    headings: tuple[str, ...]
    last: int
    lines: tuple[tuple[str, ...], ...]

    def again(self, row: Sequence[str]) -> bool:
        """Whether a row repeats the head, as on every printed page, or numbers the columns."""
        first = next((place for place, cell in enumerate(row) if cell), 0)
        heads = [line[first] for line in self.lines if first < len(line)]
        like = row and (_NUMBERING.fullmatch(row[first]) or _tidied_cell(row[first]) in heads)
        filled = [(place, cell) for place, cell in enumerate(row[: len(self.headings)]) if cell] if like else []
        if len(filled) < 2:
            return False
        if _NUMBERING.fullmatch(filled[-1][1]):
            signs = [found[1] for _place, cell in filled if (found := _NUMBERING.fullmatch(cell))]
            numbers = [int(sign) for sign in signs if sign.isdecimal()]
            counting = numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else False
            return counting and len(signs) == len(filled)
        tidied = [(place, _tidied_cell(cell)) for place, cell in filled]
        return any(all(place < len(line) and cell == line[place] for place, cell in tidied) for line in self.lines)


def find_header(rows: Rows, knows: Callable[[str], object]) -> tuple[int, bool]:
    """The index of the row of headings, and whether two of them are known; -1 when the sheet is empty."""
    fallback = -1
    for place, row in enumerate(islice(rows, _HEADER_WITHIN)):
        filled = [cell for cell in row if cell]
        if sum(1 for cell in filled if knows(cell)) >= 2:
            return place, True
        if fallback < 0 and len(filled) >= 2:
            fallback = place
    return fallback, False


def read_header(sheet: Worksheet, place: int, knows: Callable[[str], object]) -> HeaderRows:
    """The head that the row with this index belongs to."""
    rows = sheet.rows
    first, last = _header_extent(sheet, place)
    lines = [list(rows[number]) for number in range(first, last + 1)]
    width = max(len(line) for line in lines)
    for line in lines:
        line.extend([""] * (width - len(line)))
    above: list[list[str]] = [[] for _column in range(width)]
    for (top, left), (bottom, right) in sheet.merged:
        if first <= top and bottom <= last and left < width:
            text = lines[top - first][left]
            for covered in lines[top - first : bottom - first + 1]:
                for column in range(left, min(right + 1, width)):
                    covered[column] = text
    for line in lines:
        for column, cell in enumerate(line):
            if cell and _tidied_cell(cell) not in above[column]:
                above[column].append(_tidied_cell(cell))
    headings: list[str] = []
    for number, texts in enumerate(above, start=1):
        heading = _known_heading(texts, knows) or f"[{number}]"
        headings.append(heading if heading not in headings else f"{heading} [{number}]")
    shown = tuple(tuple(_tidied_cell(cell) for cell in line) for line in lines)
    return HeaderRows(tuple(headings), last, shown)


def group_rows(sheet: Worksheet, head: HeaderRows) -> Iterable[int]:
    """The numbers of rows that hold nothing but one cell, merged over half of the table or more."""
    for (top, left), (bottom, right) in sheet.merged:
        if top != bottom or not head.last < top < len(sheet.rows) or (right - left + 1) * 2 < len(head.headings):
            continue
        if sum(1 for cell in sheet.rows[top] if cell) == 1:
            yield top + 1


def _header_extent(sheet: Worksheet, place: int) -> tuple[int, int]:
    """The first and last row of the head: as far as its merged cells reach, and one row more below a heading that is
    merged over columns, where that row holds nothing beside what is below such headings."""
    first = last = place
    across: list[tuple[int, int]] = []
    for (top, left), (bottom, right) in _touching(sheet.merged, place):
        if bottom - top >= _MAX_HEADER_ROWS:
            continue
        first, last = min(first, top), max(last, bottom)
        if right > left and bottom == place:
            across.append((left, right))
    if across and last == place and place + 1 < len(sheet.rows):
        below = [number for number, cell in enumerate(sheet.rows[place + 1]) if cell]
        beneath = [number for number in below if any(left <= number <= right for left, right in across)]
        if len(beneath) >= 2 and beneath == below:
            last += 1
    return first, last


def _touching(merged: Sequence[MergedRange], place: int) -> Iterator[MergedRange]:
    for (top, left), (bottom, right) in merged:
        if top <= place <= bottom:
            yield (top, left), (bottom, right)


def _known_heading(texts: Sequence[str], knows: Callable[[str], object]) -> str:
    if not texts:
        return ""
    # "Doanh nghiệp" above "Tên" is read from either end.
    tried = (texts[-1], " ".join(texts), " ".join(reversed(texts)))
    return next((text for text in tried if knows(text)), texts[-1])


def _tidied_cell(cell: str) -> str:
    return nfc(" ".join(cell.split()))
