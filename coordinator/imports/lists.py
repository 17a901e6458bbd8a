"""Lists that were typed or came from Word as paragraphs, made into real lists.

Word marks its list paragraphs with a style; people type "- " and "+ ". Only what a list can say becomes one: items
lettered a), b), c) or numbered from three keep their markers as text, since a reader would refer to them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TypeAlias

from coordinator.imports.blocks import Block, Image, Inline, Listing, Paragraph, Text

# A letter that a symbol font draws as a bullet counts only before the wide gap that Word leaves after it.
_TYPED = re.compile(r"\s*(?:[-–•·▪●*+]\s+|-(?=[^\W\d_])|[o§üvØq](?= *\u00a0)[ \u00a0]{3,})(?=\S)")
_NUMBER = re.compile(r"(\d{1,3})[.)]?")
_BULLETS = frozenset("-–•·▪●*+o§üvØq\uf0b7\uf0a7\uf0d8\uf0fc○■□◦➢✓")


@dataclass(frozen=True)
class Typed:
    """A paragraph that may be a list item. ``whole`` is it with its marker, ``rest`` without.

    ``level`` counts from 1. ``by_word`` says that Word called it a list item, so that one alone is a list as well.
    """

    whole: Paragraph
    rest: Paragraph
    marker: str
    level: int
    by_word: bool


Part: TypeAlias = Block | Typed


def typed_line(raw: Sequence[Inline], whole: tuple[Inline, ...]) -> Typed | None:
    """The line as a possible item, when it begins like one. ``raw`` has its white space as typed, ``whole`` tidied."""
    if any(isinstance(run, Image) for run in raw[:1]):
        return None
    text = "".join(run.text for run in raw if isinstance(run, Text))
    found = _TYPED.match(text)
    if not found:
        return None
    marker = found[0].strip()
    rest = _cut(whole, len(marker))
    if not rest:
        return None
    return Typed(Paragraph(whole), Paragraph(rest), marker, 2 if marker == "+" else 1, by_word=False)


def word_line(marker: str, level: int, rest: tuple[Inline, ...]) -> Typed:
    """A paragraph that Word calls a list item; ``marker`` is what it drew before the text, maybe nothing."""
    drawn = marker or "•"
    shown = Text(f"{drawn} ")
    first = rest[0]
    if isinstance(first, Text) and first.look == shown.look:
        whole = (replace(first, text=shown.text + first.text), *rest[1:])
    else:
        whole = (shown, *rest)
    return Typed(Paragraph(whole), Paragraph(rest), drawn, max(1, min(level, 9)), by_word=True)


def _cut(line: tuple[Inline, ...], count: int) -> tuple[Inline, ...]:
    """The line without its first ``count`` characters and the space after them."""
    left = list(line)
    while left and count and isinstance(first := left[0], Text):
        taken = min(count, len(first.text))
        count -= taken
        left[0] = replace(first, text=first.text[taken:])
        if not first.text[taken:]:
            left.pop(0)
    while left and isinstance(first := left[0], Text):
        kept = first.text.lstrip(" ")
        if kept:
            left[0] = replace(first, text=kept)
            break
        left.pop(0)
    return tuple(left)


def gather(parts: Sequence[Part]) -> tuple[list[Block], int]:
    """Blocks with every run of list paragraphs made a list, and how many lists were made."""
    blocks: list[Block] = []
    made = 0
    for is_run, run in groupby(parts, key=lambda part: isinstance(part, Typed)):
        if not is_run:
            blocks.extend(part for part in run if not isinstance(part, Typed))
            continue
        for by_word, some in groupby((part for part in run if isinstance(part, Typed)), key=lambda part: part.by_word):
            items = list(some)
            if not by_word and len(items) < 2:  # one dash alone is as likely speech
                blocks.append(items[0].whole)
                continue
            for block in _word_lists(items) if by_word else [_nest(items)]:
                blocks.append(block)
                made += isinstance(block, Listing)
    return blocks, made


def _word_lists(items: list[Typed]) -> list[Block]:
    blocks: list[Block] = []
    for sayable, run in groupby(items, key=lambda item: _is_bullet(item) or _number(item) > 0):
        some = list(run)
        if not sayable:
            blocks.extend(item.whole for item in some)
            continue
        for part in _parted(some):
            if _counts(nested := _nest(part), part):
                blocks.append(nested)
                continue
            for bullets, group in groupby(part, key=_is_bullet):
                few = list(group)
                blocks.extend([_nest(few)] if bullets else [item.whole for item in few])
    return blocks


def _is_bullet(item: Typed) -> bool:
    return item.marker in _BULLETS


def _number(item: Typed) -> int:
    """The number that Word drew, 0 for another marker."""
    found = _NUMBER.fullmatch(item.marker)
    return int(found[1]) if found else 0


def _parted(items: list[Typed]) -> list[list[Typed]]:
    """Items that follow each other but are several lists: another kind of marker, or counting that begins anew."""
    top = min(item.level for item in items)
    parts: list[list[Typed]] = []
    for item in items:
        begins = item.level == top and (not parts or _is_bullet(item) != _is_bullet(parts[-1][0]) or _number(item) == 1)
        if begins or not parts:
            parts.append([item])
        else:
            parts[-1].append(item)
    return parts


def _counts(nested: Listing, items: list[Typed]) -> bool:
    """Whether the numbers a reader will be shown are the numbers that Word showed, and no list mixes kinds."""
    drawn = iter(items)

    def holds(listing: Listing) -> bool:
        for number, item in enumerate(listing.items, start=1):
            shown = _number(next(drawn))
            if listing.ordered != (shown > 0) or (listing.ordered and shown != number):
                return False
            if not all(holds(block) for block in item if isinstance(block, Listing)):
                return False
        return True

    return holds(nested)


def _nest(items: list[Typed]) -> Listing:
    """One list of all items; deeper ones go into the item before them."""
    top = min(item.level for item in items)
    groups: list[list[Typed]] = []
    for item in items:
        if item.level <= top or not groups:
            groups.append([item])
        else:
            groups[-1].append(item)
    rows: list[tuple[Block, ...]] = []
    for head, *below in groups:
        rows.append((head.rest, _nest(below)) if below else (head.rest,))
    return Listing(ordered=_number(items[0]) > 0, items=tuple(rows))
