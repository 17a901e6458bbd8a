"""Templates of bulletins in the API: listed, read, created, changed, archived, and begun from."""

from typing import Annotated

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from pydantic import Field
from sqlalchemy.orm import Session

from campaigns.bulletins import templates
from campaigns.bulletins.bulletins import Bulletin
from campaigns.bulletins.drafts import BulletinText
from campaigns.bulletins.presentation import from_json
from campaigns.bulletins.templates import (
    LONGEST_NAME,
    BulletinTemplate,
    TemplateContent,
    TemplateFilter,
    TemplateVersion,
    find_template,
)
from campaigns.bulletins.text_checks import LONGEST_LEAD, LONGEST_TITLE
from campaigns.core.errors import FieldError, Invalid
from campaigns.core.listing import ListQuery
from campaigns.people.staff import Permission
from coordinator.api import fields, paging
from coordinator.api.auth import app_context, caller, for_staff
from coordinator.api.bulletins.bulletins import BulletinRow, keep_bulletin
from coordinator.api.fields import RequestBody, ResponseBody, Time, row_of
from coordinator.api.idempotency import ReplyKeeper, row_response, run_act, run_once
from coordinator.api.paging import ListPage, PageQuery
from coordinator.api.request_parsing import with_body, with_query
from coordinator.jobs.release import commands

bp = APIBlueprint("templates", __name__, tag="Templates")


class NewTemplate(RequestBody):
    """A template. Exactly one of ``body_html`` and ``body_text`` is required. ``{ngày}``, ``{thứ}``, ``{tuần}``,
    ``{tháng}`` and ``{năm}`` are filled from the release day; ``{số}`` and ``{điền: …}`` stay for the writer.
    ``channels``: null for all that are entitled."""

    name: Annotated[fields.ComposedText, Field(max_length=LONGEST_NAME)]
    title: Annotated[fields.ComposedText, Field(max_length=LONGEST_TITLE)]
    lead: Annotated[fields.ComposedText, Field(max_length=LONGEST_LEAD)] = ""
    body_html: fields.Markup | None = None
    body_text: fields.Markup | None = None
    topic: fields.Code
    source_url: Annotated[fields.ExactText | None, Field(max_length=1000)] = None
    channels: fields.Codes | None = None


class TemplateChange(RequestBody):
    """Absent fields stay unchanged; null clears ``source_url`` and ``channels``. ``version``: the number of the text
    that was read; the answer is 409 if a newer one exists."""

    name: Annotated[fields.ComposedText, Field(max_length=LONGEST_NAME)] | None = None
    title: Annotated[fields.ComposedText, Field(max_length=LONGEST_TITLE)] | None = None
    lead: Annotated[fields.ComposedText, Field(max_length=LONGEST_LEAD)] | None = None
    body_html: fields.Markup | None = None
    body_text: fields.Markup | None = None
    topic: fields.Code | None = None
    source_url: Annotated[fields.ExactText | None, Field(max_length=1000)] = None
    channels: fields.Codes | None = None
    version: fields.Count | None = None


class StartBody(RequestBody):
    """The release day that placeholders are filled from; without it they stay. ``topic``: in place of the template's,
    which may be retired; ``campaign``: the code of a campaign."""

    day: fields.Day | None = None
    topic: fields.Code | None = None
    campaign: fields.Code | None = None


class TemplatesQuery(PageQuery):
    """``q``: words of name and title; ``archived``: those that are archived instead of those in use."""

    q: Annotated[fields.ComposedText | None, Field(max_length=200)] = None
    archived: bool = False


class TemplateRow(ResponseBody):
    """A template with its newest text. ``author``: who wrote that text."""

    id: str
    name: str
    version: int
    title: str
    lead: str
    body_html: str
    body_text: str
    topic: str
    source_url: str | None = None
    channels: list[str] | None = None
    author: str
    created_at: Time
    edited_at: Time
    archived_at: Time | None = None


class TemplateList(ListPage):
    """One page of templates."""

    items: list[TemplateRow]


@bp.get("/templates")
@for_staff(Permission.READ)
@with_query(TemplatesQuery)
@bp.output(TemplateList)
def all_templates(query: TemplatesQuery) -> Response:
    """Templates of bulletins with their newest text, newest first; retired ones only where asked for."""
    filters = query.filters(TemplateFilter)
    newest = sa.and_(
        TemplateVersion.template_id == BulletinTemplate.id, TemplateVersion.number == BulletinTemplate.latest
    )
    select = sa.select(BulletinTemplate, TemplateVersion).join(TemplateVersion, newest)
    conditions = [*filters.conditions(), templates.in_use(filters)]
    with app_context().job_context.database.read() as session:
        listed = ListQuery(BulletinTemplate, select, conditions, (BulletinTemplate.id.desc(),))
        page, listing = paging.cursor_page(session, listed, query)
        return row_response(TemplateList(items=[_row(template, text) for template, text in page], **listing))


