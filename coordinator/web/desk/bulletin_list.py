"""Bulletins as the desk's list shows them: which ones, in which order, how far each went."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.vietnamese import fold
from campaigns.people.staff import May
from campaigns.planning.campaigns import Campaign, Topic
from campaigns.publishing.bulletins import Bulletin, Revision, State
from campaigns.publishing.urgent import one_signature
from campaigns.reporting.reach import Reach, reach_of
from campaigns.reporting.waiting import texts_to_approve
from coordinator.web.desk import choosing, listing
from coordinator.web.desk.listing import PAGE, Part
from coordinator.web.look import language
from coordinator.web.security import actor, front, staff
from coordinator.web.wording import name_for

SORTS = ("edited", "released", "code", "title")


@dataclass(frozen=True)
class Asked:
    """The filters; empty = any. ``q`` is what the reader typed, with marks or without."""

    q: str = ""
    state: State | None = None
    topic: str = ""
    campaign: str = ""
    mine: str = ""

    @classmethod
    def of(cls, args: Mapping[str, str], me: str) -> "Asked":
        """From an address; what cannot be understood is no filter."""
        known = {state.value: state for state in State}
        return cls(
            q=args.get("q", "").strip(),
            state=known.get(args.get("state", "")),
            topic=args.get("topic", "").strip(),
            campaign=args.get("campaign", "").strip(),
            mine=me if args.get("mine") else "",
        )

    @property
    def narrowed(self) -> bool:
        """Whether any filter is set."""
        return bool(self.q or self.state or self.topic or self.campaign or self.mine)


@dataclass(frozen=True)
class Line:
    """One row of the list. ``urgent``: it went out with one signature, and whether a second person still has to read
    it; None for every other."""

    code: str
    title: str
    state: State
    pending: bool
    topic: str
    shade: int
    writer: str
    edited_at: datetime
    release_at: datetime | None
    reach: Reach
    urgent: bool | None


def named(q: str) -> list[sa.ColumnElement[bool]]:
    """Conditions on ``Bulletin``: every word typed stands in its title, lead or code, marks or none."""
    return [Bulletin.search.contains(word, autoescape=True) for word in fold(q).split()[:12]]


def _conditions(asked: Asked) -> list[sa.ColumnElement[bool]]:
    conditions = named(asked.q)
    if asked.state is State.SUBMITTED:
        conditions.append(texts_to_approve())
    elif asked.state is not None:
        conditions.append(Bulletin.state == asked.state)
    if asked.topic:
        conditions.append(Topic.code == asked.topic)
    if asked.campaign:
        conditions.append(Campaign.code == asked.campaign)
    if asked.mine:
        conditions.append(Bulletin.writer == asked.mine)
    return conditions


def lines(session: Session, asked: Asked, number: int, sort: tuple[str, bool]) -> Part[Line]:
    """One page of the list; beyond the end, the last page."""
    base = (
        sa.select(sa.func.count())
        .select_from(Bulletin)
        .join(Topic, Topic.id == Bulletin.topic_id)
        .outerjoin(Campaign, Campaign.id == Bulletin.campaign_id)
        .where(*_conditions(asked))
    )
    total = session.execute(base).scalar_one()
    number = min(number, max(-(-total // PAGE), 1))
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
        # Those without a time come last, whichever way and on either database.
        order.insert(0, Bulletin.release_at.is_(None))
    query = (
        base.with_only_columns(Bulletin, Revision.title)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest))
        .order_by(*order)
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    )
    found = session.execute(query).all()
    reach = reach_of(session, [bulletin.id for bulletin, _ in found])
    shades = topic_shades(session)
    urgent = one_signature(session, [bulletin.id for bulletin, _ in found])
    rows = [
        Line(
            code=bulletin.code,
            title=title,
            state=bulletin.state,
            pending=bulletin.pending is not None,
            topic=bulletin.topic.name,
            shade=shades[bulletin.topic.code],
            writer=bulletin.writer_name,
            edited_at=bulletin.edited_at,
            release_at=bulletin.release_at,
            reach=reach[bulletin.id],
            urgent=urgent.get(bulletin.id),
        )
        for bulletin, title in found
    ]
    return Part(rows, total, number)


def topic_shades(session: Session) -> Mapping[str, int]:
    """The colour of each topic, by code: six of them tell topics apart, later ones share the last."""
    return {one.code: min(number, 6) for number, one in enumerate(choosing.topics(session), start=1)}


@staff()
def index() -> ResponseReturnValue:
    """The list with its filters."""
    asked = Asked.of(request.args, actor().id)
    with front().place.database.read() as session:
        part = lines(session, asked, listing.page_number(), listing.order(SORTS, "-edited"))
        topics = [(one.code, one.name) for one in choosing.topics(session)]
        plans = [(one.code, one.number) for one in choosing.plans(session)]
    return render_template(
        "bulletins/index.html",
        part=part, asked=asked, topics=topics, plans=plans, writes=actor().may(May.WRITE),
        states=[(state.value, name_for("bulletin", state, language())) for state in State],
    )  # fmt: skip
