"""A partner asks and is answered; what others may read never says who asked."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.errors import CampaignError, Conflict, Forbidden, Invalid, NotFound
from campaigns.partners.directory import Company
from campaigns.people.staff import Actor
from campaigns.talking import asking, sharing, telling
from campaigns.talking.asking import LONGEST, MOST_A_DAY, Subject
from campaigns.talking.notices import Audience
from campaigns.talking.questions import About, Asked, Question, Utterance, find_question, waiting, words_of
from campaigns.talking.telling import Wanted
from tests import factories
from tests.campaigns.reporting.copies import copy
from tests.factories import ANALYST, APPROVER, NOW, WRITER

EDITOR = Actor("key:abc", "Nguyễn Thị Biên Tập", None)


def ask(
    session: Session, company: Company, subject: Subject | None = None, form: str = "f1", text: str = "Đặt ở đâu?"
) -> Question:
    return asking.ask(session, EDITOR, company.id, "Dòng nguồn", text, subject or Subject(), form, now=NOW)


def test_a_question_waits_until_it_is_answered_and_again_when_the_partner_goes_on(session: Session) -> None:
    company = factories.company(session)
    row = ask(session, company)
    assert (row.state, row.waits_since, waiting(session)) == (Asked.OPEN, NOW, 1)
    assert asking.answer(session, WRITER, row.public, "Ở cuối bài.", "a1", 1, now=NOW)
    assert (row.state, row.waits_since, waiting(session)) == (Asked.ANSWERED, None, 0)
    later = NOW + timedelta(hours=1)
    assert asking.add(session, EDITOR, company.id, row.public, "Cả bài ảnh?", "f2", now=later)
    assert (row.state, row.waits_since) == (Asked.OPEN, later)
    assert [one.ours for one in words_of(session, row)] == [False, True, False]


def test_the_wait_is_counted_from_the_first_word_that_nobody_answered(session: Session) -> None:
    company = factories.company(session)
    row = ask(session, company)
    asking.add(session, EDITOR, company.id, row.public, "Còn nữa", "f2", now=NOW + timedelta(hours=3))
    assert row.waits_since == NOW


def test_every_form_sent_twice_speaks_once(session: Session) -> None:
    company = factories.company(session)
    row = ask(session, company)
    assert ask(session, company) is row
    for _ in range(2):
        asking.answer(session, WRITER, row.public, "Ở cuối bài.", "a1", 1, now=NOW)
    for _ in range(2):
        asking.add(session, EDITOR, company.id, row.public, "Cảm ơn", "f2", now=NOW)
    assert len(session.execute(sa.select(Utterance)).all()) == 3


def test_another_partner_that_sends_the_same_form_gets_nothing_of_this_one(session: Session) -> None:
    mine, theirs = factories.company(session), factories.company(session)
    row = ask(session, theirs)
    with pytest.raises(CampaignError):
        asking.add(session, EDITOR, mine.id, row.public, "Xem nào", "f2", now=NOW)
    for act in (asking.close, asking.reopen):
        with pytest.raises(NotFound):
            act(session, EDITOR, row.public, mine.id, now=NOW)
    with pytest.raises(NotFound):
        find_question(session, row.public, mine.id)


def test_an_answer_written_before_the_last_word_is_not_sent(session: Session) -> None:
    company = factories.company(session)
    row = ask(session, company)
    asking.add(session, EDITOR, company.id, row.public, "À, đã rõ.", "f2", now=NOW)
    with pytest.raises(Conflict) as told:
        asking.answer(session, WRITER, row.public, "Ở cuối bài.", "a1", 1, now=NOW)
    assert told.value.code == "question_moved"


def test_closing_is_taken_back_to_how_it_stood(session: Session) -> None:
    company = factories.company(session)
    row = ask(session, company)
    asking.close(session, ANALYST, row.public, now=NOW)
    assert (row.state, waiting(session)) == (Asked.CLOSED, 0)
    asking.reopen(session, ANALYST, row.public, now=NOW)
    assert (row.state, row.waits_since) == (Asked.OPEN, NOW)
    asking.answer(session, ANALYST, row.public, "Ở cuối bài.", "a1", 1, now=NOW)
    asking.close(session, EDITOR, row.public, company.id, now=NOW)
    asking.reopen(session, EDITOR, row.public, company.id, now=NOW)
    assert row.state is Asked.ANSWERED
    with pytest.raises(Forbidden):
        asking.close(session, EDITOR, row.public, now=NOW)


def test_a_program_gone_wrong_is_stopped_and_its_partner_alone(session: Session) -> None:
    company, other = factories.company(session), factories.company(session)
    for number in range(MOST_A_DAY):
        ask(session, company, form=f"n{number}")
    with pytest.raises(Conflict) as told:
        ask(session, company, form="more")
    assert told.value.code == "too_many_questions"
    assert ask(session, other, form="theirs").state is Asked.OPEN


def test_every_bad_field_is_named(session: Session) -> None:
    company = factories.company(session)
    with pytest.raises(Invalid) as told:
        asking.ask(session, EDITOR, company.id, "", "x" * (LONGEST + 1), Subject(About.BULLETIN, "BT-1"), "f", now=NOW)
    assert {error.field for error in told.value.errors} == {"heading", "text", "name"}


def test_only_what_the_partner_can_see_is_asked_about(session: Session) -> None:
    mine, theirs = factories.company(session), factories.company(session)
    out, hidden = factories.published(session), factories.draft(session)
    own = copy(session, out, factories.site(session, mine))
    foreign = copy(session, out, factories.site(session, theirs))
    wanted = Wanted("x", "<p>x</p>", Audience.CHOSEN, partners=[theirs.code])
    row = telling.draft(session, WRITER, wanted, "n", now=NOW)
    telling.publish(session, APPROVER, row.public, row.version, now=NOW)
    later = NOW + timedelta(minutes=1)
    for subject in (Subject(About.BULLETIN, out.code), Subject(About.FINDING, own.public)):
        assert asking.ask(session, EDITOR, mine.id, "x", "x", subject, subject.name, now=later).about is subject.about
    for about, name in (
        (About.BULLETIN, hidden.code), (About.BULLETIN, ""), (About.FINDING, foreign.public),
        (About.NOTICE, row.public),
    ):  # fmt: skip
        with pytest.raises(Invalid):
            asking.ask(session, EDITOR, mine.id, "x", "x", Subject(about, name), "again", now=later)


def test_public_words_that_name_who_asked_are_refused(session: Session) -> None:
    company = factories.company(session, "Công ty CP Truyền thông Nhịp Sông")
    site = factories.site(session, company, "https://nhipsong.example/")
    row = ask(session, company)
    for words in (
        "Công ty CP truyền thông NHIP SONG hỏi", f"Trang {site.host} hỏi", "Bạn Nguyễn Thị Biên Tập hỏi",
    ):  # fmt: skip
        with pytest.raises(Invalid) as told:
            sharing.share(session, APPROVER, row.public, words, "Ở cuối bài.", 0, now=NOW)
        assert [(error.field, error.code) for error in told.value.errors] == [("question", "names_asker")]
    made = sharing.share(session, APPROVER, row.public, "Dòng nguồn đặt ở đâu?", "Ở cuối bài.", 0, now=NOW)
    assert made.version == 1


def test_what_is_public_is_found_by_its_words_changed_withdrawn_and_put_back(session: Session) -> None:
    row = ask(session, factories.company(session))
    with pytest.raises(Forbidden):
        sharing.share(session, WRITER, row.public, "Dòng nguồn đặt ở đâu?", "Ở cuối bài.", 0, now=NOW)
    for _ in range(2):  # the same press twice
        sharing.share(session, APPROVER, row.public, "Dòng nguồn đặt ở đâu?", "Ở cuối bài.", 0, now=NOW)
    assert [one.answer for one in sharing.shared(session, "DONG nguon cuoi", 10)[1]] == ["Ở cuối bài."]
    assert sharing.shared(session, "100%_", 10) == (0, [])
    with pytest.raises(Conflict):
        sharing.share(session, APPROVER, row.public, "Khác", "Khác", 0, now=NOW)
    sharing.withdraw(session, APPROVER, row.public, now=NOW)
    assert sharing.shared(session, "", 10)[0] == 0
    sharing.restore(session, APPROVER, row.public, now=NOW)
    assert sharing.shared(session, "", 10)[0] == 1
