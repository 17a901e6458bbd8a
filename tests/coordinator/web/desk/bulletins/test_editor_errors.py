"""A bulletin's form with errors: all of them are reported at once, each at its field, and nothing typed is lost."""

import sqlalchemy as sa

from campaigns.bulletins.bulletins import Bulletin
from campaigns.release import workflow
from tests import factories
from tests.coordinator.web.desk.bulletins.test_editor import NEW, TYPED, only, writer
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import NOW

__all__ = ["writer"]  # another file's fixture


def test_what_is_missing_is_reported_at_its_field_and_nothing_is_saved_half_way(writer: Desk) -> None:
    answer = writer.post(NEW, TYPED | {"do": "submit", "body_html": "  "})
    assert answer.status_code == 422
    page = Page(answer.text)
    assert page.errors() == {"body-html": "Nhập nội dung bản tin"}
    assert page.value("title") == "Lịch tiêm nhắc"
    with writer.database.read() as session:
        assert session.execute(sa.select(Bulletin)).first() is None


def test_everything_wrong_with_a_form_is_reported_at_once_from_the_first_field_to_the_last(writer: Desk) -> None:
    wrong = {
        "title": " ",
        "lead": "a" * 2001,
        "body_html": "",
        "topic": "",
        "source_url": "javascript:x",
        "reach": "chosen",
    }
    answer = writer.post(NEW, TYPED | wrong | {"do": "submit"})
    assert answer.status_code == 422
    page = Page(answer.text)
    assert list(page.errors().items()) == [
        ("title", "Nhập tiêu đề bản tin"),
        ("lead", "Sapo quá dài, hãy rút còn một, hai câu"),
        ("body-html", "Nhập nội dung bản tin"),
        ("topic", "Chọn một chuyên đề trong danh sách"),
        ("source-url", "Nhập địa chỉ bắt đầu bằng http:// hoặc https://"),
        ("reach", "Chọn ít nhất một nơi, hoặc chọn gửi mọi nơi"),
    ]
    assert page.has("còn 6 chỗ phải sửa")
    assert all(page.tree.css(f"#{field}") for field in page.errors())
    writer.post(NEW, TYPED)
    answer = writer.post(f"/desk/bulletins/{only(writer).code}/edit", TYPED | wrong | {"do": "submit", "expected": "1"})
    assert list(Page(answer.text).errors()) == ["title", "lead", "body-html", "source-url", "reach"]
    assert only(writer).latest == 1


def test_a_body_over_the_limit_is_reported_with_the_rest_and_comes_back_whole(writer: Desk) -> None:
    large = "<p>" + "Tiêm chủng. " * 80_000 + "</p>"
    answer = writer.post_parts(NEW, TYPED | {"title": "", "body_as": "html", "body_html": large, "do": "submit"})
    assert answer.status_code == 422
    page = Page(answer.text)
    assert list(page.errors()) == ["title", "body-html"]
    assert "1 MB" in page.errors()["body-html"]
    assert page.value("body_html") == large
    writer.post(NEW, TYPED)
    with writer.database.write() as session:
        workflow.revise(
            session, factories.APPROVER, only(writer).code, factories.text("Của người kia", "Một."), now=NOW
        )
    edit = f"/desk/bulletins/{only(writer).code}/edit"
    answer = writer.post_parts(edit, TYPED | {"body_as": "html", "body_html": large, "expected": "1"})
    assert (answer.status_code, list(Page(answer.text).errors())) == (422, ["body-html"])


def test_two_megabytes_of_paste_are_refused_in_words_and_stay_in_the_box(writer: Desk) -> None:
    paste = "<p>" + "chữ " * 400_000 + "</p>"
    answer = writer.post_parts(NEW, TYPED | {"body_as": "html", "body_html": paste})
    assert answer.status_code == 422
    assert Page(answer.text).errors() == {
        "body-html": "Nội dung dài quá 1 MB (chừng 100.000 chữ). Bớt đi, hoặc chia thành nhiều bản tin"
    }
    assert "chữ chữ chữ" in answer.text
    response = writer.post_parts("/desk/bulletins/clean", {"html": paste})
    assert (response.status_code, "1 MB" in response.get_json()["message"]) == (422, True)
    kept = writer.post_parts("/desk/bulletins/drafts/" + "a" * 32, {"body_html": paste})
    assert kept.status_code == 422
