"""Schedules, saved filters and open data at the desk: valid and invalid settings, and what the pages show."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from campaigns.core.journal import JournalEntry
from campaigns.people.keys import add_key
from campaigns.people.staff import Role
from campaigns.reporting.open_data import TABLES
from campaigns.reporting.saved_filters import SavedFilter
from campaigns.reporting.schedules import report_mail
from campaigns.reporting.schedules.report_mail import ReportMail, ReportMailState, ReportRun, ReportRunState
from campaigns.reporting.schedules.schedules import ReportKind, Schedule
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republication
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import ANALYST

GOOD = {
    "name": "Gửi lãnh đạo", "forms": ["pdf"], "rhythm": "workdays", "at": "07:30", "cron": "", "ends_on": "",
    "addresses": "a@ubnd.example\nb@ubnd.example",
}  # fmt: skip


@pytest.fixture
def analyst(desk: Desk) -> Desk:
    desk.sign_in(Role.ANALYST)
    return desk


def made(desk: Desk) -> str:
    answer = desk.post("/desk/schedules/_new/day", GOOD)
    assert answer.status_code == 303, answer.text[:2000]
    return answer.headers["Location"]


def acts(desk: Desk) -> list[str]:
    with desk.database.read() as session:
        query = sa.select(JournalEntry.act).where(JournalEntry.subject_kind == "schedule").order_by(JournalEntry.seq)
        return list(session.execute(query).scalars())


def test_a_schedule_is_set_shown_changed_paused_and_resumed(analyst: Desk) -> None:
    path = made(analyst)
    page = Page(analyst.get(path))
    assert page.heading == "Gửi lãnh đạo"
    assert page.pairs()["Sẽ gửi lúc"].startswith("07:30, 25/11/2026 07:30, 26/11/2026 07:30, 27/11/2026")
    form = Page(analyst.get(f"{path}/edit"))
    assert (form.value("rhythm"), form.value("at"), form.value("cron")) == ("workdays", "07:30", "")
    assert analyst.post(f"{path}/edit", {**GOOD, "rhythm": "cron", "cron": "0 6 1 */2 *"}).status_code == 303
    form = Page(analyst.get(f"{path}/edit"))
    assert (form.value("rhythm"), form.value("cron")) == ("cron", "0 6 1 */2 *")
    analyst.post(f"{path}/pause")
    assert Page(analyst.get(path)).pairs()["Sẽ gửi lúc"] == "–"
    analyst.post(f"{path}/resume")
    assert Page(analyst.get(path)).pairs()["Sẽ gửi lúc"].startswith("06:00, 01/01/2027")
    (row,) = Page(analyst.get("/desk/schedules/")).rows("Các lịch gửi")
    assert row[0] == "Gửi lãnh đạo Bản tổng hợp ngày"
    assert acts(analyst) == ["schedule.added", "schedule.changed", "schedule.paused", "schedule.resumed"]


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"name": ""}, {"name"}),
        ({"forms": []}, {"forms"}),
        ({"forms": ["exe"]}, {"forms"}),
        ({"at": "bảy giờ"}, {"at"}),
        ({"rhythm": "cron", "cron": "7 giờ sáng"}, {"cron"}),
        ({"rhythm": "cron", "cron": "* * * * *"}, {"cron"}),
        ({"rhythm": "cron", "cron": "0 9 30 2 *"}, {"cron"}),
        ({"ends_on": "2026-11-23"}, {"ends-on"}),
        ({"ends_on": "2026-11-24"}, {"ends-on"}),
        ({"ends_on": "ngày kia"}, {"ends-on"}),
        ({"addresses": ""}, {"addresses"}),
        ({"addresses": "a@ubnd.example\nkhông phải\nA@ubnd.example"}, {"addresses"}),
    ],
    ids=str,
)
def test_what_is_wrong_is_reported_at_its_field_and_nothing_is_kept(
    analyst: Desk, wrong: dict[str, object], fields: set[str]
) -> None:
    answer = analyst.post("/desk/schedules/_new/day", {**GOOD, **wrong})
    assert answer.status_code == 422
    page = Page(answer.text)
    assert set(page.errors()) == fields
    assert page.value("name") == wrong.get("name", GOOD["name"])
    with analyst.database.read() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(Schedule)).scalar_one() == 0


@pytest.mark.parametrize("kind", [ReportKind.PARTNER, ReportKind.PLAN, ReportKind.LIST])
def test_a_report_of_something_says_of_what(analyst: Desk, kind: ReportKind) -> None:
    with analyst.database.write() as session:
        factories.company(session)
    sent = {**GOOD, "forms": ["xlsx"]}
    assert analyst.post(f"/desk/schedules/_new/{kind.value}", sent).status_code == 422
    assert analyst.post(f"/desk/schedules/_new/{kind.value}", {**sent, "subject": "khong-co"}).status_code == 422
    for report_kind in ReportKind:
        assert analyst.get(f"/desk/schedules/_new/{report_kind.value}")


def test_history_shows_what_became_of_each_time_and_lets_a_person_decide(analyst: Desk) -> None:
    path = made(analyst)
    now = analyst.office.now()
    with analyst.database.write() as session:
        row = session.execute(sa.select(Schedule)).scalar_one()
        for days, state in enumerate((ReportRunState.PASSED, ReportRunState.FAILED, ReportRunState.MADE)):
            run = ReportRun(
                public=f"snd_{days}", schedule_id=row.id, at=now + timedelta(days=days), state=state, summary=[],
                title="Bản tổng hợp", last_error="there is no partner x" if state is ReportRunState.FAILED else "",
            )  # fmt: skip
            session.add(run)
        session.flush()
        for number, post_state in enumerate((ReportMailState.SENT, ReportMailState.UNKNOWN, ReportMailState.DEAD)):
            session.add(
                ReportMail(public=f"pst_{number}", run_id=run.id, address=f"{number}@ubnd.example", state=post_state)
            )
    page = Page(analyst.get(path))
    values = [row[2] for row in page.rows("Đã gửi")]
    assert "2 thư cần quyết định" in values[0]
    assert "1@ubnd.example chưa rõ đã tới chưa" in values[0]
    assert values[1].startswith("Không lập được there is no partner x")
    assert values[2].startswith("Lỡ, lần sau thay")
    analyst.post(f"{path}/letters/pst_1/again")
    analyst.post(f"{path}/letters/pst_2/leave")
    again = analyst.client.get(path).text
    assert "cần bạn quyết định" not in again
    analyst.post(f"{path}/letters/pst_0/again")
    assert Page(analyst.get(path)).has("Thư này đã có kết quả, không cần quyết định nữa.")
    assert analyst.runner.kinds.count("report_mail") == 2


def test_sending_to_oneself_is_one_press(analyst: Desk) -> None:
    path = made(analyst)
    assert analyst.post(f"{path}/send").status_code == 303
    assert analyst.runner.kinds == ["scheduled_report"]
    with analyst.database.read() as session:
        row = session.execute(sa.select(ReportRun)).scalar_one()
        assert (row.asked_by, row.state) == (ANALYST.id, ReportRunState.DUE)
        assert len(report_mail.latest_runs(session, row.schedule)) == 1


def test_a_filter_is_kept_opened_and_dropped_by_its_owner_alone(analyst: Desk) -> None:
    with analyst.database.write() as session:
        company = factories.company(session)
        make_republication(session, factories.published(session), factories.site(session, company))
        code = company.code
    where = Page(analyst.get(f"/desk/republications?status=confirmed&partner={code}")).link("Bộ lọc đã lưu")
    form = Page(analyst.get(where))
    sent = {"listed": form.value("listed"), "query": form.value("query"), "name": "Của họ"}
    assert analyst.post("/desk/filters/save", sent).status_code == 303
    assert analyst.post("/desk/filters/save", {**sent, "name": "Chung", "for_all": "1"}).status_code == 303
    assert analyst.post("/desk/filters/save", {**sent, "name": " "}).status_code == 422
    page = Page(analyst.get("/desk/filters/"))
    assert [row[0] for row in page.rows("Các bộ lọc")] == ["Chung", "Của họ"]
    opened = Page(analyst.get(page.link("Của họ")))
    assert len(opened.rows("Danh sách bài đăng lại")) == 1
    with analyst.database.read() as session:
        ids = {row.name: row.public for row in session.execute(sa.select(SavedFilter)).scalars()}
    analyst.sign_in(Role.WRITER)
    assert [row[0] for row in Page(analyst.get("/desk/filters/")).rows("Các bộ lọc")] == ["Chung"]
    assert analyst.post(f"/desk/filters/{ids['Của họ']}/remove").status_code == 404
    assert analyst.post(f"/desk/filters/{ids['Chung']}/remove").status_code == 403
    assert analyst.post("/desk/filters/save", {**sent, "name": "x", "for_all": "1"}).status_code == 403
    analyst.sign_in(Role.ANALYST)
    for ident in ids.values():
        assert analyst.post(f"/desk/filters/{ident}/remove").status_code == 303
    assert Page(analyst.get("/desk/filters/")).has("Chưa có bộ lọc nào.")


def test_a_filter_that_names_what_is_gone_says_so_and_opens_on_what_is_gone(analyst: Desk) -> None:
    sent = {"listed": "copies", "query": "partner=khong-con&status=confirmed", "name": "Cũ"}
    assert analyst.post("/desk/filters/save", sent).status_code == 303
    page = Page(analyst.get("/desk/filters/"))
    assert page.has("nêu thứ không còn: khong-con")
    assert "partner=khong-con" in analyst.get(page.link("Cũ"), 422)


def test_open_data_is_for_who_has_a_key_until_an_administrator_opens_it(desk: Desk) -> None:
    with desk.database.write() as session:
        company = factories.company(session)
        theirs = add_key(session, "test", name="x", company_id=company.id, now=desk.office.now()).text
        ours = add_key(session, "test", name="y", role=Role.WRITER, now=desk.office.now()).text
    outsider = desk.app.test_client()
    for name in TABLES:
        path = f"/open-data/{name}.csv"
        assert outsider.get(path).status_code == 404
        assert outsider.get(f"/open-data/{theirs}/{name}.csv").status_code == 404
        for got in (
            outsider.get(f"/open-data/{ours}/{name}.csv"),
            outsider.get(path, headers={"Authorization": f"Bearer {ours}"}),
        ):
            assert got.status_code == 200
            assert got.headers["Cache-Control"] == "private, no-store"
            assert got.data.decode("utf-8-sig").startswith(",".join(column.name for column in TABLES[name].columns))
    assert outsider.get(f"/open-data/{ours}/people.csv").status_code == 404
    desk.sign_in(Role.ANALYST)
    assert desk.post("/desk/open-data/open", {"open": "1"}).status_code == 403
    desk.sign_in(Role.ADMIN)
    assert desk.post("/desk/open-data/open", {"open": "1"}).status_code == 303
    assert outsider.get("/open-data/partners.csv").status_code == 200
    assert Page(desk.get("/desk/open-data/")).has("ai cũng đọc được")
    assert desk.post("/desk/open-data/open", {"open": "0"}).status_code == 303
    assert outsider.get("/open-data/partners.csv").status_code == 404
    with desk.database.read() as session:
        query = sa.select(JournalEntry.act).where(JournalEntry.act.startswith("open_data.")).order_by(JournalEntry.seq)
        assert list(session.execute(query).scalars()) == ["open_data.opened", "open_data.closed"]
