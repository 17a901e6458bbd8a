"""Milestones: what a target is to have reached by a day on its way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.core.base import Base
from campaigns.core.clock import Period
from campaigns.core.errors import FieldError

MOST = 12  # of one target: one a month for a year


class Milestone(Base):
    """A figure that is to be reached by the end of a day."""

    __tablename__ = "milestones"

    id: Mapped[int] = mapped_column(primary_key=True)
    target_id: Mapped[int] = mapped_column(sa.ForeignKey("targets.id", ondelete="CASCADE"))
    due_on: Mapped[date]
    figure: Mapped[float]

    __table_args__ = (
        sa.UniqueConstraint("target_id", "due_on"),
        sa.CheckConstraint("figure > 0", name="figure_positive"),
    )


@dataclass(frozen=True)
class MilestoneInput:
    """A milestone as somebody wrote it down."""

    due_on: date
    figure: float


def check(wanted: Sequence[MilestoneInput], field: str, period: Period, *, adds_up: bool) -> list[FieldError]:
    """What is wrong with the milestones of one target, all at ``field``. ``adds_up``: a figure that never goes down,
    so that a later milestone below an earlier one would be no further step."""
    errors = []
    if len(wanted) > MOST:
        errors.append(FieldError(field, "milestones_many", f"a target has at most {MOST} milestones"))
    ordered = sorted(wanted, key=lambda one: one.due_on)
    for one in ordered:
        if not one.figure > 0:
            errors.append(
                FieldError(field, "milestone_figure", f"the milestone of {one.due_on} must be more than zero")
            )
        if one.due_on not in period:
            message = f"{one.due_on} is not within the target's days, {period.first} to {period.last}"
            errors.append(FieldError(field, "milestone_day", message))
    for one, after in pairwise(ordered):
        if one.due_on == after.due_on:
            errors.append(FieldError(field, "milestone_twice", f"{one.due_on} has two milestones"))
        elif adds_up and after.figure < one.figure:
            message = f"the milestone of {after.due_on} is below that of {one.due_on}"
            errors.append(FieldError(field, "milestone_order", message))
    return errors
