"""Where everything about the calendar is found: the addresses of its pages and acts, and nothing else."""

from flask import Blueprint

from coordinator.web.desk import (
    calendar_data,
    calendar_keys,
    calendar_moves,
    calendar_page,
    continuity,
    release_slots,
    series_forms,
    series_places,
)

blueprint = Blueprint("calendar", __name__, url_prefix="/desk/calendar")

_BOTH = ["GET", "POST"]

blueprint.add_url_rule("", "index", calendar_page.index)
blueprint.add_url_rule("/events.json", "events", calendar_data.events)
blueprint.add_url_rule("/bulletins/<code>/move", "move", calendar_moves.move, methods=["POST"])
blueprint.add_url_rule("/bulletins/<code>/undo", "undo", calendar_moves.undo, methods=["POST"])
blueprint.add_url_rule("/slots", "slots", release_slots.page, methods=_BOTH)
blueprint.add_url_rule("/keys", "keys", calendar_keys.page, methods=_BOTH)
blueprint.add_url_rule("/keys/<public>/revoke", "revoke_key", calendar_keys.revoke, methods=["POST"])
blueprint.add_url_rule("/continuity", "continuity", continuity.page)
blueprint.add_url_rule("/series", "series", series_forms.index)
blueprint.add_url_rule("/series/_new", "series_new", series_forms.new, methods=_BOTH)
blueprint.add_url_rule("/series/<public>", "series_change", series_forms.change, methods=_BOTH)
blueprint.add_url_rule("/series/<public>/end", "series_end", series_forms.end, methods=["POST"])
blueprint.add_url_rule("/series/<public>/<day>", "place", series_places.page, methods=_BOTH)
