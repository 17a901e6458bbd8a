"""The fit of text in a chart: the server has no font metrics, so that widths are estimated."""

from collections.abc import Sequence
from itertools import pairwise

from coordinator.exports.printable_text import printable


def text_width(words: str) -> float:
    """Return the estimated width of ``words`` at 12 px, in px; slightly too large, so that text that fits it does
    fit."""
    width = 0.0
    for character in printable(words):
        if character in " .,:;·'|iljIt()/-":
            width += 4.6
        elif character in "mwMWƯƠ%—…":
            width += 10.5
        else:
            width += 8.6 if character.isupper() else 7.2
    return width


def truncated_text(words: str, width: float) -> str:
    """Return ``words``, or their beginning and an ellipsis when they are wider than ``width`` px. The last word is left
    out rather than cut, unless half of the text would go with it."""
    if text_width(words) <= width:
        return words
    kept = words
    while kept and text_width(kept + "…") > width:
        kept = kept[:-1]
    whole = kept if words[len(kept)].isspace() else kept.rpartition(" ")[0]
    return (whole if 2 * len(whole) > len(kept) else kept).rstrip(" ,;:.–") + "…"


def wrapped_text(words: str, width: float) -> list[str]:
    """Return ``words`` in lines not wider than ``width`` px, broken at spaces."""
    lines: list[str] = []
    for item in words.split():
        longer = f"{lines[-1]} {item}" if lines else item
        if lines and text_width(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(truncated_text(item, width))
    return lines


def labels_overlap(places: Sequence[tuple[float, float]], gap: float) -> bool:
    """Whether any two neighbouring labels (centre, width) would be nearer than ``gap``."""
    return any(right[0] - right[1] / 2 - (left[0] + left[1] / 2) < gap for left, right in pairwise(places))


def thinned_labels(places: Sequence[tuple[float, float]], gap: float) -> list[int]:
    """Return the labels (centre, width), in order, to write so that they are ``gap`` apart: every n-th, and the last.

    Every n-th, because an axis with irregular gaps looks as if a day were missing.
    """
    if not places:
        return []
    last = len(places) - 1
    for stride in range(1, last + 1):
        kept = list(range(0, last, stride))
        while kept and labels_overlap([places[kept[-1]], places[last]], gap):
            kept.pop()
        if kept and not labels_overlap([places[index] for index in [*kept, last]], gap):
            return [*kept, last]
    return [0]
