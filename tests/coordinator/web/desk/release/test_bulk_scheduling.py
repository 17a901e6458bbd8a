"""Several bulletins scheduled, moved and taken back at once, without a script."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.bulletins.bulletins import Bulletin, BulletinState, find_bulletin
from campaigns.core.clock import CITY
from campaigns.people.staff import Role
from campaigns.release import workflow
from tests import factories
from tests.coordinator.web.desk.conftest import BEGINNING, Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import APPROVER, DELIVERY_MODES, NOW, WRITER

SCHEDULE, LIST = "/desk/bulletins/schedule", "/desk/bulletins?state=approved"
EVERY = {"day": "2026-11-25", "time": "20:00", "spacing": "every", "step": "90", "unit": "minutes"}


@pytest.fixture
def approver(desk: Desk) -> Desk:
    with desk.database.write() as session:
        factories.channel(session, "zalo")
    desk.sign_in(Role.APPROVER)
    return desk


def some_approved(desk: Desk, count: int = 3) -> list[str]:
    with desk.database.write() as session:
        return [factories.approved(session, title=f"Tin {number}").code for number in range(count)]


def row(desk: Desk, code: str) -> Bulletin:
    with desk.database.read() as session:
        return find_bulletin(session, code)


def at(day: int, clock: str) -> datetime:
    hours, minutes = clock.split(":")
    return datetime(2026, 11, day, int(hours), int(minutes), tzinfo=CITY)


def fields_of(html: str) -> dict[str, Any]:
    """All that the form of a page would send, without its buttons."""
    found: dict[str, Any] = {}
    for node in Page(html).tree.css("#hen-nhieu input, #hen-nhieu select, #hen-nhieu textarea"):
        name, kind = node.attributes.get("name"), node.attributes.get("type")
        if not name or name == "csrf_token" or (kind in {"checkbox", "radio"} and "checked" not in node.attributes):
            continue
        chosen = node.css_first("option[selected]") or node.css_first("option") if node.tag == "select" else node
        value = node.text() if node.tag == "textarea" else (chosen.attributes.get("value") or "" if chosen else "")
        found.setdefault(name, []).append(value)
    return found


def press(desk: Desk, form: dict[str, Any], do: str, **changed: Any) -> Any:
    return desk.post(SCHEDULE, form | {"do": do} | changed)


def opened(desk: Desk, codes: list[str]) -> dict[str, Any]:
    answer = desk.post(SCHEDULE, {"bulletin": codes})
    assert answer.status_code == 200
    return fields_of(answer.text)


def test_ticked_bulletins_get_a_time_each_day_and_are_scheduled_with_one_press(approver: Desk) -> None:
    codes = some_approved(approver)
    page = Page(approver.get(LIST))
    assert page.words("label.tick") == ["Chọn Tin 2", "Chọn Tin 1", "Chọn Tin 0"]
    form = opened(approver, codes[:2])
    assert form[f"time.{codes[0]}"] == form[f"time.{codes[1]}"] == ["11:00"]
    answer = press(approver, form, "schedule")
    assert answer.location == "/desk/bulletins?state=scheduled"
    assert "Đã hẹn giờ 2 bản tin." in approver.get(answer.location)
    assert [row(approver, code).release_at for code in codes] == [at(24, "11:00"), at(25, "11:00"), None]
    assert approver.runner.kinds.count("delivery") == 2
    # The same form again, from the browser's history, is done already.
    assert press(approver, form, "schedule").status_code == 303


def test_a_plan_is_laid_out_anew_within_the_hours_and_a_row_changed_or_left_out(approver: Desk) -> None:
    codes = some_approved(approver)
    answer = press(approver, opened(approver, codes), "plan", **EVERY)
    form = fields_of(answer.text)
    assert [form[f"day.{code}"][0] + " " + form[f"time.{code}"][0] for code in codes] == [
        "25/11/2026 20:00", "25/11/2026 21:30", "26/11/2026 06:00",
    ]  # fmt: skip
    form["take"] = [codes[0], codes[1]]
    answer = press(approver, form, "schedule", **{f"day.{codes[1]}": "27/11/2026", f"time.{codes[1]}": "9h15"})
    assert answer.status_code == 303
    assert [row(approver, code).release_at for code in codes] == [at(25, "20:00"), at(27, "09:15"), None]
    bad = press(approver, opened(approver, codes), "plan", **EVERY | {"step": "0", "day": "hôm kia"})
    assert set(Page(bad.text).errors()) == {"day", "step"}


def test_what_may_not_be_scheduled_is_named_and_the_others_are_done(approver: Desk) -> None:
    codes = some_approved(approver, 5)
    form = opened(approver, codes)
    with approver.database.write() as session:
        # Meanwhile one is edited, approved again with another text, and one is given a time.
        for code in codes[1:3]:
            workflow.revise(session, WRITER, code, factories.text(f"Chữ khác {code}"), now=NOW)
        workflow.submit(session, WRITER, codes[2], now=NOW)
        named = find_bulletin(session, codes[2]).revision(2).hash
        workflow.approve(session, APPROVER, codes[2], named, DELIVERY_MODES, now=NOW)
        workflow.publish(session, APPROVER, codes[3], DELIVERY_MODES, at=BEGINNING + timedelta(days=9), now=NOW)
    answer = press(approver, form, "schedule", **{f"day.{codes[4]}": "01/11/2026"})
    page = Page(answer.text)
    assert answer.status_code == 409
    assert page.has("Đã hẹn giờ 1 bản tin.")
    assert row(approver, codes[0]).release_at == at(24, "11:00")
    reasons = page.words(".summary li")
    assert page.words("#hen-nhieu th .nowrap") == codes[1:]
    assert "Không còn chờ phát" in reasons[0]
    assert "Văn bản đã đổi sau khi bạn mở" in reasons[1]
    assert "vừa được người khác đổi" in reasons[2]
    assert "Giờ phát hành phải sau lúc này" in reasons[3]
    assert [row(approver, code).state for code in codes[1:]] == [
        BulletinState.DRAFT, BulletinState.APPROVED, BulletinState.SCHEDULED, BulletinState.APPROVED,
    ]  # fmt: skip
    # The page shows them as they are now: pressed again, what may be scheduled is.
    again = press(approver, fields_of(answer.text), "schedule", **{f"day.{codes[4]}": "30/11/2026"})
    assert row(approver, codes[2]).state is BulletinState.SCHEDULED
    assert row(approver, codes[3]).release_at == at(27, "11:00")
    assert again.status_code in {303, 409}


def test_a_warning_that_was_not_shown_is_asked_about_before(approver: Desk) -> None:
    codes = some_approved(approver, 2)
    form = opened(approver, codes)
    night = {f"time.{codes[0]}": "23:00"}
    answer = press(approver, form, "schedule", **night)
    assert answer.status_code == 409
    assert Page(answer.text).has("Giờ này nằm trong khung giờ không phát")
    assert [row(approver, code).state for code in codes] == [BulletinState.APPROVED, BulletinState.SCHEDULED]
    assert press(approver, fields_of(answer.text), "schedule").status_code == 303
    assert row(approver, codes[0]).release_at == at(24, "23:00")
    together = press(approver, opened(approver, some_approved(approver, 2)), "plan", **EVERY | {"spacing": "same"})
    assert together.text.count("chưa tới 15 phút") == 2


def test_times_are_cleared_and_bulletins_returned_together(approver: Desk) -> None:
    codes = some_approved(approver, 3)
    press(approver, opened(approver, codes[:2]), "schedule")
    form = opened(approver, codes)
    answer = press(approver, form, "clear")
    page = Page(answer.text)
    assert page.has("Đã bỏ giờ phát của 2 bản tin; vẫn là đã duyệt.")
    assert [row(approver, code).state for code in codes] == [BulletinState.APPROVED] * 3
    refused = press(approver, opened(approver, codes), "return")
    assert Page(refused.text).errors() == {"note": "Ghi rõ lý do để người khác hiểu"}
    assert press(approver, opened(approver, codes), "return", note="Chờ số liệu.").status_code == 303
    assert {row(approver, code).return_note for code in codes} == {"Chờ số liệu."}


def test_nothing_ticked_too_many_and_all(approver: Desk) -> None:
    codes = some_approved(approver, 2)
    answer = approver.post(SCHEDULE)
    assert answer.location == LIST
    assert "Chưa chọn bản tin nào." in approver.get(answer.location or "")
    form = opened(approver, codes)
    form.pop("take")
    assert "Chưa chọn bản tin nào." in press(approver, form, "schedule").text
    assert set(opened_all(approver)["bulletin"]) == set(codes)
    many = Page(approver.post(SCHEDULE, {"bulletin": [*codes, *(f"BT-2026-01-01-{n:03d}" for n in range(498))]}).text)
    assert many.has("Mỗi lần nhiều nhất 100 bản tin; còn 400 bản tin chưa đưa vào lần này.")
    assert approver.client.get(SCHEDULE).location == LIST
    approver.sign_in(Role.WRITER)
    assert not Page(approver.get(LIST)).words("label.tick")
    assert approver.post(SCHEDULE, {"bulletin": codes}).status_code == 403


def test_the_plan_of_many_takes_as_many_statements_as_that_of_few(approver: Desk) -> None:
    seen: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            seen.append(statement)

    codes = some_approved(approver, 30)
    press(approver, opened(approver, codes[:2]), "schedule")  # fills the caches, and the calendar
    numbers = []
    sa.event.listen(approver.database.engine, "before_cursor_execute", count)
    try:
        for chosen in (codes[:3], codes):
            seen.clear()
            opened(approver, chosen)
            numbers.append(len(seen))
    finally:
        sa.event.remove(approver.database.engine, "before_cursor_execute", count)
    assert numbers[0] == numbers[1] <= 60


def opened_all(desk: Desk) -> dict[str, Any]:
    return fields_of(desk.post(SCHEDULE, {"all": "1"}).text)
