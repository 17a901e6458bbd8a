"""A partner's questions in the portal, the department's answers, and the questions shared with every partner."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import CampaignError, NotFound
from campaigns.core.listing import ListPage, ListQuery
from campaigns.messages import questions
from campaigns.messages.questions import (
    Question,
    QuestionState,
    QuestionSubject,
    QuestionSubjectKind,
    find_question,
    question_messages,
)
from coordinator.translation import _
from coordinator.web.auth.security import app_context
from coordinator.web.kit.forms import fields
from coordinator.web.kit.lists.pagination import page_number
from coordinator.web.kit.question_subjects import question_subject
from coordinator.web.kit.templating import flash_done
from coordinator.web.portal.sign_in import current_visitor, partner_required

blueprint = Blueprint("questions", __name__, url_prefix="/questions")
MAX_QUERY_LENGTH = 200  # characters of a search that are used


@dataclass(frozen=True)
class QuestionRow:
    """One question in the list."""

    public: str
    title: str
    state: QuestionState
    changed_at: datetime


@blueprint.get("")
@partner_required
def index() -> ResponseReturnValue:
    """Show this partner's questions, the latest activity first."""
    visitor = current_visitor()
    with app_context().job_context.database.read() as session:
        part = _question_rows(session, visitor.company_id)
    return render_template("portal/questions.html", visitor=visitor, part=part)


def _question_rows(session: Session, company_id: int) -> ListPage[QuestionRow]:
    order = (Question.changed_at.desc(), Question.id.desc())
    listed = ListQuery(Question, sa.select(Question), (Question.company_id == company_id,), order)
    page = listed.page(session, page_number())
    return page.with_rows([QuestionRow(row.public, row.title, row.state, row.changed_at) for (row,) in page.rows])


@blueprint.get("/_answers")
@partner_required
def shared() -> ResponseReturnValue:
    """Show the questions shared with every partner, filtered by words."""
    visitor, words = current_visitor(), fields.query_text("q", MAX_QUERY_LENGTH)
    with app_context().job_context.database.read() as session:
        part = questions.find_public_answers(session, words, page_number())
    return render_template("portal/shared_answers.html", visitor=visitor, part=part, q=words)


@blueprint.route("/_new", methods=["GET", "POST"])
@partner_required
def new() -> ResponseReturnValue:
    """Ask about a bulletin, a notice, a copy, or in general."""
    visitor, context = current_visitor(), app_context().job_context
    read = fields.clean_text if request.method == "POST" else _subject_from_query
    about = {subject_kind.value: subject_kind for subject_kind in QuestionSubjectKind}.get(
        read("about"), QuestionSubjectKind.GENERAL
    )
    name = read("name")[:MAX_QUERY_LENGTH] if about is not QuestionSubjectKind.GENERAL else ""
    # Codes are upper case.
    subject = QuestionSubject(about, name.upper() if about is QuestionSubjectKind.BULLETIN else name)
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            with context.database.write() as session:
                row = questions.ask_question(
                    session,
                    visitor.actor,
                    visitor.company_id,
                    fields.clean_text("heading"),
                    fields.clean_text("text"),
                    subject,
                    fields.form_token(),
                    now=context.now(),
                )
                public = row.public
        except CampaignError as error:
            errors = fields.error_messages(error)
        else:
            flash_done(_("Đã gửi câu hỏi. Sở trả lời ở đây."))
            return redirect(url_for("portal.questions.show", ident=public), 303)
    page = render_template(
        "portal/question_new.html",
        visitor=visitor,
        subject=subject,
        errors=errors,
        mark=fields.form_token(),
        sent={"heading": fields.clean_text("heading"), "text": fields.clean_text("text")},
        longest=(questions.LONGEST_TITLE, questions.LONGEST_TEXT),
    )
    return (page, 422) if errors else page


def _subject_from_query(name: str) -> str:
    return fields.query_text(name, MAX_QUERY_LENGTH)


@blueprint.get("/<ident>")
@partner_required
def show(ident: str) -> ResponseReturnValue:
    """Show one question with all messages."""
    return _render_question(ident)


@blueprint.post("/<ident>/add")
@partner_required
def add(ident: str) -> ResponseReturnValue:
    """Add a message."""
    visitor, context, text = current_visitor(), app_context().job_context, fields.clean_text("text")
    try:
        with context.database.write() as session:
            questions.add_message(
                session, visitor.actor, visitor.company_id, ident, text, fields.form_token(), now=context.now()
            )
    except NotFound:
        raise
    except CampaignError as error:
        return _render_question(ident, fields.error_messages(error), text)
    flash_done(_("Đã gửi."))
    return redirect(url_for("portal.questions.show", ident=ident), 303)


@blueprint.post("/<ident>/close")
@partner_required
def close(ident: str) -> ResponseReturnValue:
    """Close a question."""
    visitor, context = current_visitor(), app_context().job_context
    with context.database.write() as session:
        questions.close_question(session, visitor.actor, ident, visitor.company_id, now=context.now())
    flash_done(_("Đã khép lại câu hỏi."), undo=url_for("portal.questions.reopen", ident=ident))
    return redirect(url_for("portal.questions.show", ident=ident), 303)


@blueprint.post("/<ident>/reopen")
@partner_required
def reopen(ident: str) -> ResponseReturnValue:
    """Reopen a question."""
    visitor, context = current_visitor(), app_context().job_context
    with context.database.write() as session:
        questions.reopen_question(session, visitor.actor, ident, visitor.company_id, now=context.now())
    flash_done(_("Đã mở lại câu hỏi."))
    return redirect(url_for("portal.questions.show", ident=ident), 303)


def _render_question(ident: str, errors: dict[str, str] | None = None, text: str = "") -> ResponseReturnValue:
    visitor = current_visitor()
    with app_context().job_context.database.read() as session:
        row = find_question(session, ident, visitor.company_id)
        subject = question_subject(session, row)
        page = render_template(
            "portal/question.html",
            visitor=visitor, question=row, subject=subject, messages=question_messages(session, row),
            errors=errors or {}, text=text, mark=fields.form_token(), longest=questions.LONGEST_TEXT,
        )  # fmt: skip
    return (page, 422) if errors else page
