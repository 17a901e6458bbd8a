"""Campaigns: the list, and the form of one with its targets as table rows, each with its milestones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import selectinload

from campaigns.core.clock import FIRST_YEAR, city_day, parse_period
from campaigns.core.contents import from_attributes
from campaigns.core.errors import CampaignError, FieldError, Invalid
from campaigns.core.vietnamese import slug
from campaigns.people.staff import Permission
from campaigns.planning.campaigns import (
    Campaign,
    CampaignContent,
    Metric,
    MilestoneContent,
    TargetContent,
    find_campaign,
    save_campaign,
)
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
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
from coordinator.web.kit.text.periods import canonical_period, periods_within, validity_of

blueprint = Blueprint("campaigns", __name__, url_prefix="/campaigns")

BLANK_ROWS = 5  # empty rows below the targets
MOST_ROWS = 100  # rows read from one form


BLANK_MILESTONES = 2  # empty milestones below those of a target
MOST_MILESTONES = 30  # read from one row; the domain says how many a target may have
OTHER = "other"  # in place of a period: the two days beside it


class MilestoneRow(PageForm):
    """One milestone of a target: a figure at the end of a day."""

    day = DateField()
    figure = NumberField()

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed."""
        return not (self.day._value() or self.figure._value())


class TargetRow(PageForm):
    """One row of the table of targets. ``first`` and ``last``: the days of a period that is none of those offered."""

    metric = TextField(default=Metric.REPUBLICATIONS.value)
    quota = NumberField()
    topic = OptionalTextField()
    period = OptionalTextField()
    first = DateField()
    last = DateField()
    milestones = RowsField(MilestoneRow, MOST_MILESTONES)

    @property
    def is_blank(self) -> bool:
        """Whether the row is empty: for an untouched row the browser sends the metric alone."""
        typed = (self.quota._value(), self.topic.data, self.period.data, self.first._value(), self.last._value())
        return not any(typed) and all(entry.form.is_blank for entry in self.milestones)

    def wanted_period(self, errors: list[FieldError]) -> str | None:
        """Return the label of the period, None for the whole campaign; a missing day is an error at its field."""
        if self.period.data not in (None, OTHER):
            return self.period.data
        if self.period.data is None and not (self.first._value() or self.last._value()):
            return None
        missing = [field for field in (self.first, self.last) if field.data is None]
        errors += [FieldError(field.name, "required", "a day is needed") for field in missing if not field.errors]
        return None if missing else f"{self.first.value}..{self.last.value}"

    def wanted_milestones(self, errors: list[FieldError]) -> tuple[MilestoneContent, ...]:
        """Return the milestones in the order of the form; one of which a part is missing is an error at that part."""
        found = []
        for entry in self.milestones:
            row: MilestoneRow = entry.form
            if row.is_blank:
                continue
            if row.day.data is None and not row.day.errors:
                errors.append(FieldError(row.day.name, "required", "a milestone needs its day"))
            if row.figure.data is None and not row.figure.errors:
                errors.append(FieldError(row.figure.name, "figure", "a milestone needs its figure"))
            if row.day.data is not None and row.figure.data is not None:
                found.append(MilestoneContent(row.day.data, row.figure.data))
        return tuple(found)


