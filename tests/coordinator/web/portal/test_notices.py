"""A partner's notices and questions in the portal: only its own, marked as read by an action and not by a GET."""

import random

import pytest
import sqlalchemy as sa

from campaigns.messages import notice_readers, notice_workflow, questions
from campaigns.messages.notice_workflow import NoticeContent
from campaigns.messages.notices import NoticeAudience, NoticeReadReceipt
from campaigns.messages.questions import MOST_MESSAGES_A_DAY, QuestionMessage, QuestionSubject
from campaigns.partners.directory import Company, Site
from campaigns.people.staff import Actor, Role
from tests.coordinator.web.desk.page_reader import Page
from tests.coordinator.web.portal.conftest import Portal, key_of
from tests.coordinator.web.portal.editors import enter_as_editor
from tests.factories import APPROVER, NOW, WRITER


def company(portal: Portal, site: str = "Nhịp Sông") -> Company:
    with portal.desk.database.read() as session:
        query = sa.select(Company).join(Site, Site.company_id == Company.id).where(Site.name == site)
        return session.execute(query).scalar_one()


def out(portal: Portal, wanted: NoticeContent, form: str = "a") -> str:
    """Publish a notice and return its id."""
    with portal.desk.database.write() as session:
        row = notice_workflow.draft_notice(session, WRITER, wanted, form, now=NOW)
        return notice_workflow.publish_notice(session, APPROVER, row.public, row.version, now=NOW).public


def correct(portal: Portal, name: str, wanted: NoticeContent) -> None:
    with portal.desk.database.write() as session:
        version = notice_workflow.find_notice(session, name).version
        notice_workflow.correct_notice(session, APPROVER, name, wanted, "Đổi ngày", version, now=NOW)


def readings(portal: Portal) -> list[NoticeReadReceipt]:
    with portal.desk.database.read() as session:
        return list(session.execute(sa.select(NoticeReadReceipt)).scalars())


WANTED = NoticeContent("Thêm ảnh đếm", "<p>Mời thêm.</p>", NoticeAudience.ALL, must_confirm=True)


def test_a_look_is_no_reading_and_a_press_is(portal: Portal) -> None:
    name = out(portal, WANTED)
    portal.enter()
    assert "Việc cần làm 1 việc" in " ".join(portal.page().words(".tabnav a"))
    for _ in range(2):
        portal.page(f"/notices/{name}")
        portal.desk.client.head(f"/portal/notices/{name}")
    assert portal.desk.client.get(f"/portal/notices/{name}/read").status_code == 405
    assert readings(portal) == []
    for _ in range(2):
        assert portal.desk.post(f"/portal/notices/{name}/read", {"edition": "1"}).status_code == 303
    (reading,) = readings(portal)
    assert (reading.read_by_name, reading.confirmed_at) == ("Công ty CP Truyền thông Nhịp Sông", None)
    assert portal.page("/notices").rows("Thông báo của Sở")[0][1] == "Đã đọc, chưa xác nhận"
    portal.desk.post(f"/portal/notices/{name}/confirm", {"edition": "1"})
    assert portal.page("/notices").rows("Thông báo của Sở")[0][1] == "Đã xác nhận"
    assert not portal.page("/tasks").has("chờ đơn vị")


def test_an_editor_reads_and_asks_by_name(portal: Portal) -> None:
    name = out(portal, WANTED)
    enter_as_editor(portal)
    portal.desk.post(f"/portal/notices/{name}/confirm", {"edition": "1"})
    form = {"about": "general", "heading": "Dòng nguồn", "text": "Đặt ở đâu?", "mark": "m"}
    asked = portal.desk.post("/portal/questions/_new", form).headers["Location"].rpartition("/")[2]
    portal.desk.sign_in(Role.APPROVER)
    (line,) = (row for row in Page(portal.desk.get(f"/desk/notices/{name}")).rows("Nơi nhận") if "Nhịp Sông" in row[0])
    assert line[1] == "Đã xác nhận"
    assert "Ngọc Lan" in line[3]
    assert "Ngọc Lan" in portal.desk.get(f"/desk/questions/{asked}")
    words = {"question": "Bạn Ngoc Lan hỏi dòng nguồn", "answer": "Ở cuối bài.", "version": "0"}
    assert portal.desk.post(f"/desk/questions/{asked}/share", words).status_code == 422


