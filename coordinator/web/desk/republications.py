"""Republications at the desk: the review queue, a copy with its evidence, a conclusion, a report by staff."""

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import Conflict, Invalid
from campaigns.people.staff import May
from campaigns.reporting import copies
from campaigns.reporting.copies import Asked
from campaigns.reporting.waiting import in_review
from campaigns.searching.picking import Thing
from campaigns.tracking import deciding
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.claiming import claim
from campaigns.tracking.doubts import Doubt
from campaigns.tracking.republications import Life, Status, find_republication
from coordinator.web.desk import inputs, kept, picking, republication_rows, review, second_opinion, vouching
from coordinator.web.desk.day_span import asked_days
from coordinator.web.desk.doubt_words import doubt_name
from coordinator.web.desk.elsewhere import bulletin_page, partner_page
from coordinator.web.desk.evidence_view import copy_page
from coordinator.web.desk.listing import page_number
from coordinator.web.desk.republication_rows import neighbours
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff
from coordinator.web.sentences import error_sentence
from coordinator.web.wording import name_for

blueprint = Blueprint("republications", __name__, url_prefix="/desk/republications")
blueprint.register_blueprint(vouching.blueprint)
blueprint.register_blueprint(second_opinion.blueprint)
blueprint.register_blueprint(kept.blueprint)
blueprint.register_blueprint(review.blueprint)


@blueprint.get("")
@staff()
def index() -> ResponseReturnValue:
    """The list; without a tab it opens on the review queue, while something waits there."""
    with front().place.database.read() as session:
        site = picking.one(session, Thing.SITE, "site", request.args)
        partner = picking.one(session, Thing.PARTNER, "partner", request.args)
        if (moved := picking.settled(site, partner)) is not None:
            return moved
        days = asked_days(request.args)
        chosen = days.settled(picking.chosen(site, partner))
        asked = Asked.of(chosen)
        said = copies.said(session, asked)
        counts = republication_rows.by_status(session, asked, said)
        if "status" not in request.args and (
            counts[Status.REVIEW] if Status.REVIEW in counts else republication_rows.any_waits(session, asked, said)
        ):
            asked = Asked.of({**chosen, "status": Status.REVIEW.value})
        part = republication_rows.rows(session, asked, said, counts, page_number())
        choices = republication_rows.choices(session)
        waiting = in_review(session)
    page = render_template(
        "republications/index.html",
        part=part, asked=asked, days=days, counts=counts, choices=choices, site=site, partner=partner,
        lives=[(one.value, name_for("life", one, language())) for one in Life],
        attributions=[(one.value, name_for("attribution", one, language())) for one in Attribution],
        statuses=[Status.REVIEW, Status.CONFIRMED, Status.REJECTED, Status.CANDIDATE],
        doubts=[(one.value, doubt_name(one)) for one in Doubt],
        counts_waiting=waiting,
        may_review=actor().may(May.REVIEW),
    )  # fmt: skip
    return page, days.status


@blueprint.get("/<ident>")
@staff()
def show(ident: str) -> ResponseReturnValue:
    """One copy with its evidence."""
    return _page(ident)


def _page(ident: str, errors: Mapping[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    place = front().place
    with place.database.read() as session:
        one = copy_page(session, ident, now=place.now())
    # Nothing is presumed of a page that was not read, nor of a conclusion that stands already.
    usual = "confirm" if one.status is Status.REVIEW and one.compared is not None else ""
    page = render_template(
        "republications/show.html",
        one=one,
        errors=errors or {},
        typed={"do": inputs.text("do") or usual, "note": inputs.text("note")},
        may_review=actor().may(May.REVIEW),
        bulletin_page=bulletin_page(one.bulletin),
        partner_page=partner_page(one.partner.company_code),
    )
    return page, status


@blueprint.post("/<ident>/decide")
@staff(May.REVIEW)
def decide(ident: str) -> ResponseReturnValue:
    """Confirm or reject, with a note; then on to the next in the queue."""
    choice = inputs.text("do")
    if choice not in {"confirm", "reject"}:
        return _page(ident, {"do": _("Chọn một kết luận")}, 422)
    place = front().place
    try:
        with place.database.write() as session:
            row = find_republication(session, ident)
            waited = row.status is Status.REVIEW
            made = deciding.decide(
                session, actor(), row, confirm=choice == "confirm", note=inputs.text("note"),
                seal=request.form.get("seal", ""), now=place.now(),
            )  # fmt: skip
            undo = url_for("republications.review.undo", decision=made.public, back="copy")
            queue = neighbours(session, row)
            site = row.site.name
    except Invalid as invalid:
        return _page(ident, inputs.said(invalid), 422)
    except Conflict as conflict:
        say_trouble(error_sentence(conflict, language()))
        return redirect(url_for("republications.show", ident=ident), 303)
    done = _("Đã xác nhận bài trên %(site)s.", site=site)
    say_done(done if choice == "confirm" else _("Đã loại bài trên %(site)s.", site=site), undo=undo)
    following = (queue.next or queue.previous) if waited else None
    return redirect(url_for("republications.show", ident=following or ident), 303)


@blueprint.route("/_report", methods=["GET", "POST"])
@staff(May.REVIEW)
def report() -> ResponseReturnValue:
    """Staff saw a copy that was not found yet: a claim, checked like any other."""
    place = front().place
    typed = {"bulletin": request.values.get("bulletin", "").strip(), "url": request.values.get("url", "").strip()}
    if request.method == "GET":
        return render_template("republications/report.html", typed=typed, errors={})
    try:
        with place.database.write() as session:
            ident = claim(session, actor().id, typed["bulletin"], typed["url"], now=place.now()).public
    except Invalid as invalid:
        return render_template("republications/report.html", typed=typed, errors=_said(invalid)), 422
    front().runner.nudge("check", ident)
    say_done(_("Đã ghi nhận. Máy sẽ tải trang về và so với bản tin."))
    return redirect(url_for("republications.show", ident=ident), 303)


def _said(invalid: Invalid) -> dict[str, str]:
    words = {
        "unknown_bulletin": _("Không có bản tin nào đã phát hành mang mã này."),
        "unknown_site": _("Địa chỉ này không thuộc trang nào trong danh bạ. Thêm trang ở mục Đối tác trước."),
    }
    return {one.field: words.get(one.code) or inputs.said_of([one])[one.field] for one in invalid.errors}
