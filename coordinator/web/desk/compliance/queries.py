"""Queries of the findings: the filtered list, counts, and the tasks on the day's page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.compliance import findings
from campaigns.compliance.finding_filter import FindingFilter, WaitingFor
from campaigns.compliance.findings import Finding, FindingOutcome, FindingStatus, is_overdue
from campaigns.compliance.rules import Rule, RuleSeverity, rule_order
from campaigns.core.clock import city_day
from campaigns.core.listing import ListPage, ListQuery
from campaigns.partners.directory import Company, Site
from campaigns.people.staff import Actor, Permission
from coordinator.translation import _, counted, language
from coordinator.web.kit.links import page_url
from coordinator.web.kit.lists.pagination import page_number
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.finding_labels import fault_sentence, rule_title


@dataclass(frozen=True)
class FindingRow:
    """One row. ``turn``: its version, for a decision on several; ``waits``: what it waits for besides a decision, None
    for nothing; ``reply_by``: None once it no longer applies.
    """

    public: str
    code: str
    title: str
    severity: RuleSeverity
    sentence: str
    site: str
    company: str
    company_code: str
    standing: FindingStatus
    outcome: FindingOutcome | None
    day: date
    proposed_at: datetime
    waits: WaitingFor | None
    reply_by: date | None
    turn: int

    @property
    def open(self) -> bool:
        """Whether it can be decided together with others."""
        return self.standing is FindingStatus.PROPOSED


@dataclass(frozen=True)
class SelectedFinding:
    """A finding selected for a decision on several."""

    finding: Finding
    public: str
    code: str
    title: str
    sentence: str
    site: str
    company_id: int
    company: str
    company_code: str
    day: date
    standing: FindingStatus
    shown: bool

    @property
    def label(self) -> str:
        """The label in a list of those that were not changed."""
        return f"{self.code}, {self.site}"


def selected_findings(session: Session, publics: Sequence[str]) -> list[SelectedFinding]:
    """Return these findings, ordered by partner, rule and day."""
    query = (
        sa.select(Finding)
        .options(sa.orm.joinedload(Finding.company), sa.orm.joinedload(Finding.site), sa.orm.joinedload(Finding.rule))
        .where(Finding.public.in_(publics))
    )
    rows = sorted(
        session.execute(query).scalars(), key=lambda row: (row.company.name, rule_order(row.code), row.day, row.id)
    )
    return [
        SelectedFinding(
            row, row.public, row.code, rule_title(row.rule.title), fault_sentence(row.fault, row.facts), row.site.name,
            row.company_id, row.company.name, row.company.code, row.day, row.standing, row.shown_at is not None,
        )
        for row in rows
    ]  # fmt: skip


def undecided_turns(
    session: Session, filters: FindingFilter, most: int, *, now: datetime
) -> tuple[dict[str, int], int]:
    """Return the undecided findings under a filter, oldest first, at most ``most``, each with its version; and how many
    more there are."""
    conditions = [
        *filters.conditions_on(city_day(now), tab=False),
        Finding.standing == FindingStatus.PROPOSED,
        Finding.closed_at.is_(None),
    ]
    listed = ListQuery(Finding, sa.select(Finding.public, Finding.turn), conditions, (Finding.proposed_at, Finding.id))
    found = {row.public: row.turn for row in listed.rows(session, most)}
    return found, max(listed.count(session) - len(found), 0)


def counts_by_standing(session: Session, filters: FindingFilter, *, now: datetime) -> dict[FindingStatus, int]:
    """Return the number of findings in each standing under the other filters."""
    query = (
        # Number of rows of the filtered list, for its tabs.
        sa.select(Finding.standing, sa.func.count())
        .where(*filters.conditions_on(city_day(now), tab=False))
        .group_by(Finding.standing)
    )
    counts = {row[0]: int(row[1]) for row in session.execute(query)}
    return {status: counts.get(status, 0) for status in FindingStatus}


def list_findings(session: Session, filters: FindingFilter, total: int, *, now: datetime) -> ListPage[FindingRow]:
    """Return one page of the list: those waiting for a decision oldest first, others newest first."""
    today = city_day(now)
    waiting = filters.standing is FindingStatus.PROPOSED
    order = (Finding.proposed_at, Finding.id) if waiting else (Finding.proposed_at.desc(), Finding.id.desc())
    columns: tuple[Any, ...] = (
        Finding, Rule.title, Rule.severity, Site.name, Company.name, Company.code, is_overdue(today).label("late"),
    )  # fmt: skip
    select = (
        sa.select(*columns)
        .join(Rule, Rule.id == Finding.rule_id)
        .join(Site, Site.id == Finding.site_id)
        .join(Company, Company.id == Finding.company_id)
    )
    page = ListQuery(Finding, select, filters.conditions_on(today), order).page(session, page_number(), total=total)
    return page.with_rows([_finding_row(*row) for row in page.rows])


def _finding_row(
    row: Finding, title: str, severity: RuleSeverity, site: str, company: str, company_code: str, late: bool
) -> FindingRow:
    waits = None
    if not row.closed:
        if row.waits_since is not None:
            waits = WaitingFor.REPLY
        elif row.mended_seen_at is not None:
            waits = WaitingFor.MENDED
        elif late:
            waits = WaitingFor.OVERDUE
    return FindingRow(
        public=row.public,
        code=row.code,
        title=rule_title(title),
        severity=severity,
        sentence=fault_sentence(row.fault, row.facts),
        site=site,
        company=company,
        company_code=company_code,
        standing=row.standing,
        outcome=row.outcome,
        day=row.day,
        proposed_at=row.proposed_at,
        waits=waits,
        reply_by=None if row.closed or row.shown_at is None else row.reply_by,
        turn=row.turn,
    )


TaskLabels = tuple[str, str, str, str, str, str | None]  # icon, ink, title, advice, button, address


def finding_tasks(session: Session, actor: Actor, *, now: datetime) -> list[TaskLabels]:
    """Return unread answers, partners past their deadline, and undecided suspicions, in one query."""
    if not actor.may(Permission.REVIEW) or page_url("compliance.index") is None:
        return []
    waits = findings.count_waiting_findings(session, city_day(now))
    found: list[TaskLabels] = []
    if waits.replied:
        title = counted(
            "%(count)s lời đối tác về nghi vấn chưa ai đọc",
            waits.replied, count=formats.number(waits.replied, language()),
        )  # fmt: skip
        url = page_url("compliance.index", standing="all", waits="reply")
        found.append(("mail", "wait", title, _("Đọc trước khi kết luận hoặc khép lại."), _("Đọc"), url))
    if waits.overdue:
        title = counted(
            "%(count)s nghi vấn quá hạn mà đối tác chưa trả lời",
            waits.overdue, count=formats.number(waits.overdue, language()),
        )  # fmt: skip
        url = page_url("compliance.index", standing="all", waits="overdue")
        found.append(("clock", "wait", title, _("Gọi cho đối tác, gửi công văn nhắc hoặc kết luận."), _("Xem"), url))
    if waits.proposed:
        title = counted(
            "%(count)s nghi vấn về tuân thủ chờ kết luận",
            waits.proposed, count=formats.number(waits.proposed, language()),
        )  # fmt: skip
        url = page_url("compliance.index", standing="proposed")
        advice = _("Mỗi nghi vấn kèm bằng chứng; không có gì tự động xảy ra với đối tác.")
        found.append(("shield", "move", title, advice, _("Xem"), url))
    return found
