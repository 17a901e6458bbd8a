"""A partner's editors get a mail when a finding waits for their answer, through a real mail server."""

import pytest
import sqlalchemy as sa

from campaigns.compliance import finding_workflow
from campaigns.compliance.findings import Finding
from campaigns.partners.editors import add_editor, change_editor
from campaigns.people.staff import Role
from coordinator.jobs.compliance.finding_mail import queue_finding_mail
from tests import factories
from tests.campaigns.compliance.made_findings import proposed
from tests.coordinator.web.auth.test_account_mail import MailingOffice, mailing
from tests.coordinator.web.signed_in import client_of_role, csrf_token
from tests.factories import ADMIN, ANALYST

__all__ = ["mailing"]  # a fixture of another module


@pytest.fixture
def public(mailing: MailingOffice) -> str:
    """A finding about a site whose partner has two editors, one of them disabled."""
    now = mailing.outside.office.now()
    with mailing.outside.database.write() as session:
        company = factories.company(session, "Công ty Nhịp Sông")
        add_editor(session, ADMIN, company, email="lan@nhipsong.vn", name="Ngọc Lan", now=now)
        off = add_editor(session, ADMIN, company, email="cu@nhipsong.vn", name="Người Cũ", now=now)
        change_editor(session, ADMIN, off, active=False, now=now)
        return proposed(session, "R1", factories.site(session, company, "https://nhipsong.example/"), at=now).public


def test_asking_a_partner_writes_to_its_editors_who_may_enter(mailing: MailingOffice, public: str) -> None:
    client = client_of_role(mailing.outside, Role.ANALYST)
    form = {"csrf_token": csrf_token(mailing.outside, client), "turn": "0", "reply_by": "31/12/2099"}
    assert client.post(f"/desk/compliance/{public}/ask", data=form).status_code == 303
    assert mailing.send() == 1
    (letter,) = mailing.box.letters
    assert letter["To"] == "lan@nhipsong.vn"
    assert "Công ty Nhịp Sông trả lời" in letter["Subject"]
    text = mailing.box.text()
    for words in ("Thông tin bắt buộc trên trang chủ", "31/12/2099", f"http://localhost:8800/portal/findings/{public}"):
        assert words in text
    assert "/join/" not in text, "the mail contains no sign-in link"


def test_what_was_taken_back_before_the_letter_went_is_not_written(mailing: MailingOffice, public: str) -> None:
    now = mailing.outside.office.now()
    with mailing.outside.database.write() as session:
        row = session.execute(sa.select(Finding)).scalar_one()
        finding_workflow.conclude_finding(session, ANALYST, public, 0, confirm=True, note="x", now=now)
        assert queue_finding_mail(mailing.outside.app_context, session, row, ANALYST.id) == 1
        finding_workflow.undo_last_act(session, ANALYST, public, row.turn, now=now)
    assert mailing.send() == 1
    assert mailing.box.letters == []


def test_several_findings_asked_about_together_make_one_letter_that_says_how_many_wait(
    mailing: MailingOffice, public: str
) -> None:
    now = mailing.outside.office.now()
    with mailing.outside.database.write() as session:
        owner = session.execute(sa.select(Finding)).scalar_one().company
        others = [
            proposed(session, "R1", factories.site(session, owner, f"https://them{number}.example/"), at=now).public
            for number in range(2)
        ]
    client = client_of_role(mailing.outside, Role.ANALYST)
    form = {"csrf_token": csrf_token(mailing.outside, client), "do": "ask", "reply_by": "31/12/2099"}
    chosen = [f"{ident}|0" for ident in (public, *others)]
    assert client.post("/desk/compliance/_batch", data={**form, "finding": chosen}).status_code == 303
    assert mailing.send() == 1
    assert [letter["To"] for letter in mailing.box.letters] == ["lan@nhipsong.vn"]
    assert "Trong cổng còn 2 điều khác chờ Công ty Nhịp Sông trả lời." in mailing.box.text()