class CampaignForm(PageForm):
    """The form of a campaign. The code is made of the plan's number where none is given, and fixed once it is added."""

    plan_number = TextField(required=True)
    name = TextField(required=True)
    code = TextField()
    starts_on = DateField(required=True)
    ends_on = DateField(required=True)
    topics = ManyField()
    targets = RowsField(TargetRow, MOST_ROWS)

    def wanted_targets(self, rows: Sequence[TargetRow]) -> list[TargetContent]:
        """Return the targets of these rows; what is missing in their periods and milestones is reported there."""
        found: list[TargetContent] = []
        errors: list[FieldError] = []
        for row in rows:
            period, steps = row.wanted_period(errors), row.wanted_milestones(errors)
            if row.quota.data is None and not row.quota.errors:
                errors.append(FieldError(row.quota.name, "figure", "a target needs a number"))
            found.append(TargetContent(row.metric.data, row.quota.data or 0, row.topic.data, period, steps))
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
            from_attributes(
                CampaignRow,
                campaign,
                targets=len(campaign.targets),
                standing=validity_of(campaign.starts_on, campaign.ends_on, today),
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
        today = city_day(context.now())
        campaign = find_campaign(session, code) if code is not None else None
        form = CampaignForm.of_request(_stored_values(campaign) if campaign is not None else None)
        title = campaign.plan_number if campaign is not None else ""
    sent = len(form.targets)
    form.targets.drop_trailing(lambda row: row.is_blank)
    adds = "add" in request.form
    if request.method == "POST" and not adds:
        form.validate()
        try:
            saved = _save(form, code)
        except CampaignError as error:
            form.add_errors(error)
        else:
            flash_done(_("Đã lưu kế hoạch %(number)s.", number=form.plan_number.data))
            return redirect(url_for("progress.index", campaign=saved), 303)
    rows = max(len(form.targets) + BLANK_ROWS, sent + 1 if adds else 0)
    while len(form.targets) < min(rows, MOST_ROWS):
        form.targets.append_entry()
    for entry in form.targets:
        entry.form.milestones.drop_trailing(lambda row: row.is_blank)
        for _number in range(BLANK_MILESTONES):
            entry.form.milestones.append_entry()
    page = render_template(
        "desk/planning/campaign.html",
        code=code,
        title=title,
        form=form,
        may_configure=current_actor().may(Permission.CONFIGURE),
        topics=topics,
        metrics=list(Metric),
        offered=_offered_periods(form.starts_on.data, form.ends_on.data, today),
        other=OTHER,
    )
    return page, form.status


def _offered_periods(first: date | None, last: date | None, today: date) -> list[tuple[str, str]]:
    """Return the periods to choose for a target: those within the campaign; before its days are known, those of this
    year and the next.
    """
    if first is None or last is None:
        first, last = date(today.year, 1, 1), date(today.year + 1, 12, 31)
    return periods_within(first, last)


def _stored_period(campaign: Campaign, label: str | None) -> dict[str, object]:
    """Return the values of the fields of a target's period."""
    if label is None:
        return {}
    period = canonical_period(parse_period(label))
    if period.label in dict(periods_within(campaign.starts_on, campaign.ends_on)):
        return {"period": period.label}
    return {"period": OTHER, "first": period.first, "last": period.last}


def _stored_values(campaign: Campaign) -> dict[str, Any]:
    content = campaign.content
    targets = [
        {
            **vars(target),
            "milestones": [{"day": step.due_on, "figure": step.figure} for step in target.milestones],
            **_stored_period(campaign, target.period),
        }
        for target in content.targets
    ]
    return {**vars(content), "targets": targets}


def _save(form: CampaignForm, code: str | None) -> str:
    """Save the form. Raises ``Invalid`` for what the domain refuses, and for a form that has errors of its own, so that
    both are reported at once.
    """
    context = app_context().job_context
    rows = [(number, entry.form) for number, entry in enumerate(form.targets) if not entry.form.is_blank]
    targets = form.wanted_targets([row for _number, row in rows])
    first = form.starts_on.data or form.ends_on.data or date(FIRST_YEAR, 1, 1)
    content = CampaignContent(
        plan_number=form.plan_number.data,
        name=form.name.data,
        starts_on=form.starts_on.data or first,
        ends_on=form.ends_on.data or first,
        topics=form.topics.data,
        targets=targets,
    )
    try:
        with context.database.write() as session:
            campaign = find_campaign(session, code) if code is not None else None
            new_code = form.code.data.lower() or slug(form.plan_number.data) or "ke-hoach"
            saved = save_campaign(session, current_actor().id, campaign, code or new_code, content, now=context.now())
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
