"""Copies that partners have not corrected: recalled ones still live, old revisions, and each partner's time to act."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from campaigns.core.listing import ListFilter, argument
from campaigns.reporting import removals
from campaigns.reporting.removals import ESCALATE_AFTER, OutdatedCopy
from coordinator.web.auth.security import app_context, staff_required
from coordinator.web.desk.republications.labels import notification_label
from coordinator.web.kit.links import partner_url
from coordinator.web.kit.lists.requested_filter import requested_filter

blueprint = Blueprint("removals", __name__, url_prefix="/desk/removals")


@dataclass(frozen=True)
class RemovalFilter(ListFilter):
    """Filter of the list. ``everything``: also copies behind for less than a day."""

    everything: bool = argument(False, name="all")


@dataclass(frozen=True)
class RemovalRow:
    """One overdue copy; ``age``: how long it has been behind; ``late``: for longer than a day."""

    copy: OutdatedCopy
    age: timedelta
    late: bool
    notification: str
    partner_url: str | None


@blueprint.get("")
@staff_required()
def index() -> ResponseReturnValue:
    """Show the overdue copies; with ``?all=1`` also those behind for less than a day. The list is printed whole,
    without pages.
    """
    everything = requested_filter(RemovalFilter).everything
    context = app_context().job_context
    now = context.now()
    with context.database.read() as session:
        found = removals.outdated_copies(session, now=now, over=timedelta(0))
        unclear = removals.unclear_copies(session)
        partners = removals.removals_by_partner(session)
    lines = [_row(copy, now) for copy in found]
    shown = [line for line in lines if everything or line.late]
    return render_template(
        "desk/republications/removals.html",
        recalled=_of_kind(shown, recalled=True),
        old=_of_kind(shown, recalled=False),
        unclear=[_row(copy, now) for copy in unclear],
        late=sum(line.late for line in lines),
        young=sum(not line.late for line in lines),
        everything=everything,
        hours=int(ESCALATE_AFTER.total_seconds() // 3600),
        partners=partners,
        partner_page=partner_url,
        as_of=now,
    )


def _row(copy: OutdatedCopy, now: datetime) -> RemovalRow:
    age = now - copy.since
    notification = notification_label(copy.delivery, recalled=copy.recalled)
    return RemovalRow(copy, age, age >= ESCALATE_AFTER, notification, partner_url(copy.company_code))


def _of_kind(lines: Sequence[RemovalRow], *, recalled: bool) -> list[RemovalRow]:
    return [line for line in lines if line.copy.recalled is recalled]
