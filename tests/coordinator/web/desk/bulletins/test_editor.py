"""Writing at the desk: a new bulletin, a new revision, an imported file, and two writers at once."""

import io
import re
from typing import Any

import docx
import pytest
import sqlalchemy as sa

from campaigns.bulletins import drafts
from campaigns.bulletins.bulletins import Bulletin, BulletinState, find_bulletin
from campaigns.channels.channels import ChannelState
from campaigns.people.staff import Role
from campaigns.release import workflow
from tests import factories
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import NOW, WRITER

NEW = "/desk/bulletins/new"
TYPED: dict[str, Any] = {
    "title": "Lịch tiêm nhắc",
    "lead": "Tiêm miễn phí.",
    "body_html": "Đoạn một.\r\n\r\n- một\r\n- hai",
    "body_as": "text",
    "topic": "dich-benh",
    "campaign": "",
    "source_url": "",
    "reach": "all",
    "do": "save",
}


@pytest.fixture
def writer(desk: Desk) -> Desk:
    """A desk with the writer signed in."""
    desk.sign_in(Role.WRITER)
    return desk


def only(desk: Desk) -> Bulletin:
    with desk.database.read() as session:
        bulletin = session.execute(sa.select(Bulletin).options(sa.orm.joinedload(Bulletin.revisions))).unique()
        return bulletin.scalar_one()


def test_a_plain_text_becomes_a_draft_with_paragraphs_and_lists(writer: Desk) -> None:
    answer = writer.post(NEW, TYPED)
    bulletin = only(writer)
    assert (answer.status_code, answer.location) == (303, f"/desk/bulletins/{bulletin.code}")
    assert (bulletin.state, bulletin.writer, bulletin.wanted_channels) == (BulletinState.DRAFT, WRITER.id, None)
    assert bulletin.revisions[0].body_html == "<p>Đoạn một.</p><ul><li>một</li><li>hai</li></ul>"
    assert "Đã lưu." in writer.get(answer.location or "")


def test_html_is_cleaned_and_what_was_left_out_is_reported(writer: Desk) -> None:
    answer = writer.post(
        NEW, TYPED | {"body_as": "html", "body_html": "<p onclick=x()>Một</p><script>x()</script><h2>Hai</h2>"}
    )
    assert only(writer).revisions[0].body_html == "<p>Một</p><h2>Hai</h2>"
    assert "đã bỏ 1 đoạn mã lệnh" in writer.get(answer.location or "")


def test_saving_and_submitting_is_one_act(writer: Desk) -> None:
    writer.post(NEW, TYPED | {"do": "submit"})
    assert only(writer).state is BulletinState.SUBMITTED


def test_a_choice_of_channels_is_kept_and_can_be_taken_back(writer: Desk) -> None:
    with writer.database.write() as session:
        zalo, feed = factories.channel(session, "zalo"), factories.channel(session, "feed")
    writer.post(NEW, TYPED | {"reach": "chosen", "channels": [zalo.code]})
    bulletin = only(writer)
    assert bulletin.wanted_channels == [zalo.code]
    edit = f"/desk/bulletins/{bulletin.code}/edit"
    page = Page(writer.get(edit))
    boxes = {node.attributes["value"]: "checked" in node.attributes for node in page.tree.css("[name=channels]")}
    assert boxes == {zalo.code: True, feed.code: False}
    writer.post(edit, TYPED | {"expected": "1"})
    bulletin = only(writer)
    assert bulletin.wanted_channels is None
    assert bulletin.latest == 2  # an approval covers the receivers, too


