"""The register of licences: its figures in a period, each opening its rows, the list of licences, and it as CSV."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.clock import Period, city_day, parse_period, quarter_of
from campaigns.core.contents import from_attributes
from campaigns.partners.directory import Company, SiteKind
from campaigns.partners.expiries import EXPIRES_SOON
from campaigns.partners.licences import Licence
from campaigns.partners.register_figures import (
    LICENCE_ORDERS,
    LicenceFilter,
    RegisterFigure,
    RegisterFigures,
    licence_list,
    licensed_companies,
    register_day,
    register_figures,
)
from campaigns.reporting.briefings.figures import period_before
from coordinator.exports.tables import Column, Table
from coordinator.translation import _
from coordinator.web.auth.security import app_context, staff_required
from coordinator.web.kit.lists import pagination
from coordinator.web.kit.lists.downloads import csv_attachment
from coordinator.web.kit.lists.requested_filter import refuse_unknown_names, requested_filter
from coordinator.web.kit.text import periods
from coordinator.web.kit.text.state_labels import value_label

blueprint = Blueprint("licence_register", __name__, url_prefix="/desk/licences")

MOST_IN_A_FILE = 1_000_000  # rows: every licence that a register can have


@dataclass(frozen=True)
class LicenceRow:
    """A licence in the list; ``standing``: a state of ``validity``, today."""

    number: str
    kind: SiteKind
    partner: str
    partner_code: str
    issuer: str
    issued_on: date
    expires_on: date | None
    withdrawn_on: date | None
    withdrawal: str
    domains: str
    standing: str


def licence_row(licence: Licence, company: Company, today: date) -> LicenceRow:
    """Return a licence for display."""
    return from_attributes(
        LicenceRow,
        licence,
        partner=company.name,
        partner_code=company.code,
        domains=", ".join(licence.domains),
        standing=periods.validity_of(licence.issued_on, licence.last_day, today),
    )


def _requested_period(today: date) -> Period:
    """Return the period of the address; the current quarter without one. Raises ``Invalid``."""
    asked = request.args.get("period", "").strip()
    return parse_period(asked) if asked else quarter_of(today)


def _requested_list(session: Session, period: Period) -> tuple[LicenceFilter, Any]:
    filters = requested_filter(LicenceFilter, beside=("period",))
    filters.check_codes(session)
    order, newest = pagination.sort_order(LICENCE_ORDERS, "number")
    now = app_context().job_context.now()
    return filters, licence_list(session, filters, period, order=order, newest=newest, now=now)


@blueprint.get("")
@staff_required()
def index() -> ResponseReturnValue:
    """Show the figures of a period, and the licences."""
    context = app_context().job_context
    now = context.now()
    today = city_day(now)
    period = _requested_period(today)
    with context.database.read() as session:
        figures = register_figures(session, period, now=now)
        before = register_figures(session, period_before(period), now=now)
        filters, listed = _requested_list(session, period)
        part = listed.page(session, pagination.page_number())
    offered = periods.period_choices(None, today)
    if period.label not in dict(offered):
        offered = [(period.label, periods.period_name(period)), *offered]
    rows = [licence_row(licence, company, today) for licence, company in part.rows]
    return render_template(
        "desk/partners/licences.html",
        part=part.with_rows(rows),
        filters=filters,
        period=period,
        period_name=periods.period_name(period),
        day=figures.day,
        over=period.last < today,
        periods=offered,
        register=_figure_rows(figures, before, period),
        figures=[(figure.value, value_label("register_figure", figure)) for figure in RegisterFigure],
        kinds=[(kind.value, value_label("site", kind)) for kind in SiteKind],
        soon=EXPIRES_SOON.days,
        file=url_for(
            "licence_register.file", **{**filters.to_args(), "period": period.label, "sort": request.args.get("sort")}
        ),
    )


FigureLink = tuple[int, str | None]


def _figure_rows(
    figures: RegisterFigures, before: RegisterFigures, period: Period
) -> list[tuple[str, list[FigureLink]]]:
    """Return the register by kind: each count with the address of its rows, None for 0."""
    found = []
    for row in figures.rows:

        def rows_of(count: int, figure: RegisterFigure, days: Period = period, kind: SiteKind = row.kind) -> FigureLink:
            asked: dict[str, Any] = {"kind": kind.value, "figure": figure.value, "period": days.label}
            return count, url_for("licence_register.index", **asked, _anchor="danh-sach") if count else None

        companies = url_for("licence_register.companies", kind=row.kind.value, period=period.label)
        found.append(
            (
                value_label("site", row.kind),
                [
                    rows_of(before.of(row.kind).licences, RegisterFigure.IN_FORCE, period_before(period)),
                    rows_of(row.new, RegisterFigure.NEW),
                    rows_of(row.changed, RegisterFigure.CHANGED),
                    rows_of(row.expired, RegisterFigure.EXPIRED),
                    rows_of(row.withdrawn, RegisterFigure.WITHDRAWN),
                    rows_of(row.licences, RegisterFigure.IN_FORCE),
                    (row.companies, companies if row.companies else None),
                    rows_of(row.ending, RegisterFigure.ENDING),
                ],
            )
        )
    return found


@blueprint.get("/companies")
@staff_required()
def companies() -> ResponseReturnValue:
    """Show the companies with a licence in force at the end of a period."""
    refuse_unknown_names("kind", "period")
    context = app_context().job_context
    now = context.now()
    period = _requested_period(city_day(now))
    kind = requested_filter(LicenceFilter, only=("kind",), beside=("period",)).kind
    with context.database.read() as session:
        rows = licensed_companies(session, period, kind, now=now)
    return render_template(
        "desk/partners/licensed_companies.html",
        part=pagination.paginate(rows),
        period=period,
        period_name=periods.period_name(period),
        day=register_day(period, now),
        kind=kind,
        kind_name=value_label("site", kind) if kind else _("Mọi loại giấy phép"),
    )


@blueprint.get("/file.csv")
@staff_required()
def file() -> ResponseReturnValue:
    """Return the licences of the list as CSV."""
    context = app_context().job_context
    today = city_day(context.now())
    period = _requested_period(today)
    with context.database.read() as session:
        _filters, listed = _requested_list(session, period)
        rows = [licence_row(licence, company, today) for licence, company in listed.rows(session, MOST_IN_A_FILE)]
    columns = (
        Column("number", _("Số giấy phép")),
        Column("kind", _("Loại giấy phép")),
        Column("partner_code", _("Mã đối tác")),
        Column("partner", _("Doanh nghiệp")),
        Column("issuer", _("Cơ quan cấp")),
        Column("issued_on", _("Ngày cấp"), "date"),
        Column("expires_on", _("Ngày hết hạn"), "date"),
        Column("withdrawn_on", _("Thu hồi từ ngày"), "date"),
        Column("withdrawal", _("Căn cứ thu hồi")),
        Column("domains", _("Tên miền")),
        Column("standing", _("Tình trạng")),
    )
    lines = [
        tuple(
            value_label("site", row.kind)
            if column.key == "kind"
            else value_label("validity", row.standing)
            if column.key == "standing"
            else getattr(row, column.key)
            for column in columns
        )
        for row in rows
    ]
    return csv_attachment(Table(_("Giấy phép"), columns, lines), f"giay-phep-{period.label.replace('..', '_')}")
