"""The search: its page with filters, and a few hits while somebody types."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.clock import FIRST_YEAR, LAST_YEAR, Period
from campaigns.partners.directory import Company, numbered
from campaigns.planning.campaigns import Topic
from campaigns.publishing.bulletins import Bulletin, State, looks_like_code
from campaigns.searching.asking import MOST_TYPED, ask
from campaigns.searching.finding import MOST_COUNTED, Narrowed
from campaigns.searching.index import Kind
from campaigns.searching.picking import Thing
from campaigns.tracking.republications import Status
from coordinator.web.desk import choosing, listing, picking
from coordinator.web.desk.day_span import DaySpan, asked_days
from coordinator.web.desk.finding import FEW, MANY, ORDER, QUICK, Found, found
from coordinator.web.look import language
from coordinator.web.saying import _
from coordinator.web.security import front, staff
from coordinator.web.wording import name_for

blueprint = Blueprint("search", __name__, url_prefix="/desk/search")

_KINDS: Mapping[str, Kind] = {kind.code: kind for kind in Kind}


@dataclass(frozen=True)
class Filters:
    """The filters as they were sent; what cannot be understood is no filter, and of days it is said. ``state``: of a
    bulletin or of a copy, whose words differ."""

    kind: Kind | None
    state: State | None
    status: Status | None
    topic: str
    partner: str
    days: DaySpan

    @classmethod
    def of(cls, args: Mapping[str, str]) -> "Filters":
        """From an address."""
        state = args.get("state", "")
        return cls(
            _KINDS.get(args.get("kind", "")),
            {one.value: one for one in State}.get(state),
            {one.value: one for one in Status}.get(state),
            args.get("topic", "").strip()[:80],
            args.get("partner", "").strip()[:80],
            asked_days(args),
        )

    @property
    def set(self) -> bool:
        """Whether any is set."""
        others = (self.kind, self.state, self.status, self.topic, self.partner)
        return any((*others, self.days.first, self.days.last))

    def narrowed(self, session: Session) -> Narrowed:
        """The filters as conditions; a code that nobody has fits nothing."""
        period = None
        if self.days.first or self.days.last:
            first, last = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
            period = Period(self.days.first or first, self.days.last or last, "")
        return Narrowed(
            self.state,
            self.status,
            _number(session, Topic, self.topic),
            _number(session, Company, self.partner),
            period,
        )


@blueprint.get("")
@staff()
def results() -> ResponseReturnValue:
    """What was found, a few of each kind or many of one. A bulletin's whole code leads straight to it."""
    q = request.args.get("q", "").strip()[:MOST_TYPED]
    with front().place.database.read() as session:
        partner = picking.one(session, Thing.PARTNER, "partner", request.args)
        if (moved := picking.settled(partner)) is not None:
            return moved
        filters = Filters.of(picking.chosen(partner))
        number = min(listing.page_number(), MOST_COUNTED // MANY) if filters.kind else 1
        if looks_like_code(q.upper()) and (code := _known(session, q.upper())) is not None:
            return redirect(url_for("bulletins.show", code=code), code=303)
        narrowed = filters.narrowed(session)
        hits = found(
            session, ask(q), narrowed, [filters.kind] if filters.kind else ORDER,
            most=MANY if filters.kind else FEW, skip=(number - 1) * MANY,
        )  # fmt: skip
        topics = [(one.code, one.name) for one in choosing.topics(session)]
    part = None
    if filters.kind and hits:
        (group,) = hits.groups
        part = listing.Part(group.lines, min(group.total, MOST_COUNTED), number, MANY)
    page = render_template(
        "search/results.html",
        q=q, asked=bool(ask(q)), filters=filters, found=hits, part=part, topics=topics, partner=partner,
        states=_states(), kinds=[(kind.code, _named(kind)) for kind in ORDER], name_of_kind=_named,
        most=MOST_COUNTED, left_out=[_named(kind) for kind in ORDER if filters.set and not narrowed.fits(kind)],
    )  # fmt: skip
    return page, filters.days.status


@blueprint.get("/quick")
@staff()
def quick() -> ResponseReturnValue:
    """A few hits of each kind, for the box below the search. Asked for as a page, it is the page of results."""
    q = request.args.get("q", "").strip()[:MOST_TYPED]
    if request.headers.get("HX-Request") != "true":
        return redirect(url_for("search.results", q=q), code=303)
    asked = ask(q)
    hits = Found()
    if asked:
        with front().place.database.read() as session:
            hits = found(session, asked, Narrowed(), most=QUICK)
    answer = make_response(
        render_template("search/quick.html", q=q, asked=bool(asked), found=hits, name_of_kind=_named, most=MOST_COUNTED)
    )
    answer.vary.add("HX-Request")
    return answer


def _named(kind: Kind) -> str:
    return str(
        {
            Kind.BULLETIN: _("Bản tin"),
            Kind.COPY: _("Bài lan tỏa"),
            Kind.SITE: _("Trang"),
            Kind.COMPANY: _("Đối tác"),
            Kind.LICENCE: _("Giấy phép"),
        }[kind]
    )


def _states() -> list[tuple[str, str]]:
    said = language()
    bulletins = [(one.value, f"{_named(Kind.BULLETIN)}: {name_for('bulletin', one, said)}") for one in State]
    copies = [(one.value, f"{_named(Kind.COPY)}: {name_for('republication', one, said)}") for one in Status]
    return [*bulletins, *copies]


def _known(session: Session, code: str) -> str | None:
    return session.execute(sa.select(Bulletin.code).where(Bulletin.code == code)).scalar_one_or_none()


def _number(session: Session, table: type[Topic | Company], code: str) -> int | None:
    if not code:
        return None
    query = sa.select(numbered(code)) if table is Company else sa.select(table.id).where(table.code == code)
    known = session.execute(query).scalar_one_or_none()
    return known if known is not None else 0  # no row has the number 0