def test_a_page_that_says_itself_that_it_was_read_gets_how_it_stands(portal: Portal) -> None:
    name = out(portal, WANTED)
    portal.enter()
    part = portal.desk.post(f"/portal/notices/{name}/read", {"edition": "1"}, headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert "Đã đọc, chưa xác nhận" in part.text
    assert "hx-post" not in part.text
    assert "Xác nhận sẽ làm theo" in part.text


@pytest.mark.parametrize("act", ["read", "confirm"])
def test_a_page_from_before_a_correction_reads_nothing(portal: Portal, act: str) -> None:
    name = out(portal, WANTED)
    portal.enter()
    correct(portal, name, WANTED)
    response = portal.desk.post(f"/portal/notices/{name}/{act}", {"edition": "1"}, follow_redirects=True)
    assert "Thông báo vừa được sửa hoặc thu hồi" in response.text
    alone = portal.desk.post(f"/portal/notices/{name}/{act}", {"edition": "1"}, headers={"HX-Request": "true"})
    assert "Thông báo vừa được sửa hoặc thu hồi" in alone.text
    assert readings(portal) == []
    assert portal.page(f"/notices/{name}").has("Đổi ngày")


def test_a_question_is_asked_once_answered_and_gone_on_with(portal: Portal) -> None:
    portal.enter()
    form = {"about": "general", "heading": "Dòng nguồn", "text": "Đặt ở <đâu>?", "mark": "m"}
    place = portal.desk.post("/portal/questions/_new", form).headers["Location"]
    assert portal.desk.post("/portal/questions/_new", form).headers["Location"] == place
    with portal.desk.database.write() as session:
        questions.answer_question(session, WRITER, place.rpartition("/")[2], "Ở cuối bài.", "a", 1, now=NOW)
    text = portal.desk.get(place)
    assert "Ở cuối bài." in text
    assert "Đặt ở &lt;đâu&gt;?" in text
    assert WRITER.name not in text
    for _ in range(2):
        portal.desk.post(f"{place}/add", {"text": "Cả bài ảnh?", "mark": "m2"})
    with portal.desk.database.read() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(QuestionMessage)).scalar_one() == 3
    portal.desk.post(f"{place}/close")
    assert "Đã khép lại" in portal.desk.get(place)
    portal.desk.post(f"{place}/reopen")
    assert "Chờ trả lời" in portal.desk.get(place)


def test_a_bad_question_comes_back_with_what_was_typed(portal: Portal) -> None:
    portal.enter()
    form = {"about": "bulletin", "name": "BT-khong-co", "heading": "", "text": "Chữ của tôi", "mark": "m"}
    answer = portal.desk.post("/portal/questions/_new", form)
    assert answer.status_code == 422
    assert "Chữ của tôi" in answer.text
    assert "Không có bản tin nào đã phát hành mang mã này" in answer.text
    for number in range(MOST_MESSAGES_A_DAY):
        good = {"about": "general", "heading": "x", "text": "x", "mark": f"n{number}"}
        assert portal.desk.post("/portal/questions/_new", good).status_code == 303
    stopped = portal.desk.post("/portal/questions/_new", {"about": "general", "heading": "x", "text": "x", "mark": "z"})
    assert stopped.status_code == 422
    assert "Mời quay lại ngày mai" in stopped.text


def test_characters_that_no_database_keeps_are_left_out_and_anothers_form_takes_nothing(portal: Portal) -> None:
    portal.enter()
    form = {"about": "general", "heading": "Dòng\x07 nguồn", "text": "Đặt\x07 ở đâu?\u202e", "mark": "m\x07"}
    made = portal.desk.post("/portal/questions/_new", form)
    assert made.status_code == 303, made.text[:300] + made.text[-1500:]
    place = made.headers["Location"]
    assert portal.page(place.removeprefix("/portal")).heading == "Dòng nguồn"
    portal.desk.get("/portal/questions/_answers?q=%07&page=x")
    portal.desk.get("/portal/questions/_new?about=finding&name=%07")
    portal.desk.client.delete_cookie("lantoa")
    portal.enter(key_of(portal.desk.database, "Công Tin Sáng"))
    assert portal.desk.post("/portal/questions/_new", form | {"mark": "m"}).status_code == 422
    assert portal.page("/questions").has("Đơn vị chưa hỏi gì.")


