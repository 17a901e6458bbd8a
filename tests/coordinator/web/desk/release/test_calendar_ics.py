"""The calendar on a phone: a person's own address, shown once, that can be revoked."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from icalendar import Calendar

from campaigns.core.journal import JournalEntry
from campaigns.people.keys import CalendarKey
from campaigns.people.staff import Person, Role
from campaigns.release import series, workflow
from campaigns.release.series import SeriesContent
from tests import factories
from tests.coordinator.web.desk.conftest import BEGINNING, Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import APPROVER, DELIVERY_MODES, WRITER

KEYS = "/desk/calendar/keys"


def address(desk: Desk, name: str = "điện thoại") -> str:
    """Create an address and return its path as the page shows it."""
    answer = desk.post(KEYS, {"name": name})
    assert answer.location == KEYS
    shown = Page(desk.get(KEYS)).words("#dia-chi")[0]
    assert shown.startswith("http://localhost:8800/calendars/lich_")
    return shown.removeprefix("http://localhost:8800")


@pytest.fixture
def reader(desk: Desk) -> Desk:
    desk.sign_in(Role.ANALYST)
    return desk


def test_an_address_is_shown_once_and_reads_without_a_sign_in(reader: Desk) -> None:
    path = address(reader)
    assert not Page(reader.get(KEYS)).words("#dia-chi")
    stranger = reader.app.test_client()
    answer = stranger.get(path)
    assert (answer.status_code, answer.content_type) == (200, "text/calendar; charset=utf-8")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Set-Cookie" not in answer.headers
    assert stranger.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert Page(reader.get(KEYS)).rows("Nơi đang đọc lịch của bạn")[0][2] != "chưa đọc"


def test_the_key_is_kept_as_a_hash_and_the_journal_has_no_secret(reader: Desk) -> None:
    secret = factories.secret_of(address(reader))
    with reader.database.read() as session:
        row = session.execute(sa.select(CalendarKey)).scalar_one()
        entry = session.execute(sa.select(JournalEntry).where(JournalEntry.act == "calendar_key.added")).scalar_one()
        assert secret not in row.secret_hash
        assert secret not in entry.details + entry.subject


@pytest.mark.parametrize(
    "path", ["x", "lich_0123456789_" + "a" * 43, "lt_0123456789_" + "a" * 43, "lich_%00", "lich_0123456789_" + "ế" * 43]
)
def test_an_address_that_is_none_is_not_found(reader: Desk, path: str) -> None:
    reader.get(f"/calendars/{path}.ics", 404)


def test_a_revoked_key_and_one_of_somebody_who_left_read_no_more(reader: Desk) -> None:
    first, second = address(reader), address(reader, "máy tính")
    public = Page(reader.get(KEYS)).tree.css("form[action*=revoke]")[1].attributes["action"] or ""
    reader.post(public)
    reader.post(public)  # a repetition changes nothing
    reader.get(first, 404)
    reader.get(second)
    with reader.database.write() as session:
        session.execute(sa.update(Person).where(Person.email == "chi@so.example").values(active=False))
    reader.get(second, 404)


def test_nobody_revokes_anothers_key_but_an_administrator(reader: Desk) -> None:
    path = address(reader)
    revoke = Page(reader.get(KEYS)).tree.css_first("form[action*=revoke]").attributes["action"] or ""
    reader.sign_in(Role.APPROVER)
    assert reader.post(revoke).status_code == 404
    reader.get(path)
    reader.sign_in(Role.ADMIN)
    assert reader.post(revoke).status_code == 303
    reader.get(path, 404)


def test_a_key_needs_a_name(reader: Desk) -> None:
    answer = reader.post(KEYS, {"name": " "})
    assert answer.status_code == 422
    assert Page(answer.text).errors() == {"name": "Nhập tên"}
    answer = reader.post(KEYS, {"name": "Đ" * 121})
    assert (answer.status_code, Page(answer.text).errors()) == (422, {"name": "Mục này quá dài"})


def event(desk: Desk, path: str, uid: str) -> tuple[int, str, str]:
    """Return the sequence, start and status of one event."""
    calendar = Calendar.from_ical(desk.client.get(path).data)
    (component,) = [found for found in calendar.walk("VEVENT") if str(found["UID"]) == uid]
    return int(component["SEQUENCE"]), component["DTSTART"].dt.isoformat(), str(component["STATUS"])


def test_a_move_and_a_recall_keep_the_event_and_raise_its_number(reader: Desk) -> None:
    path = address(reader)
    with reader.database.write() as session:
        code = factories.approved(session, now=BEGINNING).code
        workflow.publish(session, APPROVER, code, DELIVERY_MODES, at=BEGINNING + timedelta(hours=1), now=BEGINNING)
    first = event(reader, path, f"{code}@lantoa")
    with reader.database.write() as session:
        workflow.publish(session, APPROVER, code, DELIVERY_MODES, at=BEGINNING + timedelta(hours=2), now=BEGINNING)
    second = event(reader, path, f"{code}@lantoa")
    reader.office.clock.forward(hours=3)
    with reader.database.write() as session:
        workflow.release_due(session, now=reader.office.now())
        workflow.recall(session, APPROVER, code, "Sai số liệu", DELIVERY_MODES, now=reader.office.now())
    third = event(reader, path, f"{code}@lantoa")
    assert first[0] < second[0] < third[0]
    assert (first[1], second[1]) == ("2026-11-24T04:00:00+00:00", "2026-11-24T05:00:00+00:00")
    assert (second[2], third[2]) == ("CONFIRMED", "CANCELLED")


def test_a_day_of_a_series_is_tentative_and_cancelled_when_it_is_left_out(reader: Desk) -> None:
    path = address(reader)
    wanted = SeriesContent("Tin {ngày}", "dich-benh", None, frozenset(range(7)), 390, False)
    day = (BEGINNING + timedelta(days=1)).date()
    with reader.database.write() as session:
        public = series.begin_series(
            session, WRITER, name="Tin", starts_on=day, ends_on=None, wanted=wanted, now=BEGINNING
        ).public
    uid = f"{public}-{day.isoformat()}@lantoa"
    before = event(reader, path, uid)
    with reader.database.write() as session:
        series.skip_day(session, WRITER, public, day, "Bỏ", now=BEGINNING)
    after = event(reader, path, uid)
    assert (before[2], after[2]) == ("TENTATIVE", "CANCELLED")
    assert after[0] > before[0]
