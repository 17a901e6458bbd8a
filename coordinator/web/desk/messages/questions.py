"""Partners' questions: the queue, the answers, and what is shared with every partner."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import CampaignError, Conflict, NotFound
from campaigns.core.listing import ListFilter, ListPage, ListQuery, argument
from campaigns.messages import questions
from campaigns.messages.questions import (
    PublicAnswer,
    Question,
    QuestionState,
    find_question,
    public_answer_of,
    question_messages,
)
from campaigns.partners.directory import Company
from campaigns.people.staff import Permission
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.kit.forms import fields
from coordinator.web.kit.lists.pagination import page_number
from coordinator.web.kit.lists.requested_filter import requested_filter
from coordinator.web.kit.question_subjects import question_subject
from coordinator.web.kit.templating import flash_done

blueprint = Blueprint("questions", __name__, url_prefix="/desk/questions")


@dataclass(frozen=True)
class QuestionRow:
    """One question in the queue. ``shared``: every partner may read an edited version."""

    public: str
    title: str
    state: QuestionState
    company: str
    company_code: str
    waits_since: datetime | None
    changed_at: datetime
    shared: bool


@dataclass(frozen=True)
class QuestionFilter(ListFilter):
    """Filter of the list."""

    state: QuestionState | None = argument(QuestionState.OPEN, tab=True)


@blueprint.get("")
@staff_required()
def index() -> ResponseReturnValue:
    """Show waiting questions, oldest first; or all of a state, the latest activity first."""
    state = requested_filter(QuestionFilter).state
    with app_context().job_context.database.read() as session:
        part = _question_list(session, state)
    return render_template("desk/messages/questions.html", part=part, state=state, states=list(QuestionState))


def _question_list(session: Session, state: QuestionState | None) -> ListPage[QuestionRow]:
    where = [Question.state == state] if state is not None else []
    order = (
        (Question.waits_since, Question.id)
        if state is QuestionState.OPEN
        else (Question.changed_at.desc(), Question.id)
    )
    columns: tuple[Any, ...] = (
        Question.public, Question.title, Question.state, Company.name, Company.code, Question.waits_since,
        Question.changed_at, sa.and_(PublicAnswer.id.is_not(None), PublicAnswer.withdrawn_at.is_(None)),
    )  # fmt: skip
    select = (
        sa.select(*columns)
        .join(Company, Company.id == Question.company_id)
        .outerjoin(PublicAnswer, PublicAnswer.question_id == Question.id)
    )
    page = ListQuery(Question, select, where, order).page(session, page_number())
    return page.with_rows([QuestionRow(*row) for row in page.rows])


@blueprint.get("/<public>")
@staff_required()
def show(public: str) -> ResponseReturnValue:
    """Show one question with all messages, and its shared version."""
    return _render_question(public)


@blueprint.post("/<public>/answer")
@staff_required(Permission.ANSWER)
def answer(public: str) -> ResponseReturnValue:
    """Answer; the partner sees it at once."""
    context, text = app_context().job_context, fields.clean_text("text")
    try:
        with context.database.write() as session:
            questions.answer_question(
                session,
                current_actor(),
                public,
                text,
                fields.form_token(),
                fields.form_version("heard"),
                now=context.now(),
            )
    except NotFound:
        raise
    except Conflict as conflict:
        return _render_question(public, fields.error_messages(conflict), 409, text=text)
    except CampaignError as error:
        return _render_question(public, fields.error_messages(error), 422, text=text)
    flash_done(_("Đã trả lời. Đối tác thấy ngay trong cổng."))
    return redirect(url_for("questions.show", public=public), 303)


@blueprint.post("/<public>/close")
@staff_required(Permission.ANSWER)
def close(public: str) -> ResponseReturnValue:
    """Close a question."""
    return _apply_act(
        public, questions.close_question, _("Đã khép lại câu hỏi."), undo=url_for("questions.reopen", public=public)
    )


@blueprint.post("/<public>/reopen")
@staff_required(Permission.ANSWER)
def reopen(public: str) -> ResponseReturnValue:
    """Reopen a question."""
    return _apply_act(public, questions.reopen_question, _("Đã mở lại câu hỏi."))


@blueprint.post("/<public>/share")
@staff_required(Permission.INFORM)
def share(public: str) -> ResponseReturnValue:
    """Share the question and its answer with every partner, in a wording that does not identify the asking partner."""
    context = app_context().job_context
    words = {name: fields.clean_text(name) for name in ("question", "answer")}
    try:
        with context.database.write() as session:
            questions.publish_answer(
                session,
                current_actor(),
                public,
                words["question"],
                words["answer"],
                fields.form_version("version"),
                now=context.now(),
            )
    except NotFound:
        raise
    except Conflict as conflict:
        return _render_question(public, fields.error_messages(conflict), 409, words=words)
    except CampaignError as error:
        return _render_question(public, fields.error_messages(error), 422, words=words)
    flash_done(_("Đã đăng cho mọi đối tác."), undo=url_for("questions.withdraw", public=public))
    return redirect(url_for("questions.show", public=public), 303)


@blueprint.post("/<public>/withdraw")
@staff_required(Permission.INFORM)
def withdraw(public: str) -> ResponseReturnValue:
    """Withdraw a shared question."""
    undo = url_for("questions.restore", public=public)
    return _apply_act(public, questions.withdraw_answer, _("Đã gỡ lời đăng công khai."), undo=undo)


@blueprint.post("/<public>/restore")
@staff_required(Permission.INFORM)
def restore(public: str) -> ResponseReturnValue:
    """Restore a withdrawn shared question."""
    return _apply_act(public, questions.restore_answer, _("Mọi đối tác đọc được trở lại."))


def _apply_act(public: str, act: Callable[..., object], done: str, *, undo: str | None = None) -> ResponseReturnValue:
    with app_context().job_context.database.write() as session:
        act(session, current_actor(), public, now=app_context().job_context.now())
    flash_done(done, undo=undo)
    return redirect(url_for("questions.show", public=public), 303)


def _render_question(
    public: str,
    errors: dict[str, str] | None = None,
    status: int = 200,
    *,
    text: str = "",
    words: dict[str, str] | None = None,
) -> ResponseReturnValue:
    actor = current_actor()
    with app_context().job_context.database.read() as session:
        row = find_question(session, public)
        page = render_template(
            "desk/messages/question.html",
            question=row,
            messages=question_messages(session, row),
            shared=public_answer_of(session, row),
            subject=question_subject(session, row),
            errors=errors or {},
            text=text,
            words=words,
            mark=fields.form_token(),
            longest=questions.LONGEST_TEXT,
            may_answer=actor.may(Permission.ANSWER),
            may_tell=actor.may(Permission.INFORM),
        )
    return page, status
