"""Out with one signature: marked, waiting for a second person, and closed by one who neither wrote nor signed it."""

import pytest
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.errors import Conflict, Forbidden, Invalid
from campaigns.people.staff import Actor, Role
from campaigns.publishing import urgent
from campaigns.publishing.bulletins import Bulletin, State
from campaigns.publishing.urgent import Review
from tests import factories
from tests.factories import APPROVER, NATURES, NOW, WRITER

SECOND = Actor("thu@so.example", "Minh Thư", Role.APPROVER)


def go(
    session: Session, bulletin: Bulletin, actor: Actor = APPROVER, reason: str = "Mưa lớn trong một giờ tới"
) -> None:
    text = bulletin.revision(bulletin.latest)
    urgent.publish_urgent(session, actor, bulletin.code, text.hash, reason, NATURES, now=NOW)


def test_an_approver_releases_their_own_draft_and_it_waits_for_a_second_person(session: Session) -> None:
    bulletin = factories.draft(session, writer=APPROVER)
    factories.channel(session)
    go(session, bulletin)
    assert (bulletin.state, bulletin.released) == (State.PUBLISHED, 1)
    [(waiting, code, _title)] = urgent.waiting(session)
    assert (code, waiting.signer_name, waiting.reason) == (bulletin.code, "Quốc Bảo", "Mưa lớn trong một giờ tới")
    session.commit()
    acts = [entry.act for entry in journal.history(session, "bulletin", bulletin.code)]
    assert acts == ["bulletin.written", "bulletin.urgent", "bulletin.published"]


def test_the_second_person_is_neither_the_writer_nor_the_signer(session: Session) -> None:
    bulletin = factories.draft(session, writer=SECOND)
    go(session, bulletin)
    for actor in (APPROVER, SECOND):
        with pytest.raises(Forbidden) as refused:
            urgent.review(session, actor, bulletin.code, Review.IN_ORDER, "", now=NOW)
        assert refused.value.code == "own_bulletin"
    third = Actor("hai@so.example", "Hải", Role.APPROVER)
    with pytest.raises(Invalid):
        urgent.review(session, third, bulletin.code, Review.OBJECTION, " ", now=NOW)
    urgent.review(session, third, bulletin.code, Review.OBJECTION, "Sai tên phường", now=NOW)
    assert urgent.waiting(session) == []
    with pytest.raises(Conflict):
        urgent.review(session, third, bulletin.code, Review.IN_ORDER, "", now=NOW)


def test_it_names_the_text_and_a_reason_and_is_for_approvers_alone(session: Session) -> None:
    bulletin = factories.draft(session)
    with pytest.raises(Forbidden):
        go(session, bulletin, WRITER)
    with pytest.raises(Invalid) as invalid:
        go(session, bulletin, reason="  ")
    assert [error.field for error in invalid.value.errors] == ["reason"]
    with pytest.raises(Conflict) as changed:
        urgent.publish_urgent(session, APPROVER, bulletin.code, "0" * 64, "Gấp", NATURES, now=NOW)
    assert changed.value.code == "text_changed"
    assert bulletin.state is State.DRAFT
    go(session, bulletin)
    with pytest.raises(Conflict) as again:
        go(session, bulletin)
    assert again.value.code == "wrong_state"
