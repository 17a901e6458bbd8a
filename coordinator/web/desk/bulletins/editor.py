"""Writing a bulletin: a new draft, a new revision of one that is not public, the text of an uploaded file, pasted HTML,
and the bulletin of a series day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath

from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.bulletins import autosave, media
from campaigns.bulletins.bulletins import Bulletin, BulletinState, Filing, find_bulletin, text_hash
from campaigns.bulletins.drafts import is_out, text_of
from campaigns.bulletins.presentation import to_json
from campaigns.bulletins.templates import find_template, mark_begun
from campaigns.core.contents import from_attributes
from campaigns.core.errors import CampaignError, Conflict, FieldError, Invalid, NotFound
from campaigns.people.staff import Actor, Permission
from campaigns.release import series, workflow
from campaigns.release.series import Occurrence
from campaigns.reporting.target_status import current_campaign
from coordinator.imports.decoding import UnreadableDocument
from coordinator.imports.documents.imported_text import ImportedText
from coordinator.imports.documents.readers import read_document
from coordinator.imports.text.notes import ImportNote
from coordinator.imports.text.sanitizer import clean_html
from coordinator.jobs.release import commands
from coordinator.jobs.release.commands import InSameTransaction
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.bulletins import autosave as open_forms
from coordinator.web.desk.bulletins import cover, preview
from coordinator.web.desk.bulletins import media as media_actions
from coordinator.web.desk.bulletins.autosave import FormContext
from coordinator.web.desk.bulletins.bulletin_page import (
    SecondPersonView,
    others_once_saved,
    retakable_revision,
)
from coordinator.web.desk.bulletins.bulletin_templates import StartedTemplate, started_template
from coordinator.web.desk.bulletins.forms import (
    BulletinForm,
    FormChoices,
    TextFields,
    channel_values,
    form_choices,
    plain_text,
    stored_values,
)
from coordinator.web.desk.bulletins.library import picture_library
from coordinator.web.kit.forms import fields
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text.actors import author_label
from coordinator.web.kit.text.error_messages import error_sentence
from coordinator.web.kit.text.word_diff import TextDiff, diff_text


@staff_required(Permission.WRITE)
def clean_pasted() -> ResponseReturnValue:
    """Clean HTML pasted from Word or a web page: ``{"html", "notes"}`` for the field ``html``; 422 with ``message`` for
    a piece that exceeds the limits of a bulletin.
    """
    try:
        found = clean_html(request.form.get("html", ""))
    except CampaignError as error:
        return jsonify(message="; ".join(fields.error_messages(error).values()) or error_sentence(error)), 422
    notes = [str(note) for note in found.removed]
    return jsonify(html=found.html, notes=notes)


def requested_series_day(session: Session, *, now: datetime) -> Occurrence | None:
    """Return the series day that the address names with ``series`` and ``day``; None where it names none."""
    try:
        day = date.fromisoformat(request.args.get("day", ""))
        return series.find_occurrence(session, request.args.get("series", ""), day, now=now)
    except (ValueError, NotFound):
        return None


def fill_series_day(place: Occurrence | None, then: InSameTransaction | None) -> InSameTransaction | None:
    """Return the function that runs in the transaction of the save: first ``then``, then it fills the series day.

    In this order a form that is sent twice is reported as already saved, not as a day that is taken.
    """
    if place is None:
        return then

    def also(session: Session, bulletin: Bulletin) -> None:
        if then is not None:
            then(session, bulletin)
        series.fill_day(
            session, current_actor(), place.series, place.day, bulletin.code, now=app_context().job_context.now()
        )

    return also


# File types that hold one text. Files with many texts are imported on the command line, which reports each bad one.
REFUSED = (".doc", ".docm", ".dotm")  # refused by the file reader with a message that says what to do instead
FORM_ACTIONS = frozenset({"upload", *cover.FORM_ACTIONS})
SUFFIXES = (".docx", ".md", ".html", ".htm", ".txt")


@dataclass(frozen=True)
class BulletinHeading:
    """The bulletin being changed, as the head of the form shows it. ``retakable``: of a draft that somebody else wrote
    last, the reader's own newest revision; ``loses_approval``: who may approve once a reader who may do so now has
    saved.
    """

    code: str
    title: str
    state: BulletinState
    revision: int
    edited_at: datetime
    release_at: datetime | None
    return_note: str
    retakable: int | None = None
    loses_approval: SecondPersonView | None = None

    @property
    def voids(self) -> bool:
        """Whether saving a new revision withdraws a request or an approval."""
        return self.state in {BulletinState.SUBMITTED, BulletinState.APPROVED, BulletinState.SCHEDULED}


@dataclass(frozen=True)
class EditConflict:
    """A conflict: another person saved since the form was opened. Holds their text and the
    differences from this one.
    """

    number: int
    author: str
    at: datetime
    theirs: TextFields
    change: TextDiff


def bulletin_heading(session: Session, bulletin: Bulletin, actor: Actor) -> BulletinHeading:
    """Return the head of the form for a bulletin's row."""
    return from_attributes(
        BulletinHeading,
        bulletin,
        title=bulletin.revision(bulletin.latest).title,
        revision=bulletin.latest,
        retakable=retakable_revision(bulletin, actor),
        loses_approval=others_once_saved(session, bulletin, actor, now=app_context().job_context.now()),
    )


