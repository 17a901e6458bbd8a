"""The portal's pages: the way in, the company's sites and copies, and its answers."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import CampaignError, NotFound
from campaigns.reporting.claims import claims_of, latest_claims
from campaigns.tracking import answers
from campaigns.tracking.answers import Said
from campaigns.tracking.republications import Status
from coordinator.web.answer_words import said_name
from coordinator.web.desk import inputs
from coordinator.web.desk.listing import page_number
from coordinator.web.look import say_done
from coordinator.web.portal import (
    bulletins,
    feeds,
    findings,
    joining,
    notices,
    owing,
    push,
    questions,
    reporting,
    results,
    rows,
    scoring,
    visiting,
    ways,
)  # fmt: skip
from coordinator.web.portal.rows import Wanted
from coordinator.web.portal.visiting import partner, visitor
from coordinator.web.saying import _
from coordinator.web.security import front

blueprint = Blueprint("portal", __name__, url_prefix=visiting.PATH)
for child in (joining, bulletins, reporting, feeds, push, notices, questions, findings, results):
    blueprint.register_blueprint(child.blueprint)


@blueprint.context_processor
def navigation() -> dict[str, Any]:
    """What the portal's layout is told."""
    return {"portal_ways": ways.ways}


@blueprint.route("/enter", methods=["GET", "POST"])
def enter() -> ResponseReturnValue:
    """The way in: a partner's key in a form, never in an address. Which part of a key was wrong is not told."""
    if request.method == "GET":
        return render_template("portal/enter.html", errors={})
    if not visiting.begin(request.form.get("key", "")):
        errors = {"key": _("Khóa này không dùng được: sai, đã hết hạn, hoặc không phải khóa của đối tác.")}
        return render_template("portal/enter.html", errors=errors), 422
    return redirect(url_for("portal.home"), 303)


@blueprint.post("/leave")
@partner
def leave() -> ResponseReturnValue:
    """End the visit."""
    visiting.end()
    say_done(_("Đã rời cổng đối tác."))
    return redirect(url_for("portal.enter"), 303)


@blueprint.get("")
@partner
def home() -> ResponseReturnValue:
    """What should be put right first, and how each site stands."""
    who, place = visitor(), front().place
    with place.database.read() as session:
        return render_template(
            "portal/home.html",
            who=who,
            sites=rows.sites(session, who.company_id),
            behind=rows.behind(session, who.company_id, now=place.now()),
            mend=rows.copies(session, who.company_id, Wanted(mend=True), 1, now=place.now()),
            claims=claims_of(session, who.company_id),
            owed=owing.lines(session, who.company_id, now=place.now()),
            quarters=scoring.quarters(session, who.company_id, now=place.now()),
        )


@blueprint.get("/copies")
@partner
def copies() -> ResponseReturnValue:
    """The company's copies, by status or only what should be put right."""
    who, place, wanted = visitor(), front().place, Wanted.of(request.args)
    with place.database.read() as session:
        part = rows.copies(session, who.company_id, wanted, page_number(), now=place.now())
    statuses = [Status.CONFIRMED, Status.REVIEW, Status.CANDIDATE, Status.REJECTED]
    return render_template("portal/copies.html", who=who, part=part, wanted=wanted, statuses=statuses)


@blueprint.get("/copies/<ident>")
@partner
def copy(ident: str) -> ResponseReturnValue:
    """One copy: how it stands, what to put right, what was answered."""
    return _copy(ident)


def _copy(ident: str, errors: Mapping[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    who, place = visitor(), front().place
    with place.database.read() as session:
        one = rows.shown(place, session, who.company_id, ident)
    typed = {name: inputs.text(name) for name in ("finding", "text", "answer")}
    page = render_template(
        "portal/copy.html", who=who, one=one, errors=errors or {}, typed=typed, longest=answers.LONGEST
    )
    return page, status


@blueprint.post("/copies/<ident>/answer")
@partner
def answer(ident: str) -> ResponseReturnValue:
    """Answer what was found: put right, not agreed, or an explanation."""
    who, place = visitor(), front().place
    said = {one.value: one for one in Said}.get(inputs.text("answer"))
    if said is None:
        return _copy(ident, {"text": _("Chọn một câu trả lời")}, 422)
    try:
        with place.database.write() as session:
            row = rows.find_own(session, who.company_id, ident, now=place.now())
            answers.give(session, who.actor, row, said, inputs.text("text"), inputs.text("finding"), now=place.now())
    except NotFound:
        raise
    except CampaignError as error:
        told = inputs.said(error)
        return _copy(ident, {"text": next(iter(told.values()))}, 422)
    if said is Said.MENDED:
        front().runner.nudge("check")
        say_done(_("Đã ghi nhận. Máy xem lại trang ngay; kết quả hiện ở đây sau ít phút."))
    else:
        say_done(_("Đã gửi: %(answer)s. Cán bộ của Sở sẽ xem.", answer=said_name(said).lower()))
    return redirect(url_for("portal.copy", ident=ident), 303)


@blueprint.get("/removals")
@partner
def removals() -> ResponseReturnValue:
    """What was withdrawn or corrected and still stands on the company's pages."""
    who, place = visitor(), front().place
    with place.database.read() as session:
        found = rows.behind(session, who.company_id, now=place.now())
    return render_template("portal/removals.html", who=who, behind=found)


@blueprint.get("/claims")
@partner
def claims() -> ResponseReturnValue:
    """What the company reported with its keys, and what became of it."""
    who = visitor()
    with front().place.database.read() as session:
        made = claims_of(session, who.company_id)
        latest = latest_claims(session, who.company_id)
    return render_template("portal/claims.html", who=who, made=made, latest=latest)
