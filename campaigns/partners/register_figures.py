"""The register in figures: companies and licences in force by kind at the end of a period, and what changed in it.

The pages, the API and the briefing take these figures from here. A licence counts by its content as it is known at the
moment of the figures: now, or at an earlier moment (``LicenceVersion``). It is in force on its last day; the day after
is the one on which it ended, so that what was in force before, plus the new ones, minus the ended ones is in force now.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import Period, city_day
from campaigns.core.listing import ListFilter, ListQuery, argument
from campaigns.core.vietnamese import fold
from campaigns.partners.directory import Company, SiteKind, current_company_id
from campaigns.partners.expiries import EXPIRES_SOON
from campaigns.partners.licences import Licence, LicenceAct, LicenceVersion


class RegisterFigure(Enum):
    """A figure of the register."""

    IN_FORCE = "in_force"  # at the end of the period
    NEW = "new"  # issued in the period
    CHANGED = "changed"  # its content was changed in the period, under the same number
    EXPIRED = "expired"  # its term ended
    WITHDRAWN = "withdrawn"
    ENDED = "ended"  # either
    ENDING = "ending"  # in force at the end of the period, and its term ends within ``EXPIRES_SOON``


@dataclass(frozen=True)
class RegisterRow:
    """The figures of one kind; ``companies``: those with a licence of it in force at the end of the period."""

    kind: SiteKind
    licences: int
    companies: int
    new: int
    changed: int
    expired: int
    withdrawn: int
    ending: int

    @property
    def ended(self) -> int:
        """Those that are no longer in force since a day of the period."""
        return self.expired + self.withdrawn


@dataclass(frozen=True)
class RegisterFigures:
    """The register of a period. ``day``: the day of the figures, the period's last or, while it lasts, today;
    ``companies``: those with any licence in force, each once; ``rows``: one for each kind, in the order of kinds."""

    day: date
    companies: int
    rows: tuple[RegisterRow, ...]

    @property
    def licences(self) -> int:
        """The licences in force of all kinds."""
        return sum(row.licences for row in self.rows)

    def of(self, kind: SiteKind) -> RegisterRow:
        """The row of a kind."""
        return next(row for row in self.rows if row.kind is kind)


class _Source(NamedTuple):
    """Where the content of licences is read: the rows of today, or the versions of an earlier moment."""

    licence_id: Any
    company_id: Any
    kind: Any
    issued_on: Any
    expires_on: Any
    withdrawn_on: Any
    conditions: tuple[sa.ColumnElement[bool], ...] = ()
    moment: datetime | None = None


_TODAY = _Source(
    Licence.id, Licence.company_id, Licence.kind, Licence.issued_on, Licence.expires_on, Licence.withdrawn_on
)


def _source(moment: datetime | None) -> _Source:
    if moment is None:
        return _TODAY
    last = sa.select(sa.func.max(LicenceVersion.id)).where(LicenceVersion.at <= moment)
    return _Source(
        LicenceVersion.licence_id, LicenceVersion.company_id, LicenceVersion.kind, LicenceVersion.issued_on,
        LicenceVersion.expires_on, LicenceVersion.withdrawn_on,
        (LicenceVersion.id.in_(last.group_by(LicenceVersion.licence_id)),), moment,
    )  # fmt: skip


def register_day(period: Period, now: datetime) -> date:
    """The day of a period's figures: its last or, while it lasts, today."""
    return min(period.last, city_day(now))


