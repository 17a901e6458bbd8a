"""Which words fit where in a drawing: the server has no font to ask, so widths are judged."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from coordinator.exports.lettering import printable


@lru_cache(maxsize=4096)  # the same days and figures stand on a drawing and on its narrow one, and on the next page
def words_width(words: str) -> float:
    """About how wide ``words`` stand at 12 px, in px; a little generous, so that what is judged to fit does fit."""
    width = 0.0
    for character in printable(words):
        if character in " .,:;·'|iljIt()/-":
            width += 4.6
        elif character in "mwMWƯƠ%—…":
            width += 10.5
        else:
            width += 8.6 if character.isupper() else 7.2
    return width


def fitted(words: str, width: float) -> str:
    """``words``, or their beginning and an ellipsis when they are wider than ``width`` px."""
    if words_width(words) <= width:
        return words
    kept = words
    while kept and words_width(kept + "…") > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def wrapped(words: str, width: float) -> list[str]:
    """``words`` in lines not wider than ``width`` px, broken at spaces."""
    lines: list[str] = []
    for item in words.split():
        longer = f"{lines[-1]} {item}" if lines else item
        if lines and words_width(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(fitted(item, width))
    return lines


def crowded(places: Sequence[tuple[float, float]], gap: float) -> bool:
    """Whether any two neighbouring labels (centre, width) would stand nearer than ``gap``."""
    return any(right[0] - right[1] / 2 - (left[0] + left[1] / 2) < gap for left, right in pairwise(places))


def thinned(places: Sequence[tuple[float, float]], gap: float) -> list[int]:
    """Which labels (centre, width), in order, to write so that they stand ``gap`` apart: every n-th, and the last.

    Every n-th, because an axis that leaves out one label here and there looks as if a day were missing.
    """
    if not places:
        return []
    last = len(places) - 1
    for stride in range(1, last + 1):
        kept = list(range(0, last, stride))
        while kept and crowded([places[kept[-1]], places[last]], gap):
            kept.pop()
        if kept and not crowded([places[index] for index in [*kept, last]], gap):
            return [*kept, last]
    return [0]