@staff_required(Permission.WRITE)
def new() -> ResponseReturnValue:
    """Show an empty form, or save the first draft."""
    context = app_context().job_context
    with context.database.read() as session:
        offered = form_choices(session)
        due = requested_series_day(session, now=context.now())
        if request.method == "GET":
            kept = open_forms.requested_draft(session, None)
            begun = started_template(session, due.day if due is not None else None) if kept is None else None
            started, from_template = begun if begun is not None else (None, {})
            form = kept or BulletinForm(data=_usual_values(session, due, from_template))
            about = open_forms.form_context(session, None, form)
    if request.method == "GET":
        return _render_page(form, offered, about=about, started=started)
    form = BulletinForm.of_request()
    if (do := request.form.get("do", "")) in FORM_ACTIONS or media_actions.is_form_action(do):
        return _apply_form_action(do, form, offered, None)
    if form.channels.unsettled:
        return _render_with_channels(form, offered, None)
    faults = form.faults(submits=do == "submit")
    try:
        stood = commands.create(
            app_context(),
            current_actor(),
            form.text_or_bare(),
            topic=form.topic.data,
            campaign=form.campaign.data or None,
            source_url=form.source_url.data or None,
            channels=form.wanted_channels,
            also=fill_series_day(due, _same_transaction(form, faults)),
        )
    except Conflict as conflict:
        if conflict.code == "form_saved" and not faults:
            return _already_saved(str(conflict.params.get("bulletin", "")), form, offered)
        return _render_refused(form, offered, None, faults, conflict)
    except CampaignError as error:
        return _render_refused(form, offered, None, faults, error)
    return _after_save(stood.code, stood.state, form.text()[1])


@staff_required(Permission.WRITE)
def edit(code: str) -> ResponseReturnValue:
    """Save a new revision of a bulletin that is not public. A public one is corrected instead."""
    context = app_context().job_context
    with context.database.read() as session:
        bulletin = find_bulletin(session, code)
        if is_out(bulletin, context.now()):
            return redirect(url_for("bulletins.correct", code=code, draft=request.args.get("draft")), code=303)
        if bulletin.state is BulletinState.RECALLED:
            flash_trouble(_("Bản tin đã thu hồi, không sửa được nữa."))
            return redirect(url_for("bulletins.show", code=code), code=303)
        offered = form_choices(session, bulletin.topic.code)
        subject = bulletin_heading(session, bulletin, current_actor())
        if request.method == "GET":
            stored = stored_values(bulletin, bulletin.revision(bulletin.latest))
            form = open_forms.requested_draft(session, bulletin) or BulletinForm(data=stored)
            about = open_forms.form_context(session, bulletin, form)
    if request.method == "GET":
        return _render_page(form, offered, subject, about=about)
    form = BulletinForm.of_request()
    if (do := request.form.get("do", "")) in FORM_ACTIONS or media_actions.is_form_action(do):
        return _apply_form_action(do, form, offered, subject)
    if form.channels.unsettled:
        return _render_with_channels(form, offered, subject)
    faults = form.faults(submits=do == "submit")
    try:
        stood = commands.revise(
            app_context(),
            current_actor(),
            code,
            form.text_or_bare(),
            topic=form.topic.data or None,
            campaign=form.campaign.data or None,
            source_url=form.source_url.data or None,
            channels=form.wanted_channels,
            cleared=form.cleared,
            expected=form.expected.data or subject.revision,
            also=_same_transaction(form, faults),
        )
    except Conflict as conflict:
        if conflict.code == "text_changed" and not faults:
            return _render_conflict(code, form, offered)
        return _render_refused(form, offered, subject, faults, conflict)
    except CampaignError as error:
        return _render_refused(form, offered, subject, faults, error)
    return _after_save(
        stood.code, stood.state, form.text()[1], voided=subject.voids and stood.revision != subject.revision
    )