def test_opening_and_saving_changes_nothing_whatever_the_body_is_made_of(writer: Desk) -> None:
    html = (
        "<p>Một <strong>đậm</strong></p><h2>Mục</h2><ul><li>a<ul><li>b</li></ul></li></ul><table><tbody><tr><td>1</td>"
        '<td>2</td></tr><tr><td>3</td><td>4</td></tr></tbody></table><blockquote><p>q</p></blockquote><p>Xem <a href="https://a.example/">đây</a><br>nhé.</p>'
    )
    writer.post(NEW, TYPED | {"body_as": "html", "body_html": html})
    bulletin = only(writer)
    assert bulletin.revisions[0].body_html == html
    edit = f"/desk/bulletins/{bulletin.code}/edit"
    page = Page(writer.get(edit))
    assert page.tree.css("#body-as-html[checked]")
    body = page.value("body_html")
    assert "\n" in body
    writer.post(edit, TYPED | {"body_as": "html", "body_html": body, "expected": "1"})
    assert only(writer).latest == 1


def test_a_plain_body_comes_back_as_plain_text(writer: Desk) -> None:
    writer.post(NEW, TYPED)
    page = Page(writer.get(f"/desk/bulletins/{only(writer).code}/edit"))
    assert page.tree.css("#body-as-text[checked]")
    assert page.value("body_html") == "Đoạn một.\n\n- một\n- hai"


def test_who_saved_in_another_tab_sees_that_it_was_themselves(writer: Desk) -> None:
    writer.post(NEW, TYPED)
    edit = f"/desk/bulletins/{only(writer).code}/edit"
    expected = Page(writer.get(edit)).value("expected")
    writer.post(edit, TYPED | {"title": "Thẻ một", "expected": expected})
    page = Page(writer.post(edit, TYPED | {"title": "Thẻ hai", "expected": expected}).text)
    assert page.has(f"{factories.WRITER.name} (bạn, ở thẻ khác) đã lưu phiên bản 2 sau khi bạn mở")


def test_when_two_write_at_once_the_second_sees_both_texts_and_loses_nothing(writer: Desk) -> None:
    writer.post(NEW, TYPED)
    code = only(writer).code
    edit = f"/desk/bulletins/{code}/edit"
    expected = Page(writer.get(edit)).value("expected")
    with writer.database.write() as session:
        workflow.revise(session, factories.APPROVER, code, factories.text("Tiêu đề của người kia", "Một."), now=NOW)
    mine = TYPED | {"title": "Tiêu đề của tôi", "expected": expected}
    answer = writer.post(edit, mine)
    assert answer.status_code == 409
    page = Page(answer.text)
    assert page.value("title") == "Tiêu đề của tôi"
    assert page.value("expected") == "2"
    assert page.has(f"{factories.APPROVER.name} đã lưu phiên bản 2 sau khi bạn mở")
    assert "người kia" in page.words("del")
    assert "tôi" in page.words("ins")
    assert only(writer).latest == 2
    answer = writer.post(edit, mine | {"expected": page.value("expected")})
    assert answer.status_code == 303
    assert [revision.title for revision in only(writer).revisions] == [
        "Lịch tiêm nhắc", "Tiêu đề của người kia", "Tiêu đề của tôi",
    ]  # fmt: skip


def test_editing_what_was_submitted_or_scheduled_says_what_it_takes_back(writer: Desk) -> None:
    with writer.database.write() as session:
        bulletin = factories.approved(session)
        at = writer.office.clock.moment.replace(hour=7)
        workflow.publish(session, factories.APPROVER, bulletin.code, factories.DELIVERY_MODES, at=at, now=NOW)
    edit = f"/desk/bulletins/{bulletin.code}/edit"
    page = Page(writer.get(edit))
    assert page.has("phải gửi duyệt lại")
    assert page.has("14:00, 24/11/2026")
    writer.post(edit, TYPED | {"expected": "1"})
    with writer.database.read() as session:
        row = find_bulletin(session, bulletin.code)
    assert (row.state, row.release_at, row.latest) == (BulletinState.DRAFT, None, 2)


