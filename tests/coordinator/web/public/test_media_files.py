"""Media files as outsiders get them: by range, while the text that is out shows them."""

import hashlib
from dataclasses import replace

from campaigns.bulletins import drafts, media
from campaigns.bulletins.bulletins import find_bulletin
from campaigns.bulletins.drafts import BulletinText
from campaigns.bulletins.media import MediaItem, MediaKind
from campaigns.release import workflow
from tests.coordinator.web.application import RunningApplication
from tests.factories import APPROVER, DELIVERY_MODES, WRITER

BODY = bytes(range(256)) * 40
WORDS = "Ba mươi trạm y tế mở cửa từ bảy giờ rưỡi sáng đến bốn giờ chiều mọi ngày trong tuần này."


def test_a_video_is_had_by_range_once_it_is_out_and_is_gone_after_a_recall(outside_both: RunningApplication) -> None:
    outside = outside_both
    digest, key = outside.office.store.keep(BODY)
    facts = MediaItem(
        ident="", kind=MediaKind.VIDEO, sha256=digest, mime="video/mp4", length=len(BODY), width=1080, height=1920,
        seconds=12.5,
    )  # fmt: skip
    with outside.database.write() as session:
        now = outside.office.now()
        row = media.add_media(session, WRITER, facts, key=key, name="tiêm.mp4", now=now)
        item = replace(media.kept_items(session, [row.ident])[row.ident], alt="Y tá tiêm", text=WORDS)
        code = drafts.create(
            session, WRITER, BulletinText("Lịch tiêm", "", "", "", media=(item,)), topic="dich-benh", now=now
        ).code
        workflow.submit(session, WRITER, code, now=now)
    path = f"/media/{item.ident}.{item.suffix}"
    outside.get(path, 404)
    outside.get(f"/media/{'f' * 32}.mp4", 404)
    with outside.database.write() as session:
        now = outside.office.now()
        revision = find_bulletin(session, code).revision(1)
        workflow.approve(session, APPROVER, code, revision.hash, DELIVERY_MODES, now=now)
        workflow.publish(session, APPROVER, code, DELIVERY_MODES, now=now)
    whole = outside.get(path)
    assert hashlib.sha256(whole.data).hexdigest() == digest
    assert (whole.content_type, whole.headers["Accept-Ranges"]) == ("video/mp4", "bytes")
    assert whole.headers["Cache-Control"] == "public, no-cache"
    assert whole.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Set-Cookie" not in whole.headers
    part = outside.get(path, 206, Range="bytes=100-199")
    assert part.data == BODY[100:200]
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(BODY)}"
    assert outside.get(path, 206, Range="bytes=-10").data == BODY[-10:]
    outside.get(path, 416, Range=f"bytes={len(BODY)}-")
    outside.get(path, 304, If_None_Match=whole.headers["ETag"])
    outside.get(f"/media/{item.ident}.mp3", 404)
    assert WORDS in outside.get(f"/bulletins/{code}.txt").text
    outside.recall(code)
    outside.get(path, 410)
