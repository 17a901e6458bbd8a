"""Files of media: what is taken, what is refused with the command that makes a file that is, and hostile ones."""

import subprocess
from pathlib import Path

import pytest

from coordinator.imports.files.captions import read_captions, transcript_of, write_captions
from coordinator.imports.files.cleaned_file import FileRejected
from coordinator.imports.files.upload_inspection import InspectedFile, inspect_media
from coordinator.imports.pictures.text import can_read_text
from tests import drawn_pictures, sample_media
from tests.conftest import need
from tests.pdf_files import text_pdf

LOCATION = ("-metadata", "comment=+21.0285+105.8542/")


def inspected(folder: Path, body: bytes, name: str = "tep") -> InspectedFile:
    """The file as it is kept."""
    path = folder / "file"
    path.write_bytes(body)
    try:
        return inspect_media(path, name)
    finally:
        assert [one.name for one in folder.iterdir()] == ["file"]


def refused(folder: Path, body: bytes, name: str = "tep") -> FileRejected:
    """Why the file is not taken."""
    with pytest.raises(FileRejected) as caught:
        inspected(folder, body, name)
    return caught.value


def probe(folder: Path, body: bytes) -> str:
    """What ``ffprobe`` says of a kept file's tags and streams."""
    path = folder / "kept"
    path.write_bytes(body)
    done = subprocess.run(
        ["ffprobe", "-v", "error", "-show_format", "-show_streams", path], capture_output=True, check=True
    )
    path.unlink()
    return done.stdout.decode()


def test_a_video_is_kept_bare_of_its_place_ready_to_play_with_a_poster(tmp_path: Path) -> None:
    sample_media.need_ffmpeg()
    body = sample_media.video(3, "320x240", *LOCATION, "-movflags", "0")
    assert b"+21.0285+105.8542" in body
    kept = inspected(tmp_path, body)
    assert (kept.kind, kept.mime, kept.width, kept.height, round(kept.seconds)) == ("video", "video/mp4", 320, 240, 3)
    assert b"+21.0285" not in kept.body
    assert kept.body.index(b"moov") < kept.body.index(b"mdat")
    assert kept.poster.startswith(b"\xff\xd8")
    # The same file again has the same bytes, so that it is one file of the library.
    assert inspected(tmp_path, body).body == kept.body
    found = probe(tmp_path, kept.body)
    assert found.count("codec_type=") == 2


def test_sound_is_taken_as_mp3_and_m4a(tmp_path: Path) -> None:
    sample_media.need_ffmpeg()
    for suffix, mime in (("mp3", "audio/mpeg"), ("m4a", "audio/mp4")):
        kept = inspected(tmp_path, sample_media.audio(2, suffix))
        assert (kept.kind, kept.mime, kept.poster) == ("audio", mime, b"")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("-c:v", "mpeg4"), "codec"),
        (("-pix_fmt", "yuv444p"), "codec"),
        (("-c:a", "ac3"), "codec"),
        (("-t", "93", "-r", "2"), "too_long"),
        (("-vf", "scale=2200:100"), "too_many_pixels"),
    ],
)
def test_what_is_not_played_everywhere_is_refused_with_the_command_that_makes_it_right(
    options: tuple[str, ...], code: str, tmp_path: Path
) -> None:
    sample_media.need_ffmpeg()
    body = sample_media.video(1, "128x96", *options)
    why = refused(tmp_path, body)
    assert why.code == code
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "TEP_GOC").write_bytes(body)
    subprocess.run(why.command.split(), cwd=elsewhere, check=True, capture_output=True, timeout=120)
    made = (elsewhere / "TEP_MOI.mp4").read_bytes()
    for file in elsewhere.iterdir():
        file.unlink()
    elsewhere.rmdir()
    assert inspected(tmp_path, made).kind == "video"


def test_other_kinds_of_sound_and_video_are_named_by_their_bytes(tmp_path: Path) -> None:
    sample_media.need_ffmpeg()
    why = refused(tmp_path, sample_media.audio(1, "ogg"), "loa.mp3")
    assert why.code == "foreign_recording"
    assert why.command.endswith("TEP_MOI.mp3")
    assert refused(tmp_path, b"\x1aE\xdf\xa3" + bytes(2000), "video.mp4").code == "foreign_recording"


