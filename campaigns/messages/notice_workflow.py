"""The workflow of notices: draft, publish, correct, withdraw, restore."""

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
from campaigns.core.current_company import lock_current_companies
from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.core.vietnamese import nfc
from campaigns.messages.notices import (
    Notice,
    NoticeAddressee,
    NoticeAudience,
    NoticeEdition,
    NoticeReceiver,
    NoticeState,
    PartnerGroup,
    companies_in_groups,
    find_notice,
    is_addressed,
    receivers_of,
    topic_codes,
)
from campaigns.partners.directory import COMPANY_IN_USE, Company
from campaigns.people.staff import Actor, Permission
from campaigns.planning.campaigns import Topic

LONGEST_TITLE = 300
LONGEST_BODY = 100_000  # characters of clean HTML; a notice is a page or two
LONGEST_NOTE = 1000
_AT_ONCE = 1000  # receivers a statement

T = TypeVar("T")


@dataclass(frozen=True)
class NoticeContent:
    """A notice as it was entered. ``body_html`` is sanitised; ``topic`` and ``partners`` are codes. ``groups``: groups
    of partners beside the single ones; ``keep``: whether the present receivers stay."""

    title: str
    body_html: str
    audience: NoticeAudience
    topic: str = ""
    partners: Sequence[str] = ()
    deadline: dt.date | None = None
    must_confirm: bool = False
    groups: Sequence[PartnerGroup] = ()
    keep: bool = False


def draft_notice(session: Session, actor: Actor, wanted: NoticeContent, form: str, *, now: dt.datetime) -> Notice:
    """Add a draft. The same ``form`` sent twice returns the notice of the first time.

    Raises ``Invalid`` naming every bad field, ``Forbidden``.
    """
    actor.require(Permission.WRITE)
    if (before := _find_by_form(session, form)) is not None:
        return before
    topic_id, companies = _check_input(session, wanted, now=now)
    row = Notice(
        public=public_id("ntc"), form=form, state=NoticeState.DRAFT, edition=0, version=1, note="",
        written_by=actor.id, written_by_name=actor.name, changed_at=now,
    )  # fmt: skip
    _apply_input(row, wanted, topic_id)
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        # Another process has just taken the same form: its notice is returned.
        if (before := _find_by_form(session, form)) is None:
            raise
        return before
    _set_receivers(session, row, companies)
    _record(session, actor, "notice.drafted", row, now=now)
    return row


def revise_notice(
    session: Session, actor: Actor, public: str, wanted: NoticeContent, version: int, *, now: dt.datetime
) -> Notice:
    """Change a draft. Raises ``Conflict`` (``notice_moved``) when it changed since ``version`` or was published."""
    actor.require(Permission.WRITE)
    row = _open_for_change(session, public, version, NoticeState.DRAFT)
    topic_id, companies = _check_input(session, wanted, row, now=now)
    _apply_input(row, wanted, topic_id)
    _set_receivers(session, row, companies)
    _mark_changed(row, now)
    session.flush()
    _record(session, actor, "notice.revised", row, now=now)
    return row


def publish_notice(session: Session, actor: Actor, public: str, version: int, *, now: dt.datetime) -> Notice:
    """Publish a draft as of ``version``. Raises ``Conflict``, ``Invalid``, ``Forbidden``."""
    actor.require(Permission.INFORM)
    row = find_notice(session, public, lock=True)
    if row.state is NoticeState.PUBLISHED and row.version == version + 1 and row.edition == 1:
        return row  # the same request a second time
    row = _open_for_change(session, public, version, NoticeState.DRAFT)
    if row.deadline is not None and row.deadline < city_day(now):
        raise Invalid([FieldError("deadline", "past_day", f"{row.deadline} is over")])
    row.state, row.published_at = NoticeState.PUBLISHED, now
    _issue_edition(session, actor, row, "", now)
    _record(session, actor, "notice.published", row, now=now)
    return row


def correct_notice(
    session: Session, actor: Actor, public: str, wanted: NoticeContent, note: str, version: int, *, now: dt.datetime
) -> Notice:
    """Publish a new edition, which every receiver has to read again. ``note``: what changed, for the readers.

    Raises ``Conflict`` when it changed since ``version``, ``Invalid`` without a note, ``Forbidden``.
    """
    actor.require(Permission.INFORM)
    row = _open_for_change(session, public, version, NoticeState.PUBLISHED)
    errors = _note_errors(note)
    if wanted.deadline is not None and wanted.deadline != row.deadline and wanted.deadline < city_day(now):
        errors.append(FieldError("deadline", "past_day", f"{wanted.deadline} is over"))
    topic_id, companies = _check_input(session, wanted, row, errors, now=now)
    _apply_input(row, wanted, topic_id)
    _set_receivers(session, row, companies)
    _issue_edition(session, actor, row, note.strip(), now)
    _record(session, actor, "notice.corrected", row, note=note.strip(), now=now)
    return row


def withdraw_notice(
    session: Session, actor: Actor, public: str, note: str, version: int, *, now: dt.datetime
) -> Notice:
    """Withdraw a published notice; its readers see the note.

    Raises ``Conflict``, ``Invalid``, ``Forbidden``.
    """
    actor.require(Permission.INFORM)
    row = _open_for_change(session, public, version, NoticeState.PUBLISHED)
    if errors := _note_errors(note):
        raise Invalid(errors)
    row.state, row.withdrawn_at, row.note = NoticeState.WITHDRAWN, now, note.strip()
    _mark_changed(row, now)
    session.flush()
    _record(session, actor, "notice.withdrawn", row, note=row.note, now=now)
    return row


