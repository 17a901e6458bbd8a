"""The data of a person on request: what is held, its export, its erasure; and how long data about people is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from campaigns.core.errors import CampaignError
from campaigns.people.personal_data.columns import KEPT_COLUMNS, KeptBecause
from campaigns.people.personal_data.erasure import Erasure
from campaigns.people.staff import Permission
from coordinator.jobs.people import personal_data
from coordinator.jobs.retention import RETENTION
from coordinator.translation import _, counted
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.kit.forms import fields
from coordinator.web.kit.lists.downloads import attachment

blueprint = Blueprint("personal_data", __name__, url_prefix="/personal-data")


@dataclass(frozen=True)
class RetentionRow:
    """One kind of data for display."""

    what: str
    lasts: str
    why: str
    by: str


@blueprint.get("")
@staff_required(Permission.CONFIGURE, fresh=True)
def index() -> ResponseReturnValue:
    """Show how long data is kept; with ``who``, what is held about that person."""
    return _render_page({})


@blueprint.post("/export")
@staff_required(Permission.CONFIGURE, fresh=True)
def export() -> ResponseReturnValue:
    """Return what is held, as JSON or as a workbook. The journal records that it was taken."""
    context, workbook = app_context().job_context, fields.text("form") == "xlsx"
    try:
        with context.database.write() as session:
            data = personal_data.export_data(session, current_actor(), fields.text("who"), now=context.now())
    except CampaignError as error:
        return _render_page(fields.error_messages(error)), 422
    if workbook:
        made = attachment(personal_data.as_workbook(data), personal_data.XLSX, "du-lieu-ca-nhan.xlsx")
    else:
        made = attachment(personal_data.as_json(data), "application/json", "du-lieu-ca-nhan.json")
    made.headers["Cache-Control"] = "no-store"
    return made


@blueprint.post("/erase")
@staff_required(Permission.CONFIGURE, fresh=True)
def erase() -> ResponseReturnValue:
    """Erase a person, and show once what was done and what is kept."""
    context = app_context().job_context
    who, reason = fields.text("who"), fields.text("reason")
    try:
        with context.database.write() as session:
            done = personal_data.erase_data(session, current_actor(), who, reason, now=context.now())
    except CampaignError as error:
        return _render_page(fields.error_messages(error), reason=reason), 422
    return _render_page({}, done=done)


def _render_page(errors: dict[str, str], *, reason: str = "", done: Erasure | None = None) -> str:
    who = "" if done is not None else request.values.get("who", "").strip()
    counts: Mapping[str, int] = {}
    if who:
        try:
            with app_context().job_context.database.read() as session:
                counts = personal_data.held_counts(session, current_actor(), who)
        except CampaignError as error:
            errors = errors or fields.error_messages(error)
    return render_template(
        "desk/people/personal_data.html",
        who=who,
        errors=errors,
        reason=reason,
        held=[(personal_data.table_label(name), count) for name, count in counts.items()],
        kept=_kept(done) if done is not None else [],
        done=done,
        stays=[_(personal_data.WHY_KEPT[why]) for why in _reasons_to_keep(counts)],
        retention=[RetentionRow(_(rule.what), _lasts(rule.lifetime), _(rule.why), _(rule.by)) for rule in RETENTION],
    )


def _reasons_to_keep(counts: Mapping[str, int]) -> list[KeptBecause]:
    found = [KEPT_COLUMNS[column] for column in KEPT_COLUMNS if column[0] in counts]
    if "question_messages" in counts or "finding_steps" in counts:
        found.append(KeptBecause.WORDING)
    if "case_files" in counts or "evidence_uploads" in counts:
        found.append(KeptBecause.DOCUMENT)
    return [*dict.fromkeys(found), KeptBecause.BACKUP]


def _kept(done: Erasure) -> list[tuple[str, int, str]]:
    return [
        (personal_data.table_label(name), count, _(personal_data.WHY_KEPT[why]))
        for name, (why, count) in done.kept.items()
    ]


def _lasts(lifetime: timedelta | str | None) -> str:
    if lifetime is None:
        return _("Không có thời hạn cố định")
    if isinstance(lifetime, str):
        return _(lifetime)
    if lifetime < timedelta(days=2):
        hours = int(lifetime.total_seconds() // 3600)
        return counted("%(num)s giờ", hours)
    years, days = divmod(lifetime.days, 365)
    if not days:
        return counted("%(num)s năm", years)
    return counted("%(num)s ngày", lifetime.days)
