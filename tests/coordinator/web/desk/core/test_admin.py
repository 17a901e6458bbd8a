"""Administration: people, keys, the department, topics, campaigns with their targets."""

import threading
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from campaigns.channels import channels
from campaigns.channels.channels import Channel
from campaigns.core.journal import JournalEntry
from campaigns.people.keys import add_key, find_key
from campaigns.people.office import current_office
from campaigns.people.staff import Person, Role, add_person, find_by_email
from campaigns.planning.campaigns import Metric, find_campaign, find_topic
from campaigns.republications.attribution.office_spellings import office_source_names
from campaigns.republications.attribution.source_lines import our_name_in
from coordinator.health_facts import Fact, fact
from coordinator.web.auth.passwords import hash_password
from coordinator.web.desk.core import health
from coordinator.web.kit.forms.fields import parse_number
from tests import factories
from tests.coordinator.installation import until
from tests.coordinator.web.desk.conftest import STAFF, Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import ADMIN

GOOD = "mật khẩu đầu tiên"


@pytest.fixture
def admin(desk: Desk) -> Desk:
    desk.sign_in(Role.ADMIN)
    return desk


def person(desk: Desk, email: str) -> Person:
    with desk.database.read() as session:
        found = find_by_email(session, email)
        assert found is not None
        return found


def signs_in(desk: Desk, email: str, password: str) -> bool:
    """Whether this person can sign in."""
    visitor = replace(desk, client=desk.app.test_client())
    visitor.post("/login", {"email": email, "password": password})
    return visitor.client.get("/desk/progress/").status_code == 200


def invited(desk: Desk, email: str = "Ha@so.example", role: str = "writer") -> str:
    """Return the path of the link of a person just invited."""
    answer = desk.post("/desk/admin/people/_new", {"name": "Thu Hà", "email": email, "role": role})
    assert answer.status_code == 303, answer.text
    (link,) = Page(desk.get(answer.location)).words("#lien-ket")
    return link.removeprefix("http://localhost:8800")


def test_somebody_is_invited_to_a_role_sets_a_password_and_can_sign_in(admin: Desk) -> None:
    link = invited(admin)
    added = person(admin, "ha@so.example")
    assert (added.name, added.role, added.active, added.password) == ("Thu Hà", Role.WRITER, True, None)
    page = Page(admin.get("/desk/admin/people/"))
    assert any(row[0].startswith("Thu Hà") and "Chưa vào lần đầu" in row[2] for row in page.rows("Người dùng"))
    assert Page(admin.get("/desk/admin/people/ha@so.example")).words("#lien-ket") == []
    guest = replace(admin, client=admin.app.test_client())
    answer = guest.post(link, {"name": "Trần Thu Hà", "password": GOOD, "again": GOOD})
    assert (answer.status_code, answer.location) == (303, "/desk")
    assert guest.client.get("/desk/progress/").status_code == 200
    assert person(admin, "ha@so.example").name == "Trần Thu Hà"
    assert signs_in(admin, "ha@so.example", GOOD)
    # The same letters in decomposed form.
    assert signs_in(admin, "ha@so.example", unicodedata.normalize("NFD", GOOD))
    assert not signs_in(admin, "ha@so.example", "mật khẩu khác hẳn")


def test_an_address_that_is_taken_comes_back_in_words(admin: Desk) -> None:
    answer = admin.post("/desk/admin/people/_new", {"email": STAFF[Role.WRITER].id, "role": "writer"})
    assert Page(answer.text).errors() == {"email": f"{STAFF[Role.WRITER].id} đã có tài khoản."}


def test_a_role_is_changed_and_somebody_is_kept_out_at_once(admin: Desk) -> None:
    email = STAFF[Role.WRITER].id
    admin.post(f"/desk/admin/people/{email}", {"role": "approver", "active": "1"})
    assert person(admin, email).role is Role.APPROVER
    before = person(admin, email).fs_uniquifier
    admin.post(f"/desk/admin/people/{email}", {"role": "approver"})
    assert person(admin, email).active is False
    assert person(admin, email).fs_uniquifier != before


def test_the_last_administrator_stays(admin: Desk) -> None:
    answer = admin.post(f"/desk/admin/people/{STAFF[Role.ADMIN].id}", {"role": "writer", "active": "1"})
    assert answer.status_code == 422
    assert "người quản trị cuối cùng" in Page(answer.text).errors()["role"]
    assert person(admin, STAFF[Role.ADMIN].id).role is Role.ADMIN


