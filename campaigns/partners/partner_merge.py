"""Merges two partners of the directory that are one company.

All rows of the dropped partner are moved to the kept one in one transaction (``merge_rules``). The row of the dropped
partner stays as a redirect: its code leads to the kept partner, an import that spells the company the other way finds
it, and figures of earlier moments name it as they did. A merge cannot be undone; the journal says what was whose.
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
from campaigns.partners import merge_rules
from campaigns.partners.directory import Company, CompanyContent, PartnerMerged, company_errors, find_company
from campaigns.partners.licences import Licence, LicenceAct, write_versions
from campaigns.people.staff import Actor, Permission

# Tables that the page about a merge shows: when any of their rows changes, the page is out of date.
TAGGED_TABLES = ("sites", "licences", "agreements", "channels", "keys", "editors")


@dataclass(frozen=True)
class MergeResult:
    """What a merge has done. ``rows``: how many rows of each table were moved, or changed where they name the partner
    by its code."""

    kept: str
    name: str
    dropped: str
    rows: Mapping[str, int]


def pair_version_tag(session: Session, company: Company, other: Company) -> str:
    """A hash of what the page about a merge shows of two partners, in either order."""
    return version_tag_of(company, other, merge_rules.named_rows(session, [company.id, other.id]))


def version_tag_of(company: Company, other: Company, rows: Mapping[int, Mapping[str, Any]]) -> str:
    """The same from the ``named_rows`` of both."""
    both = sorted((company, other), key=lambda company: company.id)
    seen = [[_company_fields(company), {name: rows[company.id][name] for name in TAGGED_TABLES}] for company in both]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()[:32]


def _company_fields(company: Company) -> list[Any]:
    return [*_told(company), company.contact]


def _told(company: Company) -> list[Any]:
    # What the journal keeps of a partner: all but its contact.
    closed = company.portal_closed_at.isoformat() if company.portal_closed_at else None
    return [company.code, company.name, company.tax_code, closed]


def same_partner_error(code: str) -> Invalid:
    """The error of one partner given twice."""
    return Invalid([FieldError("other", "same_partner", f"{code} is one partner; choose another")])


def merge(
    session: Session, actor: Actor, *, keep: str, drop: str, name: str, tax_code: str, seen: str, now: datetime
) -> MergeResult:
    """Merge the partner with the code ``drop`` into the one with the code ``keep``, which gets ``name``.

    ``seen``: the ``pair_version_tag`` of the page. The portal of the kept partner is closed when either's was. Raises
    ``Invalid`` for a bad name or tax code or one partner given twice, ``Conflict`` (``partners_moved``) when either has
    changed since the page, ``PartnerMerged`` when either was merged, ``NotFound``, ``Forbidden``.
    """
    actor.require(Permission.CONFIGURE)
    errors = company_errors(CompanyContent(name=name, tax_code=tax_code))
    if keep == drop:
        errors.extend(same_partner_error(keep).errors)
    if errors:
        raise Invalid(errors)
    kept, dropped = _lock_pair(session, find_company(session, keep), find_company(session, drop))
    if seen != pair_version_tag(session, kept, dropped):
        raise Conflict(f"{keep} or {drop} was changed meanwhile; nothing was merged", code="partners_moved")
    before = _told(kept)
    dropped_rows = merge_rules.named_rows(session, [dropped.id])[dropped.id]
    licences = session.execute(sa.select(Licence.id).where(Licence.company_id == dropped.id)).scalars().all()
    rows = {
        f"{table}" if column == "company_id" else f"{table}.{column}": move(session, kept.id, dropped.id)
        for (table, column), move in merge_rules.MERGE_RULES.items()
    }
    rows |= _rewrite_codes(session, kept.code, dropped.code)
    kept.name, kept.tax_code = name.strip(), tax_code or None
    kept.contact = "; ".join(dict.fromkeys(filter(None, (kept.contact, dropped.contact))))
    kept.portal_closed_at = kept.portal_closed_at or dropped.portal_closed_at
    dropped.merged_into_id, dropped.merged_at = kept.id, now
    session.flush()
    session.expire_all()  # rows read before have another owner now
    write_versions(session, Licence.id.in_(licences), LicenceAct.MOVED, now=now)
    moved = {table: count for table, count in rows.items() if count}
    names = {table: [row[0] for row in listed] for table, listed in dropped_rows.items() if listed}
    details = {
        "merged": dropped.code,
        "was": _told(dropped),
        "before": before,
        "name": kept.name,
        "tax_code": kept.tax_code,
        "rows": moved,
        "moved": names,
    }
    journal.record(session, actor.id, "partner.merged", "partner", kept.code, details, now=now)
    journal.record(session, actor.id, "partner.became", "partner", dropped.code, {"into": kept.code}, now=now)
    return MergeResult(kept.code, kept.name, dropped.code, moved)


def _lock_pair(session: Session, kept: Company, dropped: Company) -> tuple[Company, Company]:
    """Lock both rows until the caller commits and read them again; in the order of their ids, so that of two merges of
    the same pair one waits for the other. Waits for writers that hold ``lock_current_companies`` on either."""
    both = sorted((kept.id, dropped.id))
    query = sa.select(Company).where(Company.id.in_(both)).order_by(Company.id)
    rows = session.execute(query.with_for_update().execution_options(populate_existing=True)).scalars().all()
    for row in rows:
        if row.merged_into_id is not None:
            raise PartnerMerged(row.code, session.get_one(Company, row.merged_into_id).code)
    return kept, dropped


def _rewrite_codes(session: Session, kept: str, dropped: str) -> dict[str, int]:
    """Change the code in scheduled reports and saved filters about the dropped partner; return how many of each."""
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