def figure_condition(figure: RegisterFigure, period: Period, day: date, of: _Source = _TODAY) -> sa.ColumnElement[bool]:
    """The condition on licences that are counted in a figure. ``day``: the ``register_day`` of the period."""
    expired = of.expires_on.between(period.first - timedelta(days=1), day - timedelta(days=1))
    withdrawn = of.withdrawn_on.between(period.first, day)
    # Of both the earlier day is the end; a licence is withdrawn when the last day of its term is not reached.
    by_term = sa.or_(of.withdrawn_on.is_(None), of.withdrawn_on > of.expires_on)
    by_decision = sa.or_(of.expires_on.is_(None), of.withdrawn_on <= of.expires_on)
    condition: sa.ColumnElement[bool]
    match figure:
        case RegisterFigure.NEW:
            condition = of.issued_on.between(period.first, day)
        case RegisterFigure.CHANGED:
            changed = [
                LicenceVersion.act == LicenceAct.CHANGED,
                LicenceVersion.day.between(period.first, day),
            ]
            if of.moment is not None:
                changed.append(LicenceVersion.at <= of.moment)
            condition = of.licence_id.in_(sa.select(LicenceVersion.licence_id).where(*changed))
        case RegisterFigure.EXPIRED:
            condition = sa.and_(expired, by_term)
        case RegisterFigure.WITHDRAWN:
            condition = sa.and_(withdrawn, by_decision)
        case RegisterFigure.ENDED:
            condition = sa.or_(sa.and_(expired, by_term), sa.and_(withdrawn, by_decision))
        case _:
            condition = sa.and_(
                of.issued_on <= day,
                sa.or_(of.expires_on.is_(None), of.expires_on >= day),
                sa.or_(of.withdrawn_on.is_(None), of.withdrawn_on > day),
            )
            if figure is RegisterFigure.ENDING:
                condition = sa.and_(condition, of.expires_on <= day + EXPIRES_SOON)
    return condition


def register_figures(
    session: Session, period: Period, *, moment: datetime | None = None, now: datetime
) -> RegisterFigures:
    """The register of a period as it is known now, or was at the ``moment``, in one statement a kind of count."""
    of, day = _source(moment), register_day(period, moment or now)

    def counted(figure: RegisterFigure) -> Any:
        return sa.func.coalesce(sa.func.sum(sa.case((figure_condition(figure, period, day, of), 1), else_=0)), 0)

    owner = sa.case((figure_condition(RegisterFigure.IN_FORCE, period, day, of), of.company_id))
    query = sa.select(
        of.kind, counted(RegisterFigure.IN_FORCE), sa.func.count(owner.distinct()),
        *(counted(figure) for figure in _COUNTED),
    ).where(*of.conditions).group_by(of.kind)  # fmt: skip
    found = {row[0]: RegisterRow(row[0], *(int(count) for count in row[1:])) for row in session.execute(query)}
    companies = session.execute(sa.select(sa.func.count(owner.distinct())).where(*of.conditions)).scalar_one()
    nothing = (0,) * (2 + len(_COUNTED))
    return RegisterFigures(day, companies, tuple(found.get(kind, RegisterRow(kind, *nothing)) for kind in SiteKind))


_COUNTED = (
    RegisterFigure.NEW, RegisterFigure.CHANGED, RegisterFigure.EXPIRED, RegisterFigure.WITHDRAWN, RegisterFigure.ENDING,
)  # fmt: skip


@dataclass(frozen=True)
class RegisteredLicence:
    """A licence behind a figure, with its partner's code and name."""

    number: str
    kind: SiteKind
    issued_on: date
    expires_on: date | None
    withdrawn_on: date | None
    partner: str
    name: str


def licences_of_figure(
    session: Session,
    period: Period,
    figure: RegisterFigure,
    kind: SiteKind | None = None,
    *,
    moment: datetime | None = None,
    now: datetime,
) -> list[RegisteredLicence]:
    """The licences that are counted in a figure, of one kind or of all, by number."""
    of = _source(moment)
    columns: tuple[Any, ...] = (
        Licence.number, of.kind, of.issued_on, of.expires_on, of.withdrawn_on, Company.code, Company.name
    )  # fmt: skip
    query = sa.select(*columns).select_from(Licence)
    if moment is not None:
        query = query.join(LicenceVersion, LicenceVersion.licence_id == Licence.id)
    query = query.join(Company, Company.id == of.company_id)
    query = query.where(figure_condition(figure, period, register_day(period, moment or now), of), *of.conditions)
    if kind is not None:
        query = query.where(of.kind == kind)
    return [RegisteredLicence(*row) for row in session.execute(query.order_by(Licence.number))]