def test_what_is_out_is_corrected_not_edited(writer: Desk) -> None:
    with writer.database.write() as session:
        out = factories.published(session).code
        recalled = factories.published(session).code
        workflow.recall(session, factories.APPROVER, recalled, "sai", factories.DELIVERY_MODES, now=NOW)
    answer = writer.client.get(f"/desk/bulletins/{out}/edit")
    assert (answer.status_code, answer.location) == (303, f"/desk/bulletins/{out}/correct")
    answer = writer.client.get(f"/desk/bulletins/{recalled}/edit")
    assert (answer.status_code, answer.location) == (303, f"/desk/bulletins/{recalled}")


def word_file(*paragraphs: str) -> io.BytesIO:
    document = docx.Document()
    document.add_heading(paragraphs[0], level=1)
    for paragraph in paragraphs[1:]:
        document.add_paragraph(paragraph)
    file = io.BytesIO()
    document.save(file)
    file.seek(0)
    return file


def upload(desk: Desk, name: str, file: io.BytesIO, **more: str) -> tuple[int, Page]:
    sent = TYPED | {"do": "upload", "title": "Đang gõ dở", "topic": "kinh-te-xa-hoi", **more}
    answer = desk.post(NEW, sent | {"file": (file, name)}, content_type="multipart/form-data")
    return answer.status_code, Page(answer.text)


def test_a_word_file_fills_the_boxes_and_saves_nothing(writer: Desk) -> None:
    file = word_file(
        "Thông báo cắt nước", "Từ 22:00 ngày 24/11.", "Ba phường bị ảnh hưởng là A, B, C.", "Mong thông cảm."
    )
    status, page = upload(writer, "cat-nuoc.docx", file)
    assert status == 200
    assert page.value("title") == "Thông báo cắt nước"
    assert page.value("lead") == "Từ 22:00 ngày 24/11."
    assert page.value("body_html") == "Ba phường bị ảnh hưởng là A, B, C.\n\nMong thông cảm."
    assert page.value("topic") == "kinh-te-xa-hoi"
    assert page.has("chưa lưu")
    with writer.database.read() as session:
        assert session.execute(sa.select(Bulletin)).first() is None


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("a.docx", b"not a zip", "Tệp bị hỏng"),
        ("a.doc", b"x", "kiểu cũ"),
        ("a.exe", b"x", "Không nhận loại tệp này"),
        ("a.json", b"[]", "Không nhận loại tệp này"),
        ("a.md", "# Chỉ có tiêu đề".encode(), "Nhập nội dung bản tin"),
        ("a.md", "Tiếng Việt".encode("utf-16-be"), "UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_the_typed_text_stays(
    writer: Desk, name: str, body: bytes, said: str
) -> None:
    status, page = upload(writer, name, io.BytesIO(body))
    assert status == 422
    (sentence,) = page.errors().values()
    assert said in sentence
    assert page.value("title") == "Đang gõ dở"


def test_uploading_without_a_file_asks_for_one(writer: Desk) -> None:
    answer = writer.post(NEW, TYPED | {"do": "upload"})
    assert answer.status_code == 422
    assert Page(answer.text).errors() == {"file": "Chọn một tệp trước đã"}


def test_submitting_from_the_page_hands_it_over_or_says_what_is_missing(writer: Desk) -> None:
    with writer.database.write() as session:
        whole = factories.draft(session).code
        bare = drafts.create(
            session, WRITER, drafts.BulletinText("Chỉ tiêu đề", "", "", ""), topic="dich-benh", now=NOW
        ).code
    answer = writer.post(f"/desk/bulletins/{whole}/submit")
    assert answer.location == f"/desk/bulletins/{whole}"
    assert writer.post(f"/desk/bulletins/{whole}/submit").location == f"/desk/bulletins/{whole}"
    answer = writer.post(f"/desk/bulletins/{bare}/submit")
    assert answer.location == f"/desk/bulletins/{bare}/edit"
    assert "Chưa gửi duyệt được: Nhập nội dung bản tin" in writer.get(answer.location or "")
    with writer.database.read() as session:
        assert find_bulletin(session, whole).state is BulletinState.SUBMITTED
        assert find_bulletin(session, bare).state is BulletinState.DRAFT


