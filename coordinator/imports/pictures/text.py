"""The text in a picture, read by the program ``tesseract`` where it is installed with its Vietnamese model.

The program gets a grey PNG that is made here, never a file from outside. What it cannot read is not known: an empty
answer says nothing about the picture.
"""

import io
import os
import re
import subprocess
from functools import lru_cache
from typing import Final

import numpy as np
from PIL import Image, ImageFilter

PROGRAM: Final = "tesseract"  # by the search path of the system
LANGUAGE: Final = "vie"
SECONDS: Final = 30  # of one run, by the clock
_ENLARGED_BELOW: Final = 1400  # pixels of width; smaller pictures are read at twice their size
_MAX_SIDE: Final = 2400  # pixels
_SHRINK: Final = 16  # the background is the median of a picture of a sixteenth of its size
_WORD: Final = re.compile(r"\w{2,}")
_ENVIRONMENT: Final = {"PATH": os.defpath, "LANG": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}


@lru_cache(maxsize=1)
def can_read_text() -> bool:
    """Whether ``tesseract`` is installed with its Vietnamese model."""
    try:
        listed = subprocess.run(  # noqa: S603 - our words
            [PROGRAM, "--list-langs"], capture_output=True, text=True, check=False, timeout=SECONDS,
            env=_ENVIRONMENT,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    return LANGUAGE in listed.stdout.split()


def read_text(picture: Image.Image) -> str:
    """The lines of text in a picture; "" where none was read. Raises ``OSError`` where the program is not installed."""
    grey = picture.convert("L")
    scale = min(2.0 if grey.width < _ENLARGED_BELOW else 1.0, _MAX_SIDE / max(grey.size))
    if scale != 1.0:
        size = (max(1, round(grey.width * scale)), max(1, round(grey.height * scale)))
        grey = grey.resize(size, Image.Resampling.LANCZOS)
    # A gradient hides text from the program, and so does its removal where dark and light text stand in one picture.
    return max(_recognised(grey), _recognised(_flattened(grey)), key=_words)


def _words(text: str) -> int:
    return len(_WORD.findall(text))


def _flattened(grey: Image.Image) -> Image.Image:
    """Dark text on white: the picture divided by its background, turned round where the text is light."""
    pixels = np.asarray(grey, np.float32) + 1
    blurred = grey.reduce(_SHRINK).filter(ImageFilter.MedianFilter(9)).resize(grey.size, Image.Resampling.BICUBIC)
    background = np.asarray(blurred, np.float32) + 1
    ratio = pixels / background
    dark, light = np.percentile(ratio, (2, 98))
    if light - 1 > 1 - dark:
        ratio = background / pixels
    return Image.fromarray((np.clip(ratio, 0, 1) * 220).astype(np.uint8))


def _recognised(grey: Image.Image) -> str:
    file = io.BytesIO()
    grey.save(file, "PNG", compress_level=1)
    try:
        done = subprocess.run(  # noqa: S603 - our words; what it reads is the PNG made here
            [PROGRAM, "stdin", "stdout", "-l", LANGUAGE, "--psm", "3"], input=file.getvalue(), capture_output=True,
            check=False, timeout=SECONDS, env=_ENVIRONMENT,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return ""
    lines = done.stdout.decode("utf-8", "replace").splitlines() if done.returncode == 0 else []
    return "\n".join(line for raw in lines if (line := " ".join(raw.split())))
