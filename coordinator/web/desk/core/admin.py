"""Administration: a page with links to staff, keys, the department, topics, campaigns and the journal."""

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.compliance.rules import Rule
from campaigns.core.import_runs import ImportKind, ImportRun, ImportStage
from campaigns.core.journal import JournalEntry
from campaigns.core.ledger import given_up_count
from campaigns.discovery.webmentions import WebmentionBlock
from campaigns.people.keys import AccessKey
from campaigns.people.office import current_office, set_guide_shown
from campaigns.people.staff import Permission, Person
from campaigns.planning.campaigns import Campaign, Topic
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.compliance import rules
from coordinator.web.desk.core import given_up_work, health, journal
from coordinator.web.desk.discovery import webmention_blocks
from coordinator.web.desk.people import api_keys, office, personal_data, role_rules, staff_accounts
from coordinator.web.desk.planning import campaigns, topics
from coordinator.web.desk.reporting import word_templates
from coordinator.web.kit.templating import flash_done

blueprint = Blueprint("admin", __name__, url_prefix="/desk/admin")
for child in (
    staff_accounts.blueprint,
    role_rules.blueprint,
    personal_data.blueprint,
    api_keys.blueprint,
    office.blueprint,
    office.letterheads_blueprint,
    word_templates.blueprint,
    topics.blueprint,
    campaigns.blueprint,
    journal.blueprint,
    webmention_blocks.blueprint,
    rules.blueprint,
    given_up_work.blueprint,
    health.blueprint,
):
    blueprint.register_blueprint(child)


@blueprint.get("/")
@staff_required(Permission.CONFIGURE)
def index() -> ResponseReturnValue:
    """Show the areas of administration, with the number of items in each."""
    context = app_context().job_context
    with context.database.read() as session:

        def count(kind: type, *conditions: sa.ColumnElement[bool]) -> int:
            # Number of rows of each list of settings.
            return session.execute(sa.select(sa.func.count()).select_from(kind).where(*conditions)).scalar_one()

        now = context.now()
        live = sa.and_(
            AccessKey.revoked_at.is_(None), sa.or_(AccessKey.expires_at.is_(None), AccessKey.expires_at > now)
        )
        counts = {
            "people": count(Person, Person.active.is_(True)),
            "keys": count(AccessKey, live),
            "topics": count(Topic),
            "campaigns": count(Campaign),
            "blocks": count(WebmentionBlock),
            "rules": count(Rule),
            "history": count(ImportRun, ImportRun.kind == ImportKind.HISTORY, ImportRun.stage == ImportStage.DONE),
            "given_up": given_up_count(session),
            "journal": session.execute(sa.select(sa.func.max(JournalEntry.seq))).scalar_one() or 0,
        }
        department = current_office(session).name
    return render_template("desk/core/admin.html", counts=counts, department=department)


@blueprint.post("/guide")
@staff_required(Permission.CONFIGURE)
def guide() -> ResponseReturnValue:
    """Put the first day away from the day's page, or show it there again."""
    context, shown = app_context().job_context, request.form.get("shown") == "1"
    with context.database.write() as session:
        set_guide_shown(session, current_actor().id, shown, now=context.now())
    flash_done(
        _("Ngày đầu tiên lại hiện ở trang Hôm nay.") if shown else _("Đã cất hướng dẫn; mở lại ở trang Quản trị.")
    )
    return redirect(url_for("desk.today"), 303)
