"""Agreements: the written consent behind a partner's republications."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import CampaignError, FieldError, Invalid
from campaigns.core.vietnamese import fold
from campaigns.partners.agreements import add_agreement, change_agreement, find_agreement
from campaigns.partners.directory import find_company
from campaigns.people.staff import May
from campaigns.planning.campaigns import all_topics
from coordinator.web.desk import inputs, listing
from coordinator.web.desk.agreement_rows import agreement_lines
from coordinator.web.look import say_done
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("agreements", __name__)

STANDINGS = ("valid", "ending", "ended", "future")
FIELDS = ("number", "starts_on", "ends_on", "note")


@blueprint.get("/_agreements/_all")
@staff()
def index() -> ResponseReturnValue:
    """Every agreement, by number or partner; by how it stands, and by whether its paper is here."""
    place = front().place
    with place.database.read() as session:
        lines = agreement_lines(session, place.now())
    counts = {
        "all": len(lines),
        "ending": sum(one.standing == "ending" for one in lines),
        "ended": sum(one.standing == "ended" for one in lines),
        "bare": sum(not one.scans for one in lines),
    }
    wanted = fold(request.args.get("q", "").strip())
    standing, scanned = request.args.get("standing", ""), request.args.get("scans", "")
    found = [
        one
        for one in lines
        if (not wanted or wanted in one.words)
        and (standing not in STANDINGS or one.standing == standing)
        and (scanned not in {"none", "some"} or (scanned == "some") == bool(one.scans))
    ]
    return render_template(
        "partners/agreements.html", part=listing.cut(found), counts=counts, filtered=len(found) != len(lines)
    )


@blueprint.route("/<code>/agreements/_new", methods=["GET", "POST"])
@staff(May.CONFIGURE)
def new(code: str) -> ResponseReturnValue:
    """Enter an agreement."""
    place = front().place
    errors: dict[str, str] = {}
    with place.database.read() as session:
        company = find_company(session, code)
        owner, topics = (company.code, company.name), _topics(session)
    if request.method == "POST":
        try:
            given = _given(topics)
            with place.database.write() as session:
                add_agreement(
                    session,
                    actor().id,
                    find_company(session, code),
                    number=inputs.text("number"),
                    now=place.now(),
                    **given,  # type: ignore[arg-type]  # checked by name in _given
                )
        except CampaignError as error:
            errors = inputs.said(error)
        else:
            say_done(_("Đã thêm văn bản số %(number)s.", number=inputs.text("number")))
            return redirect(url_for("partners.page", code=code, _anchor="van-ban"), 303)
    values: dict[str, object] = {name: request.form.get(name, "") for name in FIELDS}
    values["topics"] = request.form.getlist("topics")
    return _shown(values, errors, owner, topics, None)


@blueprint.route("/_agreements", methods=["GET", "POST"])
@staff(May.CONFIGURE)
def edit() -> ResponseReturnValue:
    """Change what an agreement says; ``?number=`` names it, because numbers have slashes."""
    place = front().place
    number = request.args.get("number", "")
    errors: dict[str, str] = {}
    with place.database.read() as session:
        row = find_agreement(session, number)
        owner, topics = (row.company.code, row.company.name), _topics(session)
        values: dict[str, object] = {
            "number": row.number,
            "starts_on": row.starts_on.isoformat(),
            "ends_on": row.ends_on.isoformat() if row.ends_on else "",
            "note": row.note,
            "topics": list(row.topics),
        }
    if request.method == "POST":
        try:
            given = _given(topics)
            with place.database.write() as session:
                change_agreement(session, actor().id, find_agreement(session, number), now=place.now(), **given)  # type: ignore[arg-type]  # checked by name in _given
        except CampaignError as error:
            errors = inputs.said(error)
        else:
            say_done(_("Đã lưu văn bản số %(number)s.", number=number))
            return redirect(url_for("partners.page", code=owner[0], _anchor="van-ban"), 303)
        values |= {name: request.form.get(name, "") for name in FIELDS if name != "number"}
        values["topics"] = request.form.getlist("topics")
    return _shown(values, errors, owner, topics, number)


def _topics(session: Session) -> list[tuple[str, str]]:
    return [(one.code, one.name) for one in all_topics(session)]


def _given(topics: list[tuple[str, str]]) -> dict[str, object]:
    errors: list[FieldError] = []
    starts_on = inputs.day("starts_on", errors, required=True)
    ends_on = inputs.day("ends_on", errors)
    if errors:
        raise Invalid(errors)
    chosen = set(request.form.getlist("topics"))
    return {
        "starts_on": starts_on,
        "ends_on": ends_on,
        "topics": [code for code, _name in topics if code in chosen],
        "note": inputs.text("note"),
    }


def _shown(
    values: dict[str, object],
    errors: dict[str, str],
    owner: tuple[str, str],
    topics: list[tuple[str, str]],
    number: str | None,
) -> ResponseReturnValue:
    page = render_template(
        "partners/agreement.html", values=values, errors=errors, owner=owner, topics=topics, number=number
    )
    return (page, 422) if errors else page
