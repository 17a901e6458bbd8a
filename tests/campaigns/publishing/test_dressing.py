"""Cover and words for channels: part of the revision, of its hash and so of what an approval covers."""

import pytest
from sqlalchemy.orm import Session

from campaigns.core.errors import Conflict, Invalid
from campaigns.publishing import drafting, pictures, workflow
from campaigns.publishing.bulletins import State, text_hash
from campaigns.publishing.drafting import Text
from campaigns.publishing.dressing import LONGEST_ALT, Cover, Dress, Variant, of_json, to_json
from campaigns.publishing.pictures import Picture, seen_outside
from tests import factories
from tests.factories import APPROVER, NATURES, NOW, WRITER


def picture(session: Session) -> Picture:
    """A kept picture."""
    return pictures.add_picture(
        session, WRITER, key="aa/" + "a" * 64 + ".gz", mime="image/jpeg", size=(1200, 800), length=9, focus=(0.5, 0.5),
        cuts={}, name="anh.jpg", now=NOW,
    )  # fmt: skip


def dressed(dress: Dress | None, title: str = "Lịch tiêm") -> Text:
    return Text(title, "Tiêm miễn phí.", "<p>Một.</p>", "Một.", dress)


def test_a_bare_text_has_the_hash_it_always_had() -> None:
    # Of the JSON array of title, lead and body: what approvals of earlier versions name.
    assert text_hash("a", "b", "c") == "fa1844c2988ad15ab7b49e0ece09684500fad94df916859fb9a43ff85f5bb477"
    assert text_hash("a", "b", "c", to_json(Dress())) == text_hash("a", "b", "c")
    assert to_json(Dress(None, {"kenh-1": Variant()})) is None


def test_what_a_text_wears_survives_storing() -> None:
    dress = Dress(Cover("a" * 32, "Y tá"), {"kenh-1": Variant("Ngắn", "", "Một.\n\nHai."), "kenh-2": Variant()})
    again = of_json(to_json(dress))
    assert (again.cover, again.for_channel("kenh-1")) == (dress.cover, Variant("Ngắn", "", "Một.\n\nHai."))
    assert again.for_channel("kenh-2") == Variant()


def test_other_words_for_one_channel_void_the_approval(session: Session) -> None:
    channel = factories.channel(session)
    bulletin = factories.approved(session)
    before = bulletin.revision(bulletin.latest)
    text = Text(before.title, before.lead, before.body_html, before.body_text)
    assert drafting.revise(session, WRITER, bulletin.code, text, now=NOW).state is State.APPROVED
    worn = Text(text.title, text.lead, text.body_html, text.body_text, Dress(None, {channel.code: Variant("Ngắn")}))
    drafting.revise(session, WRITER, bulletin.code, worn, now=NOW)
    assert (bulletin.state, bulletin.approved, bulletin.latest) == (State.DRAFT, None, 2)
    assert bulletin.revision(2).hash != before.hash


def test_a_change_of_words_alone_keeps_what_the_text_wears(session: Session) -> None:
    shown = picture(session)
    bulletin = drafting.create(session, WRITER, dressed(Dress(Cover(shown.ident, "Y tá"))), topic="dich-benh", now=NOW)
    drafting.revise(session, WRITER, bulletin.code, dressed(None, "Lịch tiêm nhắc"), now=NOW)
    assert of_json(bulletin.revision(2).dress).cover == Cover(shown.ident, "Y tá")
    drafting.revise(session, WRITER, bulletin.code, dressed(Dress(), "Lịch tiêm nhắc"), now=NOW)
    assert bulletin.revision(3).dress is None


def test_pictures_and_channels_have_to_exist_and_lengths_are_held(session: Session) -> None:
    dress = Dress(Cover("f" * 32, "x" * (LONGEST_ALT + 1)), {"khong-co": Variant("Tiêu đề")})
    with pytest.raises(Invalid) as invalid:
        drafting.create(session, WRITER, dressed(dress), topic="dich-benh", now=NOW)
    assert {(error.field, error.code) for error in invalid.value.errors} == {
        ("cover_alt", "too_long"),
        ("cover", "unknown_picture"),
        ("variants.khong-co.title", "unknown_channel"),
    }


def test_outsiders_see_a_picture_exactly_while_the_text_that_is_out_shows_it(session: Session) -> None:
    shown, other = picture(session), picture(session)
    body = f'<p>Một.</p><img src="https://so.example/pictures/{other.ident}.jpg" alt="Ảnh">'
    text = Text("Lịch tiêm", "", body, "Một.", Dress(Cover(shown.ident, "Y tá")))
    bulletin = drafting.create(session, WRITER, text, topic="dich-benh", now=NOW)
    workflow.submit(session, WRITER, bulletin.code, now=NOW)
    workflow.approve(session, APPROVER, bulletin.code, bulletin.revision(1).hash, NATURES, now=NOW)
    assert not seen_outside(session, shown, now=NOW)
    workflow.publish(session, APPROVER, bulletin.code, NATURES, now=NOW)
    moment = bulletin.changed_at or NOW
    assert seen_outside(session, shown, now=moment)
    assert seen_outside(session, other, now=moment)
    without = Text("Lịch tiêm", "", "<p>Một.</p>", "Một.")
    workflow.correct(session, APPROVER, bulletin.code, without, "Bỏ ảnh", NATURES, now=moment)
    assert not seen_outside(session, other, now=bulletin.changed_at or NOW)
    assert seen_outside(session, shown, now=bulletin.changed_at or NOW)
    workflow.recall(session, APPROVER, bulletin.code, "Sai", NATURES, now=bulletin.changed_at or NOW)
    assert not seen_outside(session, shown, now=bulletin.changed_at or NOW)


def test_a_correction_that_changes_the_cover_alone_is_a_correction(session: Session) -> None:
    bulletin = factories.published(session)
    out = bulletin.revision(1)
    text = Text(out.title, out.lead, out.body_html, out.body_text)
    with pytest.raises(Conflict) as same:
        workflow.correct(session, APPROVER, bulletin.code, text, "Không đổi gì", NATURES, now=NOW)
    assert same.value.code == "nothing_changed"
    worn = Text(out.title, out.lead, out.body_html, out.body_text, Dress(Cover(picture(session).ident, "Y tá")))
    workflow.correct(session, APPROVER, bulletin.code, worn, "Thêm ảnh", NATURES, now=NOW)
    assert bulletin.released == 2