def external_track(other: str) -> bytes:
    """A video whose picture lies in another file, as an alias of QuickTime says it (QuickTime File Format, "Data
    reference atoms"). Its index stands at the end, so that the places in it stay right."""
    body = sample_media.video(3, "320x240", "-movflags", "0")
    path = other.encode()
    name = path.rpartition(b"/")[2][:63]
    alias = bytes(10) + bytes(28) + bytes(12) + bytes([len(name)]) + name.ljust(63, b"\0") + bytes(16)
    alias += b"\0\1\0\1" + bytes(16) + b"\0\2" + len(path).to_bytes(2) + path + bytes(len(path) % 2) + b"\xff\xff\0\0"
    entry = (12 + len(alias)).to_bytes(4) + b"alis" + bytes(4) + alias
    place = body.index(b"url \0\0\0\1", body.index(b"moov")) - 4
    found = body[:place] + entry + body[place + 12 :]
    grown = len(entry) - 12
    for box in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        start = body.rindex(box, 0, place) - 4
        found = found[:start] + (int.from_bytes(found[start : start + 4]) + grown).to_bytes(4) + found[start + 4 :]
    return found


@pytest.mark.parametrize("name", ["cut", "tail", "noise", "external", "empty", "text", "playlist", "svg"])
def test_hostile_and_damaged_files_are_refused_in_words(name: str, tmp_path: Path) -> None:
    sample_media.need_ffmpeg()
    whole = sample_media.video()
    files = {
        "cut": (whole[: len(whole) * 2 // 3], {"cut_off"}),
        "tail": (whole[:600], {"unreadable", "cut_off"}),
        "noise": (whole[:40] + bytes(range(256)) * 300, {"unreadable", "cut_off"}),
        "external": (external_track(str(tmp_path / "file")), {"unreadable", "cut_off"}),
        "empty": (b"", {"empty"}),
        "text": (b"#EXTM3U\nfile:///etc/passwd\n", {"unknown_media_type"}),
        "playlist": (b"ID3#EXTM3U\nfile:///etc/passwd\n", {"unreadable"}),
        "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", {"unknown_media_type"}),
    }
    body, codes = files[name]
    assert refused(tmp_path, body).code in codes


def test_captions_are_read_as_vtt_and_srt_and_written_as_vtt(tmp_path: Path) -> None:
    kept = inspected(tmp_path, sample_media.CAPTIONS.encode(), "phu-de.vtt")
    assert (kept.kind, kept.text) == ("captions", sample_media.TRANSCRIPT)
    first = "1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>Chào</i> <b>bà con</b>\r\n& mọi người\r\n\r\n"
    cues = read_captions(f"{first}2\r\n00:00:03,000 --> 00:00:04,000\r\nHết\r\n".encode("utf-16"))
    assert [(cue.start, cue.end, cue.text) for cue in cues] == [(1, 2.5, "Chào bà con\n& mọi người"), (3, 4, "Hết")]
    assert read_captions(write_captions(cues)) == cues
    assert transcript_of(cues) == "Chào bà con & mọi người\nHết"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"WEBVTT\n\n", "no_captions"),
        (b"WEBVTT\n\n00:02.000 --> 00:01.000\nNg\xc6\xb0\xe1\xbb\xa3c\n", "bad_time"),
        (b"WEBVTT\n\n" + b"00:01.000 --> 00:02.000\na\n\n" * 4000, "too_large"),
        (b"WEBVTT\n\n" + b"x" * 600_000, "too_large"),
        (b"WEBVTT" + b"\n" * 400_000, "no_captions"),
    ],
)
def test_captions_that_are_none_or_endless_are_refused(body: bytes, code: str, tmp_path: Path) -> None:
    assert refused(tmp_path, body, "phu-de.vtt").code == code


def test_a_document_is_made_anew_and_its_text_is_offered(tmp_path: Path) -> None:
    kept = inspected(tmp_path, text_pdf("Thông báo lịch tiêm nhắc vắc-xin sởi tại 30 phường, xã"))
    assert (kept.kind, kept.mime) == ("document", "application/pdf")
    assert "lịch tiêm nhắc" in kept.text


def test_a_scanned_notice_is_read(tmp_path: Path) -> None:
    if not can_read_text():
        need("tesseract", "the Debian package tesseract-ocr-vie")
    scan = tmp_path / "scan.pdf"
    lines = ("THÔNG BÁO CẮT NƯỚC", "Phường Bến Sông, từ 8 giờ đến 17 giờ ngày 24 tháng 11")
    drawn_pictures.poster(5, lines).save(scan, "PDF", resolution=100)
    body = scan.read_bytes()
    scan.unlink()
    assert "từ 8 giờ đến 17 giờ" in inspected(tmp_path, body).text