@staff_required(Permission.WRITE)
def submit(code: str) -> ResponseReturnValue:
    """Submit a saved draft for approval."""
    try:
        commands.submit(app_context(), current_actor(), code)
    except Invalid as invalid:
        flash_trouble(_("Chưa gửi duyệt được: %(why)s", why="; ".join(fields.error_messages(invalid).values())))
        return redirect(url_for("bulletins.edit", code=code), code=303)
    except Conflict as conflict:
        flash_trouble(error_sentence(conflict))
        return redirect(url_for("bulletins.show", code=code), code=303)
    flash_done(_("Đã gửi duyệt."))
    return redirect(url_for("bulletins.show", code=code), code=303)


def _usual_values(session: Session, due: Occurrence | None, from_template: Mapping[str, object]) -> dict[str, object]:
    """Return the values of an empty form: what the address names, the present campaign, those of a template, and a
    series day's own.
    """
    running = current_campaign(session, app_context().job_context.now())
    usual: dict[str, object] = {
        "topic": request.args.get("topic"),
        "campaign": request.args.get("campaign") or (running.code if running else ""),
        **from_template,
    }
    if due is not None:
        usual |= {"title": due.title, "topic": due.topic_code, **channel_values(due.channels)}
    return usual


def _render_with_channels(
    form: BulletinForm, offered: FormChoices, subject: BulletinHeading | None
) -> ResponseReturnValue:
    """Render the form with its present list of channels; nothing is saved."""
    if form.channels.pick.more:
        form.reach.data = "chosen"  # a channel on the list implies the choice of single channels
    form.channels.validate(form)
    return _render_page(form, offered, subject, changed=True)


def _render_refused(
    form: BulletinForm,
    offered: FormChoices,
    subject: BulletinHeading | None,
    faults: Sequence[FieldError],
    error: CampaignError,
) -> ResponseReturnValue:
    """Render the form with its own ``faults``, then with what the save was refused for. A conflict is not reported
    beside faults, because the next save raises it again.
    """
    form.add_field_errors(faults)
    conflict = isinstance(error, Conflict)
    if not (conflict and faults):
        form.add_errors(error)
    return _render_page(form, offered, subject, status=409 if conflict and not faults else None)


def _same_transaction(form: BulletinForm, faults: Sequence[FieldError]) -> commands.InSameTransaction:
    """Return the function that runs in the transaction of the save: the form's ``faults`` roll it back, the working
    copy is settled, and the text is submitted where requested, so that an incomplete text is never half saved.
    """

    def also(session: Session, bulletin: Bulletin) -> None:
        if faults:
            raise Invalid(list(faults))
        now = app_context().job_context.now()
        if form.template.data and bulletin.latest == 1:
            mark_begun(session, bulletin, find_template(session, form.template.data))
        autosave.settle_copy(session, current_actor(), form.draft.data, bulletin, now=now)
        # A revision with the same text leaves a submitted bulletin submitted.
        if request.form.get("do") == "submit" and bulletin.state is BulletinState.DRAFT:
            workflow.submit(session, current_actor(), bulletin.code, now=now)

    return also


def _already_saved(code: str, form: BulletinForm, offered: FormChoices) -> ResponseReturnValue:
    """Handle a form that was already saved: after a double click the text is the same and nothing happens; sent from
    the browser's history it may differ and is kept as a working copy.
    """
    with app_context().job_context.database.read() as session:
        bulletin = find_bulletin(session, code)
        newest = bulletin.revision(bulletin.latest)
        text, _removed = form.text()
        filing = Filing(form.topic.data, form.campaign.data or None, form.source_url.data or None, form.wanted_channels)
        if newest.hash == text_hash(
            " ".join(text.title.split()),
            text.lead,
            text.body_html,
            to_json(form.presentation),
            media=media.to_json(form.media.data),
            filing=filing,
        ):
            flash_done(_("Đã lưu."))
            return redirect(url_for("bulletins.show", code=code), code=303)
    return _render_conflict(code, form, offered)


