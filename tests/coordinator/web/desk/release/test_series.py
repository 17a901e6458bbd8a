"""Series at the desk: created, filled, changed, skipped, counted over a year."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from campaigns.bulletins.bulletins import Bulletin, find_bulletin
from campaigns.people.staff import Role
from campaigns.release import series, workflow
from campaigns.release.series import Series, SeriesContent
from campaigns.release.slots_and_quiet_hours import moment_of
from tests import factories
from tests.coordinator.web.desk.conftest import BEGINNING, Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import APPROVER, DELIVERY_MODES, WRITER

SERIES = "/desk/calendar/series"
TODAY = date(2026, 11, 24)
FORM = {
    "name": "Điểm tin sáng",
    "title": "Điểm tin sáng {ngày}",
    "topic": "dich-benh",
    "weekdays": list("0123456"),
    "time": "6:30",
    "reach": "all",
    "starts_on": "2026-11-20",
    "ends_on": "",
}


@pytest.fixture
def writer(desk: Desk) -> Desk:
    desk.sign_in(Role.WRITER)
    return desk


def begun(desk: Desk, first: date = TODAY - timedelta(days=4), minute: int = 390) -> str:
    with desk.database.write() as session:
        wanted = SeriesContent("Điểm tin sáng {ngày}", "dich-benh", None, frozenset(range(7)), minute, False)
        return series.begin_series(
            session,
            WRITER,
            name="Điểm tin sáng",
            starts_on=first,
            ends_on=None,
            wanted=wanted,
            now=BEGINNING - timedelta(days=30),
        ).public


def out_on(desk: Desk, public: str, day: date, at: date | None = None) -> str:
    """Publish the bulletin of a day, on that day or another."""
    moment = moment_of(at or day, 400)
    with desk.database.write() as session:
        when = moment - timedelta(hours=1)
        bulletin = factories.approved(session, now=when)
        workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, at=moment, now=when)
        series.fill_day(session, WRITER, public, day, bulletin.code, now=when)
        return bulletin.code


def test_a_series_is_begun_with_a_form_and_stands_on_the_calendar(writer: Desk) -> None:
    answer = writer.post(f"{SERIES}/_new", FORM)
    assert answer.location == "/desk/calendar?from=2026-11-20"
    page = Page(writer.get(answer.location))
    assert "06:30 Điểm tin sáng 25/11/2026 , Chưa có bản tin" in page.words(".month .slot.ask")
    assert page.words(".month .slot.miss") == [], "what passed before it was begun was never due"
    ((row,),) = [Page(writer.get(SERIES)).rows("Các loạt bản tin định kỳ")]
    assert row[1:3] == ["hằng ngày lúc 06:30", "20/11/2026 – không hạn"]
    assert row[4] == "0"


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"name": ""}, "name"),
        ({"title": "Tin {giờ}"}, "title"),
        ({"weekdays": []}, "weekdays"),
        ({"time": "24:00"}, "time"),
        ({"starts_on": "31/02/2027"}, "starts_on"),
        ({"ends_on": "2026-11-01"}, "ends_on"),
        ({"reach": "chosen"}, "reach"),
    ],
)
def test_a_form_that_cannot_be_comes_back_as_it_was_sent(writer: Desk, bad: dict[str, object], field: str) -> None:
    answer = writer.post(f"{SERIES}/_new", {**FORM, **bad})
    page = Page(answer.text)
    assert answer.status_code == 422
    assert list(page.errors()) == [field.replace("_", "-")]
    assert page.value("topic") == "dich-benh"
    with writer.database.read() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(Series)).scalar_one() == 0


def test_a_days_bulletin_is_written_from_its_place_and_fills_it(writer: Desk) -> None:
    public = begun(writer)
    place = Page(writer.get(f"{SERIES}/{public}/2026-11-25"))
    assert place.heading == "Điểm tin sáng, Thứ Tư, 25/11/2026"
    address = place.link("Soạn bản này")
    form = Page(writer.get(address))
    assert form.value("title") == "Điểm tin sáng 25/11/2026"
    action = form.tree.css_first("form#form").attributes["action"] or ""
    answer = writer.post(action, {"title": form.value("title"), "lead": "", "body_html": "Tin.", "topic": "dich-benh"})
    code = (answer.location or "").rpartition("/")[2]
    assert Page(writer.get(f"{SERIES}/{public}/2026-11-25")).has(code)
    again = writer.post(action, {"title": "Bản khác", "lead": "", "body_html": "Tin.", "topic": "dich-benh"})
    assert again.status_code == 409
    with writer.database.read() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(Bulletin)).scalar_one() == 1


def test_the_time_of_its_place_is_offered_for_a_days_bulletin(writer: Desk) -> None:
    public = begun(writer)
    with writer.database.write() as session:
        code = factories.approved(session, now=BEGINNING).code
        series.fill_day(session, WRITER, public, date(2026, 11, 25), code, now=BEGINNING)
    writer.sign_in(Role.APPROVER)
    page = Page(writer.get(f"/desk/bulletins/{code}/release"))
    assert (page.value("day"), page.value("time")) == ("25/11/2026", "06:30")
    assert page.has("Bản này vào chỗ của “Điểm tin sáng” ngày 25/11/2026, thường phát lúc 06:30.")


def place(desk: Desk, public: str, day: str, **fields: object) -> Page:
    answer = desk.post(f"{SERIES}/{public}/{day}", fields)
    return Page(desk.get(answer.location)) if answer.status_code == 303 else Page(answer.text)


def test_a_day_is_left_out_with_a_reason_and_put_back(writer: Desk) -> None:
    public = begun(writer)
    assert place(writer, public, "2026-11-24", do="skip", why=" ").errors() == {"why": "Ghi vì sao bỏ hôm đó"}
    page = place(writer, public, "2026-11-24", do="skip", why="Mất điện")
    assert page.has("“Mất điện”")
    assert "Mất điện" in writer.get("/desk/calendar")
    assert place(writer, public, "2026-11-24", do="restore").has("Đã quá giờ mà chưa có bản tin nào phát.")


def test_one_day_alone_is_changed(writer: Desk) -> None:
    public = begun(writer)
    page = place(writer, public, "2026-11-25", do="change", time="9h15", title="Bản riêng {thứ}")
    assert page.value("title") == "Bản riêng Thứ Tư"
    day = Page(writer.get("/desk/calendar?view=day&from=2026-11-25"))
    assert day.words(".agenda .strong, .agenda time") == ["09:15", "Bản riêng Thứ Tư"]
    assert (
        place(writer, public, "2026-11-25", do="change", time="24:00", title="x").errors()["time"].startswith("24:00")
    )


def test_a_bulletin_that_is_there_is_put_into_a_day_and_taken_out(writer: Desk) -> None:
    public = begun(writer)
    with writer.database.write() as session:
        code = factories.draft(session, title="Có sẵn", now=BEGINNING).code
        factories.draft(session, title="Chuyên đề khác", topic="kinh-te-xa-hoi", now=BEGINNING)
    page = Page(writer.get(f"{SERIES}/{public}/2026-11-25"))
    assert page.words("[name=bulletin] option") == ["Chọn một bản tin", f"Có sẵn · Bản nháp · {code}"]
    assert place(writer, public, "2026-11-25", do="fill", bulletin="").errors()
    assert place(writer, public, "2026-11-25", do="fill", bulletin=code).has("Bản tin của ngày này")
    place(writer, public, "2026-11-25", do="empty")
    with writer.database.read() as session:
        assert series.series_day_of(session, find_bulletin(session, code)) is None


def test_a_series_is_changed_from_a_day_on_and_ended(writer: Desk) -> None:
    public = begun(writer)
    form = Page(writer.get(f"{SERIES}/{public}?from=2026-11-27"))
    assert form.value("from") == "27/11/2026"
    writer.post(f"{SERIES}/{public}", {**FORM, "time": "07:00", "from": "2026-11-27"})
    week = Page(writer.get("/desk/calendar?view=week&from=2026-11-24"))
    times = week.words(".agenda time")
    assert times == ["06:30"] * 4 + ["07:00"] * 3
    answer = writer.post(f"{SERIES}/{public}/end", {"last": "2026-11-27"})
    assert answer.status_code == 303
    assert len(Page(writer.get("/desk/calendar?view=week&from=2026-11-24")).words(".agenda time")) == 5


@pytest.mark.parametrize(
    "path", ["ser_x", "ser_x/2026-11-25", "{public}/2026-02-31", "{public}/x", "{public}/2020-01-01"]
)
def test_a_series_or_a_day_that_is_none_is_not_found(writer: Desk, path: str) -> None:
    public = begun(writer)
    writer.get(f"{SERIES}/{path.format(public=public)}", 404)


def test_readers_see_and_change_nothing(writer: Desk) -> None:
    public = begun(writer)
    writer.sign_in(Role.ANALYST)
    page = Page(writer.get(f"{SERIES}/{public}/2026-11-25"))
    assert not page.tree.css("main form")
    assert writer.post(f"{SERIES}/{public}/2026-11-25", {"do": "skip", "why": "x"}).status_code == 403
    for path in (f"{SERIES}/_new", f"{SERIES}/{public}"):
        writer.get(path, 403)
        assert writer.post(path, FORM).status_code == 403


def test_a_missed_day_and_one_that_nobody_writes_are_reported_on_today(writer: Desk) -> None:
    public = begun(writer, first=TODAY)
    begun(writer, first=TODAY, minute=1200)
    with writer.database.write() as session:
        factories.draft(session, now=BEGINNING)
    page = Page(writer.get("/desk"))
    assert [words for words in page.words(".task h3") if "Điểm tin" in words] == [
        "Thiếu “Điểm tin sáng” ngày 24/11",
        "“Điểm tin sáng” lúc 20:00 hôm nay chưa hẹn giờ",
    ]
    assert "Lịch phát hành 1 bị thiếu" in page.words(".side .nav a")
    assert Page(writer.get("/desk/calendar")).has("Thiếu “Điểm tin sáng” ngày 24/11.")
    out_on(writer, public, TODAY)
    assert not [words for words in Page(writer.get("/desk")).words(".task h3") if "Thiếu" in words]


def test_a_year_is_counted_month_by_month(writer: Desk) -> None:
    public = begun(writer, first=date(2026, 11, 18))
    for day in (18, 19, 20):
        out_on(writer, public, date(2026, 11, day))
    out_on(writer, public, date(2026, 11, 21), at=date(2026, 11, 22))
    with writer.database.write() as session:
        series.skip_day(session, WRITER, public, date(2026, 11, 22), "Mất điện", now=BEGINNING)
    out_on(writer, public, TODAY)
    page = Page(writer.get("/desk/calendar/continuity"))
    facts = page.pairs()
    assert (facts["Đúng ngày"], facts["Phát bù"], facts["Thiếu"]) == ("4 / 6", "1", "1")
    assert facts["Chuỗi dài nhất"] == "3 ngày"
    assert page.rows("Những ngày thiếu")[0][:2] == ["Thứ Hai 23/11/2026", "Điểm tin sáng"]
    november = page.rows("Từng tháng trong năm")[10]
    assert november == ["Tháng 11", "6", "4", "1", "1", "1", "6"]


@pytest.mark.parametrize("query", ["", "year=", "series="])
def test_no_year_and_no_series_mean_this_year_and_all(writer: Desk, query: str) -> None:
    begun(writer)
    assert Page(writer.get(f"/desk/calendar/continuity?{query}")).heading == "Tính liên tục năm 2026"


@pytest.mark.parametrize("query", ["year=abcd", "year=1999", "year=99999", "series=ser_none"])
def test_a_year_or_series_that_is_none_is_named(writer: Desk, query: str) -> None:
    begun(writer)
    (wrong,) = Page(writer.get(f"/desk/calendar/continuity?{query}", 422)).words("main li")
    assert wrong.startswith(f"{query} : ")
