"""Video and audio of bulletins: what ``ffprobe`` finds in a file, and what has to be otherwise.

Nothing is transcoded: a file that readers' browsers and channels do not play is refused with the command that makes one
that they do. What is taken is packed anew without what else is in it: the place of a phone, further tracks, pictures of
a cover. Runs in a child process; the programs inherit its limits, get the file's format from its first bytes, so
that none that names other files is tried, and may open nothing but this file.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from coordinator.imports.files.cleaned_file import FileRejected

PROBE, CONVERTER = "ffprobe", "ffmpeg"  # by the search path of the system
SECONDS: Final = 30  # of one run, by the clock
MAX_BYTES: Final = 50_000_000  # as Zalo and Telegram take
MAX_VIDEO_SECONDS: Final = 90.5  # as a reel of Facebook, and half a second that players round away
MAX_AUDIO_SECONDS: Final = 3600
MAX_SIDE: Final = 1920  # pixels
_WHOLE: Final = 0.95  # of the frames that the file's index names; players skip a damaged one
# Each thread of the programs would reserve 64 MB of addresses, of which a child has 500.
_ENVIRONMENT: Final = {"PATH": os.defpath, "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "1"}
_ONLY_THIS_FILE: Final = ("-v", "error", "-protocol_whitelist", "file,crypto,pipe", "-threads", "1")
_ASKED: Final = (
    "format=duration:stream=codec_type,codec_name,pix_fmt,width,height,nb_frames,nb_read_packets:"
    "stream_disposition=attached_pic:stream_side_data=rotation"
)
# First bytes of formats that people have and that are not taken as they are.
_FOREIGN: Final = {
    b"\x1aE\xdf\xa3": "WebM/MKV",
    b"OggS": "Ogg",
    b"fLaC": "FLAC",
    b"\x00\x00\x01\xba": "MPEG",
    b"FLV": "FLV",
}


@dataclass(frozen=True)
class Recording:
    """A video or audio file: ``mime``; pixels as they are shown, 0 for audio; ``seconds``."""

    mime: str
    width: int
    height: int
    seconds: float


@lru_cache(maxsize=1)
def can_read_recordings() -> bool:
    """Whether ``ffprobe`` and ``ffmpeg`` are installed."""
    try:
        return all(
            subprocess.run([program, "-version"], capture_output=True, check=False, env=_ENVIRONMENT).returncode == 0  # noqa: S603 - our words
            for program in (PROBE, CONVERTER)
        )  # fmt: skip
    except OSError:
        return False


def recording_format(head: bytes) -> str | None:
    """The format that a file's first bytes name: ``mov`` for MP4, M4A and QuickTime, ``mp3``, or None."""
    if head[4:8] == b"ftyp":
        return "mov"
    # An MP3 file begins with a tag, or with a frame: eleven bits set, layer III.
    is_frame = len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2
    return "mp3" if head.startswith(b"ID3") or is_frame else None


def foreign_recording(head: bytes) -> str | None:
    """The name of a video or audio format that is not taken as it is; None for what is none."""
    if head[:4] == b"RIFF" and head[8:12] in {b"AVI ", b"WAVE"}:
        return head[8:12].decode().strip()
    return next((name for start, name in _FOREIGN.items() if head.startswith(start)), None)


def conversion(audio: bool, seconds: float = 0.0, *, too_long: bool = False, too_large: bool = False) -> str:
    """The command that makes a file as it is taken. ``seconds``: its length, for the bit rate; ``too_long``,
    ``too_large``: in seconds, in pixels."""
    if audio:
        return "ffmpeg -i TEP_GOC -vn -c:a libmp3lame -b:a 128k TEP_MOI.mp3"
    kilobits = min(4000, int(MAX_BYTES * 8 * 0.9 / max(min(seconds, 90.0), 1) / 1000) - 128)
    cut = "-t 90 " if too_long else ""
    scale = "-vf scale=1920:1920:force_original_aspect_ratio=decrease:force_divisible_by=2 " if too_large else ""
    return (
        f"ffmpeg -i TEP_GOC {cut}{scale}-c:v libx264 -pix_fmt yuv420p -b:v {kilobits}k -maxrate {kilobits}k "
        f"-bufsize {kilobits}k -c:a aac -b:a 128k -movflags +faststart TEP_MOI.mp4"
    )


