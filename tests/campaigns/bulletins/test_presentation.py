"""Cover and words for channels: part of the revision, of its hash and so of what an approval covers."""

import pytest
from sqlalchemy.orm import Session

from campaigns.bulletins import drafts, pictures
from campaigns.bulletins.bulletins import BulletinState, Filing, text_hash
from campaigns.bulletins.drafts import BulletinText
from campaigns.bulletins.pictures import Picture, is_public
from campaigns.bulletins.presentation import LONGEST_ALT, Cover, Presentation, Variant, from_json, to_json
from campaigns.core.errors import Conflict, Invalid
from campaigns.release import workflow
from tests import factories
from tests.factories import APPROVER, DELIVERY_MODES, NOW, WRITER


def picture(session: Session, digest: str = "a") -> Picture:
    """A kept picture of the file with this digest."""
    return pictures.add_picture(
        session, WRITER, digest=digest, key="aa/" + "a" * 64 + ".gz", mime="image/jpeg", size=(1200, 800), length=9,
        focus=(0.5, 0.5), cuts={}, name="anh.jpg", now=NOW,
    )  # fmt: skip


def text_with(presentation: Presentation | None, title: str = "Lịch tiêm") -> BulletinText:
    return BulletinText(title, "Tiêm miễn phí.", "<p>Một.</p>", "Một.", presentation)


def test_the_hash_names_each_part_that_readers_and_receivers_get() -> None:
    bare = Filing("dich-benh")
    known = text_hash("a", "b", "c", filing=bare)
    assert text_hash("a", "b", "c", to_json(Presentation()), filing=bare) == known
    others = [
        text_hash("x", "b", "c", filing=bare),
        text_hash("a", "x", "c", filing=bare),
        text_hash("a", "b", "x", filing=bare),
        text_hash("a", "b", "c", to_json(Presentation(Cover("0" * 32, "x"))), filing=bare),
        text_hash("a", "b", "c", to_json(Presentation(variants={"zalo": Variant(title="x")})), filing=bare),
        text_hash("a", "b", "c", filing=Filing("kinh-te-xa-hoi")),
        text_hash("a", "b", "c", filing=Filing("dich-benh", "ke-hoach")),
        text_hash("a", "b", "c", filing=Filing("dich-benh", source_url="https://x.example")),
        text_hash("a", "b", "c", filing=Filing("dich-benh", channels=())),
        text_hash("a", "b", "c", filing=Filing("dich-benh", channels=("zalo",))),
        text_hash("a", "b", "c", filing=bare, note="x"),
    ]
    assert len({known, *others}) == len(others) + 1
    assert text_hash("a", "b", "c", filing=Filing("t", channels=("k", "h"))) == text_hash(
        "a", "b", "c", filing=Filing("t", channels=("h", "k"))
    )
    assert to_json(Presentation(None, {"kenh-1": Variant()})) is None


def test_what_a_text_wears_survives_storing() -> None:
    presentation = Presentation(
        Cover("a" * 32, "Y tá"), {"kenh-1": Variant("Ngắn", "", "Một.\n\nHai."), "kenh-2": Variant()}
    )
    again = from_json(to_json(presentation))
    assert (again.cover, again.for_channel("kenh-1")) == (presentation.cover, Variant("Ngắn", "", "Một.\n\nHai."))
    assert again.for_channel("kenh-2") == Variant()


def test_other_words_for_one_channel_void_the_approval(session: Session) -> None:
    channel = factories.channel(session)
    bulletin = factories.approved(session)
    before = bulletin.revision(bulletin.latest)
    text = BulletinText(before.title, before.lead, before.body_html, before.body_text)
    assert workflow.revise(session, WRITER, bulletin.code, text, now=NOW).state is BulletinState.APPROVED
    text = BulletinText(
        text.title, text.lead, text.body_html, text.body_text, Presentation(None, {channel.code: Variant("Ngắn")})
    )
    workflow.revise(session, WRITER, bulletin.code, text, now=NOW)
    assert (bulletin.state, bulletin.approved, bulletin.latest) == (BulletinState.DRAFT, None, 2)
    assert bulletin.revision(2).hash != before.hash


