"""Asking and answering: a partner asks, goes on, closes; staff answer, close and open again."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.base import public_id
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.core.vietnamese import nfc
from campaigns.partners.directory import Site
from campaigns.people.staff import Actor, May
from campaigns.publishing import release
from campaigns.publishing.bulletins import Bulletin
from campaigns.talking import readers
from campaigns.talking.questions import About, Asked, Question, Utterance, find_question
from campaigns.tracking.republications import Republication

LONGEST_TITLE = 200
LONGEST = 4000  # characters; a question is a few sentences, an answer a page
MOST_A_DAY = 20  # things one partner says in a day; more are a program gone wrong


@dataclass(frozen=True)
class Subject:
    """What a question is about: the code of a bulletin, or the name of a notice or of a copy; '' for none."""

    about: About = About.GENERAL
    name: str = ""


def ask(
    session: Session, actor: Actor, company_id: int, title: str, text: str, subject: Subject, form: str,
    *, now: dt.datetime,
) -> Question:  # fmt: skip
    """A partner's new question. The same ``form`` sent twice asks once.

    Raises ``Invalid`` naming every bad field, ``Conflict`` (``too_many_questions``) after too many words a day.
    """
    if (before := _asked_by(session, company_id, form)) is not None:
        return before
    errors = _bad(text)
    if not title.strip():
        errors.append(FieldError("heading", "required", "a question needs a title"))
    if len(title) > LONGEST_TITLE:
        errors.append(FieldError("heading", "too_long", f"at most {LONGEST_TITLE} characters"))
    bulletin_id, notice_id, copy_id = _subject(session, company_id, subject, errors, now)
    if errors:
        raise Invalid(errors)
    _not_too_many(session, company_id, now)
    row = Question(
        public=public_id("qst"), form=form, company_id=company_id, state=Asked.OPEN, about=subject.about,
        bulletin_id=bulletin_id, notice_id=notice_id, republication_id=copy_id, title=nfc(" ".join(title.split())),
        asked_at=now, changed_at=now, waits_since=now,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        # The same form a moment ago, by another process: its question is this one.
        if (before := _asked_by(session, company_id, form)) is None:
            raise _used(form) from None
        return before
    if not _say(session, actor, row, text, form, ours=False, now=now):
        raise _used(form)
    _record(session, actor, "question.asked", row, text, now=now)
    return row


def add(
    session: Session, actor: Actor, company_id: int, public: str, text: str, form: str, *, now: dt.datetime
) -> bool:
    """A partner goes on; an answered or closed question waits again. False when this form was taken before.

    Raises ``NotFound`` for what is not the partner's own, ``Invalid``, ``Conflict`` after too many words a day.
    """
    row = find_question(session, public, company_id, lock=True)
    if _said(session, form):
        return False
    if errors := _bad(text):
        raise Invalid(errors)
    _not_too_many(session, company_id, now)
    if not _say(session, actor, row, text, form, ours=False, now=now):
        return False
    if row.state is not Asked.OPEN:
        row.state, row.waits_since = Asked.OPEN, now
    session.flush()
    _record(session, actor, "question.continued", row, text, now=now)
    return True


def answer(session: Session, actor: Actor, public: str, text: str, form: str, heard: int, *, now: dt.datetime) -> bool:
    """The department answers. ``heard``: how many things were said when the form was opened. False when this form was
    taken before.

    Raises ``Conflict`` (``question_moved``) when something was said since, ``Invalid``, ``Forbidden``.
    """
    actor.require(May.ANSWER)
    row = find_question(session, public, lock=True)
    if _said(session, form):
        return False
    if _count(session, row) != heard:
        raise Conflict(f"something was said on {public} meanwhile", code="question_moved", question=public)
    if errors := _bad(text):
        raise Invalid(errors)
    if not _say(session, actor, row, text, form, ours=True, now=now):
        return False
    row.state, row.waits_since = Asked.ANSWERED, None
    session.flush()
    _record(session, actor, "question.answered", row, text, now=now)
    return True


def close(session: Session, actor: Actor, public: str, company_id: int | None = None, *, now: dt.datetime) -> Question:
    """Nothing more is to be said: by the partner whose question it is, or by staff (``Forbidden`` for others)."""
    if company_id is None:
        actor.require(May.ANSWER)
    row = find_question(session, public, company_id, lock=True)
    if row.state is not Asked.CLOSED:
        row.state, row.waits_since, row.changed_at = Asked.CLOSED, None, now
        session.flush()
        _record(session, actor, "question.closed", row, now=now)
    return row


def reopen(session: Session, actor: Actor, public: str, company_id: int | None = None, *, now: dt.datetime) -> Question:
    """Take a closing back: it stands as it did, by who spoke last."""
    if company_id is None:
        actor.require(May.ANSWER)
    row = find_question(session, public, company_id, lock=True)
    if row.state is Asked.CLOSED:
        last = sa.select(Utterance).where(Utterance.question_id == row.id).order_by(Utterance.id.desc()).limit(1)
        spoke = session.execute(last).scalar_one()
        row.state = Asked.ANSWERED if spoke.ours else Asked.OPEN
        row.waits_since, row.changed_at = (None if spoke.ours else spoke.at), now
        session.flush()
        _record(session, actor, "question.reopened", row, now=now)
    return row


def _asked_by(session: Session, company_id: int, form: str) -> Question | None:
    query = sa.select(Question).where(Question.form == form, Question.company_id == company_id)
    return session.execute(query).scalar_one_or_none()


def _used(form: str) -> Conflict:
    return Conflict(f"the form {form!r} was sent with something else")


def _said(session: Session, form: str) -> bool:
    return session.execute(sa.select(Utterance.id).where(Utterance.form == form)).first() is not None


def _count(session: Session, row: Question) -> int:
    query = sa.select(sa.func.count()).select_from(Utterance).where(Utterance.question_id == row.id)
    return session.execute(query).scalar_one()


def _bad(text: str) -> list[FieldError]:
    if not text.strip():
        return [FieldError("text", "required", "say what you mean")]
    if len(text) > LONGEST:
        return [FieldError("text", "too_long", f"at most {LONGEST} characters")]
    return []


def _not_too_many(session: Session, company_id: int, now: dt.datetime) -> None:
    lately = (
        sa.select(sa.func.count())
        .select_from(Utterance)
        .join(Question, Question.id == Utterance.question_id)
        .where(Question.company_id == company_id, Utterance.ours.is_(False), Utterance.at > now - dt.timedelta(days=1))
    )
    if session.execute(lately).scalar_one() >= MOST_A_DAY:
        raise Conflict(f"more than {MOST_A_DAY} a day", code="too_many_questions", most=MOST_A_DAY)


def _subject(
    session: Session, company_id: int, subject: Subject, errors: list[FieldError], now: dt.datetime
) -> tuple[int | None, int | None, int | None]:
    """Only what the partner can see already: nothing is found out by asking about it."""
    match subject.about:
        case About.GENERAL:
            return None, None, None
        case About.BULLETIN:
            out = sa.select(Bulletin.id).where(
                Bulletin.code == subject.name.strip(), release.visible(now, with_recalled=True)
            )
            found = session.execute(out).scalar_one_or_none()
            if found is None:
                errors.append(FieldError("name", "unknown_bulletin", f"there is no bulletin {subject.name!r}"))
            return found, None, None
        case About.NOTICE:
            try:
                return None, readers.told_one(session, company_id, subject.name, now=now).notice.id, None
            except NotFound:
                errors.append(FieldError("name", "unknown_notice", f"there is no notice {subject.name!r}"))
        case About.FINDING:
            own = sa.select(Site.id).where(Site.company_id == company_id)
            seen = sa.select(Bulletin.id).where(release.visible(now, with_recalled=True))
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


def _say(session: Session, actor: Actor, row: Question, text: str, form: str, *, ours: bool, now: dt.datetime) -> bool:
    made = Utterance(
        question_id=row.id, form=form, ours=ours, text=nfc(text.strip()), at=now, actor=actor.id, actor_name=actor.name
    )
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except IntegrityError:
        if not _said(session, form):
            raise
        return False
    row.changed_at = now
    return True


def _record(session: Session, actor: Actor, act: str, row: Question, text: str = "", *, now: dt.datetime) -> None:
    details = {"partner": row.company.code, "title": row.title, "text": text.strip()}
    journal.record(session, actor.id, act, "question", row.public, details, now=now)