def test_a_link_for_a_new_password_takes_the_old_ones_place_and_ends_the_sessions(admin: Desk) -> None:
    email = STAFF[Role.WRITER].id
    with admin.database.write() as session:
        session.execute(sa.update(Person).where(Person.email == email).values(password=hash_password("câu đã quên")))
    writer = replace(admin, client=admin.app.test_client())
    writer.sign_in(Role.WRITER)
    links = []
    for _time in range(2):
        answer = admin.post(f"/desk/admin/people/{email}/link")
        links += Page(admin.get(answer.location)).words("#lien-ket")
    old, new = (link.removeprefix("http://localhost:8800") for link in links)
    guest = replace(admin, client=admin.app.test_client())
    sent = {"password": GOOD, "again": GOOD}
    assert guest.post(old, sent).status_code == 410
    assert writer.client.get("/desk").status_code == 200
    assert guest.post(new, sent).status_code == 303
    assert writer.client.get("/desk").status_code == 302
    assert signs_in(admin, email, GOOD)
    assert not signs_in(admin, email, "câu đã quên")
    with admin.database.read() as session:
        entries = session.execute(sa.select(JournalEntry).order_by(JournalEntry.seq)).scalars().all()
    assert [entry.act for entry in entries if entry.act.startswith("person.link")] == ["person.link_made"] * 2
    assert all(GOOD not in entry.details and link not in entry.details for entry in entries for link in links)


def new_key(desk: Desk, **given: str) -> str:
    answer = desk.post("/desk/admin/keys/_new", {"name": "Máy báo cáo", "holder": "role:analyst"} | given)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def test_a_key_is_shown_once_and_works(admin: Desk) -> None:
    where = new_key(admin, expires_on="31/12/2026")
    text = Page(admin.get(where)).words("#khoa")[0]
    with admin.database.read() as session:
        found = find_key(session, text, now=admin.office.now())
        assert found is not None
        assert found.role is Role.ANALYST
        assert find_key(session, text, now=admin.office.now() + timedelta(days=60)) is None
    again = Page(admin.get(where))
    assert again.words("#khoa") == []
    (row,) = again.rows("Danh sách khóa")
    assert row[3] == "31/12/2026"
    assert text.split("_", 2)[2] not in str(row)


def test_the_page_says_whose_a_key_is_and_that_it_stops_with_the_account(admin: Desk) -> None:
    text = Page(admin.get(new_key(admin))).words("#khoa")[0]
    with admin.database.write() as session:
        add_key(session, "cli", name="Chương trình", role=Role.APPROVER, now=admin.office.now())
        maker = find_key(session, text, now=admin.office.now())
        assert maker is not None
        assert maker.person is not None
        name = maker.person.name
        gone = add_person(
            session, "cli", email="cu@so.example", name="Người cũ", role=Role.ANALYST, password_hash=None,
            uniquifier="c", now=admin.office.now(),
        )  # fmt: skip
        add_key(session, "cli", name="Máy cũ", role=Role.ANALYST, person=gone, now=admin.office.now())
        gone.active = False
    former, program, own = Page(admin.get("/desk/admin/keys/")).rows("Danh sách khóa")
    assert own[1].endswith(name)
    assert program[1].endswith("không thuộc về ai: không duyệt hay xác nhận được việc của một người")
    assert (former[1].endswith("Người cũ"), former[2]) == (True, "Ngừng: tài khoản của người này đã ngừng")


def test_a_partners_key_is_shown_on_its_page_with_its_feeds(admin: Desk) -> None:
    with admin.database.write() as session:
        factories.company(session, "Nhịp Sông")
    where = new_key(admin, holder="partner", partner="nhip-song")
    assert where == "/desk/partners/nhip-song"
    page = Page(admin.get(where))
    (text,) = page.words("#khoa")
    assert page.has(f"http://localhost:8800/feeds/{text}/rss.xml")
    # The address does belong to the partner.
    assert admin.app.test_client().get(f"/feeds/{text}/rss.xml").status_code == 200


def test_a_partner_without_a_key_is_given_its_first_from_its_page(admin: Desk) -> None:
    with admin.database.write() as session:
        factories.company(session, "Nhịp Sông")
    page = Page(admin.get("/desk/partners/nhip-song"))
    path = page.link("Tạo khóa đầu tiên")
    form = Page(admin.get(path))
    assert form.heading == "Tạo khóa cho Nhịp Sông"
    refused = admin.post(path, {"name": "", "holder": form.value("holder"), "partner": form.value("partner")})
    assert (refused.status_code, Page(refused.text).heading) == (422, "Tạo khóa cho Nhịp Sông")
    answer = admin.post(
        path, {"name": "Máy chủ lấy tin", "holder": form.value("holder"), "partner": form.value("partner")}
    )
    assert answer.headers["Location"] == "/desk/partners/nhip-song"
    page = Page(admin.get("/desk/partners/nhip-song"))
    (text,) = page.words("#khoa")
    assert not page.has("Tạo khóa đầu tiên")
    assert admin.app.test_client().get(f"/feeds/{text}/rss.xml").status_code == 200
    (entry,) = Page(admin.get("/desk/admin/journal/?act=key.added")).rows("Các mục nhật ký")
    assert "Đối tác nhip-song" in entry[4]
    admin.get("/desk/admin/keys/_new?partner=khong-co", 404)