def inspect_recording(path: Path) -> Recording:
    """What a video or audio file holds. Raises ``FileRejected`` with the command that makes one that is taken."""
    with path.open("rb") as file:
        format_ = recording_format(file.read(16))
    if format_ is None:
        raise FileRejected("unknown_type", "neither MP4, M4A nor MP3")
    found = _probed(path, format_)
    streams = [stream for stream in found.get("streams", ()) if not stream["disposition"]["attached_pic"]]
    pictures = [stream for stream in streams if stream["codec_type"] == "video"]
    sounds = [stream for stream in streams if stream["codec_type"] == "audio"]
    seconds = _number(found.get("format", {}).get("duration"))
    if not (pictures or sounds) or seconds <= 0:
        raise FileRejected("unreadable", "the file holds neither picture nor sound")
    if any(_number(stream.get("nb_read_packets")) < _WHOLE * _number(stream.get("nb_frames")) for stream in streams):
        raise FileRejected("cut_off", "the file is cut off, or its picture or sound lies in another file")
    if faults := list(_faults(pictures, sounds, seconds)):
        codes = {code for code, _message in faults}
        command = conversion(
            not pictures, seconds, too_long="too_long" in codes, too_large="too_many_pixels" in codes
        )  # fmt: skip
        raise FileRejected(*faults[0], command)
    if not pictures:
        return Recording("audio/mpeg" if format_ == "mp3" else "audio/mp4", 0, 0, seconds)
    width, height = int(pictures[0]["width"]), int(pictures[0]["height"])
    turns = (_number(side.get("rotation")) for side in pictures[0].get("side_data_list", ()))
    if any(turn % 180 for turn in turns):
        width, height = height, width
    return Recording("video/mp4", width, height, seconds)


def _faults(pictures: list[dict[str, Any]], sounds: list[dict[str, Any]], seconds: float) -> Iterator[tuple[str, str]]:
    """What is not as players and channels take it, as (code, message)."""
    codecs = [stream.get("codec_name", "?") for stream in (*pictures, *sounds)]
    if len(pictures) > 1 or len(sounds) > 1:
        yield "codec", f"{len(pictures)} pictures and {len(sounds)} sounds; one of each is taken"
    wanted = {"h264", "aac"} if pictures else {"aac", "mp3"}
    if strange := [codec for codec in codecs if codec not in wanted]:
        yield "codec", f"{', '.join(strange)} is not played everywhere; H.264 with AAC is, or MP3"
    if pictures:
        if pictures[0].get("pix_fmt") not in {"yuv420p", "yuvj420p"}:
            yield "codec", f"the colours are stored as {pictures[0].get('pix_fmt')}; yuv420p is played everywhere"
        if max(int(pictures[0].get("width", 0)), int(pictures[0].get("height", 0))) > MAX_SIDE:
            yield "too_many_pixels", f"a side has more than {MAX_SIDE} pixels"
    most = MAX_VIDEO_SECONDS if pictures else MAX_AUDIO_SECONDS
    if seconds > most:
        yield "too_long", f"{seconds:.0f} s; at most {most:.0f}"


def _probed(path: Path, format_: str) -> dict[str, Any]:
    arguments = (*_ONLY_THIS_FILE, "-f", format_, "-count_packets", "-show_entries", _ASKED, "-of", "json")
    answer = _run(PROBE, *arguments, f"file:{path}")
    try:
        found: dict[str, Any] = json.loads(answer)
    except ValueError as error:
        raise FileRejected("unreadable", "the file is damaged") from error
    return found


def pack_anew(path: Path, packed: Path, recording: Recording) -> None:
    """Write picture and sound as they are to ``packed``, the index first, so that players begin while they load. The
    same file gives the same bytes. Raises ``FileRejected``."""
    form = {"video/mp4": "mp4", "audio/mp4": "ipod", "audio/mpeg": "mp3"}[recording.mime]
    index = ("-movflags", "+faststart") if form != "mp3" else ("-write_xing", "1", "-id3v2_version", "0")
    tracks = ("-map", "0:V:0", "-map", "0:a:0?") if form == "mp4" else ("-map", "0:a:0")
    source = ("-f", "mp3" if form == "mp3" else "mov", "-i", f"file:{path}")
    bare = ("-c", "copy", "-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact")
    _run(CONVERTER, *_ONLY_THIS_FILE, *source, *tracks, *bare, *index, "-f", form, "-y", f"file:{packed}")


def poster_frame(path: Path, seconds: float) -> bytes:
    """A picture of a video as JPEG, from its second second or its middle. Raises ``FileRejected``."""
    at = f"{min(1.0, seconds / 2):.2f}"
    return _run(
        CONVERTER, *_ONLY_THIS_FILE, "-f", "mov", "-ss", at, "-i", f"file:{path}", "-frames:v", "1", "-threads", "1",
        "-f", "image2pipe", "-c:v", "mjpeg", "-q:v", "3", "pipe:1",
    )  # fmt: skip


def _run(*command: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - our words and a path of ours
            command, capture_output=True, check=False, timeout=SECONDS, env=_ENVIRONMENT, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as error:
        raise FileRejected("too_heavy", "reading the file takes too much time") from error
    if done.returncode < 0:
        raise FileRejected("too_heavy", "reading the file takes too much memory or time")
    if done.returncode:
        raise FileRejected("unreadable", "the file is damaged")
    return done.stdout


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return 0.0
