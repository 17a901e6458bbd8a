"""Sign-in by a one-time link."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from campaigns.core.journal import JournalEntry
from campaigns.people.invitations import Invitation, invite, renew, revoke_links
from campaigns.people.staff import Person, Role, change_person, find_by_email
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import ADMIN

GOOD = "một câu dễ nhớ"
SENT = {"name": "Thu Hà", "password": GOOD, "again": GOOD}


@pytest.fixture
def link(desk: Desk) -> str:
    """Return the path of an invitation's link."""
    with desk.database.write() as session:
        made = invite(
            session, ADMIN, email="ha@so.example", name="", role=Role.APPROVER, uniquifier="new", now=desk.office.now()
        )
        return f"/join/{made.secret}"


def guest(desk: Desk) -> Desk:
    """Return a client on another machine."""
    return replace(desk, client=desk.app.test_client())


def test_a_link_says_whose_it_is_and_works_once(desk: Desk, link: str) -> None:
    page = Page(desk.get(link))
    assert page.heading == "Mời bạn vào làm việc"
    assert "ha@so.example" in desk.get(link)
    assert desk.post(link, SENT).status_code == 303
    assert desk.client.get("/desk/account").status_code == 200
    later = guest(desk)
    assert Page(later.get(link, 410)).heading == "Đường dẫn không còn dùng được"
    assert later.post(link, SENT | {"password": "câu của người khác", "again": "câu của người khác"}).status_code == 410
    assert later.client.get("/desk").status_code == 302


def test_what_is_wrong_is_reported_at_its_field_and_the_link_stays_good(desk: Desk, link: str) -> None:
    for sent, field in (({"name": ""}, "name"), ({"password": "ngắn", "again": "ngắn"}, "password"),
                        ({"again": "câu khác hẳn"}, "again")):  # fmt: skip
        answer = desk.post(link, SENT | sent)
        assert (answer.status_code, list(Page(answer.text).errors())) == (422, [field])
    assert desk.post(link, SENT).status_code == 303


def test_a_link_ends_with_its_days(desk: Desk, link: str) -> None:
    desk.office.clock.forward(days=7)
    assert desk.client.get(link).status_code == 410


def test_a_link_taken_back_or_of_somebody_switched_off_opens_nothing(desk: Desk, link: str) -> None:
    with desk.database.write() as session:
        person = session.execute(sa.select(Person).where(Person.email == "ha@so.example")).scalar_one()
        revoke_links(session, ADMIN, person, now=desk.office.now())
    assert desk.client.get(link).status_code == 410
    with desk.database.write() as session:
        person = session.execute(sa.select(Person).where(Person.email == "ha@so.example")).scalar_one()
        other = f"/join/{renew(session, ADMIN, person, now=desk.office.now()).secret}"
        change_person(session, ADMIN, person, active=False, now=desk.office.now())
    assert desk.client.get(other).status_code == 410
    assert desk.client.get("/join/khong-co").status_code == 410


def test_a_link_is_no_way_around_the_second_factor(desk: Desk, link: str) -> None:
    with desk.database.write() as session:
        person = find_by_email(session, "ha@so.example")
        assert person is not None
        person.tf_primary_method, person.tf_totp_secret = "authenticator", "encrypted"
    answer = desk.post(link, SENT)
    assert (answer.status_code, answer.location) == (303, "/login")
    assert desk.client.get("/desk").status_code == 302


def test_neither_the_database_nor_the_journal_holds_what_is_in_the_link(desk: Desk, link: str) -> None:
    secret = link.rsplit("/", 1)[1]
    desk.post(link, SENT)
    with desk.database.read() as session:
        rows = session.execute(sa.select(Invitation)).scalars().all()
        kept = [str(getattr(row, column.key)) for row in rows for column in sa.inspect(Invitation).columns]
        kept += [entry.details for entry in session.execute(sa.select(JournalEntry)).scalars()]
    assert kept
    assert not any(secret in text for text in kept)
