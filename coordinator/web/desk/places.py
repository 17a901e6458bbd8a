"""A bulletin written for a day of a series: what the form begins with, and the day filled when it is saved."""

from datetime import date, datetime

from flask import request
from sqlalchemy.orm import Session

from campaigns.core.errors import NotFound
from campaigns.publishing import series, series_acts
from campaigns.publishing.bulletins import Bulletin
from campaigns.publishing.series import Place
from coordinator.jobs.acts import Also
from coordinator.web.security import actor, front


def asked(session: Session, *, now: datetime) -> Place | None:
    """The place that the address names with ``series`` and ``day``; None where it names none."""
    try:
        day = date.fromisoformat(request.args.get("day", ""))
        return series.find_place(session, request.args.get("series", ""), day, now=now)
    except (ValueError, NotFound):
        return None


def filling(place: Place | None, then: Also | None) -> Also | None:
    """What runs with the saving of the bulletin: what else was asked for, then it fills the place. In this order, so
    that a form that is sent twice is told to be saved already, not that its day is taken."""
    if place is None:
        return then

    def also(session: Session, bulletin: Bulletin) -> None:
        if then is not None:
            then(session, bulletin)
        series_acts.fill(session, actor(), place.series, place.day, bulletin.code, now=front().place.now())

    return also
