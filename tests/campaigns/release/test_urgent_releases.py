"""Urgent releases: marked, waiting for review, and reviewed by a person who neither wrote nor signed the text."""

import pytest
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, BulletinState
from campaigns.core import journal
from campaigns.core.errors import Conflict, Forbidden, Invalid
from campaigns.people.keys import add_key
from campaigns.people.staff import Actor, Role, add_person
from campaigns.release import urgent_releases
from campaigns.release.urgent_releases import ReviewOutcome
from tests import factories
from tests.factories import APPROVER, DELIVERY_MODES, NOW, WRITER

SECOND = Actor("thu@so.example", "Minh Thư", Role.APPROVER)


def go(
    session: Session, bulletin: Bulletin, actor: Actor = APPROVER, reason: str = "Mưa lớn trong một giờ tới"
) -> None:
    text = bulletin.revision(bulletin.latest)
    urgent_releases.publish_urgent(session, actor, bulletin.code, text.hash, reason, DELIVERY_MODES, now=NOW)


def test_an_approver_releases_their_own_draft_and_it_waits_for_a_second_person(session: Session) -> None:
    bulletin = factories.draft(session, writer=APPROVER)
    factories.channel(session)
    go(session, bulletin)
    assert (bulletin.state, bulletin.released) == (BulletinState.PUBLISHED, 1)
    [(waiting, code, _title)] = urgent_releases.awaiting_review(session)
    assert (code, waiting.signer_name, waiting.reason) == (bulletin.code, "Quốc Bảo", "Mưa lớn trong một giờ tới")
    session.commit()
    acts = [entry.act for entry in journal.history(session, "bulletin", bulletin.code)]
    assert acts == ["bulletin.written", "bulletin.urgent", "bulletin.published"]


def test_the_second_person_is_neither_the_writer_nor_the_signer(session: Session) -> None:
    bulletin = factories.draft(session, writer=SECOND)
    go(session, bulletin)
    for actor in (APPROVER, SECOND):
        with pytest.raises(Forbidden) as refused:
            urgent_releases.review_urgent(session, actor, bulletin.code, ReviewOutcome.IN_ORDER, "", now=NOW)
        assert refused.value.code == "own_bulletin"
    third = Actor("hai@so.example", "Hải", Role.APPROVER)
    add_person(
        session, "cli", email=SECOND.id, name="", role=Role.APPROVER, password_hash=None, uniquifier="a", now=NOW
    )
    program = add_key(session, "cli", name="máy", role=Role.APPROVER, now=NOW).row.actor
    with pytest.raises(Forbidden) as refused:
        urgent_releases.review_urgent(session, program, bulletin.code, ReviewOutcome.IN_ORDER, "", now=NOW)
    assert refused.value.code == "key_without_person"
    with pytest.raises(Invalid):
        urgent_releases.review_urgent(session, third, bulletin.code, ReviewOutcome.OBJECTION, " ", now=NOW)
    urgent_releases.review_urgent(session, third, bulletin.code, ReviewOutcome.OBJECTION, "Sai tên phường", now=NOW)
    assert urgent_releases.awaiting_review(session) == []
    with pytest.raises(Conflict):
        urgent_releases.review_urgent(session, third, bulletin.code, ReviewOutcome.IN_ORDER, "", now=NOW)


def test_it_names_the_text_and_a_reason_and_is_for_approvers_alone(session: Session) -> None:
    bulletin = factories.draft(session)
    with pytest.raises(Forbidden):
        go(session, bulletin, WRITER)
    with pytest.raises(Invalid) as invalid:
        go(session, bulletin, reason="  ")
    assert [error.field for error in invalid.value.errors] == ["reason"]
    with pytest.raises(Conflict) as changed:
        urgent_releases.publish_urgent(session, APPROVER, bulletin.code, "0" * 64, "Gấp", DELIVERY_MODES, now=NOW)
    assert changed.value.code == "text_changed"
    assert bulletin.state is BulletinState.DRAFT
    go(session, bulletin)
    with pytest.raises(Conflict) as again:
        go(session, bulletin)
    assert again.value.code == "wrong_state"
