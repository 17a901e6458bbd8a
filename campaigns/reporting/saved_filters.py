"""Saved filters of a list under a name, a person's own or the office's.

The values of the address (codes, days, states) are stored, not rows: a filter shows the present matches. With a partner
or a plan that no longer exists it is empty.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, by_value, public_id
from campaigns.core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from campaigns.people.staff import Actor, Permission, Person, find_by_email
from campaigns.reporting.republication_filter import RepublicationFilter

LONGEST_NAME = 120  # characters of a name
MOST_OWN = 100  # filters of one person, or of the office


class FilteredList(Enum):
    """The list of a filter."""

    COPIES = "copies"  # the republications
    PROGRESS = "progress"  # the lines of progress


# The parameters of an address that are filters, by list; others (a page's number, a language) are not stored.
KEPT_FIELDS: Mapping[FilteredList, tuple[str, ...]] = {
    FilteredList.COPIES: RepublicationFilter.names(),
    FilteredList.PROGRESS: ("campaign", "period", "topic", "partner", "by", "sort"),
}


class SavedFilter(Base):
    """One filter. ``person``: its owner, None for the office's; ``query``: name → value as in the list's address."""

    __tablename__ = "saved_filters"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    listed: Mapped[FilteredList] = mapped_column(by_value(FilteredList, "listed"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(LONGEST_NAME))
    query: Mapped[dict[str, str]] = mapped_column(sa.JSON)
    made_by: Mapped[str] = mapped_column(sa.String(200))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)

    person: Mapped[Person | None] = relationship()


def save_filter(
    session: Session,
    actor: Actor,
    listed: FilteredList,
    name: str,
    query: Mapping[str, str],
    *,
    for_all: bool,
    now: datetime,
) -> SavedFilter:
    """Save a filter under a name. An existing one with the same name is replaced.

    Raises ``Invalid`` without a name, ``Forbidden`` for the office's without permission, ``Conflict`` beyond
    ``MOST_OWN``.
    """
    actor.require(Permission.REPORT if for_all else Permission.READ)
    wanted = " ".join(name.split())
    if not wanted:
        raise Invalid([FieldError("name", "required", "a filter needs a name")])
    if len(wanted) > LONGEST_NAME:
        raise Invalid([FieldError("name", "too_long", f"at most {LONGEST_NAME} characters")])
    kept = {key: value.strip()[:500] for key, value in query.items() if key in KEPT_FIELDS[listed] and value.strip()}
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
        values = {"name": wanted, "listed": listed.value}
        journal.record(session, actor.id, "filter.saved", "saved_filter", row.public, values, now=now)
    return row


def filters_for(session: Session, actor: Actor, listed: FilteredList | None = None) -> Sequence[SavedFilter]:
    """Return a person's own filters and the office's, of one list or of all, by name."""
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
    """Return the filter with this id, of any owner. Raises ``NotFound``."""
    row = session.execute(sa.select(SavedFilter).where(SavedFilter.public == public)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no saved filter {public}", saved_filter=public)
    return row


def remove_filter(session: Session, actor: Actor, public: str, *, now: datetime) -> str:
    """Delete the actor's own filter, or one of the office's; returns its name. Raises ``NotFound``, with the same
    message for another person's, and ``Forbidden``."""
    row = find_filter(session, public)
    if row.person is not None and row.person.email != actor.id:
        raise NotFound(f"there is no saved filter {public}", saved_filter=public)
    actor.require(Permission.READ if row.person is not None else Permission.REPORT)
    name, for_all = row.name, row.person_id is None
    session.delete(row)
    session.flush()
    if for_all:
        journal.record(session, actor.id, "filter.removed", "saved_filter", public, {"name": name}, now=now)
    return name