def test_a_key_without_a_holder_or_in_the_past_is_refused(admin: Desk) -> None:
    answer = admin.post("/desk/admin/keys/_new", {"name": "X", "holder": "role:king"})
    assert set(Page(answer.text).errors()) == {"holder"}
    answer = admin.post("/desk/admin/keys/_new", {"name": "", "holder": "role:analyst", "expires_on": "2020-01-01"})
    assert set(Page(answer.text).errors()) == {"name", "expires-on"}


def test_a_key_is_ended_after_its_consequence_was_shown(admin: Desk) -> None:
    page = Page(admin.get(new_key(admin)))
    text = page.words("#khoa")[0]
    revoke = page.link("Hủy khóa… Máy báo cáo")
    assert Page(admin.get(revoke)).has("Mọi yêu cầu bằng khóa này bị từ chối ngay")
    with admin.database.read() as session:
        assert find_key(session, text, now=admin.office.now()) is not None
    assert admin.post(revoke).status_code == 303
    with admin.database.read() as session:
        assert find_key(session, text, now=admin.office.now()) is None
    assert admin.post(revoke).status_code == 409
    assert Page(admin.get("/desk/admin/keys/?ended=1")).rows("Danh sách khóa")[0][2] == "Đã hủy"


def test_the_departments_names_are_kept_a_line_each(admin: Desk) -> None:
    admin.post(
        "/desk/admin/office/",
        {
            "name": "Sở Thông tin",
            "parent": "UBND",
            "place": "Hà Nội",
            "source_names": "STT\nCổng tin; Sở TT",
            "not_us": "Sở Y tế",
        },
    )
    with admin.database.read() as session:
        office = current_office(session)
    assert office.source_names == ["Sở Thông tin", "STT", "Cổng tin", "Sở TT"]
    assert office.not_us == ["Sở Y tế"]
    page = Page(admin.get("/desk/admin/office/"))
    assert page.value("source_names").strip() == "STT\nCổng tin\nSở TT"
    answer = admin.post("/desk/admin/office/", {"name": ""})
    assert Page(answer.text).errors() == {"name": "Nhập tên"}


def test_the_office_adds_its_abbreviations_and_bad_ones_are_named_with_their_line(admin: Desk) -> None:
    form = {"name": "Sở Thông tin Hà Nội", "spellings": "STT = Sở Thông tin\nTTB = Trung tâm Báo chí"}
    admin.post("/desk/admin/office/", form)
    page = Page(admin.get("/desk/admin/office/"))
    assert page.value("spellings").strip() == "STT = Sở Thông tin\nTTB = Trung tâm Báo chí"
    with admin.database.read() as session:
        assert our_name_in("Theo STT Hà Nội", office_source_names(current_office(session))) == form["name"]
    answer = admin.post("/desk/admin/office/", {"name": "", "spellings": "STT = Sở Thông tin\nHN = HCM"})
    assert Page(answer.text).errors() == {
        "name": "Nhập tên",
        "spellings": "Dòng 2: Cách viết này làm hai tên khác nhau thành một",
    }
    with admin.database.read() as session:
        assert len(current_office(session).spellings) == 2


def test_an_abbreviation_that_would_make_a_partner_us_is_refused(admin: Desk) -> None:
    with admin.database.write() as session:
        factories.company(session, name="Nhật báo Bến Đò")
    form = {"name": "Sở Thông tin Bến Đò", "spellings": "Nhật báo = Sở Thông tin"}
    answer = admin.post("/desk/admin/office/", form)
    assert Page(answer.text).errors() == {"spellings": "Dòng 1: Cách viết này làm hai tên khác nhau thành một"}


def test_a_topic_gets_its_code_from_its_name(admin: Desk) -> None:
    admin.post("/desk/admin/topics/", {"name": "Giao thông đô thị"})
    with admin.database.read() as session:
        assert find_topic(session, "giao-thong-do-thi") is not None
    answer = admin.post("/desk/admin/topics/", {"name": "Khác", "code": "dich-benh"})
    assert Page(answer.text).errors() == {"code": "Đã có chuyên đề mang mã dich-benh."}


