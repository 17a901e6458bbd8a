"""Blocks put together while a document is walked: the open places (list, cell, quotation …) and the open paragraph."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from coordinator.imports.blocks import (
    Block,
    Break,
    Cell,
    Figure,
    Image,
    Inline,
    Listing,
    Paragraph,
    Quote,
    Table,
    Text,
    children,
    join_lines,
    lines_of,
)
from coordinator.imports.lists import Part, Typed, gather, typed_line, word_line

DEEPEST: Final = 24  # open places; a list eight deep in a table in a quotation needs 20
_FLOW: Final = frozenset({"root", "quote", "item", "cell", "figure", "caption"})


@dataclass
class Place:
    """Somewhere that blocks are being collected. ``implied`` places were not in the markup and close by themselves."""

    kind: str
    implied: bool = False
    ordered: bool = False
    cell: Cell = field(default_factory=Cell)
    in_head: bool = False
    parts: list[Part] = field(default_factory=list)
    items: list[list[Part]] = field(default_factory=list)
    rows: list[tuple[Cell, ...]] = field(default_factory=list)
    heads: int = 0
    cells: list[Cell] = field(default_factory=list)
    caption: list[tuple[Inline, ...]] = field(default_factory=list)


class Builder:
    """Collects runs and blocks; ``codes`` are the notes of what it changed."""

    def __init__(self) -> None:
        self.codes: list[str] = []
        self._places = [Place("root")]
        self._runs: list[Inline] = []
        self._kind = "p"
        self._level = 0
        self._marker = ""

    @property
    def depth(self) -> int:
        """How many places are open."""
        return len(self._places)

    @property
    def kind(self) -> str:
        """What the innermost open place is."""
        return self._places[-1].kind

    def run(self, run: Inline) -> None:
        """Add to the open paragraph, or begin one."""
        if self.kind not in _FLOW:
            if isinstance(run, Break) or (isinstance(run, Text) and not run.text.strip()):
                return  # white space between rows or items is layout of the source
            self._imply()
        self._runs.append(run)

    def mark(self, drawn: str) -> None:
        """Add to the marker that Word drew before a list paragraph."""
        self._marker += drawn.strip()

    def paragraph(self, kind: str = "p", level: int = 0) -> None:
        """End the open paragraph and say what the next one is; ``level``: Word's list level, 0 = no list item."""
        self.flush()
        self._kind, self._level = kind, level

    def open(self, place: Place) -> bool:
        """Open a place inside the innermost one. False, and a note, when that would be too deep."""
        self.flush()
        if self.depth >= DEEPEST:
            self.codes.append("depth")
            return False
        if place.kind in {"list", "table", "quote", "figure"} and self.kind not in _FLOW:
            self._imply()
        if place.kind == "cell" and self.kind == "table":
            self._places.append(Place("row", implied=True))
        self._places.append(place)
        return True

    def close_to(self, depth: int) -> None:
        """Close places until ``depth`` are open."""
        self.flush()
        while self.depth > depth:
            self._close()

    def close_implied(self) -> None:
        """Close the innermost places that the markup did not ask for."""
        self.flush()
        while self._places[-1].implied:
            self._close()

    def finish(self) -> tuple[Block, ...]:
        """Close everything; the blocks of the document."""
        self.close_to(1)
        return self._gathered(self._places[0].parts)

    def _imply(self) -> None:
        if self.kind == "list":
            # A list directly inside a list belongs to the item before it, which is opened again.
            items = self._places[-1].items
            self._places.append(Place("item", implied=True, parts=items.pop() if items else []))
            return
        if self.kind == "table":
            self._places.append(Place("row", implied=True))
        self._places.append(Place("cell", implied=True))

    def flush(self) -> None:
        """End the open paragraph."""
        runs, kind, level, marker = self._runs, self._kind, self._level, self._marker
        self._runs, self._kind, self._level, self._marker = [], "p", 0, ""
        if not runs:
            return
        place = self._places[-1]
        raw: list[list[Inline]] = [[]]
        for run in runs:
            if isinstance(run, Break):
                raw.append([])
            else:
                raw[-1].append(run)
        pairs = list(zip(raw, lines_of(runs), strict=True))
        for filled, some in groupby(pairs, key=lambda pair: bool(pair[1])):
            if not filled:
                continue  # empty lines between two lines are what people make paragraphs with
            lines = list(some)
            whole = join_lines(line for _, line in lines)
            if place.kind == "caption":
                place.caption.append(whole)
            elif kind != "p" and place.kind in {"root", "quote"} and Paragraph(whole).text.strip():
                shown: tuple[Inline, ...] = (Text(f"{marker} "), *whole) if marker else whole
                place.parts.append(Paragraph(lines_of(shown)[0] if marker else shown, kind))
            elif level or marker:
                place.parts.append(word_line(marker, level or 1, whole))
            else:
                place.parts.extend(_typed_lines(lines))
            level, marker = 0, ""

    def _gathered(self, parts: list[Part]) -> tuple[Block, ...]:
        blocks, made = gather(parts)
        self.codes.extend(["list"] * made)
        return tuple(blocks)

    def _close(self) -> None:
        place = self._places.pop()
        parent = self._places[-1]
        if place.kind == "item":
            if place.parts:
                parent.items.append(place.parts)
        elif place.kind == "list":
            if items := tuple(self._gathered(parts) for parts in place.items):
                parent.parts.append(Listing(place.ordered, items))
        elif place.kind == "cell":
            shape = place.cell
            blocks = self._gathered(place.parts)
            parent.cells.append(Cell(blocks, shape.header, shape.colspan, shape.rowspan, shape.scope))
        elif place.kind == "row":
            if place.cells:
                parent.rows.append(tuple(place.cells))
                # A head row after body rows is a source's mistake; it stays where it is, as a body row.
                if place.in_head and parent.heads == len(parent.rows) - 1:
                    parent.heads += 1
        elif place.kind == "table":
            parent.parts.extend(_table(place))
        elif place.kind == "caption":
            parent.caption.extend(place.caption)
        elif place.kind == "figure":
            parent.parts.extend(_figure(place, self._gathered(place.parts), framed=parent.kind in {"root", "quote"}))
        elif blocks := self._gathered(place.parts):
            parent.parts.append(Quote(blocks))