@bp.post("/templates")
@for_staff(Permission.WRITE)
@with_body(NewTemplate)
@bp.output(TemplateRow, 201)
def create(body: NewTemplate) -> Response:
    """Create a template of bulletins, with the text that writers begin from."""
    actor = caller().actor
    if (body.body_html is None) == (body.body_text is None):
        message = "give the body as body_html or as body_text, one of them"
        raise Invalid([FieldError("body_html", "one_body", message)])
    text = commands.make_text(body.title, body.lead, body_html=body.body_html, body_text=body.body_text)
    wanted = TemplateContent(body.name, text, body.topic, body.source_url, body.channels)

    def act(session: Session) -> TemplateRow:
        template = templates.create_template(session, actor, wanted, now=app_context().job_context.now())
        return _newest(template)

    return run_act(act, 201, location=lambda row: f"/api/v1/templates/{row.id}")


@bp.get("/templates/<ident>")
@for_staff(Permission.READ)
@bp.output(TemplateRow)
def one(ident: str) -> Response:
    """One template of bulletins with its newest text."""
    with app_context().job_context.database.read() as session:
        return row_response(_newest(find_template(session, ident)))


@bp.patch("/templates/<ident>")
@for_staff(Permission.WRITE)
@with_body(TemplateChange)
@bp.output(TemplateRow)
def change(ident: str, body: TemplateChange) -> Response:
    """Save another text or name. Bulletins that were begun from it keep theirs."""
    actor = caller().actor
    context = app_context().job_context
    with context.database.write() as session:
        template = find_template(session, ident)
        before = template.version(template.latest)
        given = body.model_fields_set
        wanted = TemplateContent(
            body.name if body.name is not None else template.name,
            _changed_text(body, before),
            body.topic if body.topic is not None else before.topic.code,
            body.source_url if "source_url" in given else before.source_url,
            body.channels if "channels" in given else before.wanted_channels,
        )
        changed = templates.change_template(session, actor, ident, wanted, expected=body.version, now=context.now())
        return row_response(_newest(changed))


@bp.post("/templates/<ident>/archive")
@for_staff(Permission.WRITE)
@bp.output(TemplateRow)
def archive(ident: str) -> Response:
    """Archive a template: nothing new is begun from it."""
    actor = caller().actor
    return run_act(
        lambda session: _newest(templates.archive_template(session, actor, ident, now=app_context().job_context.now()))
    )


@bp.post("/templates/<ident>/restore")
@for_staff(Permission.WRITE)
@bp.output(TemplateRow)
def restore(ident: str) -> Response:
    """Take an archived template into use again."""
    actor = caller().actor
    return run_act(
        lambda session: _newest(templates.restore_template(session, actor, ident, now=app_context().job_context.now()))
    )


@bp.post("/templates/<ident>/start")
@for_staff(Permission.WRITE)
@with_body(StartBody)
@bp.output(BulletinRow, 201)
def start(ident: str, body: StartBody) -> Response:
    """Begin a draft from a template.

    Whoever wrote the template may not approve it. A draft that still holds a placeholder is not submitted.
    """
    actor = caller().actor
    with app_context().job_context.database.read() as session:
        begun = templates.start_from(session, find_template(session, ident), body.day)
    topic = body.topic or begun.topic
    if topic is None:
        raise Invalid([FieldError("topic", "retired_topic", "the template's topic is retired; give another")])

    def apply(keep: ReplyKeeper) -> None:
        keep_reply = keep_bulletin(keep, 201)

        def also(session: Session, bulletin: Bulletin) -> None:
            templates.mark_begun(session, bulletin, find_template(session, ident))
            keep_reply(session, bulletin)

        commands.create(
            app_context(),
            actor,
            begun.text,
            topic=topic,
            campaign=body.campaign,
            source_url=begun.source_url,
            channels=begun.channels,
            also=also,
        )

    return run_once(apply)


def _changed_text(body: TemplateChange, before: TemplateVersion) -> BulletinText:
    if body.body_html is not None and body.body_text is not None:
        message = "give the body as body_html or as body_text, not both"
        raise Invalid([FieldError("body_html", "one_body", message)])
    title = body.title if body.title is not None else before.title
    lead = body.lead if body.lead is not None else before.lead
    kept = from_json(before.presentation)
    if body.body_html is None and body.body_text is None:
        return BulletinText(title, lead, before.body_html, before.body_text, kept)
    text = commands.make_text(title, lead, body_html=body.body_html, body_text=body.body_text)
    return BulletinText(text.title, text.lead, text.body_html, text.body_text, kept)


def _newest(template: BulletinTemplate) -> TemplateRow:
    """The row of a template; requires its session to be open."""
    return _row(template, template.version(template.latest))


def _row(template: BulletinTemplate, text: TemplateVersion) -> TemplateRow:
    return row_of(
        TemplateRow,
        text,
        id=template.public,
        name=template.name,
        version=text.number,
        topic=text.topic.code,
        channels=text.wanted_channels,
        author=text.author_name,
        created_at=template.created_at,
        edited_at=template.edited_at,
        archived_at=template.archived_at,
    )
