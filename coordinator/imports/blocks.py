"""The small model every imported text passes through: blocks that hold runs of text, and nothing else.

HTML from editors, Word, feeds and strangers is read into it and written out of it again, so that no markup of theirs
survives as markup: what the model cannot say does not come out.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from campaigns.core.vietnamese import nfc


@dataclass(frozen=True)
class Link:
    """Where a run of text leads; ``href`` is an absolute http, https or mailto address."""

    href: str
    title: str = ""


@dataclass(frozen=True)
class Text:
    """Characters that share one look. Composed (NFC), white space collapsed."""

    text: str
    strong: bool = False
    em: bool = False
    link: Link | None = None

    @property
    def look(self) -> tuple[bool, bool, Link | None]:
        """What two runs must share to be one."""
        return self.strong, self.em, self.link


@dataclass(frozen=True)
class Break:
    """A forced line break."""


@dataclass(frozen=True)
class Image:
    """A picture; ``src`` is an absolute http or https address, ``width`` and ``height`` are in CSS pixels or None."""

    src: str
    alt: str = ""
    width: int | None = None
    height: int | None = None
    link: Link | None = None


Inline: TypeAlias = Text | Break | Image


@dataclass(frozen=True)
class Paragraph:
    """A line of text: ``kind`` is p, h1, h2 or h3. Never empty."""

    inlines: tuple[Inline, ...]
    kind: str = "p"

    @property
    def text(self) -> str:
        """Its characters, a line break as a newline; an image has none."""
        return "".join(
            run.text if isinstance(run, Text) else "\n" for run in self.inlines if not isinstance(run, Image)
        )

    @property
    def is_strong(self) -> bool:
        """Whether all its text is strong, as a typed heading is."""
        texts = [run for run in self.inlines if isinstance(run, Text) and run.text.strip()]
        return bool(texts) and all(run.strong for run in texts)


@dataclass(frozen=True)
class Listing:
    """A list; each item is a run of blocks. Never empty."""

    ordered: bool
    items: tuple[tuple["Block", ...], ...]


@dataclass(frozen=True)
class Cell:
    """A table cell; ``header`` makes it a ``th``."""

    blocks: tuple["Block", ...] = ()
    header: bool = False
    colspan: int = 1
    rowspan: int = 1
    scope: str = ""


@dataclass(frozen=True)
class Table:
    """Rows of cells; the first ``heads`` rows are its head. Never empty."""

    rows: tuple[tuple[Cell, ...], ...]
    heads: int = 0


@dataclass(frozen=True)
class Quote:
    """A quotation. Never empty."""

    blocks: tuple["Block", ...]


@dataclass(frozen=True)
class Figure:
    """Pictures or a table with the caption under them; neither is empty."""

    blocks: tuple["Block", ...]
    caption: tuple[Inline, ...]


Block: TypeAlias = Paragraph | Listing | Table | Quote | Figure


def children(block: Block) -> Iterator["Block"]:
    """The blocks directly inside a block."""
    if isinstance(block, Listing):
        for item in block.items:
            yield from item
    elif isinstance(block, Table):
        for row in block.rows:
            for cell in row:
                yield from cell.blocks
    elif isinstance(block, Quote | Figure):
        yield from block.blocks


def lines_of(inlines: Iterable[Inline]) -> list[tuple[Inline, ...]]:
    """Split at line breaks, each line trimmed and with its white space collapsed; empty lines are kept as ()."""
    lines: list[list[Inline]] = [[]]
    for run in inlines:
        if isinstance(run, Break):
            lines.append([])
        else:
            lines[-1].append(run)
    return [_tidy(line) for line in lines]


def _tidy(line: list[Inline]) -> tuple[Inline, ...]:
    """One line: one space between words whatever their looks, none at either end, equal neighbours joined."""
    # Each run with the pieces of its text, joined once at the end: a line may be of a hundred thousand runs.
    tidy: list[tuple[Inline, list[str]]] = []
    spaced = True  # at the start of a line a space is as good as there
    for run in line:
        if not isinstance(run, Text):
            tidy.append((run, []))
            spaced = False
            continue
        text = re.sub(r"\s+", " ", run.text)
        text = text.lstrip(" ") if spaced else text
        last, pieces = tidy[-1] if tidy else (None, [])
        # A mark whose letter stands in the run before belongs to that run: composed, they may be one character.
        bare = _without_leading_marks(text)
        if bare != text and isinstance(last, Text):
            pieces.append(text[: len(text) - len(bare)])
        if not bare:
            continue
        spaced = bare.endswith(" ")
        if isinstance(last, Text) and (last.look == run.look or bare == " "):
            # A space between two looks belongs to the run before it, so that it never stands alone.
            pieces.append(bare)
        else:
            tidy.append((run, [bare]))
    joined = [replace(run, text=nfc("".join(pieces))) if isinstance(run, Text) else run for run, pieces in tidy]
    while joined and isinstance(last := joined[-1], Text):
        kept = last.text.rstrip(" ")
        if kept:
            joined[-1] = replace(last, text=kept)
            break
        joined.pop()
    return tuple(joined)


def _without_leading_marks(text: str) -> str:
    start = 0
    while start < len(text) and unicodedata.combining(text[start]):
        start += 1
    return text[start:]


def join_lines(lines: Iterable[tuple[Inline, ...]]) -> tuple[Inline, ...]:
    """Lines put together again with a break between each two."""
    joined: list[Inline] = []
    for number, line in enumerate(lines):
        if number:
            joined.append(Break())
        joined.extend(line)
    return tuple(joined)