def test_a_change_of_words_alone_keeps_what_the_text_wears(session: Session) -> None:
    shown = picture(session)
    bulletin = drafts.create(
        session, WRITER, text_with(Presentation(Cover(shown.ident, "Y tá"))), topic="dich-benh", now=NOW
    )
    workflow.revise(session, WRITER, bulletin.code, text_with(None, "Lịch tiêm nhắc"), now=NOW)
    assert from_json(bulletin.revision(2).presentation).cover == Cover(shown.ident, "Y tá")
    workflow.revise(session, WRITER, bulletin.code, text_with(Presentation(), "Lịch tiêm nhắc"), now=NOW)
    assert bulletin.revision(3).presentation is None


def test_pictures_and_channels_have_to_exist_and_lengths_are_held(session: Session) -> None:
    presentation = Presentation(Cover("f" * 32, "x" * (LONGEST_ALT + 1)), {"khong-co": Variant("Tiêu đề")})
    with pytest.raises(Invalid) as invalid:
        drafts.create(session, WRITER, text_with(presentation), topic="dich-benh", now=NOW)
    assert {(error.field, error.code) for error in invalid.value.errors} == {
        ("cover_alt", "too_long"),
        ("cover", "unknown_picture"),
        ("variants.khong-co.title", "unknown_channel"),
    }


def test_outsiders_see_a_picture_exactly_while_the_text_that_is_out_shows_it(session: Session) -> None:
    shown, other = picture(session), picture(session, "b")
    body = f'<p>Một.</p><img src="https://so.example/pictures/{other.ident}.jpg" alt="Ảnh">'
    text = BulletinText("Lịch tiêm", "", body, "Một.", Presentation(Cover(shown.ident, "Y tá")))
    bulletin = drafts.create(session, WRITER, text, topic="dich-benh", now=NOW)
    workflow.submit(session, WRITER, bulletin.code, now=NOW)
    workflow.approve(session, APPROVER, bulletin.code, bulletin.revision(1).hash, DELIVERY_MODES, now=NOW)
    assert not is_public(session, shown, now=NOW)
    workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, now=NOW)
    moment = bulletin.changed_at or NOW
    assert is_public(session, shown, now=moment)
    assert is_public(session, other, now=moment)
    without = BulletinText("Lịch tiêm", "", "<p>Một.</p>", "Một.")
    workflow.correct(session, APPROVER, bulletin.code, without, "Bỏ ảnh", DELIVERY_MODES, now=moment)
    assert not is_public(session, other, now=bulletin.changed_at or NOW)
    assert is_public(session, shown, now=bulletin.changed_at or NOW)
    workflow.recall(session, APPROVER, bulletin.code, "Sai", DELIVERY_MODES, now=bulletin.changed_at or NOW)
    assert not is_public(session, shown, now=bulletin.changed_at or NOW)


def test_a_correction_that_changes_the_cover_alone_is_a_correction(session: Session) -> None:
    bulletin = factories.published(session)
    out = bulletin.revision(1)
    text = BulletinText(out.title, out.lead, out.body_html, out.body_text)
    with pytest.raises(Conflict) as same:
        workflow.correct(session, APPROVER, bulletin.code, text, "Không đổi gì", DELIVERY_MODES, now=NOW)
    assert same.value.code == "nothing_changed"
    text = BulletinText(
        out.title, out.lead, out.body_html, out.body_text, Presentation(Cover(picture(session).ident, "Y tá"))
    )
    workflow.correct(session, APPROVER, bulletin.code, text, "Thêm ảnh", DELIVERY_MODES, now=NOW)
    assert bulletin.released == 2
