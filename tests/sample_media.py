"""Small video, audio and captions for tests: a moving test picture and a tone, made by the program ``ffmpeg``."""

import shutil
import subprocess
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.conftest import need

CAPTIONS = """WEBVTT

00:00.000 --> 00:01.500
Từ ngày 24 tháng 11, ba mươi phường, xã mở thêm buổi tiêm.

00:01.500 --> 00:03.000
Phụ huynh mang theo sổ tiêm chủng của trẻ.
"""
TRANSCRIPT = "Từ ngày 24 tháng 11, ba mươi phường, xã mở thêm buổi tiêm.\nPhụ huynh mang theo sổ tiêm chủng của trẻ."


def need_ffmpeg() -> None:
    """Skip or fail a test where ``ffmpeg`` and ``ffprobe`` are not installed."""
    if not (shutil.which("ffmpeg") and shutil.which("ffprobe")):
        need("ffmpeg", "the Debian package ffmpeg")


@lru_cache(maxsize=16)
def video(seconds: float = 3, size: str = "320x240", *options: str) -> bytes:
    """An MP4 file with H.264 and AAC that can be played while it is loaded. ``options``: more of ``ffmpeg``, last."""
    sources = ("-f", "lavfi", "-i", f"testsrc=s={size}:r=12", "-f", "lavfi", "-i", "sine=frequency=330")
    codecs = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "32k", "-movflags", "+faststart")
    return _made(*sources, *codecs, "-t", str(seconds), *options, suffix="mp4")


@lru_cache(maxsize=16)
def audio(seconds: float = 3, suffix: str = "mp3") -> bytes:
    """An MP3 file, or with ``m4a`` an AAC one."""
    codec = {"mp3": "libmp3lame", "m4a": "aac", "ogg": "libvorbis"}[suffix]
    return _made("-f", "lavfi", "-i", "sine=frequency=330", "-c:a", codec, "-t", str(seconds), suffix=suffix)


def _made(*arguments: str, suffix: str) -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder, f"sample.{suffix}")
        subprocess.run(["ffmpeg", "-loglevel", "error", *arguments, str(file)], check=True, timeout=60)
        return file.read_bytes()