def test_a_reader_may_not_write_even_by_force(desk: Desk) -> None:
    with desk.database.write() as session:
        code = factories.draft(session).code
    desk.sign_in(Role.ANALYST)
    for path in (NEW, f"/desk/bulletins/{code}/edit", f"/desk/bulletins/{code}/submit"):
        assert desk.post(path, TYPED).status_code == 403
    assert desk.client.get(NEW).status_code == 403


def test_a_form_without_its_token_is_refused(writer: Desk) -> None:
    assert writer.client.post(NEW, data=TYPED).status_code == 400
    with writer.database.read() as session:
        assert session.execute(sa.select(Bulletin)).first() is None


def test_words_for_one_account_are_saved_and_shown_to_the_approver(writer: Desk) -> None:
    with writer.database.write() as session:
        code = factories.channel(session, "manual").code
    form = writer.get(NEW)
    assert f'name="variants.{code}.title"' in form
    typed = TYPED | {
        f"variants.{code}.title": "Tiêm  nhắc",
        f"variants.{code}.text": "Một.\r\n\r\nHai.",
        "do": "submit",
    }
    writer.post(NEW, typed)
    bulletin = only(writer)
    assert bulletin.revisions[0].presentation == {"variants": {code: {"title": "Tiêm nhắc", "text": "Một.\n\nHai."}}}
    assert Page(writer.get(f"/desk/bulletins/{bulletin.code}/edit")).value(f"variants.{code}.title") == "Tiêm nhắc"
    writer.sign_in(Role.APPROVER)
    page = writer.get(f"/desk/bulletins/{bulletin.code}/approve")
    assert f"Lời riêng cho {code}" in page
    assert "Tiêm nhắc" in page


def test_what_changed_in_the_words_for_an_account_is_shown_among_the_changes(writer: Desk) -> None:
    with writer.database.write() as session:
        code = factories.channel(session, "manual").code
    writer.post(NEW, TYPED | {f"variants.{code}.title": "Tiêm nhắc sớm"})
    bulletin = only(writer)
    edit = f"/desk/bulletins/{bulletin.code}/edit"
    writer.post(edit, TYPED | {f"variants.{code}.title": "Tiêm nhắc muộn", "expected": "1"})
    page = Page(writer.get(f"/desk/bulletins/{bulletin.code}/compare"))
    assert (page.words("del"), page.words("ins")) == (["sớm"], ["muộn"])


def test_the_list_of_what_to_look_at_answers_the_text_as_it_is_typed(writer: Desk) -> None:
    answer = writer.post("/desk/bulletins/look", TYPED | {"lead": "", "body_html": "Xem tại đây. Dự thảo."})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    for words in ("“tại đây” nhưng bài không có đường dẫn nào", "Có chữ “Dự thảo”", "Chưa có sapo", 'href="#lead"'):
        assert words in answer.text


def test_the_count_of_receivers_follows_topic_and_channels_while_the_text_is_written(writer: Desk) -> None:
    with writer.database.write() as session:
        factories.channel(session, company=factories.company(session), topics=["dich-benh"])
        paused = factories.channel(session, company=factories.company(session))
        paused.state = ChannelState.PAUSED
        own = factories.channel(session, "manual").code

    def said(**changes: str) -> str:
        found = Page(writer.post("/desk/bulletins/look", TYPED | changes).text).words("section")[-1]
        return found.removeprefix("Ai nhận? ").removesuffix(" Trang công khai và nguồn tin chung luôn có.")

    held = " 1 nơi đang tạm dừng hoặc cần cấp quyền lại, sẽ nhận sau"
    assert said() == f"2 kênh đối tác, 1 tài khoản{held}"
    assert said(topic="kinh-te-xa-hoi") == f"1 kênh đối tác, 1 tài khoản{held}"
    assert said(reach="chosen", channels=own) == "1 tài khoản"
    assert said(reach="chosen") == "chưa có nơi nhận nào"
    # A correction goes to those who got the old text, whom its own page names.
    assert not Page(writer.post("/desk/bulletins/look?correcting=1", TYPED).text).has("Ai nhận?")
    # A form that comes back, as without a script, has the count of what it holds.
    assert Page(writer.post(NEW, TYPED | {"title": ""}).text).has("2 kênh đối tác, 1 tài khoản")


