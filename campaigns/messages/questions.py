"""Questions of partners, answers of the department, and the answers published to all partners."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.bulletins import visibility
from campaigns.bulletins.bulletins import Bulletin
from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, by_value, public_id
from campaigns.core.current_company import lock_current_company
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.core.listing import ListPage, ListQuery
from campaigns.core.vietnamese import fold, nfc
from campaigns.messages import notice_readers
from campaigns.partners.directory import Company, Site
from campaigns.partners.editors import Editor
from campaigns.people.staff import Actor, Permission
from campaigns.republications.republications import Republication


class QuestionState(Enum):
    """The state of a question."""

    OPEN = "open"  # waits for the department's answer
    ANSWERED = "answered"
    CLOSED = "closed"


class QuestionSubjectKind(Enum):
    """The kind of a question's subject."""

    GENERAL = "general"
    BULLETIN = "bulletin"
    NOTICE = "notice"
    FINDING = "finding"  # a finding on one of the partner's copies


class Question(Base):
    """One question of a partner with its messages. ``waits_since``: time of the first unanswered message. ``form``:
    idempotency key of the form that asked it."""

    __tablename__ = "questions"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    form: Mapped[str] = mapped_column(sa.String(40), unique=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"), index=True)
    state: Mapped[QuestionState] = mapped_column(by_value(QuestionState, "question_state"))
    about: Mapped[QuestionSubjectKind] = mapped_column(by_value(QuestionSubjectKind, "question_about"))
    bulletin_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bulletins.id"))
    notice_id: Mapped[int | None] = mapped_column(sa.ForeignKey("notices.id"))
    republication_id: Mapped[int | None] = mapped_column(sa.ForeignKey("republications.id"))
    title: Mapped[str] = mapped_column(sa.String(200))
    asked_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    waits_since: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)

    company: Mapped[Company] = relationship()

    __table_args__ = (sa.Index("ix_questions_state_waits_since", "state", "waits_since"),)


class QuestionMessage(Base):
    """One message on a question, by the partner or the department; never edited."""

    __tablename__ = "question_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(sa.ForeignKey("questions.id"), index=True)
    form: Mapped[str] = mapped_column(sa.String(40), unique=True)
    ours: Mapped[bool]  # of the department
    text: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(sa.String(200))
    actor_name: Mapped[str] = mapped_column(sa.String(200))


class PublicAnswer(Base):
    """A question and its answer as published to all partners, worded by staff. Only staff see which question it came
    from. ``search``: its folded text."""

    __tablename__ = "public_answers"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    question_id: Mapped[int] = mapped_column(sa.ForeignKey("questions.id"), unique=True)
    question: Mapped[str] = mapped_column(sa.Text)
    answer: Mapped[str] = mapped_column(sa.Text)
    search: Mapped[str] = mapped_column(sa.Text)
    version: Mapped[int] = mapped_column(default=1)
    published_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)


def find_question(session: Session, public: str, company_id: int | None = None, *, lock: bool = False) -> Question:
    """The question with this public id; with ``company_id`` only that partner's own. Raises the same ``NotFound`` for
    another partner's question and for an unknown one."""
    query = sa.select(Question).where(Question.public == public)
    if company_id is not None:
        query = query.where(Question.company_id == company_id)
    row = session.execute(query.with_for_update(of=Question) if lock else query).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no question {public}", question=public)
    return row


def question_messages(session: Session, question: Question) -> Sequence[QuestionMessage]:
    """The messages of a question, oldest first."""
    query = sa.select(QuestionMessage).where(QuestionMessage.question_id == question.id).order_by(QuestionMessage.id)
    return session.execute(query).scalars().all()


def public_answer_of(session: Session, question: Question) -> PublicAnswer | None:
    """A question's public answer, withdrawn ones included; None when none was published."""
    query = sa.select(PublicAnswer).where(PublicAnswer.question_id == question.id)
    return session.execute(query).scalar_one_or_none()


def count_waiting_questions(session: Session) -> int:
    """The number of questions that wait for the department."""
    query = sa.select(sa.func.count()).select_from(Question).where(Question.state == QuestionState.OPEN)
    return session.execute(query).scalar_one()


# Asking and answering.


LONGEST_TITLE = 200
LONGEST_TEXT = 4000  # characters; a question is a few sentences, an answer a page
MOST_MESSAGES_A_DAY = 20  # of one partner; more come from a faulty program


@dataclass(frozen=True)
class QuestionSubject:
    """A question's subject: the code of a bulletin, or the public id of a notice or of a copy; '' for none."""

    about: QuestionSubjectKind = QuestionSubjectKind.GENERAL
    name: str = ""


