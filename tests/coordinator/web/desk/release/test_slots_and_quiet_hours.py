"""Slots, quiet hours and minimum distance; and the page of receivers."""

import pytest

from campaigns.channels import channels
from campaigns.people.staff import Role
from campaigns.release import slots_and_quiet_hours
from tests import factories
from tests.coordinator.web.desk.conftest import BEGINNING, Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import ADMIN

SLOTS = "/desk/calendar/slots"


@pytest.fixture
def planner(desk: Desk) -> Desk:
    desk.sign_in(Role.APPROVER)
    return desk


def test_slots_are_typed_as_people_write_times_and_shown_by_runs_of_days(planner: Desk) -> None:
    with planner.database.write() as session:
        channel = factories.channel(session, "zalo")
        code, name = channel.code, channel.name
    page = Page(planner.get(f"{SLOTS}?channel={code}"))
    assert page.has(f"Khung giờ của {name}")
    week = {f"day_{day}": "6:30, 11h; 17.00" for day in range(5)} | {"day_6": "9"}
    assert planner.post(SLOTS, {"channel": code, **week}).status_code == 303
    (row,) = Page(planner.get(SLOTS)).rows("Khung giờ từng kênh")
    assert row[1] == "Thứ Hai – Thứ Sáu: 06:30, 11:00, 17:00 Chủ Nhật: 09:00"
    planner.post(SLOTS, {"channel": code})
    assert Page(planner.get(SLOTS)).rows("Khung giờ từng kênh")[0][1] == "chưa đặt"


@pytest.mark.parametrize("typed", ["24:00", "sáng", "6:75", "-1"])
def test_a_time_that_is_none_is_reported_at_its_day_and_nothing_is_lost(planner: Desk, typed: str) -> None:
    with planner.database.write() as session:
        code = factories.channel(session).code
    answer = planner.post(SLOTS, {"channel": code, "day_0": "8:00", "day_2": typed})
    page = Page(answer.text)
    assert answer.status_code == 422
    assert list(page.errors()) == ["day-2"]
    assert (page.value("day_0"), page.value("day_2")) == ("8:00", typed)


def test_quiet_hours_and_distance_are_the_departments_own(planner: Desk) -> None:
    good = {"do": "hours", "quiet_from": "21h", "quiet_until": "7:00", "gap": "30"}
    assert planner.post(SLOTS, good).status_code == 303
    page = Page(planner.get(SLOTS))
    assert [page.value(name) for name in ("quiet_from", "quiet_until", "gap")] == ["21:00", "07:00", "30"]
    bad = planner.post(SLOTS, {"do": "hours", "quiet_from": "24:00", "quiet_until": "x", "gap": "999"})
    assert set(Page(bad.text).errors()) == {"quiet-from", "quiet-until"}
    bad = planner.post(SLOTS, {**good, "gap": "999"})
    assert list(Page(bad.text).errors()) == ["gap"]


@pytest.mark.parametrize("role", [Role.WRITER, Role.ANALYST])
def test_others_read_them_and_change_nothing(planner: Desk, role: Role) -> None:
    with planner.database.write() as session:
        code = factories.channel(session).code
    planner.sign_in(role)
    assert not Page(planner.get(f"{SLOTS}?channel={code}")).tree.css("main form")
    assert planner.post(SLOTS, {"channel": code, "day_0": "8:00"}).status_code == 403
    with planner.database.read() as session:
        assert slots_and_quiet_hours.slots_of(session) == []


def test_who_receives_is_reported_for_every_channel_before_anything_goes_out(planner: Desk) -> None:
    with planner.database.write() as session:
        owner = factories.company(session, "Công ty Nhịp Sông")
        factories.channel(session, "zalo")
        factories.channel(session, company=owner, topics=["kinh-te-xa-hoi"])
        paused = factories.channel(session, company=owner)
        channels.pause(session, ADMIN, paused, now=BEGINNING)
        code = factories.approved(session, title="T" * 200, now=BEGINNING).code
    page = Page(planner.get(f"/desk/bulletins/{code}/receivers"))
    assert page.words(".sheet h2") == ["Nhận (1)", "Nhận sau (1)", "Không nhận (1)"]
    assert page.pairs()["Giấy tờ nên xem"] == "1 nơi"
    (ours,) = page.rows("Nhận")
    assert ours[1:] == [
        "Tài khoản của Sở",
        "Zalo Official Account Tiêu đề dài 200 ký tự, kênh chỉ nhận 140: sẽ bị cắt",
        "gửi tới ngay khi phát, 10:00, 24/11/2026",
    ]
    assert page.rows("Không nhận")[0][3] == "Kênh không nhận chuyên đề này."
    assert page.rows("Nhận sau")[0][3].startswith("Kênh đang tạm dừng; cho chạy tiếp thì nhận.")
    later = Page(planner.get(f"/desk/bulletins/{code}/receivers?day=2026-11-26&time=8h"))
    assert later.rows("Nhận")[0][3] == "gửi tới ngay khi phát, 08:00, 26/11/2026"
    for query in ("day=2026-02-31&time=08:00", "day=2026-11-26&time=24:00"):
        planner.get(f"/desk/bulletins/{code}/receivers?{query}", 422)
    planner.get("/desk/bulletins/BT-2026-01-01-001/receivers", 404)