@dataclass(frozen=True)
class LicensedCompany:
    """A company with licences in force, and how many."""

    code: str
    name: str
    licences: int


def licensed_companies(
    session: Session,
    period: Period,
    kind: SiteKind | None = None,
    *,
    moment: datetime | None = None,
    now: datetime,
) -> list[LicensedCompany]:
    """The companies with a licence in force at the end of a period, of one kind or of any, by name."""
    of, day = _source(moment), register_day(period, moment or now)
    query = (
        sa.select(Company.code, Company.name, sa.func.count())
        .where(Company.id == of.company_id, figure_condition(RegisterFigure.IN_FORCE, period, day, of), *of.conditions)
        .group_by(Company.id, Company.code, Company.name)
    )
    if kind is not None:
        query = query.where(of.kind == kind)
    return [LicensedCompany(*row) for row in session.execute(query.order_by(Company.name, Company.code))]


# The list of licences as they are known today.


@dataclass(frozen=True)
class LicenceFilter(ListFilter):
    """Filter of the list. ``q``: a part of the number or of the partner's name; ``partner``: the partner's code;
    ``figure``: a figure of the register, in the period of the list."""

    q: str = argument("", longest=100)
    kind: SiteKind | None = argument(where=lambda kind: Licence.kind == kind)
    figure: RegisterFigure | None = None
    partner: str | None = argument(of=Company, where=lambda code: Licence.company_id == current_company_id(code))


LICENCE_ORDERS = ("number", "partner", "issued", "ends")  # "entered" is that of programs, which follow a cursor


def licence_list(
    session: Session,
    filters: LicenceFilter,
    period: Period,
    visible: Sequence[sa.ColumnElement[bool]] = (),
    *,
    order: str = "number",
    newest: bool = False,
    now: datetime,
) -> ListQuery[Licence, Company]:
    """The list of licences with their partners. ``period``: of the filter's figure; ``visible``: what else must hold
    for a licence that the reader may know of; ``order``: one of ``LICENCE_ORDERS``, or ``entered``."""
    conditions = [*visible, *filters.conditions()]
    if filters.figure is not None:
        conditions.append(figure_condition(filters.figure, period, register_day(period, now)))
    if words := fold(filters.q).split():
        conditions.append(Licence.id.in_(_with_words(session, words)))
    ends = sa.func.coalesce(Licence.expires_on, date(9999, 12, 31))
    columns: dict[str, Any] = {"number": Licence.number, "partner": Company.name, "issued": Licence.issued_on}
    column = columns.get(order, ends)
    select = sa.select(Licence, Company).join(Company, Company.id == Licence.company_id)
    if order == "entered":
        return ListQuery(Licence, select, conditions, (Licence.id,))
    # 9/GP before 10/GP: a number of more digits is greater. Both databases strip a set of characters so.
    bare = sa.func.ltrim(Licence.number, "0")
    digits = sa.func.length(bare) - sa.func.length(sa.func.ltrim(bare, "0123456789"))
    columns_in_order = (digits, bare, Licence.number) if order == "number" else (column,)
    return ListQuery(
        Licence,
        select,
        conditions,
        [*(part.desc() if newest else part.asc() for part in columns_in_order), Licence.id],
    )


def _with_words(session: Session, words: Sequence[str]) -> list[int]:
    """The licences with all these folded words in their number or their partner's name, which no database folds."""
    query = sa.select(Licence.id, Licence.number, Company.name).join(Company, Company.id == Licence.company_id)
    rows = [(ident, fold(f"{number} {name}")) for ident, number, name in session.execute(query)]
    return [ident for ident, text in rows if all(word in text for word in words)]