def ask_question(
    session: Session, actor: Actor, company_id: int, title: str, text: str, subject: QuestionSubject, form: str,
    *, now: dt.datetime,
) -> Question:  # fmt: skip
    """Add a partner's question. The same ``form`` sent twice adds one question.

    Raises ``Invalid`` naming every bad field, ``Conflict`` (``too_many_questions``) after too many messages a day.
    """
    company_id = lock_current_company(session, company_id)
    if (before := _find_by_form(session, company_id, form)) is not None:
        return before
    errors = _text_errors(text)
    if not title.strip():
        errors.append(FieldError("heading", "required", "a question needs a title"))
    if len(title) > LONGEST_TITLE:
        errors.append(FieldError("heading", "too_long", f"at most {LONGEST_TITLE} characters"))
    bulletin_id, notice_id, copy_id = _check_subject(session, company_id, subject, errors, now)
    if errors:
        raise Invalid(errors)
    _not_too_many(session, company_id, now)
    row = Question(
        public=public_id("qst"), form=form, company_id=company_id, state=QuestionState.OPEN, about=subject.about,
        bulletin_id=bulletin_id, notice_id=notice_id, republication_id=copy_id, title=nfc(" ".join(title.split())),
        asked_at=now, changed_at=now, waits_since=now,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        # Another process has just taken the same form: its question is returned.
        if (before := _find_by_form(session, company_id, form)) is None:
            raise _form_used_error(form) from None
        return before
    if not _add_message_row(session, actor, row, text, form, ours=False, now=now):
        raise _form_used_error(form)
    _record(session, actor, "question.asked", row, text, now=now)
    return row


def add_message(
    session: Session, actor: Actor, company_id: int, public: str, text: str, form: str, *, now: dt.datetime
) -> bool:
    """Add a partner's message; an answered or closed question is open again. False when this form was taken before.

    Raises ``NotFound`` for another partner's question, ``Invalid``, ``Conflict`` after too many messages a day.
    """
    row = find_question(session, public, company_id, lock=True)
    if _find_message(session, form):
        return False
    if errors := _text_errors(text):
        raise Invalid(errors)
    _not_too_many(session, company_id, now)
    if not _add_message_row(session, actor, row, text, form, ours=False, now=now):
        return False
    if row.state is not QuestionState.OPEN:
        row.state, row.waits_since = QuestionState.OPEN, now
    session.flush()
    _record(session, actor, "question.continued", row, text, now=now)
    return True


def answer_question(
    session: Session, actor: Actor, public: str, text: str, form: str, heard: int, *, now: dt.datetime
) -> bool:
    """Add the department's answer. ``heard``: the number of messages when the form was opened. False when this form was
    taken before.

    Raises ``Conflict`` (``question_moved``) when a message was added since, ``Invalid``, ``Forbidden``.
    """
    actor.require(Permission.ANSWER)
    row = find_question(session, public, lock=True)
    if _find_message(session, form):
        return False
    if _message_count(session, row) != heard:
        raise Conflict(f"something was said on {public} meanwhile", code="question_moved", question=public)
    if errors := _text_errors(text):
        raise Invalid(errors)
    if not _add_message_row(session, actor, row, text, form, ours=True, now=now):
        return False
    row.state, row.waits_since = QuestionState.ANSWERED, None
    session.flush()
    _record(session, actor, "question.answered", row, text, now=now)
    return True


def close_question(
    session: Session, actor: Actor, public: str, company_id: int | None = None, *, now: dt.datetime
) -> Question:
    """Close a question, by its partner or by staff (``Forbidden`` for others)."""
    if company_id is None:
        actor.require(Permission.ANSWER)
    row = find_question(session, public, company_id, lock=True)
    if row.state is not QuestionState.CLOSED:
        row.state, row.waits_since, row.changed_at = QuestionState.CLOSED, None, now
        session.flush()
        _record(session, actor, "question.closed", row, now=now)
    return row


def reopen_question(
    session: Session, actor: Actor, public: str, company_id: int | None = None, *, now: dt.datetime
) -> Question:
    """Reopen a closed question; its state follows from the author of the last message."""
    if company_id is None:
        actor.require(Permission.ANSWER)
    row = find_question(session, public, company_id, lock=True)
    if row.state is QuestionState.CLOSED:
        last = (
            sa.select(QuestionMessage)
            .where(QuestionMessage.question_id == row.id)
            .order_by(QuestionMessage.id.desc())
            .limit(1)
        )
        message = session.execute(last).scalar_one()
        row.state = QuestionState.ANSWERED if message.ours else QuestionState.OPEN
        row.waits_since, row.changed_at = (None if message.ours else message.at), now
        session.flush()
        _record(session, actor, "question.reopened", row, now=now)
    return row


def _find_by_form(session: Session, company_id: int, form: str) -> Question | None:
    query = sa.select(Question).where(Question.form == form, Question.company_id == company_id)
    return session.execute(query).scalar_one_or_none()


def _form_used_error(form: str) -> Conflict:
    return Conflict(f"the form {form!r} was sent with something else")


def _find_message(session: Session, form: str) -> bool:
    return session.execute(sa.select(QuestionMessage.id).where(QuestionMessage.form == form)).first() is not None


def _message_count(session: Session, row: Question) -> int:
    query = sa.select(sa.func.count()).select_from(QuestionMessage).where(QuestionMessage.question_id == row.id)
    return session.execute(query).scalar_one()


def _text_errors(text: str) -> list[FieldError]:
    if not text.strip():
        return [FieldError("text", "required", "say what you mean")]
    if len(text) > LONGEST_TEXT:
        return [FieldError("text", "too_long", f"at most {LONGEST_TEXT} characters")]
    return []


def _not_too_many(session: Session, company_id: int, now: dt.datetime) -> None:
    lately = (
        sa.select(sa.func.count())
        .select_from(QuestionMessage)
        .join(Question, Question.id == QuestionMessage.question_id)
        .where(
            Question.company_id == company_id,
            QuestionMessage.ours.is_(False),
            QuestionMessage.at > now - dt.timedelta(days=1),
        )
    )
    if session.execute(lately).scalar_one() >= MOST_MESSAGES_A_DAY:
        raise Conflict(f"more than {MOST_MESSAGES_A_DAY} a day", code="too_many_questions", most=MOST_MESSAGES_A_DAY)


def _check_subject(
    session: Session, company_id: int, subject: QuestionSubject, errors: list[FieldError], now: dt.datetime
) -> tuple[int | None, int | None, int | None]:
    """The ids of the subject, which the partner must be able to see: a question reveals nothing else."""
    match subject.about:
        case QuestionSubjectKind.GENERAL:
            return None, None, None
        case QuestionSubjectKind.BULLETIN:
            out = sa.select(Bulletin.id).where(
                Bulletin.code == subject.name.strip(), visibility.visible(now, with_recalled=True)
            )
            found = session.execute(out).scalar_one_or_none()
            if found is None:
                errors.append(FieldError("name", "unknown_bulletin", f"there is no bulletin {subject.name!r}"))
            return found, None, None
        case QuestionSubjectKind.NOTICE:
            try:
                return (
                    None,
                    notice_readers.find_partner_notice(session, company_id, subject.name, now=now).notice.id,
                    None,
                )
            except NotFound:
                errors.append(FieldError("name", "unknown_notice", f"there is no notice {subject.name!r}"))
        case QuestionSubjectKind.FINDING:
            own = sa.select(Site.id).where(Site.company_id == company_id)
            seen = sa.select(Bulletin.id).where(visibility.visible(now, with_recalled=True))
            query = sa.select(Republication.id).where(
                Republication.public == subject.name,
                Republication.site_id.in_(own),
                Republication.bulletin_id.in_(seen),
            )
            found = session.execute(query).scalar_one_or_none()
            if found is None:
                errors.append(FieldError("name", "unknown_copy", f"there is no copy {subject.name!r}"))
            return None, None, found
    return None, None, None


def _add_message_row(
    session: Session, actor: Actor, row: Question, text: str, form: str, *, ours: bool, now: dt.datetime
) -> bool:
    made = QuestionMessage(
        question_id=row.id, form=form, ours=ours, text=nfc(text.strip()), at=now, actor=actor.id, actor_name=actor.name
    )
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except IntegrityError:
        if not _find_message(session, form):
            raise
        return False
    row.changed_at = now
    return True


def _record(session: Session, actor: Actor, act: str, row: Question, text: str = "", *, now: dt.datetime) -> None:
    details = {"partner": row.company.code, "title": row.title, "text": text.strip()}
    journal.record(session, actor.id, act, "question", row.public, details, now=now)


# Public answers: a question and its answer for all partners, worded without the asker's identity.


SHORTEST_NAME = 4  # letters; shorter names occur in too many other words


def publish_answer(
    session: Session, actor: Actor, public: str, question: str, answer: str, version: int, *, now: dt.datetime
) -> PublicAnswer:
    """Publish a question with its answer, or change a public answer. ``version``: of the answer when the form was
    opened, 0 for none.

    Raises ``Invalid`` for texts that are missing, too long, or name the asker (``names_asker``), ``Conflict``
    (``answer_moved``) when a colleague changed it first, ``Forbidden``.
    """
    actor.require(Permission.INFORM)
    row = find_question(session, public, lock=True)
    before = public_answer_of(session, row)
    words = {"question": nfc(question.strip()), "answer": nfc(answer.strip())}
    if before is not None and before.version == version + 1 and _is_unchanged(before, words):
        return before  # the same request a second time
    if (before.version if before is not None else 0) != version:
        raise Conflict(f"what is public of {public} has changed", code="answer_moved", question=public)
    errors = [error for field, text in words.items() for error in _public_text_errors(session, row, field, text)]
    if errors:
        raise Invalid(errors)
    made = before or PublicAnswer(public=public_id("pan"), question_id=row.id, published_at=now, version=0)
    made.question, made.answer = words["question"], words["answer"]
    made.search = fold(f"{made.question} {made.answer}")
    made.changed_at, made.version, made.withdrawn_at = now, version + 1, None
    session.add(made)
    session.flush()
    _record_public_answer(session, actor, "answer.shared", row, made, now=now)
    return made


def withdraw_answer(session: Session, actor: Actor, public: str, *, now: dt.datetime) -> None:
    """Withdraw a public answer. Raises ``NotFound`` when none was published, ``Forbidden``."""
    _set_withdrawn(session, actor, public, now, "answer.withdrawn", now=now)


def restore_answer(session: Session, actor: Actor, public: str, *, now: dt.datetime) -> None:
    """Publish a withdrawn answer again. Raises ``NotFound``, ``Forbidden``."""
    _set_withdrawn(session, actor, public, None, "answer.restored", now=now)


def _set_withdrawn(
    session: Session, actor: Actor, public: str, withdrawn: dt.datetime | None, act: str, *, now: dt.datetime
) -> None:
    actor.require(Permission.INFORM)
    row = find_question(session, public, lock=True)
    made = public_answer_of(session, row)
    if made is None:
        raise NotFound(f"nothing is public of {public}", question=public)
    if (made.withdrawn_at is None) == (withdrawn is None):
        return
    made.withdrawn_at, made.changed_at, made.version = withdrawn, now, made.version + 1
    session.flush()
    _record_public_answer(session, actor, act, row, made, now=now)


def find_public_answers(session: Session, words: str, number: int) -> ListPage[PublicAnswer]:
    """A page of the public answers with all these words, the newest first; of all without words."""
    where: list[sa.ColumnElement[bool]] = [PublicAnswer.withdrawn_at.is_(None)]
    where += [PublicAnswer.search.contains(word, autoescape=True) for word in fold(words).split()]
    order = (PublicAnswer.changed_at.desc(), PublicAnswer.id.desc())
    page = ListQuery(PublicAnswer, sa.select(PublicAnswer), where, order).page(session, number)
    return page.with_rows([answer for (answer,) in page.rows])


def _is_unchanged(before: PublicAnswer, words: dict[str, str]) -> bool:
    return (before.question, before.answer) == (words["question"], words["answer"])


def _public_text_errors(session: Session, row: Question, field: str, text: str) -> list[FieldError]:
    if not text:
        return [FieldError(field, "required", "write what every partner reads")]
    if len(text) > LONGEST_TEXT:
        return [FieldError(field, "too_long", f"at most {LONGEST_TEXT} characters")]
    found = next((name for name in _identifying_names(session, row) if _occurs_in(name, text)), None)
    return [FieldError(field, "names_asker", f"it names who asked: {found!r}")] if found else []


def _identifying_names(session: Session, row: Question) -> list[str]:
    """The names that identify the asker: the company, its sites, its editors, and the authors of its messages."""
    company = row.company
    sites = sa.select(Site.name, Site.host, Site.code).where(Site.company_id == company.id)
    editors = sa.select(Editor.name, Editor.email).where(Editor.company_id == company.id)
    authors = (
        sa.select(QuestionMessage.actor_name)
        .where(QuestionMessage.question_id == row.id, QuestionMessage.ours.is_(False))
        .distinct()
    )
    found = [company.name, company.code, company.tax_code or ""]
    for query in (sites, editors, authors):
        found += [text for row_found in session.execute(query) for text in row_found]
    # An author is written as name and company, separated by a comma: each part is a name.
    names = {part.strip() for text in found for part in (text, *text.split(","))}
    return sorted(name for name in names if len(name) >= SHORTEST_NAME)


def _occurs_in(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(fold(name))}(?!\w)", fold(text)) is not None


def _record_public_answer(
    session: Session, actor: Actor, act: str, row: Question, made: PublicAnswer, *, now: dt.datetime
) -> None:
    details = {"answer": made.public, "question": made.question, "text": made.answer}
    journal.record(session, actor.id, act, "question", row.public, details, now=now)
