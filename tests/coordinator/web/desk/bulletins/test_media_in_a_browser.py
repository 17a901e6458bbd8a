"""Posters, video and sound in the editor, in Chromium: dropped, sent in pieces, described, saved and played."""

import base64
import re
from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.bulletins import media
from campaigns.bulletins.bulletins import Revision
from campaigns.bulletins.library.media_uploads import MediaUpload
from campaigns.bulletins.media import MediaKind
from coordinator.imports.pictures.text import can_read_text
from tests import drawn_pictures, sample_media
from tests.conftest import need
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import chromium, expect, problems_of_page, until_true
from tests.coordinator.web.desk.browser_writers import NEW, body_of, fill_head, press_save, served, writer
from tests.coordinator.web.public.test_public_pages_in_a_browser import address

pytestmark = pytest.mark.browser
__all__ = ["chromium", "served"]  # other files' fixtures

LINES = (
    "TIÊM NHẮC VẮC-XIN SỞI",
    "Từ 24 đến 28 tháng 11, tại 30 phường, xã",
    "Trẻ từ 18 tháng đến 5 tuổi, không thu tiền",
)


def as_file(name: str, mime: str, body: bytes) -> dict[str, Any]:
    """A file as Playwright puts it into a field."""
    return {"name": name, "mimeType": mime, "buffer": body}


def drop(page: Any, name: str, mime: str, body: bytes) -> None:
    """Drop a file onto the field of media."""
    page.evaluate(
        """([name, type, data]) => {
          const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
          const transfer = new DataTransfer();
          transfer.items.add(new File([bytes], name, { type }));
          const zone = document.querySelector("#tep-kem [data-drop]");
          for (const kind of ["dragenter", "dragover", "drop"])
            zone.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: transfer }));
        }""",
        [name, mime, base64.b64encode(body).decode()],
    )


def newest(served: RunningApplication) -> Revision:
    """The newest revision."""
    with served.database.read() as session:
        return session.execute(sa.select(Revision).order_by(Revision.id.desc()).limit(1)).scalar_one()


def test_a_poster_a_video_and_its_captions_are_dropped_described_and_saved(
    chromium: Any, served: RunningApplication
) -> None:
    sample_media.need_ffmpeg()
    if not can_read_text():
        need("tesseract", "the Debian package tesseract-ocr-vie")
    with writer(chromium, served) as page:
        page.goto(address(served, NEW))
        body_of(page)
        fill_head(page)
        drop(page, "ap-phich.jpg", "image/jpeg", drawn_pictures.jpeg(drawn_pictures.poster(3, LINES)))
        words = page.get_by_label("Chữ thay ảnh")
        expect(words).to_have_value(re.compile("^TIÊM NHẮC VẮC-XIN SỞI"), timeout=60_000)
        page.get_by_label("Có gì trong tệp? Một câu").fill("Áp phích lịch tiêm nhắc vắc-xin sởi")
        words.fill("\n".join(LINES))
        page.set_input_files("#media_file", [
            as_file("phu-de.srt", "application/x-subrip", sample_media.CAPTIONS.encode()),
            as_file("tiem-soi.mp4", "video/mp4", sample_media.video()),
        ])  # fmt: skip
        transcript = page.get_by_label("Lời thoại, toàn văn")
        expect(transcript).to_have_value(sample_media.TRANSCRIPT, timeout=60_000)
        expect(page.get_by_text("Đã có phụ đề")).to_be_visible()
        # What was typed before is still there.
        expect(words).to_have_value("\n".join(LINES))
        page.get_by_label("Có gì trong tệp? Một câu").nth(1).fill("Y tá hướng dẫn tiêm nhắc")
        until_true(page, "document.querySelector('#tep-kem video').readyState >= 1")
        press_save(page)
        until_true(page, "document.querySelector('video').readyState >= 1")
        assert page.evaluate("document.querySelector('video').textTracks.length") == 1
        shown = page.url
        assert problems_of_page(page, shown, both_schemes=True) == ""
        assert problems_of_page(page, f"{shown}/edit", both_schemes=True) == ""
    items = media.from_json(newest(served).media)
    assert [item.kind for item in items] == [MediaKind.PICTURE, MediaKind.VIDEO]
    assert items[1].poster is not None
    assert items[1].captions is not None
    assert newest(served).body_text == "\n".join(LINES) + "\n\n" + sample_media.TRANSCRIPT
    with served.database.read() as session:
        assert session.execute(sa.select(MediaUpload)).first() is None