def _typed_lines(lines: list[tuple[list[Inline], tuple[Inline, ...]]]) -> Iterator[Part]:
    typed = [typed_line(raw, line) for raw, line in lines]
    if len(lines) > 1 and sum(1 for one in typed if one) < 2:
        typed = [None] * len(lines)
    # groupby: neighbouring lines that are no items stay one paragraph.
    for is_item, some in groupby(zip(typed, lines, strict=True), key=lambda pair: pair[0] is not None):
        pairs = list(some)
        if is_item:
            yield from (item for item, _ in pairs if isinstance(item, Typed))
        else:
            yield Paragraph(join_lines(line for _, (_, line) in pairs))


def _table(place: Place) -> Iterator[Block]:
    cells = [cell for row in place.rows for cell in row]
    if len(cells) == 1:  # a frame drawn around text
        yield from cells[0].blocks
    elif any(cell.blocks for cell in cells):
        yield Table(tuple(place.rows), place.heads)


def _figure(place: Place, blocks: tuple[Block, ...], *, framed: bool) -> Iterator[Block]:
    caption = join_lines(place.caption)
    if caption and framed and any(_shows(block) for block in blocks):
        yield Figure(blocks, caption)
        return
    yield from blocks
    if caption:
        yield Paragraph(caption)


def _shows(block: Block) -> bool:
    """Whether a caption has something to stand under."""
    if isinstance(block, Paragraph):
        return any(isinstance(run, Image) for run in block.inlines)
    return isinstance(block, Table) or any(_shows(inner) for inner in children(block))
