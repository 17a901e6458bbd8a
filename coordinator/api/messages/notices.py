"""Notices to partners in the API: drafts, publication, corrections, and who has read them."""

from typing import Annotated, Final

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from pydantic import Field
from sqlalchemy.orm import Session

from campaigns.core.base import public_id
from campaigns.core.listing import ListQuery
from campaigns.messages import notice_workflow
from campaigns.messages.notice_readers import ReceiverStatus, receiver_statuses
from campaigns.messages.notice_workflow import NoticeContent
from campaigns.messages.notices import (
    Notice,
    NoticeAudience,
    NoticeCount,
    NoticeState,
    PartnerGroup,
    find_notice,
    notice_counts,
    receivers_of,
    topic_codes,
)
from campaigns.partners.directory import Company
from campaigns.people.staff import Permission
from coordinator.api import fields, paging
from coordinator.api.auth import app_context, caller, for_staff
from coordinator.api.fields import RequestBody, ResponseBody, Time, row_of
from coordinator.api.idempotency import row_response, run_act
from coordinator.api.paging import ListPage, PageQuery
from coordinator.api.request_parsing import fields_named, refuse_unused, with_body, with_query
from coordinator.imports.text.plain_text import text_to_html

bp = APIBlueprint("notices", __name__, tag="Notices")

# The content's fields, as the forms name them, and their names in the bodies here.
BODY_FIELDS: Final = {"heading": "title", "words": "body_text"}
NoticeText = Annotated[fields.ComposedText, Field(max_length=notice_workflow.LONGEST_BODY)]


class NoticeQuery(PageQuery):
    """Filters of the list."""

    state: NoticeState | None = None


class NewNotice(RequestBody):
    """A draft. ``audience``: all partners, those of a ``topic``, or the chosen ``partners`` and ``groups``.
    ``deadline``: the last day to confirm by, with ``must_confirm``."""

    title: Annotated[fields.ComposedText, Field(max_length=notice_workflow.LONGEST_TITLE)]
    body_text: NoticeText
    audience: NoticeAudience = NoticeAudience.ALL
    topic: fields.Code = ""
    partners: fields.Codes = []
    groups: Annotated[list[PartnerGroup], Field(max_length=20)] = []
    deadline: fields.Day | None = None
    must_confirm: fields.StrictBool = False


class NoticeChange(RequestBody):
    """Another content of a draft. ``version``: of the notice as it was read. Absent fields stay unchanged."""

    version: fields.Count
    title: Annotated[fields.ComposedText, Field(max_length=notice_workflow.LONGEST_TITLE)] | None = None
    body_text: NoticeText | None = None
    audience: NoticeAudience | None = None
    topic: fields.Code | None = None
    partners: fields.Codes | None = None
    groups: Annotated[list[PartnerGroup] | None, Field(max_length=20)] = None
    deadline: fields.Day | None = None
    must_confirm: fields.StrictBool | None = None


class NoticeCorrection(NoticeChange):
    """A correction of a published notice, which every receiver has to read again. ``note``: what changed."""

    note: Annotated[fields.ComposedText, Field(max_length=notice_workflow.LONGEST_NOTE)]


class VersionBody(RequestBody):
    """``version``: of the notice as it was read; an act after a change since is a 409."""

    version: fields.Count


class NoticeWithdrawal(VersionBody):
    """Why a notice is withdrawn; its readers see it."""

    note: Annotated[fields.ComposedText, Field(max_length=notice_workflow.LONGEST_NOTE)]


class NoticeRow(ResponseBody):
    """A notice. ``receivers``, ``read`` and ``confirmed``: numbers of partners, of the edition in force."""

    id: str
    state: NoticeState
    version: int
    edition: int
    title: str
    body_html: str
    audience: NoticeAudience
    topic: str | None = None
    deadline: fields.Day | None = None
    must_confirm: bool
    note: str
    written_by: str
    changed_at: Time
    published_at: Time | None = None
    edition_at: Time | None = None
    withdrawn_at: Time | None = None
    receivers: int
    read: int
    confirmed: int


class NoticeList(ListPage):
    """One page of notices."""

    items: list[NoticeRow]


