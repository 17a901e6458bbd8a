"""Setting and changing release times: warnings first, undo afterwards, no overwriting of a colleague, no repetition."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from campaigns.bulletins.bulletins import Bulletin, BulletinState, find_bulletin
from campaigns.core.journal import JournalEntry
from campaigns.delivery.outbox import Delivery
from campaigns.people.staff import Role
from campaigns.release import slots_and_quiet_hours, workflow
from tests import factories
from tests.coordinator.web.desk.conftest import BEGINNING, Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import APPROVER, DELIVERY_MODES

EIGHT = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)  # 08:00 on a Thursday in the city


@pytest.fixture
def approver(desk: Desk) -> Desk:
    with desk.database.write() as session:
        factories.channel(session)
    desk.sign_in(Role.APPROVER)
    return desk


def approved(desk: Desk, at: datetime | None = None, title: str = "Tin") -> str:
    with desk.database.write() as session:
        code = factories.approved(session, title=title, now=BEGINNING).code
        if at is not None:
            workflow.publish(session, APPROVER, code, DELIVERY_MODES, at=at, now=BEGINNING)
        return code


def row(desk: Desk, code: str) -> Bulletin:
    with desk.database.read() as session:
        return find_bulletin(session, code)


def form(desk: Desk, code: str) -> Page:
    return Page(desk.get(f"/desk/bulletins/{code}/release"))


def release(desk: Desk, code: str, day: str, time: str, page: Page | None = None, **more: object) -> Page | None:
    """Submit the form as shown; returns the page of the response, or None after a redirect."""
    shown = page or form(desk, code)
    data = {"do": "at", "day": day, "time": time, "seen": shown.value("seen"), **more}
    answer = desk.post(f"/desk/bulletins/{code}/release?back=calendar", data)
    return None if answer.status_code == 303 else Page(answer.text)


@pytest.mark.parametrize(
    ("day", "time", "words"),
    [
        ("2026-11-26", "23:30", "Giờ này nằm trong khung giờ không phát, từ 22:00 đến 06:00."),
        ("2026-11-26", "5h", "Giờ này nằm trong khung giờ không phát, từ 22:00 đến 06:00."),
        ("2027-01-01", "08:00", "01/01/2027 là ngày nghỉ lễ: Tết Dương lịch."),
        ("2027-02-09", "08:00", "09/02/2027 dự kiến là ngày nghỉ lễ: Tết Nguyên đán."),
        ("2026-11-26", "08:10", "Cách “Tin đã hẹn” (08:00) chưa tới 15 phút, trên 1 kênh chung."),
    ],
)
def test_what_speaks_against_a_time_is_reported_before_anything_is_saved(
    approver: Desk, day: str, time: str, words: str
) -> None:
    approved(approver, EIGHT, "Tin đã hẹn")
    code = approved(approver)
    page = release(approver, code, day, time)
    assert page is not None
    assert page.words(".summary.ask li") == [words]
    assert row(approver, code).state is BulletinState.APPROVED
    heeded = [node.attributes["value"] for node in page.tree.css("#hen [name=heeded]")]
    assert release(approver, code, day, time, page, heeded=heeded) is None
    assert row(approver, code).state is BulletinState.SCHEDULED


def test_who_changes_the_time_after_a_warning_is_warned_again(approver: Desk) -> None:
    code = approved(approver)
    page = release(approver, code, "2026-11-26", "23:30")
    assert page is not None
    heeded = [node.attributes["value"] for node in page.tree.css("#hen [name=heeded]")]
    again = release(approver, code, "2026-11-26", "23:45", page, heeded=heeded)
    assert again is not None
    assert row(approver, code).state is BulletinState.APPROVED


def test_far_enough_apart_or_on_other_channels_nothing_speaks_against_it(approver: Desk) -> None:
    with approver.database.write() as session:
        own = factories.channel(session, topics=["kinh-te-xa-hoi"])
        session.flush()
        other = factories.approved(session, topic="kinh-te-xa-hoi", channels=[own.code], now=BEGINNING)
        workflow.publish(session, APPROVER, other.code, DELIVERY_MODES, at=EIGHT, now=BEGINNING)
    approved(approver, EIGHT + timedelta(minutes=20))
    code = approved(approver)
    assert release(approver, code, "2026-11-26", "08:05") is None


@pytest.mark.parametrize(
    ("day", "time", "field", "words"),
    [
        ("2026-11-26", "24:00", "time", "24:00 là 00:00 ngày hôm sau: chọn ngày hôm sau và gõ 00:00"),
        ("2026-11-26", "25:00", "time", "Nhập giờ theo mẫu 14:00"),
        ("31/02/2027", "08:00", "day", "Nhập ngày theo mẫu 24/11/2026"),
        ("2026-11-24", "09:00", "time", "Giờ phát hành phải sau lúc này"),
        ("", "", "day", "Mục này không được để trống"),
    ],
)
def test_a_time_that_is_none_is_reported_at_its_field_and_changes_nothing(
    approver: Desk, day: str, time: str, field: str, words: str
) -> None:
    code = approved(approver, EIGHT)
    page = release(approver, code, day, time)
    assert page is not None
    assert page.errors()[field] == words
    assert row(approver, code).release_at == EIGHT


def test_a_move_is_undone_to_the_minute_and_not_once_somebody_has_moved_it_again(approver: Desk) -> None:
    code = approved(approver, EIGHT)
    assert release(approver, code, "2026-11-27", "09:15") is None
    page = Page(approver.get("/desk/calendar"))
    undo = page.tree.css_first(".flash form").attributes["action"] or ""
    assert approver.post(undo).location == "/desk/calendar?from=2026-11-26"
    assert row(approver, code).release_at == EIGHT
    assert release(approver, code, "2026-11-27", "10:00") is None
    approver.post(undo)
    assert row(approver, code).release_at == datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
    assert Page(approver.get("/desk/calendar")).has("Không hoàn tác được.")


def test_undoing_a_first_time_leaves_it_approved_without_one_and_its_deliveries_gone(approver: Desk) -> None:
    code = approved(approver)
    assert release(approver, code, "2026-11-27", "09:15") is None
    undo = Page(approver.get("/desk/calendar")).tree.css_first(".flash form").attributes["action"] or ""
    approver.post(undo)
    bulletin = row(approver, code)
    assert (bulletin.state, bulletin.release_at, bulletin.released) == (BulletinState.APPROVED, None, None)
    with approver.database.read() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(Delivery)).scalar_one() == 0
    approver.post(undo)
    assert Page(approver.get("/desk/calendar")).has("Không hoàn tác được.")


@pytest.mark.parametrize("query", ["to=x&seen=y", "to=none", "", "to=2026-11-26T08:00:00&seen=none"])
def test_an_undo_that_names_no_moments_does_nothing(approver: Desk, query: str) -> None:
    code = approved(approver, EIGHT)
    assert approver.post(f"/desk/calendar/bulletins/{code}/undo?{query}").status_code == 303
    assert row(approver, code).release_at == EIGHT


def test_a_stale_form_does_not_overrule_a_colleague(approver: Desk) -> None:
    code = approved(approver, EIGHT)
    shown = form(approver, code)
    with approver.database.write() as session:
        workflow.publish(session, APPROVER, code, DELIVERY_MODES, at=EIGHT + timedelta(hours=5), now=BEGINNING)
    answer = approver.post(
        f"/desk/bulletins/{code}/release",
        {"do": "at", "day": "2026-11-30", "time": "08:00", "seen": shown.value("seen")},
    )
    assert answer.location.endswith(f"/{code}/release")
    assert row(approver, code).release_at == EIGHT + timedelta(hours=5)
    assert Page(approver.get(answer.location)).has(f"Giờ phát của {code} vừa được người khác đổi.")


def test_the_same_form_sent_twice_acts_once(approver: Desk) -> None:
    code = approved(approver)
    shown = form(approver, code)
    for _press in range(2):
        assert release(approver, code, "2026-11-27", "09:15", shown) is None
    with approver.database.read() as session:
        acts = session.execute(sa.select(JournalEntry.act).where(JournalEntry.subject == code)).scalars().all()
    assert acts.count("bulletin.scheduled") == 1


def move(desk: Desk, code: str, **fields: object) -> tuple[int, dict[str, object]]:
    answer = desk.post(f"/desk/calendar/bulletins/{code}/move", dict(fields))
    return answer.status_code, answer.json


def test_a_bulletin_dropped_on_another_day_keeps_its_time_of_day(approver: Desk) -> None:
    code = approved(approver, EIGHT + timedelta(minutes=7))
    seen = (EIGHT + timedelta(minutes=7)).isoformat()
    status, values = move(approver, code, day="2026-11-30", seen=seen)
    assert (status, values["done"]) == (200, "Đã chuyển sang 30/11, vẫn 08:07.")
    assert row(approver, code).release_at == datetime(2026, 11, 30, 1, 7, tzinfo=UTC)
    assert Page(approver.get("/desk/calendar")).has("Đã chuyển sang 30/11, vẫn 08:07.")


def test_a_drop_that_something_speaks_against_is_asked_about_and_then_done(approver: Desk) -> None:
    code = approved(approver, EIGHT)
    _status, values = move(approver, code, day="2027-01-01", seen=EIGHT.isoformat())
    assert [item["words"] for item in values["warned"]] == ["01/01/2027 là ngày nghỉ lễ: Tết Dương lịch."]  # type: ignore[attr-defined]
    assert row(approver, code).release_at == EIGHT
    keys = [item["key"] for item in values["warned"]]  # type: ignore[attr-defined]
    _status, values = move(approver, code, day="2027-01-01", seen=EIGHT.isoformat(), heeded=keys)
    assert "done" in values


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"day": "2026-11-20"}, 422),
        ({"day": "2026-02-31"}, 422),
        ({"day": "2026-11-30", "time": "24:00"}, 422),
        ({}, 422),
        ({"day": "2026-11-30", "seen": "2026-11-20T01:00:00+00:00"}, 409),
    ],
)
def test_a_drop_that_cannot_be_is_refused_in_words(approver: Desk, fields: dict[str, str], status: int) -> None:
    code = approved(approver, EIGHT)
    got, values = move(approver, code, **{"seen": EIGHT.isoformat(), **fields})
    assert (got, bool(values["trouble"])) == (status, True)
    assert row(approver, code).release_at == EIGHT


def test_what_is_dropped_from_the_tray_gets_the_first_free_slot_of_that_day(approver: Desk) -> None:
    with approver.database.write() as session:
        channel = factories.channel(session)
        slots_and_quiet_hours.set_slots(session, APPROVER, channel, [(3, 8 * 60), (3, 17 * 60)], now=BEGINNING)
    approved(approver, EIGHT)
    code, other = approved(approver), approved(approver)
    move(approver, code, day="2026-11-26", seen="none")
    assert row(approver, code).release_at == datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
    move(approver, other, day="2026-11-25", seen="none")
    assert row(approver, other).release_at == datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


def test_free_slots_are_offered_first_and_can_be_taken_with_a_press(approver: Desk) -> None:
    with approver.database.write() as session:
        channel = factories.channel(session)
        slots_and_quiet_hours.set_slots(session, APPROVER, channel, [(day, 17 * 60) for day in range(7)], now=BEGINNING)
    code = approved(approver)
    page = form(approver, code)
    assert (page.value("day"), page.value("time")) == ("25/11/2026", "17:00")  # the 24th is a holiday
    second = Page(approver.get(page.link("Thứ Năm 17:00, 26/11/2026")))
    assert (second.value("day"), second.value("time")) == ("26/11/2026", "17:00")


@pytest.mark.parametrize("role", [Role.WRITER, Role.ANALYST, Role.ADMIN])
def test_other_roles_move_nothing(approver: Desk, role: Role) -> None:
    code = approved(approver, EIGHT)
    approver.sign_in(role)
    for path in ("move", "undo?to=none&seen=none"):
        data = {"day": "2026-11-30", "seen": EIGHT.isoformat()}
        assert approver.post(f"/desk/calendar/bulletins/{code}/{path}", data).status_code == 403
    assert row(approver, code).release_at == EIGHT


def test_approving_for_a_time_warns_before_the_approval(approver: Desk) -> None:
    with approver.database.write() as session:
        bulletin = factories.draft(session, now=BEGINNING)
        workflow.submit(session, factories.WRITER, bulletin.code, now=BEGINNING)
        code, digest = bulletin.code, bulletin.revision(1).hash
    data = {"do": "at", "day": "2026-11-26", "time": "23:00", "revision_hash": digest}
    answer = approver.post(f"/desk/bulletins/{code}/approve", data)
    page = Page(answer.text)
    assert (answer.status_code, row(approver, code).state) == (409, BulletinState.SUBMITTED)
    heeded = [node.attributes["value"] for node in page.tree.css("[name=heeded]")]
    approver.post(f"/desk/bulletins/{code}/approve", {**data, "heeded": heeded})
    assert row(approver, code).state is BulletinState.SCHEDULED
    assert row(approver, code).released_on == date(2026, 11, 26)