PLAN = {
    "plan_number": "174-KH/UBND",
    "name": "Lan tỏa thông tin chính thống",
    "code": "kh-174",
    "starts_on": "2026-10-01",
    "ends_on": "31/12/2026",
    "topics": ["dich-benh"],
}


def rows(*targets: tuple[str, str, str, str]) -> dict[str, str]:
    return {
        f"targets.{number}.{part}": value
        for number, row in enumerate(targets)
        for part, value in zip(("metric", "quota", "topic", "period"), row, strict=True)
    }


BLANK = ("republications", "", "", "")


def test_a_campaign_is_saved_with_its_targets_and_blank_rows_are_nothing(admin: Desk) -> None:
    targets = rows(
        ("republications", "12.500", "", ""), BLANK, ("attribution_rate", "98,5", "", "2026-Q4"), BLANK,
        ("bulletins", "330", "dich-benh", ""),
    )  # fmt: skip
    answer = admin.post("/desk/admin/campaigns/_new", PLAN | targets)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/progress/?campaign=kh-174")
    with admin.database.read() as session:
        campaign = find_campaign(session, "kh-174")
        kept = [
            (target.metric, target.quota, target.topic.code if target.topic else None, target.period)
            for target in campaign.targets
        ]
        assert (campaign.starts_on, campaign.ends_on) == (date(2026, 10, 1), date(2026, 12, 31))
    assert kept == [
        (Metric.REPUBLICATIONS, 12_500, None, None),
        (Metric.ATTRIBUTION_RATE, 98.5, None, "2026-Q4"),
        (Metric.BULLETINS, 330, "dich-benh", None),
    ]
    page = Page(admin.get("/desk/admin/campaigns/kh-174"))
    assert [page.value(f"targets.{n}.quota") for n in range(4)] == ["12.500", "98,5", "330", ""]


def test_what_the_form_shows_can_be_saved_again_unchanged(admin: Desk) -> None:
    admin.post(
        "/desk/admin/campaigns/_new", PLAN | rows(("republications", "12.500", "", ""), ("views", "1000000", "", ""))
    )
    page = Page(admin.get("/desk/admin/campaigns/kh-174"))
    again = {
        node.attributes["name"] or "": page.value(node.attributes["name"] or "")
        for node in page.tree.css("main [name^='targets.']")
    }
    admin.post("/desk/admin/campaigns/kh-174", PLAN | again)
    with admin.database.read() as session:
        assert [target.quota for target in find_campaign(session, "kh-174").targets] == [12_500, 1_000_000]


def test_errors_stand_at_the_row_they_were_typed_in(admin: Desk) -> None:
    targets = rows(
        BLANK, ("republications", "nhiều", "", ""), BLANK, ("attribution_rate", "120", "", ""),
        ("republications", "5", "", "mùa xuân"),
    )  # fmt: skip
    answer = admin.post("/desk/admin/campaigns/_new", PLAN | targets | {"plan_number": "", "ends_on": "2026-09-01"})
    assert answer.status_code == 422
    page = Page(answer.text)
    assert set(page.errors()) == {"plan-number", "ends-on", "targets-1-quota", "targets-3-quota", "targets-4-period"}
    assert page.errors()["targets-1-quota"] == "Dòng 2: Nhập một con số, ví dụ 12.500 hoặc 98,5"
    assert page.value("targets.1.quota") == "nhiều"
    with admin.database.read() as session:
        assert session.execute(sa.text("SELECT count(*) FROM campaigns")).scalar_one() == 0


def test_a_number_that_is_none_saves_nothing_even_when_all_else_is_right(admin: Desk) -> None:
    answer = admin.post("/desk/admin/campaigns/_new", PLAN | rows(("republications", "x", "", "")))
    assert set(Page(answer.text).errors()) == {"targets-0-quota"}
    answer = admin.post("/desk/admin/campaigns/_new", PLAN | {"starts_on": "hôm qua"})
    assert Page(answer.text).errors() == {"starts-on": "Nhập ngày theo mẫu 24/11/2026"}
    with admin.database.read() as session:
        assert session.execute(sa.text("SELECT count(*) FROM campaigns")).scalar_one() == 0


