"""The desk's queue of questions: counted, answered, closed, and made public without a name."""

import pytest

from campaigns.messages import questions
from campaigns.messages.questions import QuestionSubject
from campaigns.people.staff import Actor, Role
from tests import factories
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page

EDITOR = Actor("key:abc", "Phòng nội dung", None)


@pytest.fixture
def asked(desk: Desk) -> str:
    """Ask a question as a partner and sign in an analyst; returns the address of its page."""
    with desk.database.write() as session:
        company = factories.company(session, "Công ty Nhịp Sông")
        row = questions.ask_question(
            session, EDITOR, company.id, "Dòng <nguồn>", "Đặt ở đâu?", QuestionSubject(), "f", now=desk.office.now()
        )
        public = row.public
        factories.draft(session)
    desk.sign_in(Role.ANALYST)
    return f"/desk/questions/{public}"


def test_what_waits_is_counted_in_the_menu_and_among_the_days_tasks(desk: Desk, asked: str) -> None:
    today = Page(desk.get("/desk"))
    assert today.has("1 câu hỏi của đối tác chờ trả lời")
    assert "Câu hỏi của đối tác 1 chờ trả lời" in " ".join(today.words("nav.side a"))
    assert Page(desk.get("/desk/questions")).rows("Câu hỏi")[0][0] == "Dòng <nguồn>"
    desk.post(f"{asked}/answer", {"text": "Ở cuối bài.", "heard": "1", "mark": "a"})
    assert not Page(desk.get("/desk")).has("chờ trả lời")
    assert Page(desk.get("/desk/questions")).has("Không có câu hỏi nào chờ trả lời.")
    assert Page(desk.get("/desk/questions?state=answered")).rows("Câu hỏi")


def test_an_answer_to_what_was_written_meanwhile_keeps_its_words(desk: Desk, asked: str) -> None:
    desk.post(f"{asked}/answer", {"text": "Đồng nghiệp đã trả lời.", "heard": "1", "mark": "a"})
    late = desk.post(f"{asked}/answer", {"text": "Của tôi.", "heard": "1", "mark": "b"})
    assert late.status_code == 409
    page = Page(late.text)
    assert page.value("text") == "Của tôi."
    assert page.has("Đồng nghiệp đã trả lời.")
    again = desk.post(f"{asked}/answer", {"text": "Của tôi.", "heard": page.value("heard"), "mark": page.value("mark")})
    assert again.status_code == 303


def test_an_empty_answer_comes_back(desk: Desk, asked: str) -> None:
    answer = desk.post(f"{asked}/answer", {"text": " ", "heard": "1", "mark": "a"})
    assert answer.status_code == 422
    assert Page(answer.text).errors() == {"text": "Mục này không được để trống"}


def test_closing_is_undone(desk: Desk, asked: str) -> None:
    desk.post(f"{asked}/close")
    assert Page(desk.get(asked)).has("Đã khép lại")
    desk.post(f"{asked}/reopen")
    assert Page(desk.get(asked)).has("Chờ trả lời")


def test_public_words_are_the_approvers_and_name_nobody(desk: Desk, asked: str) -> None:
    words = {"question": "Dòng nguồn đặt ở đâu?", "answer": "Ở cuối bài.", "version": "0"}
    assert desk.post(f"{asked}/share", words).status_code == 403
    desk.sign_in(Role.APPROVER)
    bad = desk.post(f"{asked}/share", words | {"question": "Cong ty nhip song hỏi"})
    assert bad.status_code == 422
    assert list(Page(bad.text).errors()) == ["question"]
    assert Page(bad.text).value("question") == "Cong ty nhip song hỏi"
    assert desk.post(f"{asked}/share", words).status_code == 303
    assert Page(desk.get(asked)).has("Mọi đối tác đang đọc")
    assert desk.post(f"{asked}/share", words | {"answer": "Khác"}).status_code == 409
    desk.post(f"{asked}/withdraw")
    assert Page(desk.get(asked)).has("Lời đăng công khai đã gỡ.")
    desk.post(f"{asked}/restore")
    assert Page(desk.get(asked)).has("Mọi đối tác đang đọc")
