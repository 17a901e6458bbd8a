"""Questions of a partner in the portal, the department's answers, and what every partner may read."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import CampaignError, NotFound
from campaigns.talking import asking, sharing
from campaigns.talking.asking import Subject
from campaigns.talking.questions import About, Asked, Question, find_question, words_of
from coordinator.web import typed
from coordinator.web.desk import inputs
from coordinator.web.desk.listing import PAGE, Part, cut, page_number
from coordinator.web.look import say_done
from coordinator.web.portal.visiting import partner, visitor
from coordinator.web.question_rows import subject_of
from coordinator.web.saying import _
from coordinator.web.security import front

blueprint = Blueprint("questions", __name__, url_prefix="/questions")
LONGEST_WORDS = 200  # characters of a search that are looked at


@dataclass(frozen=True)
class Line:
    """One question of the list."""

    public: str
    title: str
    state: Asked
    changed_at: datetime


@blueprint.get("")
@partner
def index() -> ResponseReturnValue:
    """What this partner asked, the latest moved first."""
    who = visitor()
    with front().place.database.read() as session:
        part = cut(_lines(session, who.company_id))
    return render_template("portal/questions.html", who=who, part=part)


def _lines(session: Session, company_id: int) -> list[Line]:
    query = (
        sa.select(Question)
        .where(Question.company_id == company_id)
        .order_by(Question.changed_at.desc(), Question.id.desc())
    )
    return [Line(one.public, one.title, one.state, one.changed_at) for one in session.execute(query).scalars()]


@blueprint.get("/_answers")
@partner
def shared() -> ResponseReturnValue:
    """What every partner may read, found by its words."""
    who, words, number = visitor(), typed.asked("q", LONGEST_WORDS), page_number()
    with front().place.database.read() as session:
        total, _first = sharing.shared(session, words, 0)
        number = min(number, max(-(-total // PAGE), 1))
        total, found = sharing.shared(session, words, PAGE, (number - 1) * PAGE)
    return render_template("portal/answers.html", who=who, part=Part(found, total, number), q=words)


@blueprint.route("/_new", methods=["GET", "POST"])
@partner
def new() -> ResponseReturnValue:
    """Ask: about a bulletin, a notice, a copy, or in general."""
    who, place = visitor(), front().place
    read = typed.words if request.method == "POST" else _from_address
    about = {one.value: one for one in About}.get(read("about"), About.GENERAL)
    name = read("name")[:LONGEST_WORDS] if about is not About.GENERAL else ""
    subject = Subject(about, name.upper() if about is About.BULLETIN else name)  # codes are, whoever types them
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            with place.database.write() as session:
                row = asking.ask(
                    session, who.actor, who.company_id, typed.words("heading"), typed.words("text"), subject,
                    typed.mark(), now=place.now(),
                )  # fmt: skip
                public = row.public
        except CampaignError as error:
            errors = inputs.said(error)
        else:
            say_done(_("Đã gửi câu hỏi. Sở trả lời ở đây."))
            return redirect(url_for("portal.questions.show", ident=public), 303)
    page = render_template(
        "portal/ask.html", who=who, subject=subject, abouts=list(About), errors=errors, mark=typed.mark(),
        sent={"heading": typed.words("heading"), "text": typed.words("text")},
        longest=(asking.LONGEST_TITLE, asking.LONGEST),
    )  # fmt: skip
    return (page, 422) if errors else page


def _from_address(name: str) -> str:
    return typed.asked(name, LONGEST_WORDS)


@blueprint.get("/<ident>")
@partner
def show(ident: str) -> ResponseReturnValue:
    """One question with everything said on it."""
    return _shown(ident)


@blueprint.post("/<ident>/add")
@partner
def add(ident: str) -> ResponseReturnValue:
    """Go on asking."""
    who, place, text = visitor(), front().place, typed.words("text")
    try:
        with place.database.write() as session:
            asking.add(session, who.actor, who.company_id, ident, text, typed.mark(), now=place.now())
    except NotFound:
        raise
    except CampaignError as error:
        return _shown(ident, inputs.said(error), text)
    say_done(_("Đã gửi."))
    return redirect(url_for("portal.questions.show", ident=ident), 303)


@blueprint.post("/<ident>/close")
@partner
def close(ident: str) -> ResponseReturnValue:
    """Nothing more is asked."""
    who, place = visitor(), front().place
    with place.database.write() as session:
        asking.close(session, who.actor, ident, who.company_id, now=place.now())
    say_done(_("Đã khép lại câu hỏi."), undo=url_for("portal.questions.reopen", ident=ident))
    return redirect(url_for("portal.questions.show", ident=ident), 303)


@blueprint.post("/<ident>/reopen")
@partner
def reopen(ident: str) -> ResponseReturnValue:
    """Take the closing back."""
    who, place = visitor(), front().place
    with place.database.write() as session:
        asking.reopen(session, who.actor, ident, who.company_id, now=place.now())
    say_done(_("Đã mở lại câu hỏi."))
    return redirect(url_for("portal.questions.show", ident=ident), 303)


def _shown(ident: str, errors: dict[str, str] | None = None, text: str = "") -> ResponseReturnValue:
    who = visitor()
    with front().place.database.read() as session:
        row = find_question(session, ident, who.company_id)
        subject = subject_of(session, row)
        page = render_template(
            "portal/question.html", who=who, one=row, subject=subject, said=words_of(session, row),
            errors=errors or {}, text=text, mark=typed.mark(), longest=asking.LONGEST,
        )  # fmt: skip
    return (page, 422) if errors else page
