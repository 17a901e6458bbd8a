"""Which words a reader sees: by the difference of two pictures of a window, one without the words' letters.

Pure functions over arrays: pictures are of shape (height, width, 3), 8 bits a channel; boxes are of shape (n, 4): left,
top, width and height in pixels of the picture.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Boxes = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

# The contrast (WCAG 2.2) at which a pixel counts as ink, and the one that some pixels of a word have to reach. Text of
# #ddd on white has 1.36. Of colours equally light, the difference of a channel counts instead.
INK_CONTRAST: Final = 1.2
LEAST_CONTRAST: Final = 1.4
_INK_CHANNEL, _LEAST_CHANNEL = 48, 96  # of 255
_SAME: Final = 6  # of 255: the difference of a channel at which two pictures of the same do not differ
LEAST_ROWS: Final = 0.33  # of the box's height; the letters "acemno" take four tenths
LEAST_COLUMNS: Final = 0.4  # of its width; letters set wide apart take half
# Edges that a row of a word crosses, per height of the box; blurred beyond reading there is one.
LEAST_EDGES: Final = 2.2
_MOST_INK: Final = 0.85  # of the box: letters leave space between them
_LINEAR: Final = np.array(
    [v / 12.92 if (v := n / 255) <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for n in range(256)], dtype=np.float32
)
_WEIGHTS: Final = (0.2126, 0.7152, 0.0722)


def differing(one: Picture, other: Picture) -> Mask:
    """The pixels in which two pictures differ by more than rounding does."""
    differs = np.maximum(one, other) - np.minimum(one, other) > _SAME
    # A maximum over three neighbours takes ten times as long.
    return np.asarray(differs[..., 0] | differs[..., 1] | differs[..., 2])


def seen_boxes(shown: Picture, without: Picture, boxes: Boxes, unsteady: Mask | None = None) -> Mask:
    """Which boxes show letters: their ink has contrast, height, width and edges, and is not a full area.

    ``shown``: the window as it is. ``without``: without the letters of these boxes. ``unsteady``: pixels that are no
    ink, because something moves there.
    """
    changed = differing(shown, without)
    if unsteady is not None:
        changed &= ~unsteady
    weight = np.zeros(changed.shape, dtype=np.float32)  # 0: no ink; 1: ink of enough contrast
    at = np.nonzero(changed)
    weight[at] = _strength(shown[at], without[at])
    return np.array([_is_word(weight, box) for box in boxes], dtype=np.bool_)


def _strength(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """How strongly pixels differ: 1 and more at the least contrast of a word."""
    light, dark = (sum(w * _LINEAR[part[:, n]] for n, w in enumerate(_WEIGHTS)) + 0.05 for part in (one, other))
    contrast = np.log(np.maximum(light, dark) / np.minimum(light, dark)) / np.log(LEAST_CONTRAST)
    channel = np.abs(one.astype(np.int16) - other.astype(np.int16)).max(axis=1) / _LEAST_CHANNEL
    return np.asarray(np.maximum(contrast, channel), dtype=np.float32)


def measure(weight: npt.NDArray[np.float32], box: npt.NDArray[np.float64]) -> tuple[float, float, float, float, float]:
    """Of one box: the strength of its strongest pixels, the shares of its rows, columns and pixels with ink, and the
    edges that a row crosses per height of the box."""
    left, top, width, height = box
    x0, y0 = max(int(left), 0), max(int(top), 0)
    part = weight[y0 : int(np.ceil(top + height)), x0 : int(np.ceil(left + width))]
    if part.size == 0:
        return 0.0, 0.0, 0.0, 0.0, 0.0
    strongest = np.sort(part, axis=None)[-3:]
    peak = float(strongest[0])
    if peak <= 0:
        return 0.0, 0.0, 0.0, 0.0, 0.0
    least = max(np.log(INK_CONTRAST) / np.log(LEAST_CONTRAST), peak * 0.2)
    ink = part >= min(least, peak)
    rows = int(ink.any(axis=1).sum())
    level = np.minimum(part, peak)
    steps = np.abs(np.diff(level, axis=1, prepend=0.0, append=0.0)).sum() / peak
    edges = float(steps) / max(rows, 1) * part.shape[0] / part.shape[1]
    return peak, rows / part.shape[0], float(ink.any(axis=0).mean()), float(ink.mean()), edges


def _is_word(weight: npt.NDArray[np.float32], box: npt.NDArray[np.float64]) -> bool:
    peak, rows, columns, area, edges = measure(weight, box)
    return (
        peak >= 1.0 and rows >= LEAST_ROWS and columns >= LEAST_COLUMNS and area <= _MOST_INK and edges >= LEAST_EDGES
    )


def classes_of(boxes: Boxes, most: int) -> npt.NDArray[np.int64]:
    """A class for each box, so that boxes of one class do not overlap: the ink of a class is that of its own words.

    -1 for a box that overlaps more than ``most`` others one upon another."""
    left, top = boxes[:, 0], boxes[:, 1]
    right, bottom = left + boxes[:, 2], top + boxes[:, 3]
    area = boxes[:, 2] * boxes[:, 3]
    found = np.full(len(boxes), -1, dtype=np.int64)
    for index in range(len(boxes)):
        across = np.minimum(right[:index], right[index]) - np.maximum(left[:index], left[index])
        down = np.minimum(bottom[:index], bottom[index]) - np.maximum(top[:index], top[index])
        common = np.clip(across, 0, None) * np.clip(down, 0, None)
        taken = set(found[:index][common > _OVERLAP * np.minimum(area[:index], area[index])].tolist())
        found[index] = next((number for number in range(most) if number not in taken), -1)
    return found


def under_others(boxes: Boxes, texts: npt.NDArray[np.int64]) -> Mask:
    """Which boxes overlap one of another text. ``texts``: the text of each box."""
    left, top = boxes[:, 0], boxes[:, 1]
    right, bottom = left + boxes[:, 2], top + boxes[:, 3]
    area = boxes[:, 2] * boxes[:, 3]
    found = np.zeros(len(boxes), dtype=np.bool_)
    for index in range(len(boxes)):
        across = np.minimum(right, right[index]) - np.maximum(left, left[index])
        down = np.minimum(bottom, bottom[index]) - np.maximum(top, top[index])
        common = np.clip(across, 0, None) * np.clip(down, 0, None)
        found[index] = bool(((common > _OVERLAP * np.minimum(area, area[index])) & (texts != texts[index])).any())
    return found


_OVERLAP: Final = 0.12  # of the smaller box; lines set close to each other have this much in common
