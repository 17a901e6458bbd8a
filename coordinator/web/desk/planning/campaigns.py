"""Campaigns: the list, and the form of one with its targets as table rows and their milestones as text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import selectinload

from campaigns.core.clock import city_day
from campaigns.core.errors import CampaignError, FieldError, Invalid
from campaigns.core.vietnamese import slug
from campaigns.people.staff import Permission
from campaigns.planning.campaigns import (
    Campaign,
    Metric,
    Milestone,
    MilestoneInput,
    TargetInput,
    find_campaign,
    save_campaign,
)
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.kit.forms import fields
from coordinator.web.kit.forms.field_types import (
    DateField,
    ManyField,
    NumberField,
    OptionalTextField,
    RowsField,
    TextField,
)
from coordinator.web.kit.forms.page_form import PageForm
from coordinator.web.kit.lists import report_scope
from coordinator.web.kit.templating import flash_done
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.periods import validity_of

_MILESTONE_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}))?")


def milestones_text(milestones: Sequence[Milestone]) -> str:
    """Return milestones as text, the same in every language: "4,000" would be parsed as four."""
    return "; ".join(
        f"{formats.day(milestone.due_on)}: {formats.number(milestone.figure, 'vi', 2)}" for milestone in milestones
    )


def parse_milestones(
    typed: str, field: str, first: date | None, last: date | None, errors: list[FieldError]
) -> tuple[MilestoneInput, ...]:
    """Parse milestones in the typed order. A day without a year is within the campaign, from ``first`` to ``last``; an
    invalid one is an error at ``field`` (``milestones``).
    """
    found = []
    for part in re.split(r"[;\n]", typed):
        if not part.strip():
            continue
        day_typed, _, figure_typed = part.partition(":")
        day, figure = _parse_milestone_day(day_typed.strip(), first, last), fields.parse_number(figure_typed)
        if day is None or figure is None:
            message = f"{part.strip()!r} is no milestone; expected one such as 31/10/2026: 4000"
            errors.append(FieldError(field, "milestones", message))
        else:
            found.append(MilestoneInput(day, figure))
    return tuple(found)


def _parse_milestone_day(typed: str, first: date | None, last: date | None) -> date | None:
    shape = _MILESTONE_DAY.fullmatch(typed)
    try:
        if shape is None:
            return date.fromisoformat(typed)
        day, month = int(shape[1]), int(shape[2])
        if shape[3]:
            return date(int(shape[3]), month, day)
        if first is None or last is None:
            return None
        years = [date(year, month, day) for year in range(first.year, last.year + 1)]
    except ValueError:
        return None
    # A day outside of the campaign gets the first year, and is refused by validation.
    return next((year for year in years if first <= year <= last), years[0] if years else None)


blueprint = Blueprint("campaigns", __name__, url_prefix="/campaigns")

BLANK_ROWS = 5  # empty rows below the targets; saving adds five again
MOST_ROWS = 100  # rows read from one form


class TargetRow(PageForm):
    """One row of the table of targets."""

    metric = TextField(default=Metric.REPUBLICATIONS.value)
    quota = NumberField()
    topic = OptionalTextField()
    period = OptionalTextField()
    milestones = TextField()

    @property
    def is_blank(self) -> bool:
        """Whether the row is empty: for an untouched row the browser sends the metric alone."""
        return not (self.quota._value() or self.topic.data or self.period.data or self.milestones.data)


class CampaignForm(PageForm):
    """The form of a campaign. The code is made of the plan's number where none is given, and fixed once it is added."""

    plan_number = TextField(required=True)
    name = TextField(required=True)
    code = TextField()
    starts_on = DateField(required=True)
    ends_on = DateField(required=True)
    topics = ManyField()
    targets = RowsField(TargetRow, MOST_ROWS)

    def wanted_targets(self, rows: Sequence[TargetRow]) -> list[TargetInput]:
        """Return the targets of these rows; what is wrong with their milestones is reported at their cells."""
        found: list[TargetInput] = []
        errors: list[FieldError] = []
        for row in rows:
            steps = parse_milestones(
                row.milestones.data, row.milestones.name, self.starts_on.data, self.ends_on.data, errors
            )
            if row.quota.data is None and not row.quota.errors:
                errors.append(FieldError(row.quota.name, "figure", "a target needs a number"))
            found.append(TargetInput(row.metric.data, row.quota.data or 0, row.topic.data, row.period.data, steps))
        self.add_field_errors(errors)
        return found


