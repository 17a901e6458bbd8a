"""The search page with its filters, and a few hits while a person types."""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, BulletinState, looks_like_code
from campaigns.core.clock import FIRST_YEAR, LAST_YEAR, Period
from campaigns.core.listing import ListFilter, ListPage, argument
from campaigns.partners.directory import Company, current_company_id
from campaigns.planning.campaigns import Topic
from campaigns.republications.republications import RepublicationStatus
from campaigns.search.autocomplete import PickableKind
from campaigns.search.index import IndexedKind
from campaigns.search.query import MOST_TYPED, parse_query
from campaigns.search.results import MOST_COUNTED, SearchFilter
from coordinator.translation import _
from coordinator.web.auth.security import app_context, staff_required
from coordinator.web.desk.search.queries import FEW, KIND_ORDER, MANY, QUICK, SearchResults, search_results
from coordinator.web.kit.forms import autocomplete
from coordinator.web.kit.forms.datetimes import requested_days
from coordinator.web.kit.lists import pagination, report_scope
from coordinator.web.kit.lists.requested_filter import requested_filter
from coordinator.web.kit.text.state_labels import value_label

blueprint = Blueprint("search", __name__, url_prefix="/desk/search")


@dataclass(frozen=True)
class SearchFields(ListFilter):
    """The filter of an address. ``state`` and ``status``: of a bulletin and of a copy, from one field."""

    kind: IndexedKind | None = argument(values={kind.code: kind for kind in IndexedKind})
    state: BulletinState | None = None
    status: RepublicationStatus | None = argument(name="state")
    topic: str | None = argument(longest=80, of=Topic)
    partner: str | None = argument(longest=80, of=Company)
    first: date | None = argument(name="from")
    last: date | None = argument(name="to")

    def resolved(self, session: Session) -> SearchFilter:
        """Return the filter with ids for its codes; an unknown code matches nothing."""
        period = None
        if self.first or self.last:
            period = Period(self.first or date(FIRST_YEAR, 1, 1), self.last or date(LAST_YEAR, 12, 31), "")
        topic, partner = _row_id(session, Topic, self.topic), _row_id(session, Company, self.partner)
        return SearchFilter(self.state, self.status, topic, partner, period)


@blueprint.get("")
@staff_required()
def results() -> ResponseReturnValue:
    """The results, a few of each kind or many of one. A bulletin's whole code redirects to it."""
    q = request.args.get("q", "").strip()[:MOST_TYPED]
    with app_context().job_context.database.read() as session:
        partner = autocomplete.single_field(session, PickableKind.PARTNER, "partner", request.args)
        if (moved := autocomplete.resolved_url(partner)) is not None:
            return moved
        days = requested_days(request.args)
        filters = requested_filter(SearchFields, days.settled(autocomplete.resolved_query(partner)), beside=("q",))
        filters.check_codes(session)
        number = min(pagination.page_number(), MOST_COUNTED // MANY) if filters.kind else 1
        if looks_like_code(q.upper()) and (code := _known_code(session, q.upper())) is not None:
            return redirect(url_for("bulletins.show", code=code), code=303)
        narrowed = filters.resolved(session)
        hits = search_results(
            session, parse_query(q), narrowed, [filters.kind] if filters.kind else KIND_ORDER,
            most=MANY if filters.kind else FEW, skip=(number - 1) * MANY,
        )  # fmt: skip
        topics = [(topic.code, topic.name) for topic in report_scope.topic_choices(session)]
    part = None
    if filters.kind and hits:
        (group,) = hits.groups
        part = ListPage(group.lines, min(group.total, MOST_COUNTED), number, MANY)
    page = render_template(
        "desk/search/results.html",
        q=q,
        has_query=bool(parse_query(q)),
        filters=filters,
        days=days,
        found=hits,
        part=part,
        topics=topics,
        partner=partner,
        states=_state_choices(),
        kinds=[(kind.code, _kind_label(kind)) for kind in KIND_ORDER],
        name_of_kind=_kind_label,
        most=MOST_COUNTED,
        left_out=[_kind_label(kind) for kind in KIND_ORDER if filters.narrowed and not narrowed.fits(kind)],
    )
    return page, days.status


@blueprint.get("/quick")
@staff_required()
def quick() -> ResponseReturnValue:
    """A few hits of each kind, for the box below the search field. Without htmx it redirects to the results."""
    q = request.args.get("q", "").strip()[:MOST_TYPED]
    if request.headers.get("HX-Request") != "true":
        return redirect(url_for("search.results", q=q), code=303)
    query = parse_query(q)
    hits = SearchResults()
    if query:
        with app_context().job_context.database.read() as session:
            hits = search_results(session, query, SearchFilter(), most=QUICK)
    answer = make_response(
        render_template(
            "desk/search/quick.html",
            q=q,
            has_query=bool(query),
            found=hits,
            name_of_kind=_kind_label,
        )
    )
    answer.vary.add("HX-Request")
    return answer


def _kind_label(kind: IndexedKind) -> str:
    return str(
        {
            IndexedKind.BULLETIN: _("Bản tin"),
            IndexedKind.COPY: _("Bài đăng lại"),
            IndexedKind.SITE: _("Trang"),
            IndexedKind.COMPANY: _("Đối tác"),
            IndexedKind.LICENCE: _("Giấy phép"),
        }[kind]
    )


def _state_choices() -> list[tuple[str, str]]:
    bulletins = [
        (state.value, f"{_kind_label(IndexedKind.BULLETIN)}: {value_label('bulletin', state)}")
        for state in BulletinState
    ]
    copies = [
        (status.value, f"{_kind_label(IndexedKind.COPY)}: {value_label('republication', status)}")
        for status in RepublicationStatus
    ]
    return [*bulletins, *copies]


def _known_code(session: Session, code: str) -> str | None:
    return session.execute(sa.select(Bulletin.code).where(Bulletin.code == code)).scalar_one_or_none()


def _row_id(session: Session, table: type[Topic | Company], code: str | None) -> int | None:
    if code is None:
        return None
    query = sa.select(current_company_id(code)) if table is Company else sa.select(table.id).where(table.code == code)
    known = session.execute(query).scalar_one_or_none()
    return known if known is not None else 0  # no row has the number 0
