"""Agreements as pages show them: one line each on the list of all, and one with its scans."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.core.vietnamese import fold
from campaigns.partners import scans
from campaigns.partners.agreements import Agreement, find_agreement
from campaigns.partners.directory import Company
from campaigns.partners.scans import Scan, ScanKind
from campaigns.planning.campaigns import all_topics
from coordinator.web.desk.validity import validity_of


@dataclass(frozen=True)
class AgreementLine:
    """One agreement on the list. ``standing``: a state of ``validity``; ``left``: days until it ends."""

    number: str
    partner_code: str
    partner: str
    first: date
    last: date | None
    standing: str
    left: int | None
    scans: int

    @property
    def words(self) -> str:
        """What a search looks in, folded."""
        return fold(f"{self.number} {self.partner} {self.partner_code}")


def agreement_lines(session: Session, now: datetime) -> list[AgreementLine]:
    """Every agreement; those that end first stand first, then those without an end, then those that have ended."""
    today, counts = city_day(now), scans.scan_counts(session)
    query = sa.select(
        Agreement.id, Agreement.number, Company.code, Company.name, Agreement.starts_on, Agreement.ends_on
    ).join(Company, Company.id == Agreement.company_id)
    lines = [
        AgreementLine(
            number, code, name, first, last, validity_of(first, last, today), (last - today).days if last else None,
            counts.get(ident, 0),
        )
        for ident, number, code, name, first, last in session.execute(query)
    ]  # fmt: skip
    return sorted(lines, key=lambda one: (one.standing == "ended", one.last or date.max, one.number))


@dataclass(frozen=True)
class ScanLine:
    """One scan. ``removed_at`` set: only the record of it is left."""

    public: str
    name: str
    kind: str
    picture: bool
    measure: str
    size: int
    body_hash: str
    at: datetime
    who: str
    removed_at: datetime | None
    removed_by: str


@dataclass(frozen=True)
class AgreementPage:
    """An agreement with what is on its page."""

    number: str
    partner_code: str
    partner: str
    first: date
    last: date | None
    standing: str
    left: int | None
    topics: Sequence[str]
    note: str
    scans: Sequence[ScanLine]
    removed: Sequence[ScanLine]


def agreement_page(session: Session, number: str, now: datetime) -> AgreementPage:
    """Collect one agreement's page. Raises ``NotFound``."""
    row, today = find_agreement(session, number), city_day(now)
    topics = {one.code: one.name for one in all_topics(session)}
    return AgreementPage(
        number=row.number,
        partner_code=row.company.code,
        partner=row.company.name,
        first=row.starts_on,
        last=row.ends_on,
        standing=validity_of(row.starts_on, row.ends_on, today),
        left=(row.ends_on - today).days if row.ends_on else None,
        topics=[topics.get(code, code) for code in row.topics],
        note=row.note,
        scans=[scan_line(one) for one in scans.scans_of(session, row)],
        removed=[scan_line(one) for one in scans.scans_of(session, row, removed=True)],
    )


def scan_line(row: Scan) -> ScanLine:
    """A scan as pages show it."""
    return ScanLine(
        row.public,
        row.name,
        row.kind.value.upper(),
        row.kind is not ScanKind.PDF,
        row.measure,
        row.size,
        row.body_hash,
        row.at,
        row.actor_name,
        row.removed_at,
        row.removed_by_name or "",
    )
