"""What changed between two texts, word by word, as pieces that ``ui.changes`` draws. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

Piece = tuple[str, str]  # (sign, text); sign "=" kept, "+" new, "-" gone
Paragraph = tuple[Piece, ...]

# Comparing words costs their product at worst; a rewritten part larger than this is shown as gone and new.
MOST_PAIRS = 4_000_000
# A date, a price or an address is one word: half of it marked says nothing.
_WORDS = re.compile(r"\n|[^\S\n]+|\w+(?:[./:,@%-]+\w+)*|[^\w\s]")
_BLOCK_ENDS = re.compile(r"(?<=</p>)|(?<=</h[23]>)|(?<=</li>)|(?<=</tr>)|(?<=</figure>)|(?<=</blockquote>)")


@dataclass(frozen=True)
class Change:
    """The changes of one text: its paragraphs, and how many places differ."""

    paragraphs: tuple[Paragraph, ...]
    places: int

    def __bool__(self) -> bool:
        return self.places > 0


def compare(before: str, after: str) -> Change:
    """Both texts as one run of paragraphs with what is gone and what is new marked.

    Whole paragraphs are matched first, then the words inside those that changed, so that a long text costs little.
    Joining the kept and new pieces gives ``after`` again but for blank lines.
    """
    old, new = _lines(before), _lines(after)
    pieces: list[Piece] = []
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            for line in new[new_from:new_to]:
                pieces += [("=", line), ("=", "\n")]
        else:
            pieces.extend(_words("\n".join(old[old_from:old_to]), "\n".join(new[new_from:new_to])))
            pieces.append(("=", "\n"))
    paragraphs = tuple(_paragraphs(pieces))
    return Change(paragraphs, sum(_places(paragraph) for paragraph in paragraphs))


def compare_html(before: str, after: str) -> Change:
    """The same for the source of two bodies, a block a line: shows links, pictures and emphasis that words do not."""
    return compare("\n".join(_BLOCK_ENDS.split(before)), "\n".join(_BLOCK_ENDS.split(after)))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _words(before: str, after: str) -> Iterator[Piece]:
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


def _paragraphs(pieces: Sequence[Piece]) -> Iterator[Paragraph]:
    """Cut at every line's end. One that is gone still parts what stood before and after it, so nothing runs on."""
    row: list[Piece] = []
    for sign, text in pieces:
        for position, part in enumerate(text.split("\n")):
            if position and any(words.strip() for _, words in row):
                yield tuple(_joined(row))
                row = []
            if part:
                row.append((sign, part))
    if any(words.strip() for _, words in row):
        yield tuple(_joined(row))


def _joined(row: Sequence[Piece]) -> Iterator[Piece]:
    """Changes with no more than a space between them as one, all that is gone before all that is new: easier to read
    than a word each."""
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


def _places(paragraph: Paragraph) -> int:
    """A word in place of another is one place."""
    count, before = 0, "="
    for sign, _ in paragraph:
        if sign != "=" and before == "=":
            count += 1
        before = sign
    return count
