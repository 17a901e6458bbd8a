"""Hatching over the tones of a series, so that neighbours are told apart without colour: on grey paper, by any eye.

Each tone but the first has strokes of a direction of its own. They are drawn as strokes, not as a ``pattern``: every
program that draws SVG draws them alike.
"""

from collections.abc import Iterator

STEP = 7.0  # px between two strokes
LEAST = 4.0  # px: in a smaller box no stroke would be seen
# By the tone's number: which strokes. Rising "/", falling "\", level "-", upright "|".
STROKES = {1: "", 2: "/", 3: "-", 4: "\\", 5: "|", 6: "/\\"}
LIGHT = frozenset({3, 6})  # tones that take dark strokes on paper


def hatching(number: int, x: float, y: float, width: float, height: float) -> str:
    """The strokes over one box of the ``number``-th tone (from 1), as the data of a path; "" for the first tone or a
    tiny box."""
    if min(width, height) < LEAST:
        return ""
    return "".join(
        f"M{x + x1:.4g} {y + y1:.4g}l{x2 - x1:.4g} {y2 - y1:.4g}"
        for kind in STROKES[number]
        for x1, y1, x2, y2 in _strokes(kind, width, height)
    )


def _strokes(kind: str, width: float, height: float) -> Iterator[tuple[float, float, float, float]]:
    """From where to where within a box at 0, 0; those aslant are cut off at its edges."""
    if kind == "-":
        for row in range(1, int(height // STEP) + 1):
            yield 0.0, row * STEP - STEP / 2, width, row * STEP - STEP / 2
        return
    if kind == "|":
        for column in range(1, int(width // STEP) + 1):
            yield column * STEP - STEP / 2, 0.0, column * STEP - STEP / 2, height
        return
    for number in range(1, int((width + height) // STEP) + 1):
        # The stroke on which x + y (rising) is so much; falling ones are the same seen in a mirror.
        along = number * STEP
        x1, x2 = max(0.0, along - height), min(width, along)
        if x2 - x1 < 1:
            continue
        ends = (x1, along - x1, x2, along - x2)
        yield ends if kind == "/" else (width - ends[0], ends[1], width - ends[2], ends[3])
