"""Whether a picture that was found is a picture of ours: by its bytes, by its hash, by the text in both.

The hash gives a reason to look, and the text decides: daily infographics of one template lie near each other and
differ in their figures alone. What cannot be told from the pictures is for a person.
"""

from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

import numpy as np

from campaigns.matching.fingerprints import distinct, grams, tokenize
from campaigns.matching.numbers_in_text import Figure, read_figures, same_figure
from campaigns.matching.pictures.hashes import Hashes

LOOK_DISTANCE = 64  # bits of 256; a picture and its crop are within it, and so are siblings of one template
PLAIN_DISTANCE = 40  # bits; pictures without text are one picture within it
_LEAST_WORDS = 6  # in the text of a picture; one with fewer is compared by its hash alone
_TEXT_RUN = 3  # words
_SAME_TEXT = 0.5  # of the runs of words of our picture that are read in the found one
_SOME_TEXT = 0.2  # of them; a crop may cut the first word of every line, and another picture has fewer
_FIGURES_THAT_TELL = 3  # as many figures that agree tell a picture from others of its template
_OTHER_FIGURES = 0.5  # of the figures of ours; a picture without more of them says something else


class MediaWay(Enum):
    """By what a bulletin was found that a page carries without its text."""

    SAME = "same"  # a picture: the same bytes
    SIMILAR = "similar"  # a picture: its hash, and the text of both where they have one
    READ = "read"  # the bulletin's text, read in a picture
    EMBED = "embed"  # our player in a frame
    UPLOAD = "upload"  # a platform's player with our upload
    FILE = "file"  # a video or audio: the same bytes


PLAYED = frozenset({MediaWay.EMBED, MediaWay.UPLOAD, MediaWay.FILE})


class PictureAgreement(Enum):
    """What the comparison says."""

    AGREES = "agrees"
    UNSURE = "unsure"  # a person looks
    OTHER = "other"  # another picture of the same template


@dataclass(frozen=True)
class PictureContent:
    """A picture as it is compared. ``digests``: SHA-256 of the files that it is had from, in hex; ``hashes``: as
    ``original_hashes`` of ours and ``found_hashes`` of a found one; ``text``: what was read in it, None where nothing
    can be read on this machine."""

    digests: frozenset[str]
    hashes: Hashes = field(compare=False)
    text: str | None = None

    @cached_property
    def words(self) -> int:
        """The number of words in it."""
        return len(tokenize(self.text or ""))

    @cached_property
    def figures(self) -> list[Figure]:
        """The figures in it, each once."""
        found: list[Figure] = []
        for figure in read_figures(self.text or ""):
            if not any(same_figure(figure, other) for other in found):
                found.append(figure)
        return found


@dataclass(frozen=True)
class PictureComparison:
    """``distance``: bits of 256, 0 for the same bytes; ``share``: of our picture's text that is in the found one, None
    where the texts were not compared; ``reason``: its code and what it says."""

    way: MediaWay
    agreement: PictureAgreement
    distance: int
    share: float | None
    reason: str


def compare_pictures(ours: PictureContent, found: PictureContent, distance: int) -> PictureComparison | None:
    """Compare a found picture with one of ours that lies at ``distance``. None where it is another picture."""
    if ours.digests & found.digests:
        return PictureComparison(
            MediaWay.SAME, PictureAgreement.AGREES, 0, None, "picture_same: the file is byte for byte ours"
        )
    if distance > LOOK_DISTANCE:
        return None
    if ours.words < _LEAST_WORDS:
        agrees = distance <= PLAIN_DISTANCE and found.words < 2 * _LEAST_WORDS
        said = "picture_similar: the pictures are alike, and ours has no text to compare"
        return _similar(PictureAgreement.AGREES if agrees else PictureAgreement.UNSURE, distance, None, said)
    if not found.words:
        said = "picture_unread: the pictures are alike, and no text could be read in the found one; a person looks"
        return _similar(PictureAgreement.UNSURE, distance, None, said)
    share = shared_text(ours.text or "", found.text or "")
    missing = [figure for figure in ours.figures if not any(same_figure(figure, other) for other in found.figures)]
    if share < _SOME_TEXT:
        return None
    if len(missing) > _OTHER_FIGURES * len(ours.figures):
        said = f"picture_figures: the text is ours and {len(missing)} of {len(ours.figures)} figures are not"
        return _similar(PictureAgreement.OTHER, distance, share, said)
    if missing:
        said = f"picture_figures: {len(missing)} of {len(ours.figures)} figures were not read in the found one"
        return _similar(PictureAgreement.UNSURE, distance, share, f"{said}; a person looks")
    if share < _SAME_TEXT and len(ours.figures) < _FIGURES_THAT_TELL:
        said = "picture_text: the pictures are alike, and less than half of the text was read in the found one"
        return _similar(PictureAgreement.UNSURE, distance, share, f"{said}; a person looks")
    said = "picture_similar: the pictures are alike, with the same text and figures"
    return _similar(PictureAgreement.AGREES, distance, share, said)


def _similar(agreement: PictureAgreement, distance: int, share: float | None, reason: str) -> PictureComparison:
    return PictureComparison(MediaWay.SIMILAR, agreement, distance, share, reason)


def shared_text(ours: str, found: str) -> float:
    """The share, 0 to 1, of the runs of three words of a text that another one has."""
    runs = distinct(grams(tokenize(ours).words, _TEXT_RUN))
    return float(np.isin(runs, grams(tokenize(found).words, _TEXT_RUN)).mean()) if runs.size else 0.0
