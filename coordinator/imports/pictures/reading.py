"""One picture read: its size, its hashes and the text in it. Runs in a child process that reads files from outside."""

import hashlib
import logging
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image, ImageOps

from campaigns.core.errors import CampaignError
from campaigns.matching.pictures.comparison import PictureContent
from campaigns.matching.pictures.hashes import SIDE, WORDS, found_hashes, original_hashes
from coordinator.imports.files.cleaned_file import FileRejected
from coordinator.imports.files.pictures import picture_format, upright_pixels
from coordinator.imports.pictures.text import can_read_text, read_text
from coordinator.sandbox import ChildFailed, read_in_child

log = logging.getLogger(__name__)


class UnreadablePicture(CampaignError):
    """A picture cannot be read."""

    code = "unreadable_picture"


@dataclass(frozen=True)
class PictureReading:
    """A picture in pixels; ``digest``: SHA-256 of the file in hex; ``hash_words``: its hashes one after the other;
    ``text``: None where it was not asked for or cannot be read on this machine."""

    width: int
    height: int
    digest: str
    hash_words: tuple[int, ...]
    text: str | None

    @cached_property
    def content(self) -> PictureContent:
        """The picture as it is compared."""
        hashes = np.array(self.hash_words, np.uint64).reshape(-1, WORDS)
        return PictureContent(frozenset({self.digest}), hashes, self.text)


def read_picture(body: bytes, ours: bool, with_text: bool) -> PictureReading:
    """Read a PNG, JPEG or WebP file. ``ours``: a picture to be found, else one that was found. Raises
    ``UnreadablePicture``."""
    pixels = picture_pixels(body)
    thumbnail = np.asarray(pixels.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX, reducing_gap=3.0))
    hashes = original_hashes(thumbnail) if ours else found_hashes(thumbnail)
    return PictureReading(
        pixels.width,
        pixels.height,
        hashlib.sha256(body).hexdigest(),
        tuple(map(int, hashes.ravel())),
        read_text(pixels) if with_text and can_read_text() else None,
    )


def read_picture_text(body: bytes, mirrored: bool) -> str | None:
    """The text in a picture, or in its mirror image; None where none can be read on this machine. Raises
    ``UnreadablePicture``."""
    if not can_read_text():
        return None
    pixels = picture_pixels(body)
    return read_text(ImageOps.mirror(pixels) if mirrored else pixels)


def picture_pixels(body: bytes) -> Image.Image:
    """A PNG, JPEG or WebP file in pixels, the way up it is shown. Raises ``UnreadablePicture``."""
    format_ = picture_format(body)
    if format_ is None:
        raise UnreadablePicture("only PNG, JPEG and WebP pictures are read")
    try:
        return upright_pixels(body, format_)
    except FileRejected as error:
        raise UnreadablePicture(str(error)) from error


def text_of_picture(body: bytes) -> str:
    """The text in a picture that a person brought, read in a child process; "" where none is read, because the file is
    no picture, takes too much, or the machine is busy or has no program for it."""
    if picture_format(body) is None or not can_read_text():
        return ""
    try:
        return read_in_child(read_picture_text, body, False, raises=(UnreadablePicture,), cpu_seconds=20) or ""
    except (UnreadablePicture, ChildFailed) as error:
        log.info("the text in a picture was not read: %s", error)
        return ""