@dataclass(frozen=True)
class CampaignRow:
    """A campaign in the list. ``standing``: a state of ``validity``."""

    code: str
    plan_number: str
    name: str
    starts_on: date
    ends_on: date
    targets: int
    standing: str


@blueprint.get("/")
@staff_required(Permission.PLAN)
def index() -> ResponseReturnValue:
    """Show every campaign, newest first."""
    context = app_context().job_context
    with context.database.read() as session:
        today = city_day(context.now())
        query = (
            sa.select(Campaign)
            .options(selectinload(Campaign.targets))
            .order_by(Campaign.starts_on.desc(), Campaign.id.desc())
        )
        rows = [
            CampaignRow(
                campaign.code,
                campaign.plan_number,
                campaign.name,
                campaign.starts_on,
                campaign.ends_on,
                len(campaign.targets),
                validity_of(campaign.starts_on, campaign.ends_on, today),
            )
            for campaign in session.execute(query).scalars()
        ]
    return render_template(
        "desk/planning/campaigns.html", rows=rows, may_configure=current_actor().may(Permission.CONFIGURE)
    )


@blueprint.route("/_new", methods=["GET", "POST"])
@staff_required(Permission.PLAN)
def new() -> ResponseReturnValue:
    """Add a campaign."""
    return _edit(None)


@blueprint.route("/<code>", methods=["GET", "POST"])
@staff_required(Permission.PLAN)
def edit(code: str) -> ResponseReturnValue:
    """Change a campaign as a whole."""
    return _edit(code)


def _edit(code: str | None) -> ResponseReturnValue:
    context = app_context().job_context
    with context.database.read() as session:
        topics = [(choice.code, choice.name) for choice in report_scope.topic_choices(session)]
        campaign = find_campaign(session, code) if code is not None else None
        form = CampaignForm.of_request(_stored_values(campaign) if campaign is not None else None)
        title = campaign.plan_number if campaign is not None else ""
    form.targets.drop_trailing(lambda row: row.is_blank)
    if request.method == "POST":
        form.validate()
        try:
            saved = _save(form, code)
        except CampaignError as error:
            form.add_errors(error)
        else:
            flash_done(_("Đã lưu kế hoạch %(number)s.", number=form.plan_number.data))
            return redirect(url_for("progress.index", campaign=saved), 303)
    for _number in range(BLANK_ROWS):
        form.targets.append_entry()
    page = render_template(
        "desk/planning/campaign.html",
        code=code,
        title=title,
        form=form,
        may_configure=current_actor().may(Permission.CONFIGURE),
        topics=topics,
        metrics=list(Metric),
    )
    return page, form.status


def _stored_values(campaign: Campaign) -> dict[str, Any]:
    return {
        "plan_number": campaign.plan_number,
        "name": campaign.name,
        "starts_on": campaign.starts_on,
        "ends_on": campaign.ends_on,
        "topics": [topic.code for topic in campaign.topics],
        "targets": [
            {
                "metric": target.metric.value,
                "quota": target.quota,
                "topic": target.topic.code if target.topic else None,
                "period": target.period,
                "milestones": milestones_text(target.milestones),
            }
            for target in campaign.targets
        ],
    }


def _save(form: CampaignForm, code: str | None) -> str:
    """Save the form. Raises ``Invalid`` for what the domain refuses, and for a form that has errors of its own, so that
    both are reported at once.
    """
    context = app_context().job_context
    rows = [(number, entry.form) for number, entry in enumerate(form.targets) if not entry.form.is_blank]
    targets = form.wanted_targets([row for _number, row in rows])
    first = form.starts_on.data or form.ends_on.data or date.min
    try:
        with context.database.write() as session:
            campaign = find_campaign(session, code) if code is not None else None
            saved = save_campaign(
                session,
                current_actor().id,
                campaign,
                code=code if code is not None else form.code.data.lower() or slug(form.plan_number.data) or "ke-hoach",
                plan_number=form.plan_number.data,
                name=form.name.data,
                starts_on=form.starts_on.data or first,
                ends_on=form.ends_on.data or first,
                topics=form.topics.data,
                targets=targets,
                now=context.now(),
            )
            if form.messages:
                raise Invalid([])
            return saved.code
    except Invalid as invalid:
        raise Invalid([_at_form_rows(error, [number for number, _row in rows]) for error in invalid.errors]) from None


def _at_form_rows(error: FieldError, places: list[int]) -> FieldError:
    """Return the error with the form's row number instead of the number among filled rows."""
    parts = error.field.split(".")
    if parts[0] != "targets" or len(parts) != 3:
        return error
    return FieldError(f"targets.{places[int(parts[1])]}.{parts[2]}", error.code, error.message)
