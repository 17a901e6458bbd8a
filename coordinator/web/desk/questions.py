"""Partners' questions at the desk: the queue, the answers, and what of them every partner may read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import CampaignError, Conflict, NotFound
from campaigns.partners.directory import Company
from campaigns.people.staff import May
from campaigns.talking import asking, sharing
from campaigns.talking.questions import Asked, PublicAnswer, Question, find_question, public_of, words_of
from coordinator.web import typed
from coordinator.web.desk import inputs
from coordinator.web.desk.listing import PAGE, Part, page_number
from coordinator.web.look import say_done
from coordinator.web.question_rows import subject_of
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("questions", __name__, url_prefix="/desk/questions")


@dataclass(frozen=True)
class Line:
    """One question of the queue. ``shared``: every partner may read it, in other words."""

    public: str
    title: str
    state: Asked
    company: str
    company_code: str
    waits_since: datetime | None
    changed_at: datetime
    shared: bool


@blueprint.get("")
@staff()
def index() -> ResponseReturnValue:
    """What waits, the longest first; or all of a state, the latest moved first."""
    asked = request.args.get("state", Asked.OPEN.value)
    state = {one.value: one for one in Asked}.get(asked)
    with front().place.database.read() as session:
        part = _part(session, state)
    return render_template("questions/index.html", part=part, state=state, states=list(Asked))


def _part(session: Session, state: Asked | None) -> Part[Line]:
    where = [Question.state == state] if state is not None else []
    total = session.execute(sa.select(sa.func.count()).select_from(Question).where(*where)).scalar_one()
    number = min(page_number(), max(-(-total // PAGE), 1))
    order = (Question.waits_since, Question.id) if state is Asked.OPEN else (Question.changed_at.desc(), Question.id)
    columns: tuple[Any, ...] = (
        Question.public, Question.title, Question.state, Company.name, Company.code, Question.waits_since,
        Question.changed_at, sa.and_(PublicAnswer.id.is_not(None), PublicAnswer.withdrawn_at.is_(None)),
    )  # fmt: skip
    query = (
        sa.select(*columns)
        .join(Company, Company.id == Question.company_id)
        .outerjoin(PublicAnswer, PublicAnswer.question_id == Question.id)
        .where(*where)
        .order_by(*order)
    )
    rows = session.execute(query.limit(PAGE).offset((number - 1) * PAGE))
    return Part([Line(*row) for row in rows], total, number)


@blueprint.get("/<public>")
@staff()
def show(public: str) -> ResponseReturnValue:
    """One question with everything said on it, and what of it is public."""
    return _shown(public)


@blueprint.post("/<public>/answer")
@staff(May.ANSWER)
def answer(public: str) -> ResponseReturnValue:
    """The department answers; the partner that asked sees it at once."""
    place, text = front().place, typed.words("text")
    try:
        with place.database.write() as session:
            asking.answer(session, actor(), public, text, typed.mark(), typed.number("heard"), now=place.now())
    except NotFound:
        raise
    except Conflict as conflict:
        return _shown(public, inputs.said(conflict), 409, text=text)
    except CampaignError as error:
        return _shown(public, inputs.said(error), 422, text=text)
    say_done(_("Đã trả lời. Đối tác thấy ngay trong cổng."))
    return redirect(url_for("questions.show", public=public), 303)


@blueprint.post("/<public>/close")
@staff(May.ANSWER)
def close(public: str) -> ResponseReturnValue:
    """Nothing more is to be said."""
    return _act(public, asking.close, _("Đã khép lại câu hỏi."), undo=url_for("questions.reopen", public=public))


@blueprint.post("/<public>/reopen")
@staff(May.ANSWER)
def reopen(public: str) -> ResponseReturnValue:
    """Take the closing back."""
    return _act(public, asking.reopen, _("Đã mở lại câu hỏi."))


@blueprint.post("/<public>/share")
@staff(May.TELL)
def share(public: str) -> ResponseReturnValue:
    """Publish the question and its answer to every partner, in words that say nothing of who asked."""
    place = front().place
    words = {name: typed.words(name) for name in ("question", "answer")}
    try:
        with place.database.write() as session:
            sharing.share(
                session, actor(), public, words["question"], words["answer"], typed.number("version"), now=place.now()
            )
    except NotFound:
        raise
    except Conflict as conflict:
        return _shown(public, inputs.said(conflict), 409, words=words)
    except CampaignError as error:
        return _shown(public, inputs.said(error), 422, words=words)
    say_done(_("Đã đăng cho mọi đối tác."), undo=url_for("questions.withdraw", public=public))
    return redirect(url_for("questions.show", public=public), 303)


@blueprint.post("/<public>/withdraw")
@staff(May.TELL)
def withdraw(public: str) -> ResponseReturnValue:
    """No other partner reads it any longer."""
    undo = url_for("questions.restore", public=public)
    return _act(public, sharing.withdraw, _("Đã gỡ lời đăng công khai."), undo=undo)


@blueprint.post("/<public>/restore")
@staff(May.TELL)
def restore(public: str) -> ResponseReturnValue:
    """Every partner reads it again."""
    return _act(public, sharing.restore, _("Mọi đối tác đọc được trở lại."))


def _act(public: str, act: Callable[..., object], said: str, *, undo: str | None = None) -> ResponseReturnValue:
    with front().place.database.write() as session:
        act(session, actor(), public, now=front().place.now())
    say_done(said, undo=undo)
    return redirect(url_for("questions.show", public=public), 303)


def _shown(
    public: str,
    errors: dict[str, str] | None = None,
    status: int = 200,
    *,
    text: str = "",
    words: dict[str, str] | None = None,
) -> ResponseReturnValue:
    who = actor()
    with front().place.database.read() as session:
        row = find_question(session, public)
        page = render_template(
            "questions/show.html", one=row, said=words_of(session, row), shared=public_of(session, row),
            subject=subject_of(session, row), errors=errors or {}, text=text, words=words,
            mark=typed.mark(), longest=asking.LONGEST,
            may_answer=who.may(May.ANSWER), may_tell=who.may(May.TELL),
        )  # fmt: skip
    return page, status
