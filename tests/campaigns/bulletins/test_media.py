"""Media of a text: frozen in its revision, hashed with it, and counted by their words."""

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from campaigns.bulletins import drafts, media
from campaigns.bulletins.bulletins import RevisionPart, changed_parts
from campaigns.bulletins.drafts import BulletinText
from campaigns.bulletins.media import MediaFile, MediaItem, MediaKind, is_media_public
from campaigns.core.errors import Conflict, Invalid
from campaigns.matching.fingerprint_index import prepare_revision
from campaigns.release import workflow
from tests.campaigns.bulletins.test_presentation import picture
from tests.factories import APPROVER, DELIVERY_MODES, NOW, WRITER

WORDS = "Ba mươi trạm y tế mở cửa từ bảy giờ rưỡi sáng đến bốn giờ chiều mọi ngày trong tuần này."
VIDEO = MediaItem(
    ident="", kind=MediaKind.VIDEO, sha256="a" * 64, mime="video/mp4", length=9000, width=1080, height=1920,
    seconds=12.5,
)  # fmt: skip


def kept(session: Session, facts: MediaItem = VIDEO) -> MediaItem:
    """A kept file, as a medium without words."""
    row = media.add_media(session, WRITER, facts, key=f"aa/{facts.sha256}.gz", name="tệp", now=NOW)
    return media.kept_items(session, [row.ident])[row.ident]


def row_of(session: Session, item: MediaItem) -> MediaFile:
    return media.find_media(session, item.ident)


def text_with(*items: MediaItem, body: str = "") -> BulletinText:
    return BulletinText("Lịch tiêm", "", f"<p>{body}</p>" if body else "", body, media=items)


def fields_of(invalid: pytest.ExceptionInfo[Invalid]) -> set[tuple[str, str]]:
    return {(error.field, error.code) for error in invalid.value.errors}


def test_what_is_stored_is_read_again_as_it_was(session: Session) -> None:
    captions = kept(session, replace(VIDEO, kind=MediaKind.CAPTIONS, sha256="c" * 64, mime="text/vtt", seconds=0.0))
    poster = media.kept_items(session, [picture(session).ident]).popitem()[1]
    item = replace(kept(session), alt="Y tá tiêm", text=WORDS, poster=poster, captions=captions)
    bulletin = drafts.create(session, WRITER, text_with(item, body="Mời bà con xem."), topic="dich-benh", now=NOW)
    revision = bulletin.revision(1)
    session.expire(revision)
    assert media.from_json(revision.media) == (item,)
    assert drafts.text_of(revision).media == (item,)
    assert drafts.text_of(revision).body_text == "Mời bà con xem."


def test_the_words_of_media_are_the_bulletins_text(session: Session) -> None:
    item = replace(kept(session), alt="Y tá tiêm", text=WORDS)
    bulletin = drafts.create(session, WRITER, text_with(item), topic="dich-benh", now=NOW)
    revision = bulletin.revision(1)
    assert revision.body_text == WORDS
    bare = drafts.create(session, WRITER, text_with(), topic="dich-benh", now=NOW).revision(1)
    assert len(prepare_revision(revision).cover) > len(prepare_revision(bare).cover)


def test_a_poster_without_its_words_is_not_submitted_and_with_them_needs_no_body(session: Session) -> None:
    poster = replace(media.kept_items(session, [picture(session).ident]).popitem()[1], alt="Lịch tiêm")
    bulletin = drafts.create(session, WRITER, text_with(poster), topic="dich-benh", now=NOW)
    with pytest.raises(Invalid) as invalid:
        workflow.submit(session, WRITER, bulletin.code, now=NOW)
    assert fields_of(invalid) == {("body_html", "required")}
    workflow.revise(session, WRITER, bulletin.code, text_with(replace(poster, text=WORDS)), now=NOW)
    workflow.submit(session, WRITER, bulletin.code, now=NOW)


def test_a_video_needs_its_description_and_transcript_beside_any_body(session: Session) -> None:
    bulletin = drafts.create(session, WRITER, text_with(kept(session), body=WORDS), topic="dich-benh", now=NOW)
    with pytest.raises(Invalid) as invalid:
        workflow.submit(session, WRITER, bulletin.code, now=NOW)
    assert fields_of(invalid) == {("media.0.alt", "required"), ("media.0.text", "required")}


