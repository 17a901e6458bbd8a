"""Partners by how much of what they claimed was false, for a period."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from campaigns.core.clock import city_day, parse_period, quarter_of
from campaigns.core.errors import Invalid
from campaigns.reporting.claims import LEAST_JUDGED, by_partner
from coordinator.web.desk import inputs, listing
from coordinator.web.security import front, staff

blueprint = Blueprint("claims", __name__)


@blueprint.get("/_claims")
@staff()
def index() -> ResponseReturnValue:
    """The list; a period that cannot be read is said at its field, and the present quarter is shown."""
    place = front().place
    period, errors = quarter_of(city_day(place.now())), {}
    typed = request.args.get("period", "").strip()
    if typed:
        try:
            period = parse_period(typed)
        except Invalid as invalid:
            errors = inputs.said(invalid)
    with place.database.read() as session:
        lines = by_partner(session, period)
    page = render_template(
        "partners/claims.html",
        part=listing.cut(lines),
        period=period,
        typed=typed or period.label,
        errors=errors,
        least=LEAST_JUDGED,
    )
    return (page, 422) if errors else page