def _after_save(code: str, state: str, removed: Sequence[ImportNote], *, voided: bool = False) -> ResponseReturnValue:
    if voided and state == BulletinState.DRAFT.value:
        flash_done(
            _("Đã lưu. Chữ đã đổi nên lần gửi duyệt hoặc bản duyệt trước không còn hiệu lực; cần gửi duyệt lại.")
        )
    else:
        flash_done(_("Đã lưu và gửi duyệt.") if state == BulletinState.SUBMITTED.value else _("Đã lưu."))
    if removed:
        flash_trouble(_("Khi làm sạch nội dung: %(notes)s.", notes=_import_notes(removed)))
    return redirect(url_for("bulletins.show", code=code), code=303)


def _render_conflict(code: str, form: BulletinForm, offered: FormChoices) -> ResponseReturnValue:
    """Show both texts. The fields keep this person's text; saving again adds a revision after the other one."""
    with app_context().job_context.database.read() as session:
        bulletin = find_bulletin(session, code)
        newest = bulletin.revision(bulletin.latest)
        text, _removed = form.text()
        overtaken = EditConflict(
            newest.number,
            author_label(current_actor().id, newest.author, newest.author_name),
            newest.created_at,
            TextFields.from_text(text_of(newest)),
            diff_text(plain_text(newest), plain_text(text)),
        )
        subject = bulletin_heading(session, bulletin, current_actor())
    open_forms.save_aside(code, form, overtaken.number)
    return _render_page(form, offered, subject, overtaken=overtaken, status=409)


def _apply_form_action(
    do: str, form: BulletinForm, offered: FormChoices, subject: BulletinHeading | None
) -> ResponseReturnValue:
    """Apply a button that changes the form without saving."""
    if do == "upload":
        return _render_with_upload(form, offered, subject)
    if media_actions.is_form_action(do):
        media_actions.apply_form_action(form, do)
        return _render_page(form, offered, subject, changed=True)
    try:
        cover.FORM_ACTIONS[do](form)
    except CampaignError as error:
        form.add_messages(cover.picture_error_messages(error))
    return _render_page(form, offered, subject, changed=True)


def _render_with_upload(
    form: BulletinForm, offered: FormChoices, subject: BulletinHeading | None
) -> ResponseReturnValue:
    """Render the form with the text of an uploaded file. Nothing is saved."""
    try:
        text = read_upload()
    except CampaignError as error:
        form.add_messages({"file": _unreadable_message(error)})
        return _render_page(form, offered, subject)
    form.fill_from(text)
    return _render_page(form, offered, subject, notes=_import_notes(text.notes), filled=True)


def read_upload() -> ImportedText:
    """Return the text of the uploaded file. Raises ``Invalid`` or ``UnreadableDocument`` with the reason."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid([FieldError("file", "no_file", "choose a file first")])
    if PurePath(file.filename).suffix.lower() not in (*SUFFIXES, *REFUSED):
        raise UnreadableDocument(f"this form takes {', '.join(SUFFIXES)}", code="suffix", expected=", ".join(SUFFIXES))
    found = read_document(file.filename, file.read())
    if found.rejected or not found.texts:
        raise Invalid(
            [
                FieldError(rejected_text.field, rejected_text.code, rejected_text.message)
                for rejected_text in found.rejected
            ]
        )
    return found.texts[0]


def _unreadable_message(error: CampaignError) -> str:
    if isinstance(error, Invalid):
        return "; ".join(fields.error_messages(error).values())
    return error_sentence(error)


def _import_notes(notes: Sequence[ImportNote]) -> str:
    return "; ".join(str(note) for note in notes)


def _render_page(
    form: BulletinForm,
    offered: FormChoices,
    subject: BulletinHeading | None = None,
    *,
    overtaken: EditConflict | None = None,
    notes: str = "",
    filled: bool = False,
    about: FormContext | None = None,
    started: StartedTemplate | None = None,
    changed: bool = False,
    status: int | None = None,
) -> ResponseReturnValue:
    page = render_template(
        "desk/bulletins/editor.html",
        look=preview.check_form(form), cover=cover.cover_view(form), focuses=cover.focus_choices(),
        library=picture_library.choices_searched(), media_choices=media_actions.choices_searched(),
        around=about or FormContext(), started=started,
        attrs=open_forms.form_attributes(form, dirty=bool(filled or overtaken or form.messages or changed)),
        form=form, offered=offered, subject=subject, overtaken=overtaken, notes=notes, filled=filled,
        suffixes=",".join(SUFFIXES),
    )  # fmt: skip
    return page, status or form.status
