"""The review queue: one copy at a time, several together, by two people at once, and undone."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from campaigns.core import journal
from campaigns.discovery.sightings import SightingMethod
from campaigns.matching.matcher import Match
from campaigns.people.staff import Actor, Role
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import Republication, RepublicationStatus, find_republication
from campaigns.republications.review import decisions, partner_answers
from campaigns.republications.review.partner_answers import PartnerAnswerKind
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.copies import Copy, copy_in
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import ANALYST, APPROVER, NOW

QUEUE = "/desk/republications/_review"


def three(desk: Desk, count: int = 3, **more: object) -> list[str]:
    """Return copies that wait, a minute apart, each of a bulletin of its own."""
    return [
        ident
        for number in range(count)
        for ident in copy_in(
            desk,
            Copy(
                url=f"https://nhipsong.example/bai-{number}",
                seen_at=NOW + timedelta(minutes=number),
                attribution=Attribution.NONE,
                **more,  # type: ignore[arg-type]  # fields of a copy
            ),
        )
    ]


def row_of(desk: Desk, ident: str) -> Republication:
    with desk.database.read() as session:
        return session.execute(select(Republication).where(Republication.public == ident)).scalar_one()


def code_of(desk: Desk, ident: str) -> str:
    """Return the code of the copied bulletin."""
    with desk.database.read() as session:
        return find_republication(session, ident).bulletin.code


def page_of(desk: Desk, ident: str, query: str = "") -> Page:
    return Page(desk.get(f"{QUEUE}/{ident}{query}"))


def conclude(desk: Desk, ident: str, do: str, reason: str = "", **more: str):
    """Submit the form of one copy, as its page shows it."""
    version_token = more.pop("version_token", None) or page_of(desk, ident).value("version_token")
    return desk.post(f"{QUEUE}/{ident}/decide", {"do": do, "reason": reason, "version_token": version_token, **more})


def undo(desk: Desk, page: Page, **more: str):
    """Submit the form of the undo bar."""
    decisions = [node.attributes["value"] for node in page.tree.css("[name=decision]")]
    return desk.post(f"{QUEUE}/_undo", {"decision": decisions, **more}, follow_redirects=True)


def acts(desk: Desk, ident: str) -> Sequence[str]:
    with desk.database.read() as session:
        return [entry.act for entry in journal.history(session, "republication", ident)]


def test_the_queue_says_why_each_waits_and_how_many_for_each_reason(desk: Desk) -> None:
    three(desk)
    copy_in(desk, Copy("Công Tin Sáng", "https://congtinsang.example/x", attribution=Attribution.NAMED_OTHER_SOURCE))
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get(QUEUE))
    assert page.has("Mọi lý do (4)")
    assert page.has("Văn bản của Sở, không nêu nguồn (3)")
    assert page.has("Văn bản của Sở, ghi nguồn khác (1)")
    assert not page.has("Chỉ trích một phần (")
    narrowed = Page(desk.get(f"{QUEUE}?doubt=other_source"))
    (only,) = narrowed.rows("Bài chờ xem xét")
    assert only[1].endswith("Công Tin Sáng · BT-2026-11-24-004")
    assert only[2] == "Văn bản của Sở, ghi nguồn khác"
    assert len(Page(desk.get(f"{QUEUE}?partner=cong-ty-cp-truyen-thong-nhip-song")).rows("Bài chờ xem xét")) == 3
    assert "bulletin=BT-2026-11-24-999" in desk.get(f"{QUEUE}?bulletin=BT-2026-11-24-999", 422)
    assert "doubt=nonsense" in desk.get(f"{QUEUE}?doubt=nonsense", 422)
    assert len(Page(desk.get(f"{QUEUE}?page=-1")).rows("Bài chờ xem xét")) == 4


def test_a_longer_queue_asks_the_database_no_more_often(desk: Desk) -> None:
    desk.sign_in(Role.ANALYST)
    lists = (QUEUE, "/desk/republications")
    asked = []
    for count in (2, 9):
        copy_in(desk, *(_under_another_name(f"{count}-{number}") for number in range(count)))
        asked.append([desk.statements(path) for path in lists])
    assert all(longer <= shorter for shorter, longer in zip(*asked, strict=True)), asked


def _under_another_name(path: str) -> Copy:
    return Copy(url=f"https://nhipsong.example/{path}", attribution=Attribution.NAMED_OTHER_SOURCE)


def test_one_copy_is_shown_with_both_texts_the_reason_and_its_place(desk: Desk) -> None:
    _, second, _ = three(desk)
    desk.sign_in(Role.ANALYST)
    page = page_of(desk, second)
    assert page.heading == "30 phường, xã mở thêm buổi tiêm sởi cho trẻ"
    assert page.has("Bài 2 trong 3")
    assert page.has("văn bản mà không nêu tên hay đường dẫn của Sở")
    assert page.tree.css(".beside mark")
    assert page.has("Xác nhận: Nhịp Sông ngày 24/11/2026 từ 0 lên 1.")


def test_every_key_has_a_control_that_works_without_it(desk: Desk) -> None:
    first, _, third, _ = three(desk, 4, body_key="x")
    desk.sign_in(Role.ANALYST)
    conclude(desk, first, "reject", "other_origin")  # a decision to undo
    page = page_of(desk, third)
    controls = {node.attributes["data-key"]: node for node in page.tree.css("[data-key]")}
    assert set(controls) == {"j", "k", "c", "r", "u", "o", "n", "?", *"123456789"}
    assert all(controls[key].attributes["href"] for key in "jko")
    assert {(controls[key].tag, controls[key].attributes["value"]) for key in "cr"} == {
        ("button", "confirm"),
        ("button", "reject"),
    }
    assert controls["u"].tag == "button"
    assert controls["n"].tag == "textarea"


def test_after_a_conclusion_the_next_is_shown_under_the_same_filters(desk: Desk) -> None:
    first, second, third = three(desk)
    desk.sign_in(Role.ANALYST)
    answer = conclude(desk, first, "reject", "other_origin", doubt="no_source")
    assert answer.headers["Location"] == f"{QUEUE}/{second}?doubt=no_source"
    assert row_of(desk, first).status is RepublicationStatus.REJECTED
    assert row_of(desk, first).decision_note == "Lấy từ nơi khác, không từ bản tin này"
    answer = conclude(desk, third, "confirm", "our_text", note="Đã gọi.")
    assert answer.headers["Location"] == f"{QUEUE}/{second}"
    assert row_of(desk, third).decision_note == "Đúng văn bản của Sở, không có ở nơi khác. Đã gọi."
    answer = conclude(desk, second, "reject", note="Không phải.")
    assert answer.headers["Location"] == QUEUE
    assert Page(desk.get(QUEUE)).has("Không có bài nào chờ xem xét.")


@pytest.mark.parametrize(
    ("form", "field", "words"),
    [
        ({"do": "confirm"}, "reason", "Chọn một lý do hoặc viết ghi chú"),
        ({"do": "confirm", "note": "   "}, "reason", "Chọn một lý do hoặc viết ghi chú"),
        ({"do": "confirm", "reason": "not_there"}, "reason", "Lý do đã chọn là của kết luận kia"),
        ({"do": "reject", "reason": "our_text"}, "reason", "Lý do đã chọn là của kết luận kia"),
        ({"reason": "our_text"}, "reason", "Bấm Xác nhận hoặc Loại"),
        ({"do": "confirm", "reason": "nonsense"}, "reason", "Chọn một lý do hoặc viết ghi chú"),
    ],
)
def test_a_conclusion_without_a_fitting_reason_comes_back(
    desk: Desk, form: dict[str, str], field: str, words: str
) -> None:
    first, *_ = three(desk)
    desk.sign_in(Role.ANALYST)
    answer = desk.post(
        f"{QUEUE}/{first}/decide", {**form, "version_token": page_of(desk, first).value("version_token")}
    )
    assert answer.status_code == 422
    assert Page(answer.text).errors()[field].startswith(words)
    assert row_of(desk, first).status is RepublicationStatus.REVIEW


def test_taking_back_brings_the_earlier_standing_and_is_written_down(desk: Desk) -> None:
    first, second, _ = three(desk)
    desk.sign_in(Role.ANALYST)
    conclude(desk, first, "confirm", "our_text", attribution="linked_at_end")
    done = row_of(desk, first)
    assert (done.status, done.attribution) == (RepublicationStatus.CONFIRMED, Attribution.LINKED_AT_END)
    assert done.confirmed_at is not None
    item = undo(desk, page_of(desk, second))
    # One site has many copies, so the message names the bulletin too.
    assert f"Đã hoàn tác: bài trên Nhịp Sông ({code_of(desk, first)}) trở lại như trước." in item.text
    assert item.request.path == f"{QUEUE}/{first}"
    back = row_of(desk, first)
    assert (back.status, back.attribution, back.decided_by) == (RepublicationStatus.REVIEW, Attribution.NONE, None)
    assert (back.confirmed_at, back.decision_note) == (None, "")
    assert acts(desk, first) == ["republication.review", "republication.confirmed", "republication.undone"]


def test_several_conclusions_are_taken_back_one_after_the_other(desk: Desk) -> None:
    first, second, third = three(desk)
    desk.sign_in(Role.ANALYST)
    conclude(desk, first, "reject", "other_origin")
    desk.office.clock.forward(seconds=5)
    conclude(desk, second, "reject", "other_origin")
    undo(desk, page_of(desk, third))
    assert [row_of(desk, text).status for text in (first, second)] == [
        RepublicationStatus.REJECTED,
        RepublicationStatus.REVIEW,
    ]
    undo(desk, page_of(desk, third))
    assert [row_of(desk, text).status for text in (first, second)] == [
        RepublicationStatus.REVIEW,
        RepublicationStatus.REVIEW,
    ]
    assert not page_of(desk, third).tree.css("[name=decision]")


def test_what_somebody_concluded_since_is_not_taken_back(desk: Desk) -> None:
    first, second, _ = three(desk)
    desk.sign_in(Role.ANALYST)
    conclude(desk, first, "reject", "other_origin")
    stale = page_of(desk, second)
    desk.office.clock.forward(minutes=1)
    with desk.database.write() as session:
        row = find_republication(session, first)
        decisions.decide(session, APPROVER, row, confirm=True, note="Đã gọi điện.", now=desk.office.now())
    item = undo(desk, stale)
    assert f"Không hoàn tác được: Nhịp Sông ({code_of(desk, first)}): Quốc Bảo đã có kết luận khác" in item.text
    assert row_of(desk, first).status is RepublicationStatus.CONFIRMED
    again = undo(desk, stale)
    assert "Không hoàn tác được" in again.text


def test_two_reviewers_at_once_do_not_overwrite_each_other(desk: Desk) -> None:
    first, *_ = three(desk)
    desk.sign_in(Role.ANALYST)
    version_token = page_of(desk, first).value("version_token")
    with desk.database.write() as session:
        row = find_republication(session, first)
        decisions.decide(session, APPROVER, row, confirm=False, note="Chép của báo khác.", now=desk.office.now())
    late = desk.post(
        f"{QUEUE}/{first}/decide",
        {"do": "confirm", "reason": "our_text", "version_token": version_token},
        follow_redirects=True,
    )
    page = Page(late.text)
    assert page.has("Quốc Bảo đã có kết luận khác về bài này trong lúc đó; việc của bạn không đổi gì.")
    assert page.has("Bài này đã có kết luận.")
    assert page.has("Quốc Bảo: Chép của báo khác.")
    assert not page.tree.css("[name=version_token]")
    assert page.tree.css("[data-key=j]")
    assert row_of(desk, first).status is RepublicationStatus.REJECTED


def test_several_with_the_same_doubt_are_decided_together_each_reported(desk: Desk) -> None:
    idents = three(desk)
    desk.sign_in(Role.ANALYST)
    copies = [node.attributes["value"] for node in Page(desk.get(QUEUE)).tree.css("[name=copy]")]
    asked = desk.post(f"{QUEUE}/_batch", {"copy": copies})
    page = Page(asked.text)
    assert page.heading == "Kết luận 3 bài"
    assert page.has("Văn bản của Sở, không nêu nguồn")
    nothing = desk.post(f"{QUEUE}/_batch", {"copy": copies, "do": "reject"})
    assert nothing.status_code == 422
    with desk.database.write() as session:
        row = find_republication(session, idents[1])
        decisions.decide(session, APPROVER, row, confirm=True, note="Của ta.", now=desk.office.now())
    response = desk.post(
        f"{QUEUE}/_batch", {"copy": copies, "do": "reject", "reason": "other_origin"}, follow_redirects=True
    )
    assert "Đã loại: 2 bài." in response.text
    assert f"Không đổi: Nhịp Sông ({code_of(desk, idents[1])}): Quốc Bảo đã có kết luận khác" in response.text
    assert [row_of(desk, ident).status for ident in idents] == [
        RepublicationStatus.REJECTED,
        RepublicationStatus.CONFIRMED,
        RepublicationStatus.REJECTED,
    ]
    page = Page(desk.get(QUEUE))
    assert page.has("Bạn đã loại 2 bài")
    assert "Đã hoàn tác 2 bài" in undo(desk, page).text
    assert row_of(desk, idents[0]).status is RepublicationStatus.REVIEW


ANOTHER_TEXT = "Một bài khác hẳn, do tòa soạn viết lại từ đầu với lời của người dân trong phường. " * 20


def _three_addresses(desk: Desk) -> list[str]:
    """Return three addresses of one bulletin on one site: the third has another text than the first two."""
    idents = copy_in(
        desk,
        *(
            Copy(url=f"https://nhipsong.example/bai-{number}", seen_at=NOW + timedelta(minutes=number),
                 attribution=Attribution.NONE, above=ANOTHER_TEXT if number == 2 else "")
            for number in range(3)
        ),
    )  # fmt: skip
    return list(idents)


def test_together_a_second_posting_counts_where_its_text_differs(desk: Desk) -> None:
    idents = _three_addresses(desk)
    desk.sign_in(Role.ANALYST)
    copies = [node.attributes["value"] for node in Page(desk.get(QUEUE)).tree.css("[name=copy]")]
    assert "Xác nhận, kể cả lần đăng thứ hai" in desk.post(f"{QUEUE}/_batch", {"copy": copies}).text
    answer = desk.post(f"{QUEUE}/_batch", {"copy": copies, "do": "second", "reason": "our_text"}, follow_redirects=True)
    assert "Đã xác nhận: 2 bài." in answer.text
    assert "100% văn bản giống bài đã tính ở https://nhipsong.example/bai-0" in answer.text
    rows = [row_of(desk, ident) for ident in idents]
    assert [(row.status, row.second_posting) for row in rows] == [
        (RepublicationStatus.CONFIRMED, False),
        (RepublicationStatus.DUPLICATE, False),
        (RepublicationStatus.CONFIRMED, True),
    ]
    assert "Đã hoàn tác 2 bài" in undo(desk, Page(desk.get(QUEUE))).text
    assert {row_of(desk, ident).status for ident in (idents[0], idents[2])} == {RepublicationStatus.REVIEW}


def test_together_without_that_choice_one_address_counts_and_the_others_say_why_not(desk: Desk) -> None:
    idents = _three_addresses(desk)
    desk.sign_in(Role.ANALYST)
    copies = [node.attributes["value"] for node in Page(desk.get(QUEUE)).tree.css("[name=copy]")]
    answer = desk.post(
        f"{QUEUE}/_batch", {"copy": copies, "do": "confirm", "reason": "our_text"}, follow_redirects=True
    )
    assert "Đã xác nhận: 1 bài." in answer.text
    assert "đã được tính trên trang này, ở địa chỉ https://nhipsong.example/bai-0" in answer.text
    assert [row_of(desk, ident).status for ident in idents] == [
        RepublicationStatus.CONFIRMED,
        RepublicationStatus.DUPLICATE,
        RepublicationStatus.DUPLICATE,
    ]


def test_copies_of_different_sites_are_offered_no_second_posting(desk: Desk) -> None:
    three(desk)
    desk.sign_in(Role.ANALYST)
    copies = [node.attributes["value"] for node in Page(desk.get(QUEUE)).tree.css("[name=copy]")]
    assert "lần đăng thứ hai" not in desk.post(f"{QUEUE}/_batch", {"copy": copies}).text


def test_one_address_beside_a_counted_one_is_counted_as_a_second_posting_in_the_queue(desk: Desk) -> None:
    first, second, third = _three_addresses(desk)
    desk.sign_in(Role.ANALYST)
    conclude(desk, first, "confirm", "our_text")
    with desk.database.write() as session:  # the partner disagrees, so that both wait for a person again
        for ident in (second, third):
            row = find_republication(session, ident)
            token = decisions.version_token(row)
            sender = Actor("key:abc", row.site.company.name, None)
            partner_answers.record_answer(
                session, sender, row, PartnerAnswerKind.DISAGREE, "Hai bài khác nhau.", now=desk.office.now()
            )
    assert "Tính thêm, là lần đăng thứ hai" in desk.get(f"{QUEUE}/{third}")
    conclude(desk, third, "second", "our_text", version_token=token)
    assert (row_of(desk, third).status, row_of(desk, third).second_posting) == (RepublicationStatus.CONFIRMED, True)
    conclude(desk, second, "second", "our_text", version_token=token)
    assert row_of(desk, second).status is RepublicationStatus.DUPLICATE


def test_copies_with_different_doubts_are_not_decided_together(desk: Desk) -> None:
    copy_in(desk, Copy(attribution=Attribution.NONE))
    copy_in(desk, Copy("Công Tin Sáng", "https://congtinsang.example/x", attribution=Attribution.NAMED_OTHER_SOURCE))
    desk.sign_in(Role.ANALYST)
    copies = [node.attributes["value"] for node in Page(desk.get(QUEUE)).tree.css("[name=copy]")]
    response = desk.post(f"{QUEUE}/_batch", {"copy": copies}, follow_redirects=True)
    assert "Chỉ kết luận chung được các bài có cùng một lý do chờ" in response.text
    response = desk.post(f"{QUEUE}/_batch", {}, follow_redirects=True)
    assert "Chưa chọn bài nào." in response.text


def test_copies_that_wait_without_a_named_reason_are_decided_together(desk: Desk) -> None:
    copy_in(desk, Copy(ways=(SightingMethod.DISCOVERED,)))
    copy_in(desk, Copy("Công Tin Sáng", "https://congtinsang.example/x", ways=(SightingMethod.DISCOVERED,)))
    desk.sign_in(Role.ANALYST)
    copies = [node.attributes["value"] for node in Page(desk.get(QUEUE)).tree.css("[name=copy]")]
    page = desk.post(f"{QUEUE}/_batch", {"copy": copies}).text
    assert "Kết luận 2 bài" in page
    assert "Cùng lý do chờ" not in page


def test_where_sources_disagree_is_reported_with_where_it_counts(desk: Desk) -> None:
    (ident,) = copy_in(desk, Copy(status=RepublicationStatus.CONFIRMED, attribution=Attribution.LINKED_AT_END))
    with desk.database.write() as session:
        find_republication(session, ident).counter_image = False
    desk.sign_in(Role.ANALYST)
    assert "Các nguồn nói khác nhau ở đâu" in desk.get(QUEUE)
    (line,) = Page(desk.get(f"{QUEUE}/_disagreements")).rows("Các nguồn nói khác nhau")
    assert line[:4] == ["Có bài, thiếu ảnh đếm", "0", "1", "0"]
    assert line[4].startswith("Vẫn tính là một lượt")
    assert "Nhịp Sông<br>" in desk.get("/desk/republications?status=all&doubt=image_stripped")
    assert "Nhịp Sông<br>" not in desk.get("/desk/republications?status=all&doubt=excerpt")


def test_a_partner_that_disagrees_brings_a_counted_copy_before_a_person(desk: Desk) -> None:
    (ident,) = copy_in(
        desk,
        Copy(status=RepublicationStatus.CONFIRMED, attribution=Attribution.NAMED_ONLY, ways=(SightingMethod.FETCHED,)),
    )
    desk.sign_in(Role.ANALYST)
    assert Page(desk.get(QUEUE)).has("Không có bài nào chờ xem xét.")
    partner = type(ANALYST)("key:abc", "Nhịp Sông", None)
    with desk.database.write() as session:
        row = find_republication(session, ident)
        words = "Đường dẫn nằm ở cuối bài, trong khung nguồn."
        partner_answers.record_answer(
            session, partner, row, PartnerAnswerKind.DISAGREE, words, "named_only", now=desk.office.now()
        )
    page = page_of(desk, ident)
    assert page.has("Đối tác không đồng ý")
    assert page.has(words)
    assert "1 bài đăng lại chờ xem xét" in desk.get("/desk")
    assert row_of(desk, ident).status is RepublicationStatus.CONFIRMED
    desk.post(f"{QUEUE}/{ident}/read", {})
    assert Page(desk.get(QUEUE)).has("Không có bài nào chờ xem xét.")
    assert acts(desk, ident)[-2:] == ["republication.answered", "republication.answers_read"]


def test_a_conclusion_settles_what_the_partner_answered_and_taking_back_opens_it_again(desk: Desk) -> None:
    (ident,) = copy_in(desk, Copy(status=RepublicationStatus.REJECTED, reasons=["text_not_found: …"]))
    partner = type(ANALYST)("key:abc", "Nhịp Sông", None)
    with desk.database.write() as session:
        row = find_republication(session, ident)
        partner_answers.record_answer(
            session, partner, row, PartnerAnswerKind.DISAGREE, "Bài vẫn còn.", now=desk.office.now()
        )
    desk.sign_in(Role.ANALYST)
    conclude(desk, ident, "confirm", "seen")
    assert Page(desk.get(QUEUE)).has("Không có bài nào chờ xem xét.")
    undo(desk, Page(desk.get(QUEUE)))
    assert Page(desk.get(QUEUE)).has("Mọi lý do (1)")
    assert row_of(desk, ident).status is RepublicationStatus.REJECTED


def test_who_may_not_review_reads_the_queue_and_changes_nothing(desk: Desk) -> None:
    first, *_ = three(desk)
    assert desk.client.get(QUEUE).status_code == 302
    desk.sign_in(Role.WRITER)
    assert 'name="copy"' not in desk.get(QUEUE)
    page = page_of(desk, first)
    assert not page.tree.css("[name=version_token]")
    for path in (f"/{first}/decide", f"/{first}/read", "/_undo", "/_batch"):
        assert desk.post(f"{QUEUE}{path}", {"do": "confirm", "reason": "our_text"}).status_code == 403
    assert row_of(desk, first).status is RepublicationStatus.REVIEW


def test_a_copy_that_is_not_there_is_404(desk: Desk) -> None:
    desk.sign_in(Role.ANALYST)
    desk.get(f"{QUEUE}/rep_none", 404)
    assert desk.post(f"{QUEUE}/rep_none/decide", {"do": "confirm", "reason": "our_text"}).status_code == 404


def test_a_copy_with_the_figures_of_another_day_is_found_by_its_doubt_and_concluded(desk: Desk) -> None:
    """Of a daily bulletin, whose sentences are the same every day: a person compares the figures and decides."""
    ident, other = three(desk, 2)
    with desk.database.write() as session:
        row = find_republication(session, ident)
        row.match, row.reasons = (
            Match.EXCERPT,
            ["other_figures: the sentences are this bulletin's, its figures are not"],
        )
    desk.sign_in(Role.ANALYST)
    queue = Page(desk.get(f"{QUEUE}?doubt=other_figures"))
    assert queue.has("Đúng mẫu, khác số liệu")
    assert ident in desk.get(f"{QUEUE}?doubt=other_figures")
    assert page_of(desk, ident).has("Đúng mẫu, khác số liệu")
    conclude(desk, ident, "reject", "other_origin", note="Số của ngày 23.")
    assert row_of(desk, ident).status is RepublicationStatus.REJECTED
    undo(desk, page_of(desk, other))
    assert row_of(desk, ident).status is RepublicationStatus.REVIEW
    conclude(desk, ident, "confirm", "enough")
    assert row_of(desk, ident).status is RepublicationStatus.CONFIRMED
