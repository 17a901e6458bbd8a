"""Agreements: the written consent behind a partner's republications. The list, one agreement, and its forms."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.core.contents import from_attributes
from campaigns.core.errors import CampaignError
from campaigns.core.listing import ListFilter, argument
from campaigns.core.vietnamese import fold
from campaigns.partners import agreements
from campaigns.partners.agreements import (
    Agreement,
    AgreementContent,
    AgreementScan,
    ScanKind,
    add_agreement,
    change_agreement,
    find_agreement,
)
from campaigns.partners.directory import Company, find_company
from campaigns.people.staff import Permission
from campaigns.planning.campaigns import all_topics
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.kit.forms.content_form import ContentForm, form_of
from coordinator.web.kit.forms.field_types import ManyField, TextField, WholeNumberField
from coordinator.web.kit.lists import pagination
from coordinator.web.kit.lists.requested_filter import requested_filter
from coordinator.web.kit.templating import flash_done
from coordinator.web.kit.text.periods import validity_of


@dataclass(frozen=True)
class AgreementRow:
    """One agreement in the list. ``standing``: a state of ``validity``; ``left``: days until it ends."""

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
        """The folded text for the search."""
        return fold(f"{self.number} {self.partner} {self.partner_code}")


@dataclass(frozen=True)
class AgreementFilter(ListFilter):
    """Filter of the list. ``q``: a part of the number or the partner's name; ``scans``: whether it has a scan."""

    q: str = ""
    standing: str | None = argument(values={name: name for name in ("valid", "ending", "ended", "future")})
    scans: bool | None = argument(values={"none": False, "some": True})

    def matching(self, rows: Sequence[AgreementRow]) -> list[AgreementRow]:
        """Return the rows that match."""
        words = fold(self.q)
        return [
            row
            for row in rows
            if (not words or words in row.words)
            and (self.standing is None or row.standing == self.standing)
            and (self.scans is None or self.scans is bool(row.scans))
        ]


def list_agreements(session: Session, now: datetime) -> list[AgreementRow]:
    """Return every agreement: first those with the nearest end, then those without an end, then expired ones."""
    today, counts = city_day(now), agreements.scan_counts(session)
    query = sa.select(
        Agreement.id, Agreement.number, Company.code, Company.name, Agreement.starts_on, Agreement.ends_on
    ).join(Company, Company.id == Agreement.company_id)
    lines = [
        AgreementRow(
            number, code, name, first, last, validity_of(first, last, today), (last - today).days if last else None,
            counts.get(ident, 0),
        )
        for ident, number, code, name, first, last in session.execute(query)
    ]  # fmt: skip
    return sorted(lines, key=lambda row: (row.standing == "ended", row.last or date.max, row.number))


@dataclass(frozen=True)
class ScanRow:
    """One scan. With ``removed_at`` only its record is left."""

    public: str
    name: str
    kind: str
    picture: bool
    measure: str
    size: int
    body_hash: str
    at: datetime
    actor_name: str
    removed_at: datetime | None
    removed_by: str


@dataclass(frozen=True)
class AgreementView:
    """The content of an agreement's page."""

    number: str
    partner_code: str
    partner: str
    first: date
    last: date | None
    standing: str
    left: int | None
    topics: Sequence[str]
    note: str
    delay_minutes: int
    scans: Sequence[ScanRow]
    removed: Sequence[ScanRow]


def agreement_view(session: Session, number: str, now: datetime) -> AgreementView:
    """Return the content of an agreement's page. Raises ``NotFound``."""
    row, today = find_agreement(session, number), city_day(now)
    topics = {topic.code: topic.name for topic in all_topics(session)}
    return AgreementView(
        number=row.number,
        partner_code=row.company.code,
        partner=row.company.name,
        first=row.starts_on,
        last=row.ends_on,
        standing=validity_of(row.starts_on, row.ends_on, today),
        left=(row.ends_on - today).days if row.ends_on else None,
        topics=[topics.get(code, code) for code in row.topics],
        note=row.note,
        delay_minutes=row.delay_minutes,
        scans=[scan_row(scan) for scan in agreements.scans_of(session, row)],
        removed=[scan_row(scan) for scan in agreements.scans_of(session, row, removed=True)],
    )


