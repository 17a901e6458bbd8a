"""What a channel takes of the media of a bulletin, and the command that makes the rest fit."""

import json
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from campaigns.bulletins.addresses import PublicAddresses
from campaigns.bulletins.media import MediaItem, MediaKind
from campaigns.channels.transport import Capabilities, MediaLimit
from campaigns.delivery.media_limits import Fit, media_fits, message_media
from tests import sample_media

VIDEO = MediaItem(
    ident="a" * 32, kind=MediaKind.VIDEO, sha256="a" * 64, mime="video/mp4", length=9000, width=320, height=240,
    seconds=12.0, alt="Y tá tiêm",
)  # fmt: skip
PICTURE = MediaItem(ident="b" * 32, kind=MediaKind.PICTURE, sha256="b" * 64, mime="image/jpeg", length=500)
TAKES = Capabilities(
    media=(
        MediaLimit("video", frozenset({"video/mp4"}), most_bytes=10_000, least_seconds=3, most_seconds=90),
        MediaLimit("audio", frozenset({"audio/mpeg"}), most_bytes=20_000),
    )
)


@pytest.mark.parametrize(
    ("item", "fit", "excess"),
    [
        (VIDEO, Fit.FITS, 0),
        (replace(VIDEO, length=10_000, seconds=90.0), Fit.FITS, 0),
        (replace(VIDEO, length=10_001), Fit.TOO_LARGE, 1),
        (replace(VIDEO, seconds=90.5), Fit.TOO_LONG, 0.5),
        (replace(VIDEO, seconds=2.0), Fit.TOO_SHORT, 1),
        (replace(VIDEO, kind=MediaKind.AUDIO, mime="audio/mp4"), Fit.NOT_TAKEN, 0),
        (PICTURE, Fit.NOT_TAKEN, 0),
    ],
)
def test_each_medium_is_judged_by_the_limits_of_its_kind(item: MediaItem, fit: Fit, excess: float) -> None:
    (judged,) = media_fits([item], TAKES)
    assert (judged.fit, judged.excess) == (fit, excess)
    assert bool(judged.reason) == (fit is not Fit.FITS)


def test_a_second_video_is_one_too_many_and_what_does_not_fit_takes_no_place() -> None:
    large = replace(VIDEO, length=10_001)
    assert [judged.fit for judged in media_fits([large, VIDEO, VIDEO], TAKES)] == [
        Fit.TOO_LARGE,
        Fit.FITS,
        Fit.TOO_MANY,
    ]


def test_receivers_of_addresses_get_every_medium() -> None:
    huge = replace(VIDEO, length=10**9, seconds=5000.0)
    assert [judged.fit for judged in media_fits([huge, PICTURE], Capabilities(media_linked=True))] == [Fit.FITS] * 2


def test_the_command_makes_a_file_that_fits(tmp_path: Path) -> None:
    sample_media.need_ffmpeg()
    (tmp_path / "phim.mp4").write_bytes(sample_media.video(6, "640x480", "-crf", "1"))
    (tmp_path / "loi.m4a").write_bytes(sample_media.audio(6, "m4a"))
    limits = (
        MediaLimit("video", frozenset({"video/mp4"}), most_bytes=120_000, most_seconds=4),
        MediaLimit("audio", frozenset({"audio/mpeg"}), most_bytes=40_000),
    )
    for name, kind, mime in (("phim.mp4", MediaKind.VIDEO, "video/mp4"), ("loi.m4a", MediaKind.AUDIO, "audio/mp4")):
        file = tmp_path / name
        item = replace(VIDEO, kind=kind, mime=mime, seconds=6.0, length=file.stat().st_size)
        (judged,) = media_fits([item], Capabilities(media=limits), name=name)
        assert judged.fit is not Fit.FITS
        words = shlex.split(judged.command)
        subprocess.run([*words[:1], "-loglevel", "error", *words[1:]], check=True, cwd=tmp_path, timeout=60)
        made = tmp_path / words[-1]
        asked = subprocess.run(
            ["ffprobe", "-v", "error", "-of", "json", "-show_format", str(made)], check=True, capture_output=True
        )
        seconds = float(json.loads(asked.stdout)["format"]["duration"])
        made_type = {".mp4": "video/mp4", ".mp3": "audio/mpeg"}[made.suffix]
        # A file is a fraction of a frame longer than it was cut to.
        again = replace(item, mime=made_type, seconds=int(seconds * 10) / 10, length=made.stat().st_size)
        assert [one.fit for one in media_fits([again], Capabilities(media=limits))] == [Fit.FITS]


def test_no_command_is_given_where_nothing_could_be_made_out() -> None:
    hours = replace(VIDEO, length=10**9, seconds=7200.0)
    limit = MediaLimit("video", frozenset({"video/mp4"}), most_bytes=50_000_000)
    (judged,) = media_fits([hours], Capabilities(media=(limit,)))
    assert (judged.fit, judged.command) == (Fit.TOO_LARGE, "")


def test_a_channel_gets_every_medium_with_its_address_and_why_it_has_no_file() -> None:
    item = replace(VIDEO, length=10_001, poster=replace(PICTURE, alt="Điểm tiêm"))
    (medium,) = message_media([item], TAKES, PublicAddresses("https://tin.example"))
    assert medium.url == f"https://tin.example/media/{VIDEO.ident}.mp4"
    assert medium.poster is not None
    assert (medium.poster.url, medium.poster.alt) == (
        f"https://tin.example/pictures/{PICTURE.ident}.jpg",
        "Điểm tiêm",
    )
    assert medium.misfit.startswith("too large by 1 bytes")
    with pytest.raises(OSError, match="no bytes"):
        medium.read()