class ReaderRow(ResponseBody):
    """A receiver of a notice."""

    partner: str
    name: str
    read_at: Time | None = None
    read_by: str
    confirmed_at: Time | None = None
    confirmed_by: str


class ReaderList(ResponseBody):
    """All receivers of the edition in force."""

    items: list[ReaderRow]


@bp.get("/notices")
@for_staff(Permission.READ)
@with_query(NoticeQuery)
@bp.output(NoticeList)
def notices(query: NoticeQuery) -> Response:
    """Notices to partners, newest first, with how many have read and confirmed them."""
    context = app_context().job_context
    with context.database.read() as session:
        where = [Notice.state == query.state] if query.state is not None else []
        page, listing = paging.cursor_page(
            session, ListQuery(Notice, sa.select(Notice), where, (Notice.id.desc(),)), query
        )
        rows = [row for (row,) in page]
        counts = notice_counts(session, rows, now=context.now())
        topics = topic_codes(session)
        items = [_notice_row(row, counts[row.id], topics) for row in rows]
        return row_response(NoticeList(items=items, **listing))


@bp.post("/notices")
@for_staff(Permission.WRITE)
@with_body(NewNotice)
@bp.output(NoticeRow, 201)
def draft(body: NewNotice) -> Response:
    """Write a draft; nobody outside sees it."""
    actor = caller().actor
    _refuse_other_receivers(body, body.audience)
    wanted = NoticeContent(
        body.title, text_to_html(body.body_text), body.audience, body.topic, body.partners, body.deadline,
        body.must_confirm, body.groups,
    )  # fmt: skip

    def act(session: Session) -> NoticeRow:
        with fields_named(BODY_FIELDS):
            row = notice_workflow.draft_notice(
                session, actor, wanted, public_id("api"), now=app_context().job_context.now()
            )
        return notice_row(session, row)

    return run_act(act, 201, location=lambda row: f"/api/v1/notices/{row.id}")


@bp.get("/notices/<ident>")
@for_staff(Permission.READ)
@bp.output(NoticeRow)
def notice(ident: str) -> Response:
    """One notice with its text, its audience and the numbers of its readers."""
    with app_context().job_context.database.read() as session:
        return row_response(notice_row(session, find_notice(session, ident)))


@bp.get("/notices/<ident>/readers")
@for_staff(Permission.READ)
@bp.output(ReaderList)
def readers(ident: str) -> Response:
    """The receivers of a notice, and which of them have read and confirmed it."""
    context = app_context().job_context
    with context.database.read() as session:
        found = receiver_statuses(session, find_notice(session, ident), now=context.now())
        return row_response(ReaderList(items=[_reader_row(row) for row in found]))


@bp.patch("/notices/<ident>")
@for_staff(Permission.WRITE)
@with_body(NoticeChange)
@bp.output(NoticeRow)
def revise(ident: str, body: NoticeChange) -> Response:
    """Change a notice that is still a draft; absent fields stay unchanged."""
    actor = caller().actor
    context = app_context().job_context
    with context.database.write() as session:
        wanted = _changed(session, find_notice(session, ident), body)
        with fields_named(BODY_FIELDS):
            row = notice_workflow.revise_notice(session, actor, ident, wanted, body.version, now=context.now())
        return row_response(notice_row(session, row))


@bp.post("/notices/<ident>/publish")
@for_staff(Permission.INFORM)
@with_body(VersionBody)
@bp.output(NoticeRow)
def publish(ident: str, body: VersionBody) -> Response:
    """Publish a draft; partners see it at once."""
    actor = caller().actor
    return run_act(
        lambda session: notice_row(
            session,
            notice_workflow.publish_notice(session, actor, ident, body.version, now=app_context().job_context.now()),
        )
    )


@bp.post("/notices/<ident>/correct")
@for_staff(Permission.INFORM)
@with_body(NoticeCorrection)
@bp.output(NoticeRow)
def correct(ident: str, body: NoticeCorrection) -> Response:
    """Publish a new edition, which every receiver has to read again."""
    actor = caller().actor

    def act(session: Session) -> NoticeRow:
        wanted = _changed(session, find_notice(session, ident), body)
        with fields_named(BODY_FIELDS):
            row = notice_workflow.correct_notice(
                session, actor, ident, wanted, body.note, body.version, now=app_context().job_context.now()
            )
        return notice_row(session, row)

    return run_act(act)


