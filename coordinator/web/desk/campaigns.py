"""Campaigns: the plans, and the form of one with its targets as rows of a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import selectinload

from campaigns.core.clock import city_day
from campaigns.core.errors import CampaignError, FieldError, Invalid
from campaigns.people.staff import May
from campaigns.planning.campaigns import Campaign, Metric, TargetInput, find_campaign, save_campaign
from coordinator.web import formats
from coordinator.web.desk import choosing, inputs, milestone_cell
from coordinator.web.desk.validity import validity_of
from coordinator.web.look import say_done
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("campaigns", __name__, url_prefix="/campaigns")

FIELDS = ("code", "plan_number", "name", "starts_on", "ends_on")
PARTS = ("metric", "quota", "topic", "period", "milestones")
BLANK_ROWS = 5  # empty rows below the targets there are; saving gives another five
MOST_ROWS = 100  # rows read from one form


@dataclass(frozen=True)
class CampaignRow:
    """A campaign on the list. ``standing``: a state of ``validity``."""

    code: str
    plan_number: str
    name: str
    starts_on: date
    ends_on: date
    targets: int
    standing: str


@blueprint.get("/")
@staff(May.PLAN)
def index() -> ResponseReturnValue:
    """Every campaign, the newest first."""
    place = front().place
    with place.database.read() as session:
        today = city_day(place.now())
        query = (
            sa.select(Campaign)
            .options(selectinload(Campaign.targets))
            .order_by(Campaign.starts_on.desc(), Campaign.id.desc())
        )
        rows = [
            CampaignRow(
                one.code,
                one.plan_number,
                one.name,
                one.starts_on,
                one.ends_on,
                len(one.targets),
                validity_of(one.starts_on, one.ends_on, today),
            )
            for one in session.execute(query).scalars()
        ]
    return render_template("admin/campaigns.html", rows=rows, may_configure=actor().may(May.CONFIGURE))


@blueprint.route("/_new", methods=["GET", "POST"])
@staff(May.PLAN)
def new() -> ResponseReturnValue:
    """Add a campaign."""
    return _edit(None)


@blueprint.route("/<code>", methods=["GET", "POST"])
@staff(May.PLAN)
def edit(code: str) -> ResponseReturnValue:
    """Change a campaign as a whole."""
    return _edit(code)


def _edit(code: str | None) -> ResponseReturnValue:
    place = front().place
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            saved = _save(code)
        except CampaignError as error:
            errors = inputs.said(error)
        else:
            say_done(_("Đã lưu kế hoạch %(number)s.", number=inputs.text("plan_number")))
            return redirect(url_for("progress.index", campaign=saved), 303)
    with place.database.read() as session:
        topics = [(one.code, one.name) for one in choosing.topics(session)]
        campaign = find_campaign(session, code) if code is not None else None
        stored = _stored(campaign)
    values, rows = (_typed(), _typed_rows()) if request.method == "POST" else (stored, stored["targets"])
    shown = render_template(
        "admin/campaign.html",
        code=code,
        title=stored["plan_number"],
        values=values,
        rows=list(enumerate([*rows, *({} for _number in range(BLANK_ROWS))])),
        may_configure=actor().may(May.CONFIGURE),
        topics=topics,
        metrics=list(Metric),
        errors=errors,
    )
    return (shown, 422) if errors else shown


def _stored(campaign: Campaign | None) -> dict[str, Any]:
    if campaign is None:
        return {**dict.fromkeys(FIELDS, ""), "topics": [], "targets": []}
    return {
        "code": campaign.code,
        "plan_number": campaign.plan_number,
        "name": campaign.name,
        "starts_on": campaign.starts_on.isoformat(),
        "ends_on": campaign.ends_on.isoformat(),
        "topics": [topic.code for topic in campaign.topics],
        "targets": [
            {
                "metric": one.metric.value,
                # In every language as it is read back: "12,500" would come back as twelve and a half.
                "quota": formats.number(one.quota, "vi", 2),
                "topic": one.topic.code if one.topic else "",
                "period": one.period or "",
                "milestones": milestone_cell.written(one.milestones),
            }
            for one in campaign.targets
        ],
    }


def _typed() -> dict[str, Any]:
    return {**{name: request.form.get(name, "") for name in FIELDS}, "topics": request.form.getlist("topics")}


def _typed_rows() -> list[dict[str, str]]:
    """The target rows as typed, in order; trailing blank ones are dropped, those in between stay where they are."""
    rows = [
        {part: request.form.get(f"targets.{number}.{part}", "").strip() for part in PARTS}
        for number in range(MOST_ROWS)
        if f"targets.{number}.quota" in request.form
    ]
    while rows and _blank(rows[-1]):
        rows.pop()
    return rows


def _blank(row: Mapping[str, str]) -> bool:
    """Whether nobody wrote anything: the metric alone is what the browser sends for an untouched row."""
    return not (row["quota"] or row["topic"] or row["period"] or row["milestones"])


def _save(code: str | None) -> str:
    """Write what the form says. Raises ``Invalid`` naming every bad field, target rows by their place in the form."""
    place = front().place
    errors: list[FieldError] = []
    starts_on = inputs.day("starts_on", errors, required=True)
    ends_on = inputs.day("ends_on", errors, required=True)
    wanted: list[TargetInput] = []
    places: list[int] = []  # where each wanted target stands in the form
    for number, row in enumerate(_typed_rows()):
        if _blank(row):
            continue
        quota = inputs.figure(row["quota"])
        if quota is None:
            errors.append(FieldError(f"targets.{number}.quota", "figure", f"{row['quota']!r} is not a number"))
        at = f"targets.{number}.milestones"
        steps = milestone_cell.read(row["milestones"], at, starts_on, ends_on, errors)
        wanted.append(TargetInput(row["metric"], quota or 0, row["topic"] or None, row["period"] or None, steps))
        places.append(number)
    unread = {error.field for error in errors}
    first = starts_on or ends_on or date.min
    try:
        with place.database.write() as session:
            campaign = find_campaign(session, code) if code is not None else None
            row_ = save_campaign(
                session,
                actor().id,
                campaign,
                code=code if code is not None else inputs.text("code").lower(),
                plan_number=inputs.text("plan_number"),
                name=inputs.text("name"),
                starts_on=starts_on or first,
                ends_on=ends_on or first,
                topics=request.form.getlist("topics"),
                targets=wanted,
                now=place.now(),
            )
            if errors:
                raise Invalid(errors)
            return row_.code
    except Invalid as invalid:
        if invalid.errors == tuple(errors):
            raise
        found = [_replaced(error, places) for error in invalid.errors]
        raise Invalid([*errors, *(one for one in found if one.field not in unread)]) from None


def _replaced(error: FieldError, places: list[int]) -> FieldError:
    """The same error at the row of the form instead of the place among the rows that were filled in."""
    parts = error.field.split(".")
    if parts[0] != "targets" or len(parts) != 3:
        return error
    return FieldError(f"targets.{places[int(parts[1])]}.{parts[2]}", error.code, error.message)
