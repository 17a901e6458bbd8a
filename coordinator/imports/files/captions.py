"""Captions of video and audio: WebVTT and SubRip files, read into cues and written anew as WebVTT."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from coordinator.imports.decoding import decode
from coordinator.imports.files.cleaned_file import FileRejected

MAX_BYTES: Final = 500_000
MAX_CUES: Final = 3000
_TIME = r"(?:(\d{1,2}):)?(\d{1,2}):(\d{2})[.,](\d{3})"
_TIMES: Final = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:[ \t].*)?")
_TAG: Final = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")  # of WebVTT, and of SubRip as some programs write it


@dataclass(frozen=True)
class Cue:
    """One caption: from when to when, in seconds, and its lines."""

    start: float
    end: float
    text: str


def is_captions(name: str, head: bytes) -> bool:
    """Whether a file is one of captions, by its first bytes, or by its name where those are text without a mark."""
    return head.removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT") or name.lower().endswith((".vtt", ".srt"))


def read_captions(body: bytes) -> tuple[Cue, ...]:
    """The cues of a WebVTT or SubRip file, in their order of time (W3C WebVTT, sections 4 and 6). Formatting is left
    out. Raises ``FileRejected`` for what is no such file, a time that ends before it begins, and more than is taken."""
    if len(body) > MAX_BYTES:
        raise FileRejected("too_large", f"captions have at most {MAX_BYTES // 1000} kB")
    lines = decode(body).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    cues: list[Cue] = []
    place = 0
    while place < len(lines):
        times = _TIMES.fullmatch(lines[place])
        place += 1
        if times is None:
            continue  # a number, a name, a note or a style
        start, end = _seconds(times.groups()[:4]), _seconds(times.groups()[4:])
        if end <= start:
            raise FileRejected("bad_time", f"line {place}: the caption ends before it begins")
        words = []
        while place < len(lines) and lines[place].strip():
            words.append(" ".join(html.unescape(_TAG.sub("", lines[place])).split()))
            place += 1
        if text := "\n".join(word for word in words if word):
            cues.append(Cue(start, end, text))
        if len(cues) > MAX_CUES:
            raise FileRejected("too_large", f"more than {MAX_CUES:,} captions")
    if not cues:
        raise FileRejected("no_captions", "the file holds no captions: WebVTT (.vtt) and SubRip (.srt) are read")
    return tuple(sorted(cues, key=lambda cue: cue.start))


def write_captions(cues: Sequence[Cue]) -> bytes:
    """A WebVTT file of these cues."""
    blocks = [f"{_clock(cue.start)} --> {_clock(cue.end)}\n{html.escape(cue.text, quote=False)}" for cue in cues]
    return ("WEBVTT\n\n" + "\n\n".join(blocks) + "\n").encode()


def transcript_of(cues: Sequence[Cue]) -> str:
    """The words of captions, a cue a line; a line that is shown twice in a row stands once."""
    lines: list[str] = []
    for cue in cues:
        text = " ".join(cue.text.split())
        if not lines or lines[-1] != text:
            lines.append(text)
    return "\n".join(lines)


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds, milliseconds = (int(part or 0) for part in parts)
    return hours * 3600 + minutes * 60 + seconds + milliseconds / 1000


def _clock(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"