def test_an_approver_plans_and_does_not_configure(desk: Desk) -> None:
    desk.sign_in(Role.APPROVER)
    assert Page(desk.get("/desk/admin/campaigns/")).heading == "Kế hoạch và chỉ tiêu"
    assert desk.post("/desk/admin/campaigns/_new", PLAN).status_code == 303
    for path in (
        "/desk/admin/",
        "/desk/admin/people/",
        "/desk/admin/keys/",
        "/desk/admin/office/",
        "/desk/admin/journal/",
    ):
        assert desk.client.get(path).status_code == 403


@pytest.mark.parametrize("role", [Role.WRITER, Role.ANALYST])
def test_others_administer_nothing(desk: Desk, role: Role) -> None:
    desk.sign_in(role)
    for path in (
        "/desk/admin/people/_new", "/desk/admin/keys/_new", "/desk/admin/office/", "/desk/admin/topics/",
        "/desk/admin/campaigns/_new", "/desk/admin/journal/verify",
    ):  # fmt: skip
        assert desk.post(path).status_code == 403


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("12.500", 12_500), ("12500", 12_500), ("1.250.000", 1_250_000), ("98,5", 98.5), ("98.5", 98.5),
        ("1.234,5", 1234.5), ("12 500", 12_500), ("", None), ("nhiều", None), ("-1", None),
        ("nan", None), ("1e300", None),
    ],
)  # fmt: skip
def test_figures_are_read_as_vietnamese_readers_write_them(typed: str, value: float | None) -> None:
    assert parse_number(typed) == value


def test_the_overview_counts_what_there_is(admin: Desk) -> None:
    page = Page(admin.get("/desk/admin/"))
    assert page.has("4 người đang được vào")
    assert page.has("3 chuyên đề")


def test_a_block_without_a_reason_is_asked_for_one_in_its_own_words(admin: Desk) -> None:
    response = admin.post("/desk/admin/blocks/", {"pattern": "rac.example", "reason": " "})
    assert response.status_code == 422
    assert Page(response.text).errors() == {"reason": "Ghi lý do, để người làm sau hiểu"}
    assert admin.post("/desk/admin/blocks/", {"pattern": "rac.example", "reason": "Rác."}).status_code == 303


def test_a_department_with_too_long_a_name_is_refused_at_its_fields(admin: Desk) -> None:
    form = {"name": "Đ" * 301, "parent": "Đ" * 301, "place": "Đ" * 121}
    answer = admin.post("/desk/admin/office/", form)
    assert answer.status_code == 422
    assert Page(answer.text).errors() == dict.fromkeys(form, "Mục này quá dài")


def test_a_partners_first_key_adds_its_feed_channel_and_says_so(admin: Desk) -> None:
    with admin.database.write() as session:
        code = factories.company(session, "Công ty Nhịp Sông").code
    given = {"holder": "partner", "partner": code}
    assert Page(admin.get(new_key(admin, **given))).has("thêm kênh Nguồn tin Công ty Nhịp Sông")
    with admin.database.write() as session:
        channel = session.execute(sa.select(Channel)).scalar_one()
        assert (channel.kind, channel.company.code if channel.company else "") == ("feed", code)
        channels.retire(session, ADMIN, channel)  # the partner is to read nothing: another key opens nothing again
    assert not Page(admin.get(new_key(admin, **given, name="Máy khác"))).has("thêm kênh")
    with admin.database.read() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(Channel)).scalar_one() == 1


def test_health_is_what_doctor_says_and_no_check_that_hangs_holds_the_page(admin: Desk) -> None:
    page = Page(admin.get("/desk/admin/health/"))
    assert page.has("Chưa có bản sao lưu nào.")
    assert page.has("Người vận hành chạy lại hệ thống: chưa có tiến trình hẹn giờ thì bản tin hẹn giờ không ra.")
    # Every line that is right is a sentence in the reader's language, and what is off is not called good.
    assert page.words("[aria-labelledby=tot] [lang=en], [aria-labelledby=tat] [lang=en]") == []
    assert page.has("Chưa khai máy chủ thư")
    good, unused = (" ".join(page.words(f"[aria-labelledby={place}] b")) for place in ("tot", "tat"))
    assert "Thư điện tử" in unused
    assert "Thư điện tử" not in good
    gate = threading.Event()

    def hangs(line: Callable[[str, bool, Sequence[Fact]], None]) -> None:
        line("disk", True, [fact("disk", free=1, whole=2)])
        gate.wait(60)

    lines = health.HealthProbe(hangs)
    found, whole = lines.lines(1)
    assert [(line.subject, line.good, whole) for line in found] == [("disk", True, False)]
    assert lines.lines(0.05) == ([], False)  # the earlier run still hangs, and no second one begins
    gate.set()
    until("the earlier run has ended", lambda: lines.lines(5)[1])
