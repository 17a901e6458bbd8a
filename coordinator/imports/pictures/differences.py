"""Where a found picture differs from ours, for a person who looks at both: nothing is decided by it.

The parts of both that are most alike are laid over each other, first by their hashes, then by shifting the edges while
the correlation grows. Cells of the overlaid pictures are compared after small shifts; one brightness and contrast for
the whole picture, grey and compression are no difference.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

import numpy as np
from numpy.polynomial.polynomial import polyfit
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from campaigns.matching.pictures.hashes import SIDE, Window, nearest_windows
from coordinator.imports.pictures.reading import picture_pixels

Floats: TypeAlias = NDArray[np.float64]
Cells: TypeAlias = NDArray[np.bool_]

ALIGNED_BITS: Final = 64  # of 256, as for a picture that is compared further
MOST: Final = 12  # differences that are named
_STEPS: Final = (0.02, 0.01, 0.005, 0.0025, 0.001)  # by which an edge is shifted, as shares of a side
_WIDTH: Final = 480  # pixels in which the overlaid pictures are compared
_CELL: Final = 12  # pixels of a cell's side
_SHIFT: Final = 3  # pixels by which a cell is looked for
_BLUR: Final = 1.0  # pixels, so that a shift by half a pixel is no difference
_GREY: Final = 22.0  # mean difference of the grey levels of a cell; a changed digit differs by 24 and more
_MOST_CELLS: Final = 0.5  # share of differing cells from which the pictures do not lie over each other
_EDGE: Final = 0.02  # share of a side from which a part that only one picture has is named
_LEAST_IN_COMMON: Final = 0.3  # of our picture


class DifferenceKind(StrEnum):
    """``CUT``: ours alone has it; ``ADDED``: the found one alone; ``CHANGED``: both, and not the same."""

    CUT = "cut"
    ADDED = "added"
    CHANGED = "changed"


@dataclass(frozen=True)
class Difference:
    """A rectangle in our picture and in the found one (left, top, right, bottom), as shares of their sides; None in
    the one that has it not."""

    kind: DifferenceKind
    ours: tuple[float, float, float, float] | None
    found: tuple[float, float, float, float] | None


@dataclass(frozen=True)
class PictureDifferences:
    """``frame``: where the edges of our whole picture lie in the found one, as shares of its sides, also outside it;
    None where the two do not lie over each other, and ``places`` is empty. ``width``, ``height``: of the found picture
    in pixels."""

    frame: tuple[float, float, float, float] | None
    places: tuple[Difference, ...]
    width: int
    height: int


def find_differences(original: bytes, found: bytes) -> PictureDifferences:
    """Compare two PNG, JPEG or WebP files. Raises ``UnreadablePicture``."""
    ours, theirs = (picture_pixels(body).convert("L") for body in (original, found))
    small, small_found = (one.resize((SIDE, SIDE), Image.Resampling.BOX) for one in (ours, theirs))
    distance, our_part, found_part = nearest_windows(np.asarray(small), np.asarray(small_found))
    if distance <= ALIGNED_BITS:
        frame = _refined(small, small_found, _frame(our_part, found_part))
        changed = _changed(ours, theirs, frame)
        if changed is not None:
            places = [*_cut(frame), *_added(frame), *changed]
            return PictureDifferences(frame, tuple(places[:MOST]), theirs.width, theirs.height)
    return PictureDifferences(None, (), theirs.width, theirs.height)


def _frame(ours: Window, found: Window) -> Window:
    """Where the edges of our whole picture lie in the found one, from two parts that are alike."""
    left, right = _edges(ours[0], ours[2], found[0], found[2])
    top, bottom = _edges(ours[1], ours[3], found[1], found[3])
    return (left, top, right, bottom)


def _edges(start: float, end: float, found_start: float, found_end: float) -> tuple[float, float]:
    scale = (found_end - found_start) / (end - start)
    return found_start - start * scale, found_end + (1 - end) * scale


def _refined(ours: Image.Image, theirs: Image.Image, frame: Window) -> Window:
    best = _likeness(ours, theirs, frame)
    for step in _STEPS:
        better = True
        while better:
            score, near = max((_likeness(ours, theirs, near), near) for near in _shifted(frame, step))
            better = score > best
            if better:
                best, frame = score, near
    return frame


def _shifted(frame: Window, step: float) -> Iterator[Window]:
    left, top, right, bottom = frame
    for by in (-step, step):
        yield left + by, top, right + by, bottom
        yield left, top + by, right, bottom + by
        yield left + by, top, right, bottom
        yield left, top + by, right, bottom
        yield left, top, right + by, bottom
        yield left, top, right, bottom + by


def _likeness(ours: Image.Image, theirs: Image.Image, frame: Window) -> float:
    """The correlation of two thumbnails where they lie over each other; -1 where that is too little of ours."""
    there, inside = _laid_over(theirs, frame, ours.size)
    if inside.mean() < _LEAST_IN_COMMON:
        return -1.0
    both = np.stack([np.asarray(ours, np.float64)[inside], there[inside]])
    deviations = both.std(axis=1)
    if deviations.min() < 1:
        return -1.0
    return float(np.prod(both - both.mean(axis=1, keepdims=True), axis=0).mean() / np.prod(deviations))


def _laid_over(theirs: Image.Image, frame: Window, size: tuple[int, int]) -> tuple[Floats, Cells]:
    """The found picture as it lies over ours of this size, and which pixels of ours it has."""
    box = tuple(share * side for share, side in zip(frame, theirs.size * 2, strict=True))
    moved = theirs.transform(size, Image.Transform.EXTENT, box, Image.Resampling.BILINEAR)
    across, down = (_inside(frame[axis], frame[axis + 2], size[axis]) for axis in (0, 1))
    inside = down[:, None] & across[None, :]
    return np.asarray(moved, np.float64), inside


def _inside(start: float, end: float, pixels: int) -> Cells:
    """Which pixels of a side of ours the found picture has, whose edges are 0 and 1."""
    places = start + (end - start) * (np.arange(pixels) + 0.5) / pixels
    return (places >= 0) & (places <= 1)


def _changed(ours: Image.Image, theirs: Image.Image, frame: Window) -> list[Difference] | None:
    """The rectangles in which both differ, the largest first; None where they do not lie over each other."""
    # What of the found picture lies over ours, in its own pixels: both are compared as coarse as the coarser one.
    width, height = theirs.width * (frame[2] - frame[0]), theirs.height * (frame[3] - frame[1])
    scale = min(1.0, _WIDTH / ours.width, width / ours.width, height / ours.height)
    size = (max(round(ours.width * scale), 4 * _CELL), max(round(ours.height * scale), 4 * _CELL))
    coarse = theirs.resize(
        (max(round(theirs.width * size[0] / width), 1), max(round(theirs.height * size[1] / height), 1)),
        Image.Resampling.BOX,
    )
    blur = ImageFilter.GaussianBlur(_BLUR)
    here = np.asarray(ours.resize(size, Image.Resampling.BOX).filter(blur), np.float64)
    there, inside = _laid_over(coarse.filter(blur), frame, size)
    there = _as_bright(there, here, inside)
    compared = _cell_means(inside.astype(np.float64)) == 1
    differing = compared & (_cell_distances(here, there) > _GREY)
    if not compared.any() or differing[compared].mean() > _MOST_CELLS:
        return None
    across, down = _CELL / size[0], _CELL / size[1]
    boxes = [
        (left * across, top * down, right * across, bottom * down) for left, top, right, bottom in _boxes(differing)
    ]
    boxes.sort(key=lambda box: (box[2] - box[0]) * (box[3] - box[1]), reverse=True)
    return [Difference(DifferenceKind.CHANGED, box, _in_found(box, frame)) for box in boxes]


def _as_bright(there: Floats, here: Floats, inside: Cells) -> Floats:
    """The found picture with the brightness and contrast of ours, measured where the two are near each other."""
    for _ in range(2):
        near = inside & (np.abs(here - there) < 3 * _GREY)
        if near.mean() >= _LEAST_IN_COMMON and there[near].std() >= 1:
            brightness, contrast = polyfit(there[near], here[near], 1)
            there = there * contrast + brightness
    return there


def _cell_means(pixels: Floats) -> Floats:
    rows, columns = (side // _CELL for side in pixels.shape)
    whole = pixels[: rows * _CELL, : columns * _CELL]
    means: Floats = whole.reshape(rows, _CELL, columns, _CELL).mean(axis=(1, 3))
    return means


def _cell_distances(here: Floats, there: Floats) -> Floats:
    """The mean difference of the grey levels of each cell, at the shift where it is the least."""
    shifts = range(-_SHIFT, _SHIFT + 1)
    apart = [_cell_means(np.abs(here - np.roll(there, (down, across), (0, 1)))) for down in shifts for across in shifts]
    least: Floats = np.min(apart, axis=0)
    return least


def _boxes(differing: Cells) -> Iterator[tuple[int, int, int, int]]:
    """The rectangles around differing cells that touch or have one cell between them, in cells."""
    left = {(int(row), int(column)) for row, column in zip(*np.nonzero(differing), strict=True)}
    while left:
        group, edge = [], [left.pop()]
        while edge:
            row, column = edge.pop()
            group.append((row, column))
            near = {(row + down, column + across) for down in range(-2, 3) for across in range(-2, 3)} & left
            left -= near
            edge += near
        rows, columns = zip(*group, strict=True)
        yield min(columns), min(rows), max(columns) + 1, max(rows) + 1


def _in_found(box: Window, frame: Window) -> Window:
    width, height = frame[2] - frame[0], frame[3] - frame[1]
    left, top, right, bottom = box
    return (frame[0] + left * width, frame[1] + top * height, frame[0] + right * width, frame[1] + bottom * height)


def _cut(frame: Window) -> list[Difference]:
    """The edges of ours that the found picture has not."""
    width, height = frame[2] - frame[0], frame[3] - frame[1]
    kept = (-frame[0] / width, -frame[1] / height, (1 - frame[0]) / width, (1 - frame[1]) / height)
    return [Difference(DifferenceKind.CUT, box, None) for box in _outside(kept)]


def _added(frame: Window) -> list[Difference]:
    """The edges of the found picture that lie outside ours."""
    return [Difference(DifferenceKind.ADDED, None, box) for box in _outside(frame)]


def _outside(inner: Window) -> Iterator[Window]:
    """What of a whole picture lies outside this part of it: at the left, top, right, bottom."""
    left, top, right, bottom = inner
    if left > _EDGE:
        yield 0.0, 0.0, left, 1.0
    if top > _EDGE:
        yield 0.0, 0.0, 1.0, top
    if right < 1 - _EDGE:
        yield right, 0.0, 1.0, 1.0
    if bottom < 1 - _EDGE:
        yield 0.0, bottom, 1.0, 1.0
