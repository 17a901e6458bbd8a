"""The department itself: its name, what stands above it, and the names that count as naming it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import FieldError, Invalid

_TOLD = ("name", "parent", "place")  # what the journal tells of a change beside the lists of names
_LISTS = ("source_names", "not_us")
DEFAULT_NAME = "Sở Thông tin thành phố"


class Office(Base):
    """The one row about the department. ``source_names``: how partners may name it, the usual abbreviations included;
    ``not_us``: names that only look like ours; ``guide_hidden_at``: since when the first steps are not shown;
    ``open_since``: since when anybody may read the open data, None while a key is needed."""

    __tablename__ = "office"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(300))
    parent: Mapped[str] = mapped_column(sa.String(300), default="")
    place: Mapped[str] = mapped_column(sa.String(120), default="")
    source_names: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    not_us: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    guide_hidden_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    open_since: Mapped[datetime | None] = mapped_column(UTCDateTime)


def the_office(session: Session) -> Office:
    """The department as entered at set-up; a nameless default before that, which is not saved."""
    row = session.get(Office, 1)
    if row is not None:
        return row
    return Office(id=1, name=DEFAULT_NAME, parent="", place="", source_names=[DEFAULT_NAME], not_us=[])


def office_name(session: Session) -> str:
    """Only its name, without a row: what every read of a feed has to know."""
    name = session.connection().execute(sa.select(Office.__table__.c.name)).scalar_one_or_none()
    return name if name is not None else DEFAULT_NAME


def save_office(
    session: Session,
    actor: str,
    *,
    name: str,
    parent: str,
    place: str,
    source_names: Sequence[str],
    not_us: Sequence[str] = (),
    now: datetime,
) -> Office:
    """Enter or change the department. Its own name always counts. Raises ``Invalid`` without a name.

    Names by which it is known decide what is counted, so that a change of them is an act of its own in the journal,
    with what came and what went. What changes nothing is not written down."""
    if not name.strip():
        raise Invalid([FieldError("name", "required", "the department needs a name")])
    kept = session.get(Office, 1)
    row = kept or Office(id=1)
    before = {name: getattr(row, name) for name in (*_TOLD, *_LISTS)}
    row.name, row.parent, row.place = name.strip(), parent.strip(), place.strip()
    row.source_names = list(dict.fromkeys([row.name, *(one.strip() for one in source_names if one.strip())]))
    row.not_us = list(dict.fromkeys(one.strip() for one in not_us if one.strip()))
    session.add(row)
    session.flush()
    after = {name: getattr(row, name) for name in (*_TOLD, *_LISTS)}
    details: dict[str, Any] = {name: after[name] for name in _TOLD if after[name] != before[name]}
    if kept is None:
        details["source_names"] = row.source_names
    if old := {name: before[name] for name in _TOLD if before[name] and after[name] != before[name]}:
        details["before"] = old
    if details:
        journal.record(session, actor, "office.saved", "office", row.name, details, now=now)
    if kept is not None and (changes := _changes(before, after)):
        journal.record(session, actor, "office.names_changed", "office", row.name, changes, now=now)
    return row


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[str]]:
    """Which names came to each list and which went."""
    found = {}
    for name, came, went in (("source_names", "added", "removed"), ("not_us", "not_us_added", "not_us_removed")):
        old, new = before[name] or [], after[name]
        found[came] = [one for one in new if one not in old]
        found[went] = [one for one in old if one not in new]
    return {name: names for name, names in found.items() if names}


def show_guide(session: Session, actor: str, shown: bool, *, now: datetime) -> None:
    """Hide the first steps from the day's page, or show them again. Twice is once."""
    row = session.get(Office, 1)
    if row is None:
        row = Office(id=1, name=DEFAULT_NAME, parent="", place="", source_names=[DEFAULT_NAME], not_us=[])
        session.add(row)
    if (row.guide_hidden_at is None) is shown:
        return
    row.guide_hidden_at = None if shown else now
    session.flush()
    journal.record(
        session, actor, "office.guide_shown" if shown else "office.guide_hidden", "office", row.name, now=now
    )
