"""The department: its name, its superior authority, the names that count as attribution, and former names and signers
with their periods.
"""

from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.core.contents import field_types
from campaigns.core.errors import CampaignError, FieldError, Invalid
from campaigns.partners.directory import partner_names
from campaigns.people import office
from campaigns.people.office import (
    OfficeContent,
    OfficeNameContent,
    SignerContent,
    current_office,
    office_content_of,
    save_office,
)
from campaigns.people.staff import Permission
from campaigns.republications.attribution.office_spellings import save_spellings, spelling_line
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.kit.forms import fields
from coordinator.web.kit.forms.content_form import ContentForm, form_of
from coordinator.web.kit.forms.field_types import LinesField
from coordinator.web.kit.templating import flash_done

letterheads_blueprint = Blueprint("letterheads", __name__, url_prefix="/letterheads")

NameForm = form_of(OfficeNameContent)
SIGNER_FIELDS = ("authority", "signer", "signer_since", "signer_until")


@letterheads_blueprint.get("/")
@staff_required(Permission.CONFIGURE)
def index() -> ResponseReturnValue:
    """Show every name and signer, and the forms that add one."""
    return _render_letterheads({})


@letterheads_blueprint.post("/names")
@staff_required(Permission.CONFIGURE)
def add_name() -> ResponseReturnValue:
    """Add a name."""
    form, context = NameForm.of_request(), app_context().job_context
    if form.validate():
        try:
            with context.database.write() as session:
                office.add_name(session, current_actor(), form.content(OfficeNameContent), now=context.now())
        except CampaignError as error:
            form.add_errors(error)
    if form.messages:
        return _render_letterheads(form.messages)
    flash_done(_("Đã ghi tên. Báo cáo của ngày nào dùng tên của ngày đó."))
    return redirect(url_for("admin.letterheads.index"), 303)


@letterheads_blueprint.post("/signers")
@staff_required(Permission.CONFIGURE)
def add_signer() -> ResponseReturnValue:
    """Add a signer."""
    errors: list[FieldError] = []
    since, until = fields.day("signer_since", errors, required=True), fields.day("signer_until", errors)
    context = app_context().job_context
    try:
        if errors or since is None:
            raise Invalid(errors)
        with context.database.write() as session:
            content = SignerContent(
                authority=fields.text("authority"), name=fields.text("signer"), since=since, until=until
            )  # fmt: skip
            office.add_signer(session, current_actor(), content, now=context.now())
    except Invalid as invalid:
        names = {"name": "signer", "until": "signer_until", "since": "signer_since"}
        moved = [FieldError(names.get(error.field, error.field), error.code, error.message) for error in invalid.errors]
        return _render_letterheads(fields.field_error_messages(moved))
    flash_done(_("Đã ghi người ký."))
    return redirect(url_for("admin.letterheads.index"), 303)


@letterheads_blueprint.post("/<public>/end")
@staff_required(Permission.CONFIGURE)
def end(public: str) -> ResponseReturnValue:
    """Set the last day of a name or signer."""
    errors: list[FieldError] = []
    until = fields.day("until", errors, required=True)
    context = app_context().job_context
    try:
        if errors or until is None:
            raise Invalid(errors)
        with context.database.write() as session:
            office.end_on(session, current_actor(), public, until, now=context.now())
    except Invalid as invalid:
        return _render_letterheads(
            {f"until-{public}": sentence for sentence in fields.error_messages(invalid).values()}
        )
    flash_done(_("Đã ghi ngày ngừng sử dụng."))
    return redirect(url_for("admin.letterheads.index"), 303)


def _render_letterheads(errors: dict[str, str]) -> ResponseReturnValue:
    context = app_context().job_context
    with context.database.read() as session:
        names, signers = office.office_names(session), office.signers(session)
    page = render_template(
        "desk/people/letterheads.html",
        names=names, signers=signers, errors=errors, today=city_day(context.now()).isoformat(),
        values={name: request.form.get(name, "") for name in (*field_types(OfficeNameContent), *SIGNER_FIELDS)},
    )  # fmt: skip
    return (page, 422) if errors else page


blueprint = Blueprint("office", __name__, url_prefix="/office")


# The name itself always counts as a source name and is not listed again.
OfficeForm = form_of(
    OfficeContent, source_names=LinesField(semicolons=True), not_us=LinesField(semicolons=True),
    recipients=LinesField(), spellings=LinesField(),
)  # fmt: skip


@blueprint.route("/", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE)
def page() -> ResponseReturnValue:
    """Show or change the department."""
    context = app_context().job_context
    with context.database.read() as session:
        row = current_office(session)
        spellings = [spelling_line(pair) for pair in row.spellings]
        stored = {**vars(office_content_of(row)), "recipients": row.recipients, "spellings": spellings}
    form = OfficeForm.of_request(stored)
    if request.method == "POST":
        try:
            with context.database.write() as session:
                _save(session, form, now=context.now())
        except CampaignError as error:
            form.add_errors(error)
        else:
            flash_done(_("Đã lưu. Từ lần đọc trang tới, các tên này tính là nêu nguồn."))
            return redirect(url_for("admin.office.page"), 303)
    return render_template("desk/people/office.html", form=form), form.status


def _save(session: Session, form: ContentForm, *, now: datetime) -> None:
    """Save the department and its abbreviations together. Raises ``Invalid`` with the errors of both."""
    content, recipients, spellings = form.content(OfficeContent), form["recipients"].data, form["spellings"].data
    errors: list[FieldError] = []
    try:
        save_office(session, current_actor().id, content, recipients=recipients, now=now)
    except Invalid as invalid:
        errors += invalid.errors
    try:
        save_spellings(session, current_actor().id, spellings, others=partner_names(session), now=now)
    except Invalid as invalid:
        errors += invalid.errors
    if errors:
        raise Invalid(errors)
