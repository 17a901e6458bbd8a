"""Findings in the portal: those a person has shown to this partner, and its answers. Findings of other partners are
never shown.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.compliance import finding_workflow
from campaigns.compliance.findings import Finding, FindingOutcome, FindingStatus, find_finding
from campaigns.compliance.rules import Rule
from campaigns.core.contents import from_attributes
from campaigns.core.errors import CampaignError, NotFound
from campaigns.core.listing import ListPage, ListQuery
from campaigns.partners.directory import Site
from coordinator.translation import _
from coordinator.web.auth.security import app_context
from coordinator.web.kit.finding_view import finding_view
from coordinator.web.kit.forms import fields
from coordinator.web.kit.lists.pagination import page_number
from coordinator.web.kit.templating import flash_done
from coordinator.web.kit.text.finding_labels import fault_sentence, rule_title
from coordinator.web.portal.sign_in import current_visitor, partner_required

blueprint = Blueprint("findings", __name__, url_prefix="/findings")


@dataclass(frozen=True)
class FindingRow:
    """One finding in the list."""

    public: str
    title: str
    sentence: str
    site: str
    standing: FindingStatus
    outcome: FindingOutcome | None
    reply_by: date | None
    closed: bool


@blueprint.get("")
@partner_required
def index() -> ResponseReturnValue:
    """Show this partner's findings: open ones first, by deadline."""
    visitor = current_visitor()
    with app_context().job_context.database.read() as session:
        part = _finding_rows(session, visitor.company_id)
    return render_template("portal/findings.html", visitor=visitor, part=part)


def _finding_rows(session: Session, company_id: int) -> ListPage[FindingRow]:
    where = (Finding.company_id == company_id, Finding.shown_at.is_not(None))
    columns: tuple[Any, ...] = (Finding, Rule.title, Site.name)
    select = sa.select(*columns).join(Rule, Rule.id == Finding.rule_id).join(Site, Site.id == Finding.site_id)
    order = (Finding.closed_at.is_not(None), Finding.reply_by.is_(None), Finding.reply_by, Finding.id.desc())
    page = ListQuery(Finding, select, where, order).page(session, page_number())
    rows = [
        from_attributes(
            FindingRow, row, title=rule_title(title), sentence=fault_sentence(row.fault, row.facts), site=site
        )
        for row, title, site in page.rows
    ]
    return page.with_rows(rows)


@blueprint.get("/<ident>")
@partner_required
def show(ident: str) -> ResponseReturnValue:
    """Show one finding with its evidence, its history and its outcome."""
    return _render_finding(ident)


@blueprint.post("/<ident>/reply")
@partner_required
def reply(ident: str) -> ResponseReturnValue:
    """Answer a finding."""
    visitor, context, text = current_visitor(), app_context().job_context, fields.clean_text("text")
    try:
        with context.database.write() as session:
            finding_workflow.reply_to_finding(
                session, visitor.actor, visitor.company_id, ident, text, fields.form_token(), now=context.now()
            )
    except NotFound:
        raise
    except CampaignError as error:
        return _render_finding(ident, fields.error_messages(error), text)
    flash_done(_("Đã gửi. Sở đọc trả lời của đơn vị cùng bằng chứng."))
    return redirect(url_for("portal.findings.show", ident=ident), 303)


def _render_finding(ident: str, errors: dict[str, str] | None = None, text: str = "") -> ResponseReturnValue:
    visitor = current_visitor()
    with app_context().job_context.database.read() as session:
        view = finding_view(session, find_finding(session, ident, visitor.company_id), to_partner=True)
        page = render_template(
            "portal/finding.html",
            visitor=visitor, finding=view, errors=errors or {}, text=text, mark=fields.form_token(),
            longest=finding_workflow.LONGEST_REPLY,
        )  # fmt: skip
    return (page, 422) if errors else page