def restore_notice(session: Session, actor: Actor, public: str, *, now: dt.datetime) -> Notice:
    """Restore a withdrawn notice in the same edition. Raises ``Conflict``, ``Forbidden``."""
    actor.require(Permission.INFORM)
    row = find_notice(session, public, lock=True)
    if row.state is not NoticeState.WITHDRAWN:
        raise _moved_error(row)
    last = session.get_one(NoticeEdition, (row.id, row.edition))
    row.state, row.withdrawn_at, row.note = NoticeState.PUBLISHED, None, last.note
    _mark_changed(row, now)
    session.flush()
    _record(session, actor, "notice.restored", row, now=now)
    return row


def discard_notice(session: Session, actor: Actor, public: str, version: int, *, now: dt.datetime) -> None:
    """Delete a draft. Raises ``Conflict``, ``Forbidden``."""
    actor.require(Permission.WRITE)
    row = _open_for_change(session, public, version, NoticeState.DRAFT)
    _record(session, actor, "notice.discarded", row, now=now)
    session.execute(sa.delete(NoticeReceiver).where(NoticeReceiver.notice_id == row.id))
    session.delete(row)
    session.flush()


def _find_by_form(session: Session, form: str) -> Notice | None:
    return session.execute(sa.select(Notice).where(Notice.form == form)).scalar_one_or_none()


def _open_for_change(session: Session, public: str, version: int, state: NoticeState) -> Notice:
    row = find_notice(session, public, lock=True)
    if row.version != version or row.state is not state:
        raise _moved_error(row)
    return row


def _moved_error(row: Notice) -> Conflict:
    return Conflict(f"notice {row.public} has changed meanwhile", code="notice_moved", notice=row.public)


def _check_input(
    session: Session,
    wanted: NoticeContent,
    row: Notice | None = None,
    found: Sequence[FieldError] = (),
    *,
    now: dt.datetime,
) -> tuple[int | None, set[int]]:
    """The ids of the topic and of the chosen partners. Raises ``Invalid`` naming every bad field."""
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
    if wanted.audience is NoticeAudience.TOPIC:
        topic = session.execute(sa.select(Topic.id).where(Topic.code == wanted.topic)).scalar_one_or_none()
        if topic is None:
            errors.append(FieldError("topic", "unknown_topic", f"there is no topic {wanted.topic!r}"))
    companies: set[int] = set()
    if wanted.audience is NoticeAudience.CHOSEN:
        codes = sorted(set(wanted.partners))
        for some in _batches(codes):
            companies |= set(
                session.execute(sa.select(Company.id).where(Company.code.in_(some), COMPANY_IN_USE)).scalars()
            )
        unknown = len(companies) < len(codes)
        companies |= companies_in_groups(session, wanted.groups, now=now)
        companies |= receivers_of(session, row) if row is not None and wanted.keep else set()
        if not companies or unknown:
            errors.append(FieldError("partners", "none_chosen_partner", "choose partners of the directory"))
    if errors:
        raise Invalid(errors)
    return topic, companies


def _note_errors(note: str) -> list[FieldError]:
    if not note.strip():
        return [FieldError("note", "required", "say why, for those who read it")]
    if len(note) > LONGEST_NOTE:
        return [FieldError("note", "too_long", f"at most {LONGEST_NOTE} characters")]
    return []


def _apply_input(row: Notice, wanted: NoticeContent, topic_id: int | None) -> None:
    row.title, row.body_html = nfc(" ".join(wanted.title.split())), wanted.body_html
    row.audience, row.topic_id = wanted.audience, topic_id
    row.deadline, row.must_confirm = wanted.deadline, wanted.must_confirm


def _set_receivers(session: Session, row: Notice, wanted: set[int]) -> None:
    wanted = set(lock_current_companies(session, wanted).values())
    present = receivers_of(session, row)
    for some in _batches(sorted(present - wanted)):
        session.execute(
            sa.delete(NoticeReceiver).where(NoticeReceiver.notice_id == row.id, NoticeReceiver.company_id.in_(some))
        )
    for some in _batches(sorted(wanted - present)):
        session.execute(
            sa.insert(NoticeReceiver), [{"notice_id": row.id, "company_id": company_id} for company_id in some]
        )
    session.flush()


def _batches(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """Parts that one statement can take: a group may have all partners."""
    for start in range(0, len(rows), _AT_ONCE):
        yield rows[start : start + _AT_ONCE]


def _mark_changed(row: Notice, now: dt.datetime) -> None:
    row.version, row.changed_at = row.version + 1, now


def _issue_edition(session: Session, actor: Actor, row: Notice, note: str, now: dt.datetime) -> None:
    row.edition, row.edition_at, row.note = row.edition + 1, now, note
    _mark_changed(row, now)
    session.add(
        NoticeEdition(
            notice_id=row.id, number=row.edition, title=row.title, body_html=row.body_html, deadline=row.deadline,
            must_confirm=row.must_confirm, note=note, at=now, actor=actor.id, actor_name=actor.name,
        )
    )  # fmt: skip
    session.flush()
    sent_to = sa.select(sa.literal(row.id), sa.literal(row.edition), Company.id).where(
        is_addressed(row, topic_codes(session))
    )
    session.execute(
        sa.insert(NoticeAddressee).from_select(["notice_id", "edition", "company_id"], sent_to),
        execution_options={"synchronize_session": False},
    )


def _record(session: Session, actor: Actor, act: str, row: Notice, note: str = "", *, now: dt.datetime) -> None:
    details = {
        "title": row.title, "edition": row.edition, "audience": row.audience, "deadline": row.deadline, "note": note,
    }  # fmt: skip
    journal.record(session, actor.id, act, "notice", row.public, details, now=now)
