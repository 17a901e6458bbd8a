"""Messages with partners in a period, now and as of an earlier moment."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from campaigns.core.clock import parse_period
from campaigns.messages import notice_readers, notice_workflow, questions
from campaigns.messages.message_figures import MessageFigures, briefed_partners, message_figures, notices_sent
from campaigns.messages.notice_workflow import NoticeContent
from campaigns.messages.notices import NoticeAudience
from campaigns.messages.questions import QuestionSubject
from campaigns.partners.partner_merge import merge, pair_version_tag
from campaigns.people.staff import Actor
from tests import factories
from tests.factories import ADMIN, APPROVER, NOW, WRITER

QUARTER = parse_period("2026-Q4")
EDITOR = Actor("key:abc", "Phòng nội dung", None)


def send(
    session: Session, audience: NoticeAudience = NoticeAudience.ALL, *partners: str, must_confirm: bool = False
) -> str:
    """A notice that is published; its id."""
    wanted = NoticeContent(
        "Quy định mới", "<p>Về trang tổng hợp.</p>", audience, partners=list(partners), must_confirm=must_confirm
    )
    row = notice_workflow.draft_notice(session, WRITER, wanted, f"form-{next(factories._numbers)}", now=NOW)
    return notice_workflow.publish_notice(session, APPROVER, row.public, row.version, now=NOW).public


def test_partners_count_once_and_each_reading_for_itself(session: Session) -> None:
    first, second, third = (factories.company(session) for _ in range(3))
    plain, strict = send(session), send(session, NoticeAudience.CHOSEN, first.code, second.code, must_confirm=True)
    for company in (first, second):
        notice_readers.mark_read(session, EDITOR, company.id, plain, 1, now=NOW)
    for _ in range(2):  # a press sent twice counts once
        notice_readers.confirm_notice(session, EDITOR, first.id, strict, 1, now=NOW)
    late = factories.company(session)  # addressed today, but nothing was sent to it
    notice_readers.mark_read(session, EDITOR, late.id, plain, 1, now=NOW)
    assert message_figures(session, QUARTER) == MessageFigures(
        notices=2, partners=3, sent=5, read=3, to_confirm=2, confirmed=1
    )
    assert [row.code for row in briefed_partners(session, QUARTER)] == sorted(
        (first.code, second.code, third.code), key=lambda code: code
    )
    assert message_figures(session, parse_period("2026-Q3")) == MessageFigures()


def test_a_correction_is_read_anew_and_a_draft_was_not_sent(session: Session) -> None:
    company = factories.company(session)
    public = send(session)
    notice_workflow.draft_notice(
        session, WRITER, NoticeContent("Nháp", "<p>Nháp.</p>", NoticeAudience.ALL), "draft", now=NOW
    )
    notice_readers.mark_read(session, EDITOR, company.id, public, 1, now=NOW)
    again = NoticeContent("Quy định mới, sửa", "<p>Sửa.</p>", NoticeAudience.ALL)
    corrected = NOW + timedelta(days=3)
    row = notice_workflow.correct_notice(session, APPROVER, public, again, "Sửa ngày", 2, now=corrected)
    assert row.edition == 2
    (sent,) = notices_sent(session, QUARTER)
    assert (sent.title, sent.sent, sent.read) == ("Quy định mới, sửa", 1, 0)
    (then,) = notices_sent(session, QUARTER, moment=corrected - timedelta(hours=1))
    assert (then.title, then.sent, then.read) == ("Quy định mới", 1, 1)


def test_answers_are_counted_and_their_median_time_is_typical(session: Session) -> None:
    company = factories.company(session)
    asked = [
        questions.ask_question(
            session, EDITOR, company.id, f"Câu {number}", "Hỏi", QuestionSubject(), f"q{number}", now=NOW
        ).public
        for number in range(4)
    ]  # fmt: skip
    for number, hours in enumerate((1, 5, 30)):
        questions.answer_question(
            session, ADMIN, asked[number], "Trả lời", f"a{number}", 1, now=NOW + timedelta(hours=hours)
        )
    questions.answer_question(session, ADMIN, asked[0], "Thêm", "more", 2, now=NOW + timedelta(days=9))
    found = message_figures(session, QUARTER)
    assert (found.questions, found.answered, found.typical) == (4, 3, 5 * 3600)
    then = message_figures(session, QUARTER, moment=NOW + timedelta(hours=2))
    assert (then.questions, then.answered, then.typical) == (4, 1, 3600)
    assert message_figures(session, QUARTER, moment=NOW - timedelta(seconds=1)) == MessageFigures()


def test_figures_of_an_earlier_moment_stay_through_readings_corrections_and_a_merge(session: Session) -> None:
    first, second = factories.company(session), factories.company(session)
    public = send(session, must_confirm=True)
    other = send(session, NoticeAudience.CHOSEN, second.code)
    for company in (first, second):
        notice_readers.confirm_notice(session, EDITOR, company.id, public, 1, now=NOW)
    moment = NOW + timedelta(hours=1)
    then = message_figures(session, QUARTER, moment=moment)
    assert then == MessageFigures(notices=2, partners=2, sent=3, read=2, to_confirm=2, confirmed=2)
    later = NOW + timedelta(days=1)
    seen = pair_version_tag(session, first, second)
    merge(
        session, ADMIN, keep=first.code, drop=second.code, name=first.name, tax_code="", seen=seen, now=later
    )  # fmt: skip
    notice_readers.mark_read(session, EDITOR, first.id, other, 1, now=later)
    send(session)
    found = message_figures(session, QUARTER, moment=moment)
    assert (found.partners, found.sent, found.read, found.confirmed) == (2, 4, 2, 2)  # the notice of NOW came with it
    assert message_figures(session, QUARTER).read == 3, "the kept partner reads for the one merged into it"


def test_a_notice_belongs_to_the_period_of_its_first_edition(session: Session) -> None:
    factories.company(session)
    public = send(session)
    again = NoticeContent("Sửa", "<p>Sửa.</p>", NoticeAudience.ALL, deadline=date(2027, 3, 1))
    notice_workflow.correct_notice(session, APPROVER, public, again, "Sửa", 2, now=NOW + timedelta(days=60))
    assert message_figures(session, QUARTER).notices == 1
    assert message_figures(session, parse_period("2027-Q1")).notices == 0
