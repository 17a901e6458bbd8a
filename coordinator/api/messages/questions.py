"""Partners' questions in the API: asked by a partner's key, answered by staff, shared with all partners."""

from datetime import datetime
from typing import Annotated, Final

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from pydantic import Field
from sqlalchemy.orm import Session, joinedload

from campaigns.core.base import public_id
from campaigns.core.listing import ListQuery
from campaigns.messages import questions as question_acts
from campaigns.messages.questions import (
    LONGEST_TEXT,
    LONGEST_TITLE,
    Question,
    QuestionState,
    QuestionSubject,
    QuestionSubjectKind,
    find_question,
    public_answer_of,
    question_messages,
)
from campaigns.people.staff import Permission
from coordinator.api import fields, paging
from coordinator.api.auth import app_context, caller, for_partners, for_staff
from coordinator.api.fields import RequestBody, ResponseBody, Time, row_of
from coordinator.api.idempotency import row_response, run_act
from coordinator.api.paging import ListPage, PageQuery
from coordinator.api.partners.companies import rows_of_partner
from coordinator.api.request_parsing import fields_named, with_body, with_query

bp = APIBlueprint("questions", __name__, tag="Questions")

# The fields of a question, as the form names them, and their names in the body here.
BODY_FIELDS: Final = {"heading": "title", "name": "subject"}


class QuestionQuery(PageQuery):
    """Filters of the list."""

    state: QuestionState | None = None
    partner: fields.Code | None = None


class NewQuestion(RequestBody):
    """A question of the partner whose key it is. ``subject``: the code of a bulletin, or the id of a notice or of one
    of its republications with a finding; with ``about``."""

    title: Annotated[fields.ComposedText, Field(max_length=LONGEST_TITLE)]
    text: Annotated[fields.ComposedText, Field(max_length=LONGEST_TEXT)]
    about: QuestionSubjectKind = QuestionSubjectKind.GENERAL
    subject: fields.Code = ""


class MessageBody(RequestBody):
    """A further message of the partner."""

    text: Annotated[fields.ComposedText, Field(max_length=LONGEST_TEXT)]


class QuestionAnswer(RequestBody):
    """The department's answer. ``heard``: the number of messages as it was read; a message since is a 409."""

    text: Annotated[fields.ComposedText, Field(max_length=LONGEST_TEXT)]
    heard: fields.Count


class ShareBody(RequestBody):
    """The question and its answer for all partners, in words that do not name who asked. ``version``: of what is
    shared as it was read, 0 for nothing."""

    question: Annotated[fields.ComposedText, Field(max_length=LONGEST_TEXT)]
    answer: Annotated[fields.ComposedText, Field(max_length=LONGEST_TEXT)]
    version: fields.Count = 0


class MessageRow(ResponseBody):
    """One message. ``ours``: of the department."""

    ours: bool
    text: str
    at: Time
    by: str


class SharedAnswer(ResponseBody):
    """What all partners read of a question."""

    question: str
    answer: str
    version: int
    published_at: Time
    withdrawn_at: Time | None = None


class QuestionRow(ResponseBody):
    """A question. ``waits_since``: of the first message without an answer."""

    id: str
    partner: str
    title: str
    about: QuestionSubjectKind
    state: QuestionState
    asked_at: Time
    changed_at: Time
    waits_since: Time | None = None


class QuestionView(QuestionRow):
    """A question with its messages, oldest first; ``shared`` is shown to staff only."""

    messages: list[MessageRow]
    shared: SharedAnswer | None = None


class QuestionList(ListPage):
    """One page of questions."""

    items: list[QuestionRow]


@bp.get("/questions")
@for_staff(Permission.READ, partners=True)
@with_query(QuestionQuery)
@bp.output(QuestionList)
def questions(query: QuestionQuery) -> Response:
    """Questions, newest first; a partner's key sees its own only."""
    with app_context().job_context.database.read() as session:
        where = rows_of_partner(session, Question.company_id, query.partner)
        if query.state is not None:
            where = [*where, Question.state == query.state]
        select = sa.select(Question).options(joinedload(Question.company))
        page, listing = paging.cursor_page(session, ListQuery(Question, select, where, (Question.id.desc(),)), query)
        return row_response(QuestionList(items=[_question_row(row) for (row,) in page], **listing))


@bp.post("/questions")
@for_partners
@with_body(NewQuestion)
@bp.output(QuestionView, 201)
def ask(body: NewQuestion) -> Response:
    """Ask the department a question as a partner, about a bulletin, a page or anything else."""
    company, actor = caller().partner_id, caller().actor
    subject = QuestionSubject(body.about, body.subject)

    def act(session: Session) -> QuestionView:
        with fields_named(BODY_FIELDS):
            row = question_acts.ask_question(
                session, actor, company, body.title, body.text, subject, public_id("api"), now=_now()
            )
        return question_view(session, row)

    return run_act(act, 201, location=lambda row: f"/api/v1/questions/{row.id}")


