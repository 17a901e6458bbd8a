"""Copies that partners have not put right: recalled ones still up, old texts, and how long each partner takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from campaigns.reporting import removals
from campaigns.reporting.removals import ESCALATE_AFTER, Behind
from coordinator.web.desk.elsewhere import partner_page
from coordinator.web.desk.life_words import told_words
from coordinator.web.security import front, staff

blueprint = Blueprint("removals", __name__, url_prefix="/desk/removals")


@dataclass(frozen=True)
class Line:
    """One copy to press for; ``age``: for how long it has been behind; ``late``: for longer than a day."""

    copy: Behind
    age: timedelta
    late: bool
    told: str
    partner_url: str | None


@blueprint.get("")
@staff()
def index() -> ResponseReturnValue:
    """What has to be pressed for; with ``?all=1`` what is younger than a day too. Printed as it stands: no pages."""
    everything = request.args.get("all") == "1"
    place = front().place
    now = place.now()
    with place.database.read() as session:
        found = removals.behind(session, now=now, over=timedelta(0))
        partners = removals.removals(session)
    lines = [
        Line(
            one,
            now - one.since,
            now - one.since >= ESCALATE_AFTER,
            told_words(one.told, recalled=one.recalled),
            partner_page(one.company_code),
        )
        for one in found
    ]
    shown = [line for line in lines if everything or line.late]
    return render_template(
        "removals/index.html",
        recalled=_of(shown, recalled=True),
        old=_of(shown, recalled=False),
        late=sum(line.late for line in lines),
        young=sum(not line.late for line in lines),
        everything=everything,
        hours=int(ESCALATE_AFTER.total_seconds() // 3600),
        partners=partners,
        partner_page=partner_page,
        as_of=now,
    )


def _of(lines: Sequence[Line], *, recalled: bool) -> list[Line]:
    return [line for line in lines if line.copy.recalled is recalled]