def test_public_answers_are_found_without_marks_and_name_nobody(portal: Portal) -> None:
    theirs = company(portal, "Công Tin Sáng")
    with portal.desk.database.write() as session:
        editor = Actor("key:theirs", "Trần Văn Sáng", None)
        row = questions.ask_question(
            session, editor, theirs.id, "Riêng tư", "Chữ riêng", QuestionSubject(), "f", now=NOW
        )
        questions.publish_answer(session, APPROVER, row.public, "Dòng nguồn đặt ở đâu?", "Ở cuối bài.", 0, now=NOW)
        public = row.public
    portal.enter()
    text = portal.desk.get("/portal/questions/_answers?q=dong+nguon")
    assert "Dòng nguồn đặt ở đâu?" in text
    for secret in ("Trần Văn Sáng", "Chữ riêng", "Riêng tư", public, "Công Tin Sáng"):
        assert secret not in text
    assert "Không có câu nào khớp" in portal.desk.get("/portal/questions/_answers?q=khac&page=9")


@pytest.mark.parametrize("seed", range(3))
def test_no_partner_ever_meets_anything_of_another(portal: Portal, seed: int) -> None:
    """Random notices, read receipts and questions of two partners: each page contains only its reader's."""
    dice = random.Random(seed)
    sides = {site: company(portal, site) for site in ("Nhịp Sông", "Công Tin Sáng")}
    editors = {site: Actor(f"key:{number}", f"Người số {number} bí mật", None) for number, site in enumerate(sides)}
    own: dict[str, list[tuple[str, str]]] = {site: [] for site in sides}
    for number in range(12):
        site = dice.choice(list(sides))
        ident, editor, mark = sides[site].id, editors[site], f"dấu-{seed}-{number}-riêng"
        if dice.random() < 0.5:
            wanted = NoticeContent(mark, f"<p>{mark}</p>", NoticeAudience.CHOSEN, partners=[sides[site].code])
            name = out(portal, wanted, mark)
            own[site].append((f"/notices/{name}", mark))
            with portal.desk.database.write() as session:
                notice_readers.mark_read(session, editor, ident, name, 1, now=NOW)
        else:
            with portal.desk.database.write() as session:
                row = questions.ask_question(session, editor, ident, mark, mark, QuestionSubject(), mark, now=NOW)
                questions.answer_question(session, WRITER, row.public, f"đáp {mark}", f"a{mark}", 1, now=NOW)
                own[site].append((f"/questions/{row.public}", mark))
    shared = out(portal, NoticeContent("Cho mọi nơi", "<p>x</p>", NoticeAudience.ALL), "all")
    for site, company_row in sides.items():
        with portal.desk.database.write() as session:
            notice_readers.mark_read(session, editors[site], company_row.id, shared, 1, now=NOW)
    for site in sides:
        other = next(side for side in sides if side != site)
        portal.desk.client.delete_cookie("lantoa")
        portal.enter(key_of(portal.desk.database, site))
        pages = [
            "",
            "/notices",
            "/questions",
            "/questions/_answers",
            f"/notices/{shared}",
            *(path for path, _ in own[site]),
        ]
        text = "".join(portal.desk.get(f"/portal{path}") for path in pages)
        for path, mark in own[site]:
            assert mark in text
            assert path.rpartition("/")[2] in text
        assert editors[other].name not in text
        for path, mark in own[other]:
            assert mark not in text
            assert path.rpartition("/")[2] not in text
            portal.page(path, 404)
            acts = ("read", "confirm") if "notices" in path else ("add", "close", "reopen")
            for act in acts:
                form = {"edition": "1", "text": "x", "mark": f"thử-{act}-{mark}"}
                assert portal.desk.post(f"/portal{path}/{act}", form).status_code == 404
            about = {"about": "notice", "name": path.rpartition("/")[2], "heading": "x", "text": "x", "mark": mark[:9]}
            assert portal.desk.post("/portal/questions/_new", about).status_code == 422
