"""A bulletin that is out with a poster, a video with captions, an audio and a document."""

from dataclasses import dataclass, replace

from campaigns.bulletins import drafts, media
from campaigns.bulletins.bulletins import find_bulletin
from campaigns.bulletins.drafts import BulletinText
from campaigns.bulletins.media import MediaItem, MediaKind
from campaigns.release import workflow
from coordinator.jobs.bulletins.pictures import store_picture
from coordinator.jobs.context import JobContext
from tests import drawn_pictures, sample_media
from tests.factories import APPROVER, DELIVERY_MODES, WRITER

SPOKEN = "Mời bà con đưa trẻ đến trạm y tế trong tuần này."
ON_POSTER = "TIÊM CHỦNG MIỄN PHÍ\nTừ 7 giờ 30 đến 16 giờ mọi ngày trong tuần."
BODY = "Ba mươi trạm y tế mở thêm buổi chiều từ thứ hai."


@dataclass(frozen=True)
class PublishedMedia:
    """The code of the bulletin, and its media by kind."""

    code: str
    items: dict[str, MediaItem]


def publish_with_media(
    context: JobContext, *, video: bytes = b"\x00video" * 500, audio: bytes = b"\x00audio" * 300
) -> PublishedMedia:
    """Publish one. The bytes of video and audio are not looked at; give real ones where they are to be played."""
    poster, posted = (
        store_picture(context, WRITER, drawn_pictures.jpeg(drawn_pictures.photograph(number)), f"anh-{number}.jpg")
        for number in (1, 2)
    )
    files = {
        "video": (MediaKind.VIDEO, "video/mp4", video, 320, 240, 3.0),
        "audio": (MediaKind.AUDIO, "audio/mpeg", audio, 0, 0, 3.0),
        "document": (MediaKind.DOCUMENT, "application/pdf", b"%PDF-1.7 ke hoach", 0, 0, 0.0),
        "captions": (MediaKind.CAPTIONS, "text/vtt", sample_media.CAPTIONS.encode(), 0, 0, 0.0),
    }
    idents = {}
    with context.database.write() as session:
        now = context.now()
        for name, (kind, mime, body, width, height, seconds) in files.items():
            digest, key = context.store.keep(body)
            facts = MediaItem(
                ident="", kind=kind, sha256=digest, mime=mime, length=len(body), width=width, height=height,
                seconds=seconds,
            )  # fmt: skip
            idents[name] = media.add_media(session, WRITER, facts, key=key, name=name, now=now).ident
        kept = media.kept_items(session, [*idents.values(), poster.ident, posted.ident])
        items = {
            "picture": replace(kept[posted.ident], alt="Áp phích tiêm chủng", text=ON_POSTER),
            "video": replace(
                kept[idents["video"]], alt="Y tá tiêm cho trẻ", text=sample_media.TRANSCRIPT,
                poster=kept[poster.ident], captions=kept[idents["captions"]],
            ),
            "audio": replace(kept[idents["audio"]], alt="Bản tin loa phường", text=SPOKEN),
            "document": replace(kept[idents["document"]], alt="Kế hoạch tiêm"),
        }  # fmt: skip
        text = BulletinText("Lịch tiêm có video", "Sa-pô.", f"<p>{BODY}</p>", BODY, media=tuple(items.values()))
        code = drafts.create(session, WRITER, text, topic="dich-benh", now=now).code
        workflow.submit(session, WRITER, code, now=now)
        digest = find_bulletin(session, code).revision(1).hash
        workflow.approve(session, APPROVER, code, digest, DELIVERY_MODES, now=now)
        workflow.publish(session, APPROVER, code, DELIVERY_MODES, now=now)
    return PublishedMedia(code, items)