@bp.get("/questions/<ident>")
@for_staff(Permission.READ, partners=True)
@bp.output(QuestionView)
def question(ident: str) -> Response:
    """One question with all its messages; a partner's key sees its own questions only."""
    own = caller().company_id
    with app_context().job_context.database.read() as session:
        return row_response(question_view(session, find_question(session, ident, own)))


@bp.post("/questions/<ident>/messages")
@for_partners
@with_body(MessageBody)
@bp.output(QuestionView, 201)
def message(ident: str, body: MessageBody) -> Response:
    """Add a message as the partner; an answered or closed question is open again."""
    company, actor = caller().partner_id, caller().actor

    def act(session: Session) -> QuestionView:
        question_acts.add_message(session, actor, company, ident, body.text, public_id("api"), now=_now())
        return question_view(session, find_question(session, ident, company))

    return run_act(act, 201, location=lambda _: f"/api/v1/questions/{ident}")


@bp.post("/questions/<ident>/answer")
@for_staff(Permission.ANSWER)
@with_body(QuestionAnswer)
@bp.output(QuestionView)
def answer(ident: str, body: QuestionAnswer) -> Response:
    """Answer; the partner sees it at once."""
    actor = caller().actor

    def act(session: Session) -> QuestionView:
        question_acts.answer_question(session, actor, ident, body.text, public_id("api"), body.heard, now=_now())
        return question_view(session, find_question(session, ident))

    return run_act(act)


@bp.post("/questions/<ident>/close")
@for_staff(Permission.ANSWER, partners=True)
@bp.output(QuestionView)
def close(ident: str) -> Response:
    """Close a question: the partner its own, staff any."""
    own = caller().company_id
    return run_act(
        lambda session: question_view(
            session, question_acts.close_question(session, caller().actor, ident, own, now=_now())
        )
    )


@bp.post("/questions/<ident>/reopen")
@for_staff(Permission.ANSWER, partners=True)
@bp.output(QuestionView)
def reopen(ident: str) -> Response:
    """Reopen a closed question, so that it waits for an answer again."""
    own = caller().company_id
    return run_act(
        lambda session: question_view(
            session, question_acts.reopen_question(session, caller().actor, ident, own, now=_now())
        )
    )


@bp.post("/questions/<ident>/share")
@for_staff(Permission.INFORM)
@with_body(ShareBody)
@bp.output(QuestionView)
def share(ident: str, body: ShareBody) -> Response:
    """Share the question and its answer with all partners, or change what is shared."""
    actor = caller().actor

    def act(session: Session) -> QuestionView:
        question_acts.publish_answer(session, actor, ident, body.question, body.answer, body.version, now=_now())
        return question_view(session, find_question(session, ident))

    return run_act(act)


@bp.post("/questions/<ident>/withdraw")
@for_staff(Permission.INFORM)
@bp.output(QuestionView)
def withdraw(ident: str) -> Response:
    """Withdraw a question and its answer that were shared with all partners."""
    actor = caller().actor

    def act(session: Session) -> QuestionView:
        question_acts.withdraw_answer(session, actor, ident, now=_now())
        return question_view(session, find_question(session, ident))

    return run_act(act)


@bp.post("/questions/<ident>/restore")
@for_staff(Permission.INFORM)
@bp.output(QuestionView)
def restore(ident: str) -> Response:
    """Share a question and its answer with all partners again, after they were withdrawn."""
    actor = caller().actor

    def act(session: Session) -> QuestionView:
        question_acts.restore_answer(session, actor, ident, now=_now())
        return question_view(session, find_question(session, ident))

    return run_act(act)


def _now() -> datetime:
    return app_context().job_context.now()


def question_view(session: Session, row: Question) -> QuestionView:
    """A question with its messages, as the caller may see it."""
    staff = not caller().is_partner
    shared = public_answer_of(session, row) if staff else None
    return row_of(
        QuestionView,
        row,
        id=row.public,
        partner=row.company.code,
        messages=[
            # A partner sees the department, not who of it answered.
            row_of(MessageRow, said, by=said.actor_name if staff or not said.ours else "")
            for said in question_messages(session, row)
        ],
        shared=row_of(SharedAnswer, shared) if shared is not None else None,
    )


def _question_row(row: Question) -> QuestionRow:
    return row_of(QuestionRow, row, id=row.public, partner=row.company.code)
