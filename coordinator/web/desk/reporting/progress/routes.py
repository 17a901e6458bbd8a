"""Progress pages: the headline with its charts, the figures behind it, and breakdowns down to the rows."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.core.errors import Invalid
from campaigns.core.listing import ALL, unaccepted_value
from campaigns.matching.matcher import RULE_VERSION
from campaigns.people.staff import Permission
from campaigns.planning.campaigns import Metric, find_campaign
from campaigns.reporting import tallies
from campaigns.reporting.activity import largest_sites
from campaigns.reporting.history.comparison import compared_periods
from campaigns.reporting.reach import furthest
from campaigns.reporting.removals import escalation_counts
from campaigns.reporting.tallies import GROUPS, TallyRow
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.silent_partners import SILENT_DAYS
from campaigns.search.autocomplete import PickableKind
from coordinator.exports.format import vi_datetime
from coordinator.exports.xlsx import write_xlsx
from coordinator.jobs.reporting import briefing_document, period_report
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.reporting.progress import charts, explanation, scenario
from coordinator.web.desk.reporting.progress.queries import progress_overview
from coordinator.web.kit.forms import autocomplete
from coordinator.web.kit.lists import pagination, report_scope
from coordinator.web.kit.lists.downloads import attachment, csv_attachment
from coordinator.web.kit.lists.report_scope import ReportScope
from coordinator.web.kit.text import periods

blueprint = Blueprint("progress", __name__, url_prefix="/desk/progress")

FIRST_PARTNERS = 7  # rows of the partners' table on the first page
FIGURES = ("delivered", "found", "confirmed", "partial", "review", "rejected", "gone", "unreadable", "attributed")
# A channel delivers; republications belong to sites.
BY_FIGURES = dict.fromkeys(GROUPS, FIGURES) | {"channel": ("delivered",), "site": FIGURES[1:]}


@blueprint.get("/")
@staff_required()
def index() -> ResponseReturnValue:
    """Show one campaign and period."""
    context = app_context().job_context
    with context.database.read() as session:
        partner = autocomplete.single_field(session, PickableKind.PARTNER, "partner", request.args)
        if (moved := autocomplete.resolved_url(partner)) is not None:
            return moved
        now = context.now()
        choice = report_scope.requested_scope(session, now)
        picks = filter_choices(session, choice, now)
        overview = progress_overview(session, choice, dict(picks["topics"]), now)
        spread = furthest(session, choice.scope)
        late = escalation_counts(session, now=now)
        compared = compared_periods(session, choice.scope)
    because = explanation.explain(overview)
    form = scenario.scenario_form(overview, because.silence)
    source_bar, sources = charts.attribution_chart(overview)
    page = render_template(
        "desk/reporting/progress/index.html",
        overview=overview,
        why=because,
        silent_days=SILENT_DAYS,
        reason_of=explanation.target_reason,
        actual_url=explanation.actual_url,
        scenario=form,
        bars=charts.partner_chart(overview),
        choice=choice,
        picks=picks,
        partner=partner,
        spread=spread,
        late=late,
        compared=compared,
        names_reported=any(figure.reported is not None for line in compared for figure in line.figures),
        compared_query={name: value for name, value in choice.query().items() if name != "period"},
        course=charts.cumulative_chart(overview, form.path if form else ()),
        weeks=charts.weekly_chart(overview),
        days=charts.daily_chart(overview),
        steps=charts.funnel_chart(overview),
        waits=charts.delay_chart(overview),
        source_bar=source_bar,
        sources=sources,
        first_partners=[row for row in overview.partners if row.confirmed][:FIRST_PARTNERS],
        partial_from=tallies.PARTIAL_FROM,
        period_name=periods.period_name,
    )
    return (page, 422) if form and form.errors else page


@blueprint.get("/<by>")
@staff_required()
def lines(by: str) -> ResponseReturnValue:
    """Show every row of one breakdown, in the requested order."""
    if by not in GROUPS:
        abort(404)
    context = app_context().job_context
    with context.database.read() as session:
        partner = autocomplete.single_field(session, PickableKind.PARTNER, "partner", request.args)
        if (moved := autocomplete.resolved_url(partner)) is not None:
            return moved
        now = context.now()
        choice = report_scope.requested_scope(session, now)
        having = _requested_figure(by)
        sites = tallies.site_figures(session, choice.scope) if by == "partner" else None
        rows = tallies.rows(session, choice.scope, by, sites)
        if having:
            rows = [row for row in rows if getattr(row, having)]
        carried = largest_sites(session, sites, charts.MOST_SITES) if sites else []
        totals = tallies.totals(session, choice.scope)
        picks = filter_choices(session, choice, now)
    return render_template(
        "desk/reporting/progress/lines.html",
        by=by,
        groups=GROUPS,
        sites=charts.site_table(choice, rows, carried) if carried else None,
        figures=BY_FIGURES[by],
        having=having,
        part=pagination.paginate(_ordered(rows, by)),
        usual=_default_order(by),
        totals=totals,
        choice=choice,
        picks=picks,
        partner=partner,
        as_of=now,
        rule_version=RULE_VERSION,
        period_name=periods.period_name,
    )


@blueprint.get("/download/<by>.<any(csv, xlsx):form>")
@staff_required()
def download(by: str, form: str) -> ResponseReturnValue:
    """Return the rows as CSV; as a workbook, the whole period or all breakdowns of the scope."""
    if by not in GROUPS:
        abort(404)
    context = app_context().job_context
    with context.database.read() as session:
        now = context.now()
        choice = report_scope.requested_scope(session, now)
        plan = f"{choice.plan.code}-" if choice.plan else ""
        stem = f"tien-do-{plan}{choice.period.label.replace('..', '_')}-{by}"
        if form == "csv":
            rows = _ordered(tallies.rows(session, choice.scope, by), by)
            return csv_attachment(briefing_document.rows_table(briefing_document.GROUP_VI[by], by, rows), stem)
        if choice.narrowed:
            body = _period_workbook(session, choice, now)
        else:
            campaign = find_campaign(session, choice.plan.code) if choice.plan else None
            body = period_report.make_report(session, campaign, choice.period, form, now=now).body
    return attachment(body, period_report.FORMATS[form], f"{stem}.{form}")


def filter_choices(session: Session, choice: ReportScope, now: datetime) -> dict[str, list[tuple[str, str]]]:
    """Return the choices of the filters: campaigns, periods, topics."""
    known = report_scope.campaign_choices(session)
    offered = periods.period_choices(choice.plan.period if choice.plan else None, city_day(now))
    if choice.period.label not in dict(offered):
        offered = [(choice.period.label, periods.period_name(choice.period)), *offered]
    return {
        "campaigns": [(campaign.code, campaign.number) for campaign in known] + [(ALL, "")],
        "periods": offered,
        "topics": [(choice.code, choice.name) for choice in report_scope.topic_choices(session)],
    }


# The filters of the list of copies behind each figure of a row.
_LIST_FILTERS: Mapping[str, Mapping[str, str]] = {
    "found": {"figure": "found"},
    "confirmed": {"status": "confirmed"},
    "partial": {"status": "confirmed", "match": "partial"},
    "review": {"status": "review"},
    "rejected": {"status": "rejected"},
    "gone": {"status": "confirmed", "life": "gone"},
    "unreadable": {"figure": "unreadable"},
    "attributed": {"status": "confirmed", "attribution": Attribution.LINKED_AT_END.value},
}


def figure_url(choice: ReportScope, figure: str, by: str = "", key: str = "") -> str:
    """Return the address of the list behind one figure of a row, or of the whole scope: exactly so many rows."""
    own = {"from": key, "to": key} if by == "day" else {by: key} if by else {}
    if figure == "delivered":
        return choice.deliveries_url(**own)
    return choice.rows_url(**{**own, **_LIST_FILTERS[figure]})


def _requested_figure(by: str) -> str:
    """Return the figure that every row must have, of the address; "" for none. Raises ``Invalid`` for another one."""
    figure = request.args.get("having", "").strip()
    if figure and figure not in BY_FIGURES[by]:
        raise Invalid([unaccepted_value("having", figure, BY_FIGURES[by])])
    return figure


def _default_order(by: str) -> str:
    return {"day": "-name", "topic": "", "channel": ""}.get(by, "-confirmed")


def _ordered(rows: Sequence[TallyRow], by: str) -> list[TallyRow]:
    """Return rows in the order of the address; by default that of the tallies, with days newest first."""
    if not request.args.get("sort") and not _default_order(by):
        return list(rows)
    column, descending = pagination.sort_order(("name", *BY_FIGURES[by]), _default_order(by))
    return sorted(rows, key=lambda row: getattr(row, column), reverse=descending)


def _period_workbook(session: Session, choice: ReportScope, now: datetime) -> bytes:
    tables = [
        briefing_document.rows_table(
            f"Theo {briefing_document.GROUP_VI[by].lower()}", by, tallies.rows(session, choice.scope, by)
        )
        for by in tallies.GROUPS
    ]
    facts = [
        ("Kế hoạch", choice.plan.number if choice.plan else "tất cả bản tin"),
        ("Kỳ", briefing_document.period_words(choice.period)),
        ("Chuyên đề", choice.topic.name if choice.topic else "tất cả"),
        ("Đối tác", choice.partner.name if choice.partner else "tất cả"),
        ("Số liệu lúc", vi_datetime(now)),
        ("Quy tắc tính, phiên bản", RULE_VERSION),
    ]
    return write_xlsx(
        f"Kết quả lan tỏa bản tin {briefing_document.period_words(choice.period)}", tables, facts, made_at=now
    )


@blueprint.context_processor
def _links() -> dict[str, object]:
    return {
        "figure_url": figure_url,
        "metrics": Metric,
        "as_day": date.fromisoformat,
        "may_report": current_actor().may(Permission.REPORT),
        "may_plan": current_actor().may(Permission.PLAN),
    }
