"""The staff's desk, registered on the application, and what its layout is told."""

from collections.abc import Mapping

from flask import Flask
from flask_login import current_user

from campaigns.people.staff import May
from campaigns.publishing import series
from campaigns.reporting import waiting
from coordinator.jobs.workplace import Front
from coordinator.web import forgotten, joining, setup, sign_on
from coordinator.web.desk import (
    account,
    admin,
    briefings,
    bulletins,
    calendar,
    calendar_page,
    channels,
    compliance,
    deliveries,
    digests,
    filters,
    notices,
    open_data,
    page_help,
    partners,
    picking,
    progress,
    progress_quiet,
    questions,
    recognition,
    removals,
    reports,
    republications,
    results,
    schedules,
    search,
    today,
)
from coordinator.web.look import Reader
from coordinator.web.navigation import Waiting
from coordinator.web.security import actor

ROOMS = (
    setup, today, bulletins, calendar, deliveries, republications, progress, progress_quiet, partners, channels,
    reports, admin, account, removals, search, joining, forgotten, sign_on, notices, questions, picking, compliance,
    recognition, digests, results, filters, schedules, open_data, briefings,
)  # fmt: skip


def register(app: Flask) -> None:
    """Add the desk's blueprints."""
    page_help.install(app)
    for room in ROOMS:
        app.register_blueprint(room.blueprint)


def reader() -> Reader | None:
    """Who is signed in, as the layout shows them."""
    if not current_user or not current_user.is_authenticated:
        return None
    return Reader(current_user.name, current_user.email, current_user.role, current_user.locale, current_user.theme)


def waiting_of(front: Front) -> Mapping[str, Waiting]:
    """What waits at each place; amber where this reader's role can do something about it."""
    with front.place.database.read() as session:
        now = front.place.now()
        numbers = waiting.waiting(session, front.place.natures, now=now)
        missed = len(series.missed(session, calendar_page.ALARM_DAYS, now=now))
    me = actor()
    return {
        "bulletins": Waiting(numbers.bulletins, mine=me.may(May.APPROVE)),
        "calendar": Waiting(missed, mine=me.may(May.WRITE)),
        "deliveries": Waiting(numbers.deliveries, mine=me.may(May.APPROVE) or me.may(May.CONFIGURE)),
        "republications": Waiting(numbers.republications, mine=me.may(May.REVIEW)),
        "questions": Waiting(numbers.questions, mine=me.may(May.ANSWER)),
        "channels": Waiting(numbers.channels, mine=me.may(May.CONFIGURE)),
    }