def scan_row(row: AgreementScan) -> ScanRow:
    """Return a scan for display."""
    return from_attributes(
        ScanRow,
        row,
        kind=row.kind.value.upper(),
        picture=row.kind is not ScanKind.PDF,
        removed_by=row.removed_by_name or "",
    )


blueprint = Blueprint("agreements", __name__)


# The number is fixed once it is added.
AgreementForm = form_of(
    AgreementContent,
    number=TextField(required=True),
    topics=ManyField(),
    delay_minutes=WholeNumberField(code="range", default=0),
)


def _submitted(form: ContentForm, topics: list[tuple[str, str]]) -> AgreementContent:
    """What was submitted; of the topics those that exist, in their order."""
    content = form.content(AgreementContent)
    return replace(content, topics=[code for code, _name in topics if code in content.topics])


@blueprint.get("/_agreements/_all")
@staff_required()
def index() -> ResponseReturnValue:
    """The agreements, filtered by number or partner, by validity, and by whether they have a scan."""
    context = app_context().job_context
    with context.database.read() as session:
        lines = list_agreements(session, context.now())
    counts = {
        "all": len(lines),
        "ending": sum(row.standing == "ending" for row in lines),
        "ended": sum(row.standing == "ended" for row in lines),
        "bare": sum(not row.scans for row in lines),
    }
    found = requested_filter(AgreementFilter).matching(lines)
    return render_template(
        "desk/partners/agreements/index.html",
        part=pagination.paginate(found),
        counts=counts,
        filtered=len(found) != len(lines),
    )


@blueprint.route("/<code>/agreements/_new", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE)
def new(code: str) -> ResponseReturnValue:
    """Add an agreement."""
    context = app_context().job_context
    with context.database.read() as session:
        company = find_company(session, code)
        owner, topics = (company.code, company.name), _topic_choices(session)
    form = AgreementForm.of_request()
    if request.method == "POST" and form.validate():
        number = form["number"].data
        try:
            with context.database.write() as session:
                company, content = find_company(session, code), _submitted(form, topics)
                add_agreement(session, current_actor().id, company, number, content, now=context.now())
        except CampaignError as error:
            form.add_errors(error)
        else:
            flash_done(_("Đã thêm văn bản số %(number)s.", number=number))
            return redirect(url_for("partners.page", code=code, _anchor="van-ban"), 303)
    return _render_form(form, owner, topics, None)


@blueprint.route("/_agreements", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE)
def edit() -> ResponseReturnValue:
    """Change an agreement; ``?number=`` names it, because numbers have slashes."""
    context = app_context().job_context
    number = request.args.get("number", "")
    with context.database.read() as session:
        row = find_agreement(session, number)
        owner, topics = (row.company.code, row.company.name), _topic_choices(session)
        form = AgreementForm.of_request(row)
    if request.method == "POST" and form.validate():
        try:
            with context.database.write() as session:
                row = find_agreement(session, number)
                change_agreement(session, current_actor().id, row, _submitted(form, topics), now=context.now())
        except CampaignError as error:
            form.add_errors(error)
        else:
            flash_done(_("Đã lưu văn bản số %(number)s.", number=number))
            return redirect(url_for("partners.page", code=owner[0], _anchor="van-ban"), 303)
    return _render_form(form, owner, topics, number)


def _topic_choices(session: Session) -> list[tuple[str, str]]:
    return [(topic.code, topic.name) for topic in all_topics(session)]


def _render_form(
    form: ContentForm, owner: tuple[str, str], topics: list[tuple[str, str]], number: str | None
) -> ResponseReturnValue:
    page = render_template("desk/partners/agreements/form.html", form=form, owner=owner, topics=topics, number=number)
    return page, form.status