def test_a_stale_form_without_a_script_keeps_both_texts_and_the_second_can_be_found_again(writer: Desk) -> None:
    writer.post(NEW, TYPED)
    code = only(writer).code
    edit = f"/desk/bulletins/{code}/edit"
    writer.post(edit, TYPED | {"title": "Của tôi ở thẻ một", "expected": "1"})
    answer = writer.post(edit, TYPED | {"title": "Của tôi ở thẻ hai", "expected": "1"})
    assert answer.status_code == 409
    page = writer.get(edit)
    assert "data-left" in page
    assert "“Của tôi ở thẻ hai”" in page
    left = re.search(r'href="([^"]+draft=[0-9a-f]{32})"', page)
    assert left is not None
    assert Page(writer.get(left[1])).value("title") == "Của tôi ở thẻ hai"
    writer.office.clock.forward(minutes=1)
    writer.post(edit, TYPED | {"title": "Bản cuối", "expected": "2", "do": "submit"})
    assert "data-left" not in writer.get(edit)  # what was submitted since is what the writer meant


def test_a_form_sent_twice_is_one_bulletin_and_one_sent_again_with_other_words_loses_none(writer: Desk) -> None:
    ident = "0123456789abcdef" * 2
    first = writer.post(NEW, TYPED | {"draft": ident})
    again = writer.post(NEW, TYPED | {"draft": ident})
    assert (again.status_code, again.location) == (303, first.location)
    other = writer.post(NEW, TYPED | {"draft": ident, "title": "Chữ khác"})
    assert other.status_code == 409
    assert Page(other.text).value("title") == "Chữ khác"
    only(writer)  # there is only one


@pytest.mark.parametrize("field", ["title", "lead", "body_html", "cover_alt", "source_url", "topic", "draft", "cover"])
def test_script_in_any_field_is_shown_as_words_and_never_run(writer: Desk, field: str) -> None:
    nasty = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    for body_as in ("text", "html"):
        answer = writer.post(NEW, TYPED | {field: nasty, "body_as": body_as})
        shown = writer.get(answer.location) if answer.status_code == 303 else answer.text
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown
        assert "<script>alert" not in writer.post("/desk/bulletins/look", TYPED | {field: nasty}).text


def test_the_form_asks_the_database_as_often_for_many_channels_and_revisions_as_for_few(writer: Desk) -> None:
    writer.post(NEW, TYPED)
    code = only(writer).code
    edit = f"/desk/bulletins/{code}/edit"
    few = [writer.statements(path) for path in (NEW, edit)]
    with writer.database.write() as session:
        company = factories.company(session)
        for _ in range(6):
            factories.channel(session, "manual")
            factories.channel(session, company=company)
    for number in range(1, 6):
        writer.post(edit, TYPED | {"title": f"Lần {number}", "expected": str(number)})
    assert [writer.statements(path) for path in (NEW, edit)] == few


def test_two_people_who_fit_words_to_one_account_see_where_those_differ(writer: Desk) -> None:
    with writer.database.write() as session:
        name = f"variants.{factories.channel(session, 'manual').code}.title"
    writer.post(NEW, TYPED | {name: "Tiêm nhắc"})
    edit = f"/desk/bulletins/{only(writer).code}/edit"
    writer.post(edit, TYPED | {name: "Tiêm nhắc sớm", "expected": "1"})
    answer = writer.post(edit, TYPED | {name: "Tiêm nhắc muộn", "expected": "1"})
    assert answer.status_code == 409
    page = Page(answer.text)
    assert (page.words("del"), page.words("ins"), page.value(name)) == (["sớm"], ["muộn"], "Tiêm nhắc muộn")
