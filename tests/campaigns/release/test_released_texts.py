"""A released text, its author or its approval that was changed past the product is found."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Approval
from campaigns.release import workflow
from campaigns.release.released_texts import verify_record
from tests.factories import APPROVER, DELIVERY_MODES, NOW, published, text

REWRITES = {
    "title": "UPDATE revisions SET title = 'Tiêu đề khác' WHERE number = 1",
    "lead": "UPDATE revisions SET lead = 'Sapo khác'",
    "body": "UPDATE revisions SET body_html = '<p>Khác</p>' WHERE number = 2",
    "note of the correction": "UPDATE revisions SET note = 'khác' WHERE number = 2",
    "topic": "UPDATE revisions SET topic_code = 'an-ninh-quoc-phong'",
    "source": "UPDATE revisions SET source_url = 'https://khac.example/'",
    "author": "UPDATE revisions SET author = 'khac@so.example' WHERE number = 1",
    "hash": "UPDATE revisions SET hash = 'x' WHERE number = 1",
    "text with its hash": "UPDATE revisions SET title = (SELECT title FROM revisions WHERE number = 2), "
    "hash = (SELECT hash FROM revisions WHERE number = 2) WHERE number = 1",
    "approver": "UPDATE approvals SET approver = 'khac@so.example'",
    "approved text": "UPDATE approvals SET revision_hash = 'x'",
    "approved revision": "UPDATE approvals SET revision = 2",
    "approval removed": "DELETE FROM approvals",
    "released revision set back": "UPDATE bulletins SET released = 1",
    "approval added": "INSERT INTO approvals (bulletin_id, revision, revision_hash, approver, approver_name, at) "
    "SELECT bulletin_id, 2, revision_hash, approver, approver_name, at FROM approvals",
}


@pytest.fixture
def record(session: Session) -> Session:
    bulletin = published(session)
    workflow.correct(session, APPROVER, bulletin.code, text("Tiêu đề mới"), "sửa tiêu đề", DELIVERY_MODES, now=NOW)
    session.commit()
    return session


def test_an_untouched_record_holds(record: Session) -> None:
    check = verify_record(record)
    assert (check.broken, check.bulletins, check.unnamed) == (None, 1, 0)
    assert record.execute(sa.select(sa.func.count()).select_from(Approval)).scalar_one() == 1


@pytest.mark.parametrize("statement", REWRITES.values(), ids=REWRITES.keys())
def test_a_rewrite_of_what_was_released_is_found(record: Session, statement: str) -> None:
    assert record.execute(sa.text(statement)).rowcount  # type: ignore[attr-defined]
    record.flush()
    broken = verify_record(record).broken
    assert broken is not None
    assert "BT-2026-11-24-001" in broken.why