def test_another_file_and_another_transcript_need_another_approval(session: Session) -> None:
    first = replace(kept(session), alt="Y tá tiêm", text=WORDS)
    other = replace(kept(session, replace(VIDEO, sha256="b" * 64)), alt="Y tá tiêm", text=WORDS)
    bulletin = drafts.create(session, WRITER, text_with(first), topic="dich-benh", now=NOW)
    workflow.submit(session, WRITER, bulletin.code, now=NOW)
    for item in (other, replace(first, text=f"{WORDS} Miễn phí.")):
        workflow.revise(session, WRITER, bulletin.code, text_with(item), now=NOW)
        before, after = bulletin.revision(bulletin.latest - 1), bulletin.revision(bulletin.latest)
        assert changed_parts(before, after) == (RevisionPart.MEDIA,)
        assert before.hash != after.hash
        assert bulletin.approved is None


def test_a_text_that_says_nothing_of_media_keeps_them_and_the_same_text_adds_no_revision(session: Session) -> None:
    item = replace(kept(session), alt="Y tá tiêm", text=WORDS)
    bulletin = drafts.create(session, WRITER, text_with(item, body="Một."), topic="dich-benh", now=NOW)
    workflow.revise(session, WRITER, bulletin.code, BulletinText("Lịch tiêm", "", "<p>Một.</p>", "Một."), now=NOW)
    assert bulletin.latest == 1
    workflow.revise(session, WRITER, bulletin.code, BulletinText("Lịch tiêm", "", "<p>Hai.</p>", "Hai."), now=NOW)
    assert media.from_json(bulletin.revision(2).media) == (item,)
    assert bulletin.revision(2).body_text == f"Hai.\n\n{WORDS}"
    workflow.revise(session, WRITER, bulletin.code, text_with(body="Hai."), now=NOW)
    assert (bulletin.revision(3).media, bulletin.revision(3).body_text) == (None, "Hai.")


def test_a_medium_has_to_be_kept_as_the_text_says(session: Session) -> None:
    item, captions = kept(session), replace(VIDEO, kind=MediaKind.CAPTIONS, sha256="c" * 64, mime="text/vtt")
    bad = [
        (replace(item, ident="f" * 32), "media.0"),
        (replace(item, sha256="f" * 64), "media.0"),
        (kept(session, captions), "media.0"),
        (replace(item, poster=item), "media.0.poster"),
        (replace(item, captions=item), "media.0.captions"),
    ]
    for wrong, field in bad:
        with pytest.raises(Invalid) as invalid:
            drafts.create(session, WRITER, text_with(wrong), topic="dich-benh", now=NOW)
        assert fields_of(invalid) == {(field, "unknown_media")}
    long = replace(item, alt="x" * 301, text="x" * 20_001)
    with pytest.raises(Invalid) as invalid:
        drafts.create(session, WRITER, text_with(*[long] * 11), topic="dich-benh", now=NOW)
    assert {("media", "too_many"), ("media.10.alt", "too_long"), ("media.10.text", "too_long")} <= fields_of(invalid)


def test_the_same_file_twice_is_one(session: Session) -> None:
    assert kept(session) == kept(session)


def test_outsiders_have_a_file_exactly_while_the_text_that_is_out_shows_it(session: Session) -> None:
    item = replace(kept(session), alt="Y tá tiêm", text=WORDS)
    row = row_of(session, item)
    bulletin = drafts.create(session, WRITER, text_with(item), topic="dich-benh", now=NOW)
    workflow.submit(session, WRITER, bulletin.code, now=NOW)
    workflow.approve(session, APPROVER, bulletin.code, bulletin.revision(1).hash, DELIVERY_MODES, now=NOW)
    assert not is_media_public(session, row, now=NOW)
    workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, now=NOW)
    assert is_media_public(session, row, now=bulletin.changed_at or NOW)
    same = drafts.text_of(bulletin.revision(1))
    with pytest.raises(Conflict) as nothing:
        workflow.correct(session, APPROVER, bulletin.code, same, "Sửa", DELIVERY_MODES, now=NOW)
    assert nothing.value.code == "nothing_changed"
    other = text_with(body=WORDS)
    workflow.correct(
        session, APPROVER, bulletin.code, other, "Bỏ video", DELIVERY_MODES, now=bulletin.changed_at or NOW
    )
    assert not is_media_public(session, row, now=bulletin.changed_at or NOW)
