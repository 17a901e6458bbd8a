"""The desk's list of bulletins: filters, order, and how far each bulletin was delivered and republished."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, BulletinFilter, BulletinState, Revision
from campaigns.core.listing import ListPage, ListQuery
from campaigns.people.staff import Permission
from campaigns.release.urgent_releases import unreviewed_by_bulletin
from campaigns.reporting.pending_work import texts_to_approve
from campaigns.reporting.reach import BulletinReach, reach_of
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.kit.forms.datetimes import requested_days
from coordinator.web.kit.lists import pagination, report_scope
from coordinator.web.kit.lists.requested_filter import requested_filter
from coordinator.web.kit.text.state_labels import value_label

TIMEABLE = (BulletinState.APPROVED, BulletinState.SCHEDULED)  # whose release time is set
SORTS = ("edited", "released", "code", "title")


@dataclass(frozen=True)
class BulletinRow:
    """One row of the list. ``urgent``: for a release with one signature, whether the review by a second person is due;
    None for every other.
    """

    code: str
    title: str
    state: BulletinState
    pending: bool
    topic: str
    shade: int
    writer: str
    edited_at: datetime
    release_at: datetime | None
    reported_on: date | None
    reach: BulletinReach
    urgent: bool | None


def _conditions(filters: BulletinFilter, me: str) -> list[sa.ColumnElement[bool]]:
    conditions = filters.conditions()
    if filters.state is BulletinState.SUBMITTED:
        conditions.append(texts_to_approve())
    elif filters.state is not None:
        conditions.append(Bulletin.state == filters.state)
    if filters.mine:
        conditions.append(Bulletin.writer == me)
    return conditions


def list_bulletins(
    session: Session, filters: BulletinFilter, me: str, number: int, sort: tuple[str, bool]
) -> ListPage[BulletinRow]:
    """Return one page of the list; beyond the end, the last page."""
    column, descending = sort
    key = {
        "edited": Bulletin.edited_at,
        "released": Bulletin.release_at,
        "code": Bulletin.code,
        "title": Revision.title,
    }[column]
    order: list[sa.ColumnElement[Any]] = [
        key.desc() if descending else key.asc(),
        Bulletin.id.desc() if descending else Bulletin.id.asc(),
    ]
    if column == "released":
        # Bulletins without a time come last in both orders on both databases.
        order.insert(0, Bulletin.release_at.is_(None))
    newest = sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest)
    select = sa.select(Bulletin, Revision.title).join(Revision, newest)
    page = ListQuery(Bulletin, select, _conditions(filters, me), order).page(session, number)
    found = page.rows
    reach = reach_of(session, [bulletin.id for bulletin, _ in found])
    shades = topic_colours(session)
    urgent = unreviewed_by_bulletin(session, [bulletin.id for bulletin, _ in found])
    rows = [
        BulletinRow(
            code=bulletin.code,
            title=title,
            state=bulletin.state,
            pending=bulletin.pending is not None,
            topic=bulletin.topic.name,
            shade=shades[bulletin.topic.code],
            writer=bulletin.writer_name,
            edited_at=bulletin.edited_at,
            release_at=bulletin.release_at,
            reported_on=bulletin.reported_on,
            reach=reach[bulletin.id],
            urgent=urgent.get(bulletin.id),
        )
        for bulletin, title in found
    ]
    return page.with_rows(rows)


def topic_colours(session: Session) -> Mapping[str, int]:
    """Return the colour of each topic by code; topics after the sixth share the last colour."""
    return {choice.code: min(number, 6) for number, choice in enumerate(report_scope.topic_choices(session), start=1)}


@staff_required()
def index() -> ResponseReturnValue:
    """Show the list with its filters."""
    days, me = requested_days(request.args), current_actor().id
    filters = requested_filter(BulletinFilter, days.settled(request.args))
    with app_context().job_context.database.read() as session:
        filters.check_codes(session)
        part = list_bulletins(session, filters, me, pagination.page_number(), pagination.sort_order(SORTS, "-edited"))
        topics = [(choice.code, choice.name) for choice in report_scope.topic_choices(session)]
        plans = [(campaign.code, campaign.number) for campaign in report_scope.campaign_choices(session)]
    page = render_template(
        "desk/bulletins/index.html",
        part=part, filters=filters, days=days, topics=topics, plans=plans, writes=current_actor().may(Permission.WRITE),
        may_time=current_actor().may(Permission.APPROVE),
        ticks=current_actor().may(Permission.APPROVE) and filters.state in TIMEABLE,
        states=[(state.value, value_label("bulletin", state)) for state in BulletinState],
    )  # fmt: skip
    return page, days.status
