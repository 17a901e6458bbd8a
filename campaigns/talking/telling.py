"""Writing notices and what becomes of them: drafted, published, corrected, withdrawn, put back."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.base import public_id
from campaigns.core.clock import city_day
from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.core.vietnamese import nfc
from campaigns.partners.directory import IN_USE, Company
from campaigns.people.staff import Actor, May
from campaigns.planning.campaigns import Topic
from campaigns.talking.audiences import Group, in_groups
from campaigns.talking.notices import Audience, Edition, Notice, NoticeState, Receiver, find_notice, receivers_of

LONGEST_TITLE = 300
LONGEST_BODY = 100_000  # characters of clean HTML; a notice is a page or two
LONGEST_NOTE = 1000
_AT_ONCE = 1000  # receivers a statement

T = TypeVar("T")


@dataclass(frozen=True)
class Wanted:
    """What a notice is to say, and to whom. ``body_html`` is clean already; ``topic`` and ``partners`` are codes.
    ``groups``: partners named together beside the single ones; ``keep``: and whoever is named already."""

    title: str
    body_html: str
    audience: Audience
    topic: str = ""
    partners: Sequence[str] = ()
    deadline: dt.date | None = None
    must_confirm: bool = False
    groups: Sequence[Group] = ()
    keep: bool = False


def draft(session: Session, actor: Actor, wanted: Wanted, form: str, *, now: dt.datetime) -> Notice:
    """A new draft; nobody outside sees it. The same ``form`` sent twice gives the notice that it made.

    Raises ``Invalid`` naming every bad field, ``Forbidden``.
    """
    actor.require(May.WRITE)
    if (before := _made_by(session, form)) is not None:
        return before
    topic_id, companies = _checked(session, wanted, now=now)
    row = Notice(
        public=public_id("ntc"), form=form, state=NoticeState.DRAFT, edition=0, version=1, note="",
        written_by=actor.id, written_by_name=actor.name, changed_at=now,
    )  # fmt: skip
    _put(row, wanted, topic_id)
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        # The same form a moment ago, by another process: its notice is this one.
        if (before := _made_by(session, form)) is None:
            raise
        return before
    _name(session, row, companies)
    _record(session, actor, "notice.drafted", row, now=now)
    return row


def revise(session: Session, actor: Actor, public: str, wanted: Wanted, version: int, *, now: dt.datetime) -> Notice:
    """Another text for a draft. Raises ``Conflict`` (``notice_moved``) when it changed since ``version``, or is out."""
    actor.require(May.WRITE)
    row = _opened(session, public, version, NoticeState.DRAFT)
    topic_id, companies = _checked(session, wanted, row, now=now)
    _put(row, wanted, topic_id)
    _name(session, row, companies)
    _changed(row, now)
    session.flush()
    _record(session, actor, "notice.revised", row, now=now)
    return row


def publish(session: Session, actor: Actor, public: str, version: int, *, now: dt.datetime) -> Notice:
    """Put a draft out, as it was read at ``version``. Raises ``Conflict``, ``Invalid``, ``Forbidden``."""
    actor.require(May.TELL)
    row = find_notice(session, public, lock=True)
    if row.state is NoticeState.PUBLISHED and row.version == version + 1 and row.edition == 1:
        return row  # the same press a second time
    row = _opened(session, public, version, NoticeState.DRAFT)
    if row.deadline is not None and row.deadline < city_day(now):
        raise Invalid([FieldError("deadline", "past_day", f"{row.deadline} is over")])
    row.state, row.published_at = NoticeState.PUBLISHED, now
    _issue(session, actor, row, "", now)
    _record(session, actor, "notice.published", row, now=now)
    return row


def correct(
    session: Session, actor: Actor, public: str, wanted: Wanted, note: str, version: int, *, now: dt.datetime
) -> Notice:
    """Another edition of what is out; everybody is asked to read it again. ``note``: what changed, for its readers.

    Raises ``Conflict`` when it changed since ``version``, ``Invalid`` without a note, ``Forbidden``.
    """
    actor.require(May.TELL)
    row = _opened(session, public, version, NoticeState.PUBLISHED)
    errors = _bad_note(note)
    if wanted.deadline is not None and wanted.deadline != row.deadline and wanted.deadline < city_day(now):
        errors.append(FieldError("deadline", "past_day", f"{wanted.deadline} is over"))
    topic_id, companies = _checked(session, wanted, row, errors, now=now)
    _put(row, wanted, topic_id)
    _name(session, row, companies)
    _issue(session, actor, row, note.strip(), now)
    _record(session, actor, "notice.corrected", row, note=note.strip(), now=now)
    return row


def withdraw(session: Session, actor: Actor, public: str, note: str, version: int, *, now: dt.datetime) -> Notice:
    """What is out is no longer in force; who has read it is told why.

    Raises ``Conflict``, ``Invalid``, ``Forbidden``.
    """
    actor.require(May.TELL)
    row = _opened(session, public, version, NoticeState.PUBLISHED)
    if errors := _bad_note(note):
        raise Invalid(errors)
    row.state, row.withdrawn_at, row.note = NoticeState.WITHDRAWN, now, note.strip()
    _changed(row, now)
    session.flush()
    _record(session, actor, "notice.withdrawn", row, note=row.note, now=now)
    return row


def restore(session: Session, actor: Actor, public: str, *, now: dt.datetime) -> Notice:
    """Put back what was withdrawn, in the same edition. Raises ``Conflict``, ``Forbidden``."""
    actor.require(May.TELL)
    row = find_notice(session, public, lock=True)
    if row.state is not NoticeState.WITHDRAWN:
        raise _moved(row)
    last = session.get_one(Edition, (row.id, row.edition))
    row.state, row.withdrawn_at, row.note = NoticeState.PUBLISHED, None, last.note
    _changed(row, now)
    session.flush()
    _record(session, actor, "notice.restored", row, now=now)
    return row


def discard(session: Session, actor: Actor, public: str, version: int, *, now: dt.datetime) -> None:
    """Throw a draft away that never went out. Raises ``Conflict``, ``Forbidden``."""
    actor.require(May.WRITE)
    row = _opened(session, public, version, NoticeState.DRAFT)
    _record(session, actor, "notice.discarded", row, now=now)
    session.execute(sa.delete(Receiver).where(Receiver.notice_id == row.id))
    session.delete(row)
    session.flush()


def _made_by(session: Session, form: str) -> Notice | None:
    return session.execute(sa.select(Notice).where(Notice.form == form)).scalar_one_or_none()


def _opened(session: Session, public: str, version: int, state: NoticeState) -> Notice:
    row = find_notice(session, public, lock=True)
    if row.version != version or row.state is not state:
        raise _moved(row)
    return row


def _moved(row: Notice) -> Conflict:
    return Conflict(f"notice {row.public} has changed meanwhile", code="notice_moved", notice=row.public)


def _checked(
    session: Session,
    wanted: Wanted,
    row: Notice | None = None,
    found: Sequence[FieldError] = (),
    *,
    now: dt.datetime,
) -> tuple[int | None, set[int]]:
    """The topic and the numbers of the partners that are meant. Raises ``Invalid`` naming every bad field."""
    errors = list(found)
    if not wanted.title.strip():
        errors.append(FieldError("heading", "required", "a notice needs a title"))
    if len(wanted.title) > LONGEST_TITLE:
        errors.append(FieldError("heading", "too_long", f"at most {LONGEST_TITLE} characters"))
    if not wanted.body_html.strip():
        errors.append(FieldError("words", "required", "a notice needs a text"))
    if len(wanted.body_html) > LONGEST_BODY:
        errors.append(FieldError("words", "too_long", f"at most {LONGEST_BODY} characters"))
    topic = None
    if wanted.audience is Audience.TOPIC:
        topic = session.execute(sa.select(Topic.id).where(Topic.code == wanted.topic)).scalar_one_or_none()
        if topic is None:
            errors.append(FieldError("topic", "unknown_topic", f"there is no topic {wanted.topic!r}"))
    companies: set[int] = set()
    if wanted.audience is Audience.CHOSEN:
        codes = sorted(set(wanted.partners))
        for some in _parts(codes):
            companies |= set(session.execute(sa.select(Company.id).where(Company.code.in_(some), IN_USE)).scalars())
        unknown = len(companies) < len(codes)
        companies |= in_groups(session, wanted.groups, now=now)
        companies |= receivers_of(session, row) if row is not None and wanted.keep else set()
        if not companies or unknown:
            errors.append(FieldError("partners", "none_chosen_partner", "choose partners of the directory"))
    if errors:
        raise Invalid(errors)
    return topic, companies


def _bad_note(note: str) -> list[FieldError]:
    if not note.strip():
        return [FieldError("note", "required", "say why, for those who read it")]
    if len(note) > LONGEST_NOTE:
        return [FieldError("note", "too_long", f"at most {LONGEST_NOTE} characters")]
    return []


def _put(row: Notice, wanted: Wanted, topic_id: int | None) -> None:
    row.title, row.body_html = nfc(" ".join(wanted.title.split())), wanted.body_html
    row.audience, row.topic_id = wanted.audience, topic_id
    row.deadline, row.must_confirm = wanted.deadline, wanted.must_confirm


def _name(session: Session, row: Notice, meant: set[int]) -> None:
    there = receivers_of(session, row)
    for some in _parts(sorted(there - meant)):
        session.execute(sa.delete(Receiver).where(Receiver.notice_id == row.id, Receiver.company_id.in_(some)))
    for some in _parts(sorted(meant - there)):
        session.execute(sa.insert(Receiver), [{"notice_id": row.id, "company_id": one} for one in some])
    session.flush()


def _parts(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """A few at a time: a group may be a whole city's partners, and a statement takes only so many values."""
    for start in range(0, len(rows), _AT_ONCE):
        yield rows[start : start + _AT_ONCE]


def _changed(row: Notice, now: dt.datetime) -> None:
    row.version, row.changed_at = row.version + 1, now


def _issue(session: Session, actor: Actor, row: Notice, note: str, now: dt.datetime) -> None:
    row.edition, row.edition_at, row.note = row.edition + 1, now, note
    _changed(row, now)
    session.add(
        Edition(
            notice_id=row.id, number=row.edition, title=row.title, body_html=row.body_html, deadline=row.deadline,
            must_confirm=row.must_confirm, note=note, at=now, actor=actor.id, actor_name=actor.name,
        )
    )  # fmt: skip
    session.flush()


def _record(session: Session, actor: Actor, act: str, row: Notice, note: str = "", *, now: dt.datetime) -> None:
    details = {
        "title": row.title, "edition": row.edition, "audience": row.audience, "deadline": row.deadline, "note": note,
    }  # fmt: skip
    journal.record(session, actor.id, act, "notice", row.public, details, now=now)
