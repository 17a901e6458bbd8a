"""Progress pages: the headline with its charts, the figures behind it, and breakdowns down to the rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from campaigns.compliance.cases.listing import CaseFilter, case_totals
from campaigns.core.clock import city_day
from campaigns.core.errors import Invalid
from campaigns.core.listing import ALL, unaccepted_value
from campaigns.core.vietnamese import sort_key
from campaigns.matching.matcher import RULE_VERSION
from campaigns.partners.directory import SiteKind
from campaigns.partners.register_figures import register_figures
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
from coordinator.jobs.reporting.briefings import briefing_files
from coordinator.jobs.reporting.briefings.briefing_document import period_words
from coordinator.jobs.reporting.briefings.figure_tables import rows_table
from coordinator.jobs.reporting.rendered_report import FORMATS
from coordinator.translation import VIETNAMESE, speaking
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.reporting.progress import charts, explanation
from coordinator.web.desk.reporting.progress.queries import progress_overview, progress_timing
from coordinator.web.desk.reporting.progress.scenario import scenario_form
from coordinator.web.kit.forms import autocomplete
from coordinator.web.kit.lists import pagination, report_scope
from coordinator.web.kit.lists.downloads import attachment, csv_attachment
from coordinator.web.kit.lists.report_scope import ReportScope
from coordinator.web.kit.text import periods

blueprint = Blueprint("progress", __name__, url_prefix="/desk/progress")

FIGURES = ("delivered", "found", "confirmed", "partial", "review", "rejected", "gone", "unreadable", "attributed")
# A channel delivers; republications belong to sites.
BY_FIGURES = dict.fromkeys(GROUPS, FIGURES) | {"channel": ("delivered",), "site": FIGURES[1:]}
# The tab that leads to each breakdown.
_TAB_OF = {"partner": "partner", "site": "site", "channel": "site", "topic": "index", "day": "timing"}


@dataclass(frozen=True)
class ProgressFrame:
    """What every tab shows around its figures: the scope, the choices of its filters, and the path of its form."""

    tab: str
    action: str
    as_of: datetime
    choice: ReportScope
    picks: Mapping[str, Sequence[tuple[str, str]]]
    partner: autocomplete.PickField

    @property
    def topics(self) -> dict[str, str]:
        """The names of all topics by code."""
        return dict(self.picks["topics"])

    def values(self) -> dict[str, object]:
        """Return the values of the template."""
        return {
            **{item.name: getattr(self, item.name) for item in fields(self)},
            "rule_version": RULE_VERSION,
            "period_name": periods.period_name,
        }


@blueprint.get("/")
@staff_required()
def index() -> ResponseReturnValue:
    """Show the result of one campaign and period against its targets, and the reasons for it."""
    context = app_context().job_context
    with context.database.read() as session:
        frame = _frame(session, "index", now=context.now())
        if not isinstance(frame, ProgressFrame):
            return frame
        overview = progress_overview(session, frame.choice, frame.topics, frame.as_of)
        late = escalation_counts(session, now=frame.as_of)
        compared = compared_periods(session, frame.choice.scope)
        period = frame.choice.period
        register = register_figures(session, period, now=frame.as_of)
        decided = case_totals(session, CaseFilter(first=period.first, last=period.last))
    return render_template(
        "desk/reporting/progress/index.html",
        **frame.values(),
        overview=overview,
        why=explanation.explain(overview),
        reason_of=explanation.target_reason,
        actual_url=explanation.actual_url,
        late=late,
        compared=compared,
        names_reported=any(figure.reported is not None for line in compared for figure in line.figures),
        compared_query={name: value for name, value in frame.choice.query().items() if name != "period"},
        course=charts.cumulative_chart(overview, low=True),
        register=register,
        decided=decided,
        kinds=SiteKind,
        partial_from=tallies.PARTIAL_FROM,
    )


@blueprint.get("/timing")
@staff_required()
def timing() -> ResponseReturnValue:
    """Show when copies appeared: by week and topic, by day, and how long after the release."""
    context = app_context().job_context
    with context.database.read() as session:
        frame = _frame(session, "timing", now=context.now())
        if not isinstance(frame, ProgressFrame):
            return frame
        figures = progress_timing(session, frame.choice, frame.topics, frame.as_of)
    return render_template(
        "desk/reporting/progress/timing.html",
        **frame.values(),
        median=figures.delays.median,
        weeks=charts.weekly_chart(figures),
        days=charts.daily_chart(figures),
        waits=charts.delay_chart(figures),
    )


@blueprint.get("/scenario")
@staff_required()
def scenario() -> ResponseReturnValue:
    """Show the forecast under assumptions of the person."""
    context = app_context().job_context
    with context.database.read() as session:
        frame = _frame(session, "scenario", now=context.now())
        if not isinstance(frame, ProgressFrame):
            return frame
        overview = progress_overview(session, frame.choice, frame.topics, frame.as_of)
    because = explanation.explain(overview)
    form = scenario_form(overview, because.silence)
    page = render_template(
        "desk/reporting/progress/scenario.html",
        **frame.values(),
        overview=overview,
        why=because,
        silent_days=SILENT_DAYS,
        scenario=form,
        course=charts.cumulative_chart(overview, form.path if form else ()),
    )
    return (page, 422) if form and form.errors else page


@blueprint.get("/<by>")
@staff_required()
def lines(by: str) -> ResponseReturnValue:
    """Show every row of one breakdown, in the requested order; by partner, site and channel with the charts of them."""
    if by not in GROUPS:
        abort(404)
    context = app_context().job_context
    with context.database.read() as session:
        frame = _frame(session, _TAB_OF[by], by=by, now=context.now())
        if not isinstance(frame, ProgressFrame):
            return frame
        scope, having = frame.choice.scope, _requested_figure(by)
        sites = tallies.site_figures(session, scope) if by == "partner" else None
        every = tallies.rows(session, scope, by, sites)
        rows = [row for row in every if getattr(row, having)] if having else every
        carried = largest_sites(session, sites, charts.MOST_SITES) if sites else []
        totals = tallies.totals(session, scope)
        steps, shares = tallies.funnel_and_shares(session, scope)
        spread = furthest(session, scope) if by == "site" else []
    return render_template(
        "desk/reporting/progress/lines.html",
        **frame.values(),
        by=by,
        groups=[group for group in GROUPS if _TAB_OF[group] == _TAB_OF[by]],
        sites=charts.site_table(frame.choice, every, carried) if carried else None,
        bars=charts.partner_chart(frame.choice, every) if by == "partner" else None,
        sources=charts.attribution_chart(shares) if by == "partner" else None,
        steps=charts.funnel_chart(frame.choice, steps) if by in {"site", "channel"} else None,
        spread=spread,
        figures=BY_FIGURES[by],
        having=having,
        part=pagination.paginate(_ordered(rows, by)),
        usual=_default_order(by),
        totals=totals,
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
            with speaking(VIETNAMESE):
                return csv_attachment(rows_table(by, rows), stem)
        if choice.narrowed:
            body = _period_workbook(session, choice, now)
        else:
            campaign = find_campaign(session, choice.plan.code) if choice.plan else None
            body = briefing_files.make_briefing_file(session, campaign, choice.period, form, now=now).body
    return attachment(body, FORMATS[form], f"{stem}.{form}")


def _frame(session: Session, tab: str, *, by: str | None = None, now: datetime) -> ProgressFrame | ResponseReturnValue:
    """Return what stands around the figures of a tab, or the redirect to the address of a typed partner."""
    partner = autocomplete.single_field(session, PickableKind.PARTNER, "partner", request.args)
    if (moved := autocomplete.resolved_url(partner)) is not None:
        return moved
    choice = report_scope.requested_scope(session, now)
    action = url_for(str(request.endpoint), by=by)
    return ProgressFrame(tab, action, now, choice, filter_choices(session, choice, now), partner)


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
    "pictures": {"status": "confirmed", "match": "picture"},
    "review": {"status": "review"},
    "rejected": {"status": "rejected"},
    "gone": {"status": "confirmed", "life": "gone"},
    "unreadable": {"figure": "unreadable"},
    "attributed": {"status": "confirmed", "attribution": Attribution.LINKED_AT_END.value},
    "source_seen": {"figure": "source_seen"},
    "unlooked": {"figure": "unlooked"},
    "source_unseen": {"status": "confirmed", "attribution": Attribution.NOT_SEEN.value},
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
    if column == "name":
        return sorted(rows, key=lambda row: sort_key(row.name), reverse=descending)
    return sorted(rows, key=lambda row: getattr(row, column), reverse=descending)


def _period_workbook(session: Session, choice: ReportScope, now: datetime) -> bytes:
    with speaking(VIETNAMESE):
        tables = [rows_table(by, tallies.rows(session, choice.scope, by)) for by in tallies.GROUPS]
    facts = [
        ("Kế hoạch", choice.plan.number if choice.plan else "tất cả bản tin"),
        ("Kỳ", period_words(choice.period)),
        ("Chuyên đề", choice.topic.name if choice.topic else "tất cả"),
        ("Đối tác", choice.partner.name if choice.partner else "tất cả"),
        ("Số liệu lúc", vi_datetime(now)),
        ("Quy tắc tính, phiên bản", RULE_VERSION),
    ]
    return write_xlsx(f"Kết quả lan tỏa bản tin {period_words(choice.period)}", tables, facts, made_at=now)


@blueprint.context_processor
def _links() -> dict[str, object]:
    # A stranger's request that is refused before the view gets the page of its error.
    actor = current_actor() if current_user.is_authenticated else None
    return {
        "figure_url": figure_url,
        "metrics": Metric,
        "as_day": date.fromisoformat,
        "may_report": actor is not None and actor.may(Permission.REPORT),
        "may_plan": actor is not None and actor.may(Permission.PLAN),
    }