@bp.post("/notices/<ident>/withdraw")
@for_staff(Permission.INFORM)
@with_body(NoticeWithdrawal)
@bp.output(NoticeRow)
def withdraw(ident: str, body: NoticeWithdrawal) -> Response:
    """Withdraw a published notice from the partners who received it."""
    actor = caller().actor
    now = app_context().job_context.now()
    return run_act(
        lambda session: notice_row(
            session, notice_workflow.withdraw_notice(session, actor, ident, body.note, body.version, now=now)
        )
    )


@bp.post("/notices/<ident>/restore")
@for_staff(Permission.INFORM)
@bp.output(NoticeRow)
def restore(ident: str) -> Response:
    """Restore a withdrawn notice in the same edition."""
    actor = caller().actor
    now = app_context().job_context.now()
    return run_act(lambda session: notice_row(session, notice_workflow.restore_notice(session, actor, ident, now=now)))


@bp.post("/notices/<ident>/discard")
@for_staff(Permission.WRITE)
@with_body(VersionBody)
@bp.output(NoticeRow)
def discard(ident: str, body: VersionBody) -> Response:
    """Delete a draft; the answer is the draft as it was."""
    actor = caller().actor

    def act(session: Session) -> NoticeRow:
        row = notice_row(session, find_notice(session, ident))
        notice_workflow.discard_notice(session, actor, ident, body.version, now=app_context().job_context.now())
        return row

    return run_act(act)


def _reader_row(row: ReceiverStatus) -> ReaderRow:
    reading = row.notice.reading
    if reading is None:
        return ReaderRow(partner=row.code, name=row.name, read_by="", confirmed_by="")
    return ReaderRow(
        partner=row.code,
        name=row.name,
        read_at=reading.read_at,
        read_by=reading.read_by_name,
        confirmed_at=reading.confirmed_at,
        confirmed_by=reading.confirmed_by_name or "",
    )


def _changed(session: Session, row: Notice, body: NoticeChange) -> NoticeContent:
    """The present content with what the body changes."""
    listed = sa.select(Company.code).where(Company.id.in_(receivers_of(session, row)))
    chosen = body.audience if body.audience is not None else row.audience
    _refuse_other_receivers(body, chosen)
    present = list(session.execute(listed).scalars()) if row.audience is NoticeAudience.CHOSEN else []
    topic = topic_codes(session).get(row.topic_id, "") if row.topic_id is not None else ""
    return NoticeContent(
        title=body.title if body.title is not None else row.title,
        body_html=text_to_html(body.body_text) if body.body_text is not None else row.body_html,
        audience=chosen,
        topic=body.topic if body.topic is not None else topic,
        partners=body.partners if body.partners is not None else present,
        deadline=body.deadline if "deadline" in body.model_fields_set else row.deadline,
        must_confirm=body.must_confirm if body.must_confirm is not None else row.must_confirm,
        groups=body.groups or [],
    )


def _refuse_other_receivers(body: NewNotice | NoticeChange, audience: NoticeAudience) -> None:
    receivers = {"topic": NoticeAudience.TOPIC, "partners": NoticeAudience.CHOSEN, "groups": NoticeAudience.CHOSEN}
    others = [name for name, theirs in receivers.items() if theirs is not audience]
    refuse_unused(body, others, f"a notice with the audience {audience.value}")


def notice_row(session: Session, row: Notice) -> NoticeRow:
    """The row of a notice."""
    counts = notice_counts(session, [row], now=app_context().job_context.now())
    return _notice_row(row, counts[row.id], topic_codes(session))


def _notice_row(row: Notice, counts: NoticeCount, topics: dict[int, str]) -> NoticeRow:
    return row_of(
        NoticeRow,
        row,
        id=row.public,
        topic=topics.get(row.topic_id) if row.topic_id is not None else None,
        written_by=row.written_by_name,
        receivers=counts.receivers,
        read=counts.read,
        confirmed=counts.confirmed,
    )
