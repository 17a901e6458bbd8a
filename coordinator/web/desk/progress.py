"""Progress: the headline with its course, the figures behind it, and every line down to its rows."""

from collections.abc import Sequence
from datetime import date, datetime

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.people.staff import May
from campaigns.planning.campaigns import Metric, find_campaign
from campaigns.planning.shortfalls import SILENT_DAYS
from campaigns.reporting import tallies
from campaigns.reporting.carrying import largest_sites
from campaigns.reporting.reach import furthest
from campaigns.reporting.removals import pressing
from campaigns.reporting.tallies import GROUPS, Row
from campaigns.searching.picking import Thing
from campaigns.tracking.matching import RULE_VERSION
from coordinator.exports.csv import write_csv
from coordinator.exports.format import vi_datetime
from coordinator.exports.xlsx import write_xlsx
from coordinator.jobs import briefing_document, reporting
from coordinator.web.desk import (
    choosing,
    listing,
    periods,
    picking,
    progress_drawings,
    progress_pictures,
    progress_why,
    what_if,
)
from coordinator.web.desk.choosing import Choice
from coordinator.web.desk.progress_figures import overview
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("progress", __name__, url_prefix="/desk/progress")

FIRST_PARTNERS = 7  # lines of the partners' table on the first page
FIGURES = ("delivered", "found", "confirmed", "review", "rejected", "gone", "attributed")
# A channel delivers; what was republished belongs to sites.
BY_FIGURES = dict.fromkeys(GROUPS, FIGURES) | {"channel": ("delivered",), "site": FIGURES[1:]}


@blueprint.get("/")
@staff()
def index() -> ResponseReturnValue:
    """One campaign and period at a glance."""
    place = front().place
    with place.database.read() as session:
        partner = picking.one(session, Thing.PARTNER, "partner", request.args)
        if (moved := picking.settled(partner)) is not None:
            return moved
        now = place.now()
        choice = choosing.choose(session, now)
        picks = picks_of(session, choice, now)
        told = overview(session, choice, dict(picks["topics"]), now)
        spread = furthest(session, choice.scope)
        late = pressing(session, now=now)
    because = progress_why.why(told)
    asked = what_if.question(told, because.silence)
    source_bar, sources = progress_drawings.sources(told)
    shown = render_template(
        "progress/index.html",
        told=told,
        why=because,
        silent_days=SILENT_DAYS,
        reason_of=progress_why.reason_of,
        asked=asked,
        bars=progress_pictures.partners(told),
        choice=choice,
        picks=picks,
        partner=partner,
        spread=spread,
        late=late,
        course=progress_drawings.course(told, asked.path if asked else ()),
        weeks=progress_drawings.weeks(told),
        days=progress_drawings.days(told),
        steps=progress_drawings.steps(told),
        waits=progress_drawings.waits(told),
        source_bar=source_bar,
        sources=sources,
        first_partners=[row for row in told.partners if row.confirmed][:FIRST_PARTNERS],
        period_name=periods.period_name,
        span=periods.span,
    )
    return (shown, 422) if asked and asked.errors else shown


@blueprint.get("/<by>")
@staff()
def lines(by: str) -> ResponseReturnValue:
    """Every line of one way of counting, in the reader's order."""
    if by not in GROUPS:
        abort(404)
    place = front().place
    with place.database.read() as session:
        partner = picking.one(session, Thing.PARTNER, "partner", request.args)
        if (moved := picking.settled(partner)) is not None:
            return moved
        now = place.now()
        choice = choosing.choose(session, now)
        rows = tallies.rows(session, choice.scope, by)
        carried = largest_sites(session, choice.scope, progress_pictures.MOST_SITES) if by == "partner" else []
        totals = tallies.totals(session, choice.scope)
        picks = picks_of(session, choice, now)
    return render_template(
        "progress/lines.html",
        by=by,
        groups=GROUPS,
        places=progress_pictures.places(rows, carried) if carried else None,
        figures=BY_FIGURES[by],
        part=listing.cut(_ordered(rows, by)),
        usual=_usual(by),
        totals=totals,
        choice=choice,
        picks=picks,
        partner=partner,
        as_of=now,
        rule_version=RULE_VERSION,
        period_name=periods.period_name,
    )


@blueprint.get("/download/<by>.<any(csv, xlsx):form>")
@staff()
def download(by: str, form: str) -> ResponseReturnValue:
    """The lines as CSV; as a workbook the whole period, or all ways of counting what was chosen."""
    if by not in GROUPS:
        abort(404)
    place = front().place
    with place.database.read() as session:
        now = place.now()
        choice = choosing.choose(session, now)
        if form == "csv":
            table = briefing_document.rows_table(
                briefing_document.GROUP_VI[by], by, _ordered(tallies.rows(session, choice.scope, by), by)
            )
            body = write_csv(table)
        elif choice.narrowed:
            body = _narrowed(session, choice, now)
        else:
            campaign = find_campaign(session, choice.plan.code) if choice.plan else None
            body = reporting.make(session, campaign, choice.period, form, now=now).body
    plan = f"{choice.plan.code}-" if choice.plan else ""
    return attachment(
        body, reporting.FORMATS[form], f"tien-do-{plan}{choice.period.label.replace('..', '_')}-{by}.{form}"
    )


def attachment(body: bytes, media_type: str, name: str) -> Response:
    """A file to be saved. ``name`` is ASCII by making: codes, labels and our own words."""
    response = Response(body, mimetype=None, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def picks_of(session: Session, choice: Choice, now: datetime) -> dict[str, list[tuple[str, str]]]:
    """What the filters offer: campaigns, periods, topics."""
    known = choosing.plans(session)
    offered = periods.offered(choice.plan.period if choice.plan else None, city_day(now))
    if choice.period.label not in dict(offered):
        offered = [(choice.period.label, periods.period_name(choice.period)), *offered]
    return {
        "campaigns": [(one.code, one.number) for one in known] + [(choosing.ALL, "")],
        "periods": offered,
        "topics": [(one.code, one.name) for one in choosing.topics(session)],
    }


def line_url(choice: Choice, by: str, row: Row, **filters: object) -> str | None:
    """The republications behind one line."""
    match by:
        case "day":
            return choice.rows_url(**{"from": row.key, "to": row.key}, **filters)
        case "partner" | "site" | "topic":
            return choice.rows_url(**{by: row.key}, **filters)
        case _:
            return None


def _usual(by: str) -> str:
    return {"day": "-name", "topic": "", "channel": ""}.get(by, "-confirmed")


def _ordered(rows: Sequence[Row], by: str) -> list[Row]:
    """Lines in the order the address asks for; without one as the tallies give them, days newest first."""
    if not request.args.get("sort") and not _usual(by):
        return list(rows)
    column, descending = listing.order(("name", *BY_FIGURES[by]), _usual(by))
    return sorted(rows, key=lambda row: getattr(row, column), reverse=descending)


def _narrowed(session: Session, choice: Choice, now: datetime) -> bytes:
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
        ("Luật đếm", RULE_VERSION),
    ]
    return write_xlsx(
        f"Kết quả lan tỏa bản tin {briefing_document.period_words(choice.period)}", tables, facts, made_at=now
    )


@blueprint.context_processor
def _links() -> dict[str, object]:
    return {
        "line_url": line_url,
        "metrics": Metric,
        "as_day": date.fromisoformat,
        "may_report": actor().may(May.REPORT),
        "may_plan": actor().may(May.PLAN),
    }
