"""Word-by-word comparison of two texts, as pieces that ``ui.changes`` draws. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

DiffPiece = tuple[str, str]  # (sign, text); sign "=" kept, "+" new, "-" removed
DiffParagraph = tuple[DiffPiece, ...]

# The comparison takes the product of both lengths at worst; a larger rewritten part is shown as removed and new.
MOST_PAIRS = 4_000_000
# A date, a price or an address is one word: a partial mark would not be readable.
_WORDS = re.compile(r"\n|[^\S\n]+|\w+(?:[./:,@%-]+\w+)*|[^\w\s]")
_BLOCK_ENDS = re.compile(r"(?<=</p>)|(?<=</h[23]>)|(?<=</li>)|(?<=</tr>)|(?<=</figure>)|(?<=</blockquote>)")


@dataclass(frozen=True)
class TextDiff:
    """The changes of one text: its paragraphs, and the number of changed places."""

    paragraphs: tuple[DiffParagraph, ...]
    places: int

    def __bool__(self) -> bool:
        return self.places > 0


def diff_text(before: str, after: str) -> TextDiff:
    """Return both texts as one run of paragraphs with removed and new pieces marked.

    Whole paragraphs are matched first, then the words of changed ones, so that a long text is cheap. The kept and new
    pieces together give ``after`` except for blank lines.
    """
    old, new = _lines(before), _lines(after)
    pieces: list[DiffPiece] = []
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            for line in new[new_from:new_to]:
                pieces += [("=", line), ("=", "\n")]
        else:
            pieces.extend(_word_pieces("\n".join(old[old_from:old_to]), "\n".join(new[new_from:new_to])))
            pieces.append(("=", "\n"))
    paragraphs = tuple(_paragraphs(pieces))
    return TextDiff(paragraphs, sum(_places(paragraph) for paragraph in paragraphs))


def diff_html(before: str, after: str) -> TextDiff:
    """Return the comparison of the source of two bodies, one block per line: shows links, pictures and emphasis."""
    return diff_text("\n".join(_BLOCK_ENDS.split(before)), "\n".join(_BLOCK_ENDS.split(after)))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _word_pieces(before: str, after: str) -> Iterator[DiffPiece]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) * len(new) > MOST_PAIRS:
        yield ("-", before)
        yield ("=", "\n")
        yield ("+", after)
        return
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield ("=", "".join(new[new_from:new_to]))
            continue
        if gone := "".join(old[old_from:old_to]):
            yield ("-", gone)
        if come := "".join(new[new_from:new_to]):
            yield ("+", come)


def _paragraphs(pieces: Sequence[DiffPiece]) -> Iterator[DiffParagraph]:
    """Split the text at line breaks. A removed break still separates its neighbours."""
    row: list[DiffPiece] = []
    for sign, text in pieces:
        for position, part in enumerate(text.split("\n")):
            if position and any(words.strip() for _, words in row):
                yield tuple(_joined(row))
                row = []
            if part:
                row.append((sign, part))
    if any(words.strip() for _, words in row):
        yield tuple(_joined(row))


def _joined(row: Sequence[DiffPiece]) -> Iterator[DiffPiece]:
    """Join changes with at most a space between them, removed text before new text, for readability."""
    gone, come, gap = "", "", ""
    for sign, text in [*row, ("=", "")]:
        if sign == "-":
            gone, come, gap = gone + gap + text, come + gap, ""
        elif sign == "+":
            gone, come, gap = gone + gap, come + gap + text, ""
        elif text and not text.strip() and (gone or come):
            gap += text
        else:
            if gone.strip():
                yield ("-", gone)
            if come.strip():
                yield ("+", come)
            elif come and not gone.strip():
                yield ("=", come)
            gone = come = ""
            if gap + text:
                yield ("=", gap + text)
            gap = ""


def _places(paragraph: DiffParagraph) -> int:
    """Count the changed places; a replaced word is one place."""
    count, before = 0, "="
    for sign, _ in paragraph:
        if sign != "=" and before == "=":
            count += 1
        before = sign
    return count
