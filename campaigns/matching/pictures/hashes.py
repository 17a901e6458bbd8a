"""Perceptual hashes of pictures: 256 bits from the low frequencies of a discrete cosine transform (DCT).

A hash is a reason to look, never a proof: two daily infographics of one template lie as near each other as a picture
and its crop. One hash of a whole picture survives scaling and compression, and no crop. Therefore an original keeps
hashes of itself with its edges cut off (``ORIGINAL_WINDOWS``), and a picture that was found is tried by windows that
undo what sites add (``found_hashes``): a caption bar, a border, a second picture beside it. The smallest distance
counts.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Grey: TypeAlias = NDArray[np.uint8]
Hashes: TypeAlias = NDArray[np.uint64]  # n × 4: hashes of 256 bits

SIDE: Final = 256  # pixels of the square thumbnail that hashes are made from
WORDS: Final = 4  # of 64 bits
MIRRORED: Final = 2  # the last hashes of a picture of ours are those of its mirror image
_CELLS: Final = 32  # a side, of which the transform is made
_KEPT: Final = 16  # frequencies a direction, without the constant one
_UNIFORM: Final = 12  # grey levels by which a row or column of a uniform border varies

Window: TypeAlias = tuple[float, float, float, float]  # left, top, right, bottom: shares of the sides

_INSETS: Final = (0.0, 0.03, 0.06, 0.09)
_SIDES: Final = ((0.05, 0), (0, 0.05), (0.05, 0.05), (0, 0))  # cut off at the left and right, or top and bottom
ORIGINAL_WINDOWS: Final[Sequence[Window]] = [
    *((x, y, 1 - x, 1 - y) for x in _INSETS for y in _INSETS),
    # A crop that is not the same on both sides.
    *((x, y, 1 - w, 1 - h) for x, w in _SIDES for y, h in _SIDES if (x, y) != (w, h)),
]
_CUTS: Final = (0.0, 0.06, 0.12, 0.18)
_PARTS: Final = (1 / 3, 0.4, 0.5, 0.6, 2 / 3)
FOUND_WINDOWS: Final[Sequence[Window]] = [
    *((0.0, top, 1.0, 1 - bottom) for top in _CUTS for bottom in _CUTS),
    *((0.0, 0.0, part, 1.0) for part in _PARTS),
    *((part, 0.0, 1.0, 1.0) for part in _PARTS),
]


def _transform() -> NDArray[np.float64]:
    frequency = np.arange(1, _KEPT + 1)[:, None]
    place = np.arange(_CELLS)[None, :]
    return np.cos(np.pi * frequency * (2 * place + 1) / (2 * _CELLS))


_TRANSFORM: Final = _transform()


def original_hashes(thumbnail: Grey) -> Hashes:
    """The hashes of a picture of ours, from its grey thumbnail of ``SIDE`` × ``SIDE``: whole and with its edges cut
    off, without its uniform border, and mirrored."""
    windows = [*ORIGINAL_WINDOWS, content_window(thumbnail)]
    mirrored = np.ascontiguousarray(thumbnail[:, ::-1])
    in_mirror = [windows[0], content_window(mirrored)]
    return np.concatenate([_hashes(thumbnail, windows), _hashes(mirrored, in_mirror)])


def found_hashes(thumbnail: Grey) -> Hashes:
    """The hashes of a picture that was found, from its grey thumbnail of ``SIDE`` × ``SIDE``."""
    return _hashes(thumbnail, [*FOUND_WINDOWS, content_window(thumbnail)])


def nearest_windows(original: Grey, found: Grey) -> tuple[int, Window, Window]:
    """The part of a picture of ours and the part of a found one that are most alike, with the bits by which their
    hashes differ, from the grey thumbnails of both. The least that is cut off, where several are as near."""
    ours = [*ORIGINAL_WINDOWS, content_window(original)]
    theirs = [*FOUND_WINDOWS, content_window(found)]
    there = _hashes(found, theirs)
    distances = np.stack([np.bitwise_count(there ^ one).sum(axis=1) for one in _hashes(original, ours)])
    row, column = np.unravel_index(int(distances.argmin()), distances.shape)
    return int(distances[row, column]), ours[row], theirs[column]


def content_window(thumbnail: Grey) -> Window:
    """The part without uniform borders; the whole where everything is uniform."""
    rows, columns = (_extent(np.ptp(thumbnail, axis=axis)) for axis in (1, 0))
    if rows is None or columns is None:
        return (0.0, 0.0, 1.0, 1.0)
    return (columns[0] / SIDE, rows[0] / SIDE, columns[1] / SIDE, rows[1] / SIDE)


def _extent(ranges: NDArray[np.uint8]) -> tuple[int, int] | None:
    varied = np.flatnonzero(ranges > _UNIFORM)
    if not len(varied) or varied[-1] - varied[0] < _CELLS:
        return None
    return int(varied[0]), int(varied[-1]) + 1


def _hashes(thumbnail: Grey, windows: Iterable[Window]) -> Hashes:
    sums = np.zeros((SIDE + 1, SIDE + 1))
    sums[1:, 1:] = thumbnail.cumsum(0, dtype=np.float64).cumsum(1)
    return np.stack([_hash(_cells(sums, window)) for window in windows])


def _cells(sums: NDArray[np.float64], window: Window) -> NDArray[np.float64]:
    """The mean grey of ``_CELLS`` × ``_CELLS`` cells of a window, from the sums of all pixels above and to the left."""
    left, top, right, bottom = (SIDE * share for share in window)
    across = _at(sums, np.linspace(left, right, _CELLS + 1), axis=1)
    down = _at(across, np.linspace(top, bottom, _CELLS + 1), axis=0)
    cells: NDArray[np.float64] = np.diff(np.diff(down, axis=0), axis=1)
    return cells


def _at(sums: NDArray[np.float64], places: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """The sums at places between pixels, as if a pixel were of one grey all over."""
    below = np.minimum(places.astype(int), SIDE - 1)
    share = places - below
    if axis == 0:
        share = share[:, None]
    first, second = sums.take(below, axis), sums.take(below + 1, axis)
    between: NDArray[np.float64] = first + (second - first) * share
    return between


def _hash(cells: NDArray[np.float64]) -> NDArray[np.uint64]:
    frequencies = _TRANSFORM @ cells @ _TRANSFORM.T
    bits = frequencies > np.median(frequencies)
    return np.packbits(bits.ravel()).view(np.uint64)


class NearPicture(NamedTuple):
    """A picture by its ``place`` in the index, within ``distance`` bits. ``mirrored``: it is near as in a mirror."""

    distance: int
    place: int
    mirrored: bool


class PictureIndex:
    """The hashes of many pictures, as ``original_hashes`` makes them. Every one is compared: a million take 40 ms and
    32 MB, and trees of hashes are slower at these distances."""

    def __init__(self, pictures: Sequence[Hashes]) -> None:
        self._owners = np.repeat(np.arange(len(pictures)), [len(hashes) for hashes in pictures])
        words = np.concatenate(pictures) if pictures else np.empty((0, WORDS), np.uint64)
        self._columns = [np.ascontiguousarray(words[:, word]) for word in range(WORDS)]

    def near(self, found: Hashes, most: int) -> list[NearPicture]:
        """The pictures within ``most`` bits, the nearest first."""
        least = np.full(len(self._owners), 64 * WORDS, np.int64)
        for one in found:
            differing = np.zeros(len(self._owners), np.int64)
            for column, word in zip(self._columns, one, strict=True):
                differing += np.bitwise_count(column ^ word)
            np.minimum(least, differing, out=least)
        nearest: dict[int, NearPicture] = {}
        for at in sorted(np.flatnonzero(least <= most).tolist(), key=lambda at: int(least[at])):
            place = int(self._owners[at])
            mirrored = at + MIRRORED >= len(self._owners) or self._owners[at + MIRRORED] != place
            nearest.setdefault(place, NearPicture(int(least[at]), place, mirrored))
        return list(nearest.values())
