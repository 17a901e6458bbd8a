"""Merging: two partners of the directory that are one company become one.

Everything that hangs on the other goes over to the one that stays, in one transaction. The other's row stays for its
code and its name: an address in an old letter leads on, an import that spells the company the other way finds it, and
figures as they stood before name it as they did. It cannot be undone: what was whose is in the journal alone.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.base import Base, rows_changed
from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.partners import hanging
from campaigns.partners.directory import Company, Merged, company_errors, find_company
from campaigns.partners.known import MERGED
from campaigns.people.staff import Actor, May

# What people have entered and a page about merging shows: when any of it changes, that page is out of date.
SEALED = ("sites", "licences", "agreements", "channels", "keys", "editors")


@dataclass(frozen=True)
class Moved:
    """What a merge has done. ``rows``: how many of each table's went over, ``codes`` elsewhere that name the partner
    among them."""

    kept: str
    name: str
    dropped: str
    rows: Mapping[str, int]


def seal(session: Session, one: Company, other: Company) -> str:
    """The two as a page shows them; the same whichever stands first."""
    return seal_of(one, other, hanging.told(session, [one.id, other.id]))


def seal_of(one: Company, other: Company, told: Mapping[int, Mapping[str, Any]]) -> str:
    """The same, of what ``hanging.told`` told of both."""
    both = sorted((one, other), key=lambda company: company.id)
    seen = [[_said(company), {name: told[company.id][name] for name in SEALED}] for company in both]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()[:32]


def _said(company: Company) -> list[Any]:
    closed = company.portal_closed_at.isoformat() if company.portal_closed_at else None
    return [company.code, company.name, company.tax_code, company.contact, closed]


def same_partner(code: str) -> Invalid:
    """What is wrong when one partner is given twice."""
    return Invalid([FieldError("other", "same_partner", f"{code} is one partner; choose another")])


def merge(
    session: Session, actor: Actor, *, keep: str, drop: str, name: str, tax_code: str, seen: str, now: datetime
) -> Moved:
    """Make the partner with the code ``drop`` a part of the one with the code ``keep``, called ``name`` from now on.

    ``seen``: the two as whoever asks saw them (``seal``). The portal is closed to who stays when it was to either.
    Raises ``Invalid`` for a bad name or tax code or one partner given twice, ``Conflict`` (``partners_moved``) when
    either has changed since it was seen, ``Merged`` when either was merged, ``NotFound``, ``Forbidden``.
    """
    actor.require(May.CONFIGURE)
    errors = company_errors(name, tax_code)
    if keep == drop:
        errors.extend(same_partner(keep).errors)
    if errors:
        raise Invalid(errors)
    kept, dropped = _held(session, find_company(session, keep), find_company(session, drop))
    if seen != seal(session, kept, dropped):
        raise Conflict(f"{keep} or {drop} was changed meanwhile; nothing was merged", code="partners_moved")
    before = _said(kept)
    what = hanging.told(session, [dropped.id])[dropped.id]
    rows = {
        f"{table}" if column == "company_id" else f"{table}.{column}": move(session, kept.id, dropped.id)
        for (table, column), move in hanging.HANGING.items()
    }
    rows |= _codes(session, kept.code, dropped.code)
    kept.name, kept.tax_code = name.strip(), tax_code or None
    kept.contact = "; ".join(dict.fromkeys(one for one in (kept.contact, dropped.contact) if one))
    kept.portal_closed_at = kept.portal_closed_at or dropped.portal_closed_at
    dropped.merged_into_id, dropped.merged_at = kept.id, now
    session.flush()
    session.expire_all()  # what was read of either is another's by now
    moved = {table: many for table, many in rows.items() if many}
    names = {table: [one[0] for one in listed] for table, listed in what.items() if listed}
    details = {
        "merged": dropped.code, "was": _said(dropped), "before": before, "name": kept.name, "tax_code": kept.tax_code,
        "rows": moved, "moved": names,
    }  # fmt: skip
    journal.record(session, actor.id, MERGED, "partner", kept.code, details, now=now)
    journal.record(session, actor.id, "partner.became", "partner", dropped.code, {"into": kept.code}, now=now)
    return Moved(kept.code, kept.name, dropped.code, moved)


def _held(session: Session, kept: Company, dropped: Company) -> tuple[Company, Company]:
    """Both locked until the caller commits, and as they are now; in the order of their numbers, so that of two who
    merge the same two one waits for the other. Whoever is writing a row that hangs on either is waited for."""
    both = sorted((kept.id, dropped.id))
    query = sa.select(Company).where(Company.id.in_(both)).order_by(Company.id)
    rows = session.execute(query.with_for_update().execution_options(populate_existing=True)).scalars().all()
    for row in rows:
        if row.merged_into_id is not None:
            raise Merged(row.code, session.get_one(Company, row.merged_into_id).code)
    return kept, dropped


def _codes(session: Session, kept: str, dropped: str) -> dict[str, int]:
    """Reports that are sent, and filters that are kept, about the other are about this one from now on."""
    connection = session.connection()
    schedules, filters = (Base.metadata.tables[name] for name in ("schedules", "saved_filters"))
    of_partner = sa.type_coerce(schedules.c.kind, sa.String) == "partner"
    mine = sa.update(schedules).where(of_partner, schedules.c.subject == dropped).values(subject=kept)
    found = {"schedules": rows_changed(connection.execute(mine)), "saved_filters": 0}
    named = sa.cast(filters.c.query, sa.Text).contains(f'"{dropped}"', autoescape=True)
    for ident, query in connection.execute(sa.select(filters.c.id, filters.c.query).where(named)).all():
        if query.get("partner") == dropped:
            changed = {**query, "partner": kept}
            connection.execute(sa.update(filters).where(filters.c.id == ident).values(query=changed))
            found["saved_filters"] += 1
    return found
