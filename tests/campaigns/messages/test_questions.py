"""Questions of partners and their answers; public answers never identify the partner."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.errors import CampaignError, Conflict, Forbidden, Invalid, NotFound
from campaigns.core.listing import ListPage
from campaigns.messages import notice_workflow, questions
from campaigns.messages.notice_workflow import NoticeContent
from campaigns.messages.notices import NoticeAudience
from campaigns.messages.questions import (
    LONGEST_TEXT,
    MOST_MESSAGES_A_DAY,
    Question,
    QuestionMessage,
    QuestionState,
    QuestionSubject,
    QuestionSubjectKind,
    count_waiting_questions,
    find_question,
    question_messages,
)
from campaigns.partners.directory import Company
from campaigns.people.staff import Actor
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republication
from tests.factories import ANALYST, APPROVER, NOW, WRITER

EDITOR = Actor("key:abc", "Nguyễn Thị Biên Tập", None)


def ask(
    session: Session,
    company: Company,
    subject: QuestionSubject | None = None,
    form: str = "f1",
    text: str = "Đặt ở đâu?",
) -> Question:
    return questions.ask_question(
        session, EDITOR, company.id, "Dòng nguồn", text, subject or QuestionSubject(), form, now=NOW
    )


def test_a_question_waits_until_it_is_answered_and_again_when_the_partner_goes_on(session: Session) -> None:
    company = factories.company(session)
    row = ask(session, company)
    assert (row.state, row.waits_since, count_waiting_questions(session)) == (QuestionState.OPEN, NOW, 1)
    assert questions.answer_question(session, WRITER, row.public, "Ở cuối bài.", "a1", 1, now=NOW)
    assert (row.state, row.waits_since, count_waiting_questions(session)) == (QuestionState.ANSWERED, None, 0)
    later = NOW + timedelta(hours=1)
    assert questions.add_message(session, EDITOR, company.id, row.public, "Cả bài ảnh?", "f2", now=later)
    assert (row.state, row.waits_since) == (QuestionState.OPEN, later)
    assert [message.ours for message in question_messages(session, row)] == [False, True, False]


def test_the_wait_is_counted_from_the_first_word_that_nobody_answered(session: Session) -> None:
    company = factories.company(session)
    row = ask(session, company)
    questions.add_message(session, EDITOR, company.id, row.public, "Còn nữa", "f2", now=NOW + timedelta(hours=3))
    assert row.waits_since == NOW


def test_every_form_sent_twice_speaks_once(session: Session) -> None:
    company = factories.company(session)
    row = ask(session, company)
    assert ask(session, company) is row
    for _ in range(2):
        questions.answer_question(session, WRITER, row.public, "Ở cuối bài.", "a1", 1, now=NOW)
    for _ in range(2):
        questions.add_message(session, EDITOR, company.id, row.public, "Cảm ơn", "f2", now=NOW)
    assert len(session.execute(sa.select(QuestionMessage)).all()) == 3


def test_another_partner_that_sends_the_same_form_gets_nothing_of_this_one(session: Session) -> None:
    mine, theirs = factories.company(session), factories.company(session)
    row = ask(session, theirs)
    with pytest.raises(CampaignError):
        questions.add_message(session, EDITOR, mine.id, row.public, "Xem nào", "f2", now=NOW)
    for act in (questions.close_question, questions.reopen_question):
        with pytest.raises(NotFound):
            act(session, EDITOR, row.public, mine.id, now=NOW)
    with pytest.raises(NotFound):
        find_question(session, row.public, mine.id)


def test_an_answer_written_before_the_last_word_is_not_sent(session: Session) -> None:
    company = factories.company(session)
    row = ask(session, company)
    questions.add_message(session, EDITOR, company.id, row.public, "À, đã rõ.", "f2", now=NOW)
    with pytest.raises(Conflict) as exception_info:
        questions.answer_question(session, WRITER, row.public, "Ở cuối bài.", "a1", 1, now=NOW)
    assert exception_info.value.code == "question_moved"


def test_closing_is_taken_back_to_how_it_stood(session: Session) -> None:
    company = factories.company(session)
    row = ask(session, company)
    questions.close_question(session, ANALYST, row.public, now=NOW)
    assert (row.state, count_waiting_questions(session)) == (QuestionState.CLOSED, 0)
    questions.reopen_question(session, ANALYST, row.public, now=NOW)
    assert (row.state, row.waits_since) == (QuestionState.OPEN, NOW)
    questions.answer_question(session, ANALYST, row.public, "Ở cuối bài.", "a1", 1, now=NOW)
    questions.close_question(session, EDITOR, row.public, company.id, now=NOW)
    questions.reopen_question(session, EDITOR, row.public, company.id, now=NOW)
    assert row.state is QuestionState.ANSWERED
    with pytest.raises(Forbidden):
        questions.close_question(session, EDITOR, row.public, now=NOW)


def test_a_program_gone_wrong_is_stopped_and_its_partner_alone(session: Session) -> None:
    company, other = factories.company(session), factories.company(session)
    for number in range(MOST_MESSAGES_A_DAY):
        ask(session, company, form=f"n{number}")
    with pytest.raises(Conflict) as exception_info:
        ask(session, company, form="more")
    assert exception_info.value.code == "too_many_questions"
    assert ask(session, other, form="theirs").state is QuestionState.OPEN


def test_every_bad_field_is_named(session: Session) -> None:
    company = factories.company(session)
    with pytest.raises(Invalid) as exception_info:
        questions.ask_question(
            session,
            EDITOR,
            company.id,
            "",
            "x" * (LONGEST_TEXT + 1),
            QuestionSubject(QuestionSubjectKind.BULLETIN, "BT-1"),
            "f",
            now=NOW,
        )
    assert {error.field for error in exception_info.value.errors} == {"heading", "text", "name"}


def test_only_what_the_partner_can_see_is_asked_about(session: Session) -> None:
    mine, theirs = factories.company(session), factories.company(session)
    out, hidden = factories.published(session), factories.draft(session)
    own = make_republication(session, out, factories.site(session, mine))
    foreign = make_republication(session, out, factories.site(session, theirs))
    wanted = NoticeContent("x", "<p>x</p>", NoticeAudience.CHOSEN, partners=[theirs.code])
    row = notice_workflow.draft_notice(session, WRITER, wanted, "n", now=NOW)
    notice_workflow.publish_notice(session, APPROVER, row.public, row.version, now=NOW)
    later = NOW + timedelta(minutes=1)
    for subject in (
        QuestionSubject(QuestionSubjectKind.BULLETIN, out.code),
        QuestionSubject(QuestionSubjectKind.FINDING, own.public),
    ):
        assert (
            questions.ask_question(session, EDITOR, mine.id, "x", "x", subject, subject.name, now=later).about
            is subject.about
        )
    for about, name in (
        (QuestionSubjectKind.BULLETIN, hidden.code), (QuestionSubjectKind.BULLETIN, ""),
        (QuestionSubjectKind.FINDING, foreign.public),
        (QuestionSubjectKind.NOTICE, row.public),
    ):  # fmt: skip
        with pytest.raises(Invalid):
            questions.ask_question(session, EDITOR, mine.id, "x", "x", QuestionSubject(about, name), "again", now=later)


def test_public_words_that_name_who_asked_are_refused(session: Session) -> None:
    company = factories.company(session, "Công ty CP Truyền thông Nhịp Sông")
    site = factories.site(session, company, "https://nhipsong.example/")
    row = ask(session, company)
    for words in (
        "Công ty CP truyền thông NHIP SONG hỏi", f"Trang {site.host} hỏi", "Bạn Nguyễn Thị Biên Tập hỏi",
    ):  # fmt: skip
        with pytest.raises(Invalid) as exception_info:
            questions.publish_answer(session, APPROVER, row.public, words, "Ở cuối bài.", 0, now=NOW)
        assert [(error.field, error.code) for error in exception_info.value.errors] == [("question", "names_asker")]
    made = questions.publish_answer(session, APPROVER, row.public, "Dòng nguồn đặt ở đâu?", "Ở cuối bài.", 0, now=NOW)
    assert made.version == 1


def test_what_is_public_is_found_by_its_words_changed_withdrawn_and_put_back(session: Session) -> None:
    row = ask(session, factories.company(session))
    with pytest.raises(Forbidden):
        questions.publish_answer(session, WRITER, row.public, "Dòng nguồn đặt ở đâu?", "Ở cuối bài.", 0, now=NOW)
    for _ in range(2):  # the same press twice
        questions.publish_answer(session, APPROVER, row.public, "Dòng nguồn đặt ở đâu?", "Ở cuối bài.", 0, now=NOW)
    assert [answer.answer for answer in questions.find_public_answers(session, "DONG nguon cuoi", 1).rows] == [
        "Ở cuối bài."
    ]
    assert questions.find_public_answers(session, "100%_", 1) == ListPage([], 0, 1)
    with pytest.raises(Conflict):
        questions.publish_answer(session, APPROVER, row.public, "Khác", "Khác", 0, now=NOW)
    questions.withdraw_answer(session, APPROVER, row.public, now=NOW)
    assert questions.find_public_answers(session, "", 1).total == 0
    questions.restore_answer(session, APPROVER, row.public, now=NOW)
    assert questions.find_public_answers(session, "", 1).total == 1
