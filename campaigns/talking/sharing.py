"""Sharing: a question and its answer, put into words that say nothing of who asked, for every partner to read."""

import datetime as dt
import re
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.base import public_id
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.core.vietnamese import fold, nfc
from campaigns.partners.directory import Site
from campaigns.partners.editors import Editor
from campaigns.people.staff import Actor, May
from campaigns.talking.asking import LONGEST
from campaigns.talking.questions import PublicAnswer, Question, Utterance, find_question, public_of

SHORTEST_NAME = 4  # letters; shorter names stand in too many words that mean something else


def share(
    session: Session, actor: Actor, public: str, question: str, answer: str, version: int, *, now: dt.datetime
) -> PublicAnswer:
    """Publish a question with its answer, or change what was published. ``version``: of what the form was opened on,
    0 when nothing was.

    Raises ``Invalid`` for words that are missing, too many, or name who asked (``names_asker``), ``Conflict``
    (``answer_moved``) when a colleague was faster, ``Forbidden``.
    """
    actor.require(May.TELL)
    row = find_question(session, public, lock=True)
    before = public_of(session, row)
    words = {"question": nfc(question.strip()), "answer": nfc(answer.strip())}
    if before is not None and before.version == version + 1 and _same(before, words):
        return before  # the same press a second time
    if (before.version if before is not None else 0) != version:
        raise Conflict(f"what is public of {public} has changed", code="answer_moved", question=public)
    errors = [error for field, text in words.items() for error in _bad(session, row, field, text)]
    if errors:
        raise Invalid(errors)
    made = before or PublicAnswer(public=public_id("pan"), question_id=row.id, published_at=now, version=0)
    made.question, made.answer = words["question"], words["answer"]
    made.search = fold(f"{made.question} {made.answer}")
    made.changed_at, made.version, made.withdrawn_at = now, version + 1, None
    session.add(made)
    session.flush()
    _record(session, actor, "answer.shared", row, made, now=now)
    return made


def withdraw(session: Session, actor: Actor, public: str, *, now: dt.datetime) -> None:
    """No partner reads it any longer. Raises ``NotFound`` when nothing was published, ``Forbidden``."""
    _stand(session, actor, public, now, "answer.withdrawn", now=now)


def restore(session: Session, actor: Actor, public: str, *, now: dt.datetime) -> None:
    """Every partner reads it again. Raises ``NotFound``, ``Forbidden``."""
    _stand(session, actor, public, None, "answer.restored", now=now)


def _stand(
    session: Session, actor: Actor, public: str, withdrawn: dt.datetime | None, act: str, *, now: dt.datetime
) -> None:
    actor.require(May.TELL)
    row = find_question(session, public, lock=True)
    made = public_of(session, row)
    if made is None:
        raise NotFound(f"nothing is public of {public}", question=public)
    if (made.withdrawn_at is None) == (withdrawn is None):
        return
    made.withdrawn_at, made.changed_at, made.version = withdrawn, now, made.version + 1
    session.flush()
    _record(session, actor, act, row, made, now=now)


def shared(session: Session, words: str, limit: int, offset: int = 0) -> tuple[int, Sequence[PublicAnswer]]:
    """How many public answers have all these words, and one stretch of them, the newest first; every one without."""
    where: list[sa.ColumnElement[bool]] = [PublicAnswer.withdrawn_at.is_(None)]
    where += [PublicAnswer.search.contains(word, autoescape=True) for word in fold(words).split()]
    total = session.execute(sa.select(sa.func.count()).select_from(PublicAnswer).where(*where)).scalar_one()
    query = sa.select(PublicAnswer).where(*where).order_by(PublicAnswer.changed_at.desc(), PublicAnswer.id.desc())
    return total, session.execute(query.limit(limit).offset(offset)).scalars().all()


def _same(before: PublicAnswer, words: dict[str, str]) -> bool:
    return (before.question, before.answer) == (words["question"], words["answer"])


def _bad(session: Session, row: Question, field: str, text: str) -> list[FieldError]:
    if not text:
        return [FieldError(field, "required", "write what every partner reads")]
    if len(text) > LONGEST:
        return [FieldError(field, "too_long", f"at most {LONGEST} characters")]
    found = next((name for name in _names(session, row) if _stands_in(name, text)), None)
    return [FieldError(field, "names_asker", f"it names who asked: {found!r}")] if found else []


def _names(session: Session, row: Question) -> list[str]:
    """What would tell who asked: the company, its sites, its editors, and whoever wrote for it."""
    company = row.company
    sites = sa.select(Site.name, Site.host, Site.code).where(Site.company_id == company.id)
    editors = sa.select(Editor.name, Editor.email).where(Editor.company_id == company.id)
    wrote = sa.select(Utterance.actor_name).where(Utterance.question_id == row.id, Utterance.ours.is_(False)).distinct()
    found = [company.name, company.code, company.tax_code or ""]
    for query in (sites, editors, wrote):
        found += [text for line in session.execute(query) for text in line]
    # An editor signs with name and company: each is a name by itself.
    names = {part.strip() for text in found for part in (text, *text.split(","))}
    return sorted(name for name in names if len(name) >= SHORTEST_NAME)


def _stands_in(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(fold(name))}(?!\w)", fold(text)) is not None


def _record(session: Session, actor: Actor, act: str, row: Question, made: PublicAnswer, *, now: dt.datetime) -> None:
    details = {"answer": made.public, "question": made.question, "text": made.answer}
    journal.record(session, actor.id, act, "question", row.public, details, now=now)
