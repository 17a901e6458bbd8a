"""Saved filters: the choices of a list under a name, a person's own or the whole office's.

What is kept is the address' own words (codes, days, states), never rows: a filter shows what meets it at the moment it
is opened. A partner or a plan that is gone since makes it empty, not wrong.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base, by_value, public_id
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from campaigns.people.staff import Actor, May, Person, find_by_email

LONGEST = 120  # characters of a name
MOST_OWN = 100  # filters of one person, or of the office


class Listed(Enum):
    """Which list a filter is for."""

    COPIES = "copies"  # the republications
    PROGRESS = "progress"  # the lines of progress


# What of an address is a filter, by list; anything else in it (a page's number, a language) is not kept.
KEPT: Mapping[Listed, tuple[str, ...]] = {
    Listed.COPIES: (
        "status", "life", "site", "bulletin", "topic", "campaign", "partner", "attribution", "doubt", "answered",
        "from", "to", "q",
    ),
    Listed.PROGRESS: ("campaign", "period", "topic", "partner", "by", "sort"),
}  # fmt: skip


class SavedFilter(Base):
    """One filter. ``person``: whose it is, None for the office's; ``query``: name → value as in the list's address."""

    __tablename__ = "saved_filters"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    listed: Mapped[Listed] = mapped_column(by_value(Listed, "listed"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(LONGEST))
    query: Mapped[dict[str, str]] = mapped_column(sa.JSON)
    made_by: Mapped[str] = mapped_column(sa.String(200))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)

    person: Mapped[Person | None] = relationship()


def save_filter(
    session: Session,
    actor: Actor,
    listed: Listed,
    name: str,
    query: Mapping[str, str],
    *,
    for_all: bool,
    now: datetime,
) -> SavedFilter:
    """Keep a choice under a name. The same name again puts the new choice in the old one's place.

    Raises ``Invalid`` without a name, ``Forbidden`` for who may not make one for all, ``Conflict`` beyond ``MOST_OWN``.
    """
    actor.require(May.REPORT if for_all else May.READ)
    wanted = " ".join(name.split())
    if not wanted:
        raise Invalid([FieldError("name", "required", "a filter needs a name")])
    if len(wanted) > LONGEST:
        raise Invalid([FieldError("name", "too_long", f"at most {LONGEST} characters")])
    kept = {key: value.strip()[:500] for key, value in query.items() if key in KEPT[listed] and value.strip()}
    person = None if for_all else find_by_email(session, actor.id)
    if person is None and not for_all:
        raise Forbidden("only members of staff have filters of their own", act="saved_filter")
    owner = person.id if person is not None else None
    mine = sa.select(SavedFilter).where(SavedFilter.listed == listed, SavedFilter.person_id.is_not_distinct_from(owner))
    row = session.execute(mine.where(SavedFilter.name == wanted)).scalars().first()
    if row is None:
        if session.execute(sa.select(sa.func.count()).select_from(mine.subquery())).scalar_one() >= MOST_OWN:
            raise Conflict(f"there are {MOST_OWN} filters already", code="too_many_filters", most=MOST_OWN)
        row = SavedFilter(public=public_id("flt"), listed=listed, person_id=owner, name=wanted)
        session.add(row)
    row.query, row.made_by, row.made_at = kept, actor.id, now
    session.flush()
    if for_all:
        told = {"name": wanted, "listed": listed.value}
        journal.record(session, actor.id, "filter.saved", "saved_filter", row.public, told, now=now)
    return row


def filters_for(session: Session, actor: Actor, listed: Listed | None = None) -> Sequence[SavedFilter]:
    """A person's own filters and the office's, of one list or of all, by name."""
    query = (
        sa.select(SavedFilter)
        .outerjoin(Person, Person.id == SavedFilter.person_id)
        .where(sa.or_(SavedFilter.person_id.is_(None), Person.email == actor.id))
        .order_by(SavedFilter.name, SavedFilter.id)
    )
    if listed is not None:
        query = query.where(SavedFilter.listed == listed)
    return session.execute(query).scalars().all()


def find_filter(session: Session, public: str) -> SavedFilter:
    """The filter with this id, whoever's. Raises ``NotFound``."""
    row = session.execute(sa.select(SavedFilter).where(SavedFilter.public == public)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no saved filter {public}", saved_filter=public)
    return row


def remove_filter(session: Session, actor: Actor, public: str, *, now: datetime) -> str:
    """Drop one's own filter, or one of the office's; returns its name. Raises ``NotFound``, in the same words for
    another person's, and ``Forbidden``."""
    row = find_filter(session, public)
    if row.person is not None and row.person.email != actor.id:
        raise NotFound(f"there is no saved filter {public}", saved_filter=public)
    actor.require(May.READ if row.person is not None else May.REPORT)
    name, for_all = row.name, row.person_id is None
    session.delete(row)
    session.flush()
    if for_all:
        journal.record(session, actor.id, "filter.removed", "saved_filter", public, {"name": name}, now=now)
    return name
