"""Templates of bulletins: the list, the form of one, and what a bulletin that is begun from one starts with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.bulletins import templates
from campaigns.bulletins.bulletins import find_bulletin
from campaigns.bulletins.drafts import BulletinText
from campaigns.bulletins.placeholders import in_tags, placeholders_in
from campaigns.bulletins.presentation import from_json
from campaigns.bulletins.templates import (
    BulletinTemplate,
    TemplateContent,
    TemplateFilter,
    TemplateVersion,
    find_template,
)
from campaigns.channels.channels import Channel
from campaigns.core.clock import city_day
from campaigns.core.errors import CampaignError, Conflict, FieldError, Invalid, NotFound
from campaigns.core.listing import ListQuery
from campaigns.core.vietnamese import nfc
from campaigns.people.staff import Permission
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.bulletins import cover
from coordinator.web.desk.bulletins.forms import (
    BulletinForm,
    FormChoices,
    TextFields,
    channel_values,
    form_choices,
    one_line,
    stored_values,
)
from coordinator.web.kit.forms import fields
from coordinator.web.kit.forms.field_types import TextField
from coordinator.web.kit.lists import pagination
from coordinator.web.kit.lists.requested_filter import requested_filter
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text.actors import author_label
from coordinator.web.kit.text.error_messages import error_sentence, field_sentence

blueprint = Blueprint("templates", __name__, url_prefix="/desk/templates")


class TemplateForm(BulletinForm):
    """The form of a template. ``expected``: the version it was opened at, 0 for none."""

    name = TextField(required=True, filters=[nfc, one_line])

    def wanted(self) -> TemplateContent:
        """Return the input of the domain; without its body where that cannot be read."""
        return TemplateContent(
            self.name.data, self.text_or_bare(), self.topic.data, self.source_url.data or None, self.wanted_channels
        )


@dataclass(frozen=True)
class TemplateRow:
    """One row of the list. ``author``: who wrote the newest text."""

    public: str
    name: str
    title: str
    topic: str
    topic_retired: bool
    author: str
    edited_at: datetime


@dataclass(frozen=True)
class StartedTemplate:
    """What the form of a new bulletin says of its template. ``left``: the placeholders that are still to be filled in;
    ``dropped``: names of channels that are no longer in use; ``retired``: the name of its topic if that is retired;
    ``bad_day``: why the release day of the address was not read."""

    name: str
    day: date | None
    left: tuple[str, ...]
    dropped: tuple[str, ...]
    retired: str
    bad_day: str


@staff_required()
def index() -> ResponseReturnValue:
    """Show the templates in use, or those that are archived."""
    filters = requested_filter(TemplateFilter)
    context, me = app_context().job_context, current_actor()
    newest = sa.and_(
        TemplateVersion.template_id == BulletinTemplate.id, TemplateVersion.number == BulletinTemplate.latest
    )
    select = sa.select(BulletinTemplate, TemplateVersion).join(TemplateVersion, newest)
    order = (BulletinTemplate.name.asc(), BulletinTemplate.id.asc())
    with context.database.read() as session:
        conditions = [*filters.conditions(), templates.in_use(filters)]
        page = ListQuery(BulletinTemplate, select, conditions, order).page(session, pagination.page_number())
        rows = [
            TemplateRow(
                public=template.public,
                name=template.name,
                title=text.title,
                topic=text.topic.name,
                topic_retired=text.topic.retired_at is not None,
                author=author_label(me.id, text.author, text.author_name),
                edited_at=template.edited_at,
            )
            for template, text in page.rows
        ]
    return render_template(
        "desk/bulletins/templates.html",
        part=page.with_rows(rows),
        filters=filters,
        writes=me.may(Permission.WRITE),
        today=city_day(context.now()).isoformat(),
    )


@staff_required(Permission.WRITE)
def new() -> ResponseReturnValue:
    """Show an empty form, or one with the text of the bulletin that the address names, or save the template."""
    with app_context().job_context.database.read() as session:
        offered = form_choices(session)
        form = TemplateForm(data=_values_of_bulletin(session) if request.method == "GET" else {})
    if request.method == "GET":
        return _render_form(form, offered)
    return _save(offered, None)


@staff_required(Permission.WRITE)
def edit(public: str) -> ResponseReturnValue:
    """Show the form of a template, or save another text or name."""
    with app_context().job_context.database.read() as session:
        template = find_template(session, public)
        text = template.version(template.latest)
        offered = form_choices(session, text.topic.code)
        form = TemplateForm(data=_stored_values(template, text))
        name, archived = template.name, template.archived_at is not None
    if archived:
        flash_trouble(_("Mẫu “%(name)s” đã lưu trữ; dùng lại thì mới sửa được.", name=name))
        return redirect(url_for("templates.index", archived=1), 303)
    if request.method == "GET":
        return _render_form(form, offered, public=public)
    return _save(offered, public)


@staff_required(Permission.WRITE)
def archive(public: str) -> ResponseReturnValue:
    """Archive a template, or with ``do=restore`` take it into use again."""
    context, restores = app_context().job_context, request.form.get("do") == "restore"
    act = templates.restore_template if restores else templates.archive_template
    try:
        with context.database.write() as session:
            name = act(session, current_actor(), public, now=context.now()).name
    except Invalid as invalid:
        flash_trouble(_("Chưa dùng lại được: %(why)s.", why=field_sentence(invalid.errors[0])))
        return redirect(url_for("templates.index", archived=1), 303)
    flash_done(
        _("Mẫu “%(name)s” dùng được trở lại.", name=name)
        if restores
        else _("Đã lưu trữ mẫu “%(name)s”; bản tin đã viết từ mẫu giữ nguyên.", name=name)
    )
    return redirect(url_for("templates.index"), 303)


def _save(offered: FormChoices, public: str | None) -> ResponseReturnValue:
    context, form = app_context().job_context, TemplateForm.of_request()
    if (do := request.form.get("do", "")) in cover.FORM_ACTIONS:
        try:
            cover.FORM_ACTIONS[do](form)
        except CampaignError as error:
            form.add_messages(cover.picture_error_messages(error))
        return _render_form(form, offered, public=public)
    if form.channels.unsettled:
        if form.channels.pick.more:
            form.reach.data = "chosen"
        form.channels.validate(form)
        return _render_form(form, offered, public=public)
    faults = form.faults(submits=False)
    try:
        with context.database.write() as session:
            if public is None:
                name = templates.create_template(session, current_actor(), form.wanted(), now=context.now()).name
            else:
                expected = form.expected.data or None
                name = templates.change_template(
                    session, current_actor(), public, form.wanted(), expected=expected, now=context.now()
                ).name
            if faults:
                raise Invalid(faults)
    except Conflict as conflict:
        form.add_field_errors(faults)
        form.add_messages({"form": error_sentence(conflict)})
        return _render_form(form, offered, public=public, status=409)
    except Invalid as invalid:
        known = {error.field for error in invalid.errors}
        form.add_errors(invalid, *(error for error in faults if error.field not in known))
        return _render_form(form, offered, public=public)
    flash_done(_("Đã lưu mẫu “%(name)s”.", name=name))
    return redirect(url_for("templates.index"), 303)


def _render_form(
    form: TemplateForm, offered: FormChoices, *, public: str | None = None, status: int | None = None
) -> ResponseReturnValue:
    page = render_template(
        "desk/bulletins/template_form.html",
        form=form, offered=offered, public=public, cover=cover.cover_view(form), focuses=cover.focus_choices(),
    )  # fmt: skip
    return page, status or form.status


def _text_values(text: TemplateVersion | BulletinText) -> dict[str, object]:
    kept = text.presentation if isinstance(text, BulletinText) else from_json(text.presentation)
    cover_kept = kept.cover if kept is not None else None
    return TextFields.from_text(text).values | {
        "cover": cover_kept.picture if cover_kept is not None else "",
        "cover_alt": cover_kept.alt if cover_kept is not None else "",
        "variants": kept.variants if kept is not None else {},
    }


def _stored_values(template: BulletinTemplate, text: TemplateVersion) -> dict[str, object]:
    return _text_values(text) | {
        "name": template.name,
        "topic": text.topic.code,
        "source_url": text.source_url,
        **channel_values(text.wanted_channels),
        "expected": text.number,
    }


def _values_of_bulletin(session: Session) -> dict[str, object]:
    """Return the values of a new template: those of the bulletin that the address names, else none."""
    code = request.args.get("bulletin", "")
    if not code:
        return {"reach": "all"}
    bulletin = find_bulletin(session, code)
    values = stored_values(bulletin, bulletin.revision(bulletin.latest))
    return {name: value for name, value in values.items() if name not in {"expected", "campaign"}}


def started_template(session: Session, due: date | None) -> tuple[StartedTemplate, dict[str, object]] | None:
    """Return what a new bulletin begins with: of the template that the address names, filled for the day ``due`` or the
    release day of the address. None where it names none that may be used.
    """
    public = request.args.get("template", "")
    if not public:
        return None
    errors: list[FieldError] = []
    day = due or fields.parse_day(request.args.get("release", "").strip()[:40], "release", errors)
    try:
        template = find_template(session, public)
        start = templates.start_from(session, template, day)
    except (NotFound, Conflict) as error:
        flash_trouble(error_sentence(error))
        return None
    text = start.text
    alt = text.presentation.cover.alt if text.presentation is not None and text.presentation.cover is not None else ""
    variants = text.presentation.variants.values() if text.presentation is not None else ()
    words = [text.title, text.lead, text.body_text, alt, *(f"{own.title} {own.lead} {own.text}" for own in variants)]
    query = sa.select(Channel.code, Channel.name).where(Channel.code.in_(start.dropped))
    names = {code: name for code, name in session.execute(query)}  # noqa: C416  # rows are unpacked, for mypy
    started = StartedTemplate(
        name=template.name,
        day=day,
        left=tuple(dict.fromkeys([*placeholders_in(" ".join(words)), *in_tags(text.body_html)])),
        dropped=tuple(names.get(code, code) for code in start.dropped),
        retired=template.version(template.latest).topic.name if start.topic is None else "",
        bad_day=fields.field_error_messages(errors).get("release", ""),
    )
    values: Mapping[str, object] = _text_values(text) | {
        "topic": start.topic or "",
        "source_url": start.source_url,
        # A template whose channels are all gone chooses none: the writer decides.
        **channel_values(start.channels),
        "template": public,
    }
    return started, dict(values)


_BOTH = ["GET", "POST"]

blueprint.add_url_rule("", "index", index)
blueprint.add_url_rule("/_new", "new", new, methods=_BOTH)
blueprint.add_url_rule("/<public>", "edit", edit, methods=_BOTH)
blueprint.add_url_rule("/<public>/archive", "archive", archive, methods=["POST"])
