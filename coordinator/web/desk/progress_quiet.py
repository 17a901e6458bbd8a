"""Partners that fell silent: who carried something before and nothing for two weeks, each with its rows."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from campaigns.core.clock import city_day
from campaigns.planning.shortfalls import SILENT_DAYS
from campaigns.reporting import tallies
from campaigns.reporting.carrying import quiet, recent_by_partner, silence_of
from campaigns.tracking.matching import RULE_VERSION
from coordinator.web.desk import choosing, listing, periods
from coordinator.web.security import front, staff

blueprint = Blueprint("progress_quiet", __name__, url_prefix="/desk/progress/quiet")


@blueprint.get("/")
@staff()
def index() -> ResponseReturnValue:
    """Those of one campaign and period, who had carried the most first."""
    place = front().place
    with place.database.read() as session:
        now = place.now()
        choice, today = choosing.choose(session, now), city_day(now)
        rows = tallies.rows(session, choice.scope, "partner")
        confirmed = {row.key: row.confirmed for row in rows}
        found = silence_of(confirmed, recent_by_partner(session, choice.scope, today), choice.period, today)
        partners = quiet(session, choice.scope, found, confirmed, today)
    return render_template(
        "progress/quiet.html",
        part=listing.cut(partners),
        confirmed=confirmed,
        silence=found,
        days=SILENT_DAYS,
        choice=choice,
        as_of=now,
        rule_version=RULE_VERSION,
        period_name=periods.period_name,
    )
