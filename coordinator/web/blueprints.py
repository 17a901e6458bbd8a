"""The blueprints of the application: desk, portal and public pages, with the data that the desk's layout needs."""

from collections.abc import Mapping

from flask import Flask, g
from flask_login import current_user

from campaigns.core.contents import from_attributes
from campaigns.people.staff import Permission
from campaigns.release import series
from campaigns.reporting import pending_work
from campaigns.republications import sample_partner
from coordinator.jobs.context import AppContext
from coordinator.web.auth import forgotten_password, initial_setup, joining, oidc_sign_in
from coordinator.web.auth.security import app_context, current_actor
from coordinator.web.desk import page_help
from coordinator.web.desk.bulletins import bulletin_templates
from coordinator.web.desk.bulletins import routes as bulletins
from coordinator.web.desk.bulletins.library import media_library, picture_library
from coordinator.web.desk.channels import routes as channels
from coordinator.web.desk.compliance import routes as compliance
from coordinator.web.desk.core import admin
from coordinator.web.desk.delivery import routes as deliveries
from coordinator.web.desk.manual import routes as manual
from coordinator.web.desk.messages import notices, questions
from coordinator.web.desk.partners import licence_register
from coordinator.web.desk.partners import routes as partners
from coordinator.web.desk.people import account, bell, confirmations, push
from coordinator.web.desk.release import calendar
from coordinator.web.desk.reporting import (
    digest,
    history,
    open_data,
    plan_report,
    ranking,
    saved_filters,
    schedules,
)
from coordinator.web.desk.reporting.briefings import download as briefing_download
from coordinator.web.desk.reporting.briefings import routes as briefings
from coordinator.web.desk.reporting.progress import routes as progress
from coordinator.web.desk.reporting.progress import silent_partners
from coordinator.web.desk.republications import removals
from coordinator.web.desk.republications import routes as republications
from coordinator.web.desk.search import routes as search
from coordinator.web.desk.today import first_day_page, task_decisions
from coordinator.web.desk.today import routes as today
from coordinator.web.kit.forms import autocomplete
from coordinator.web.kit.navigation import WaitingCount
from coordinator.web.kit.templating import Reader
from coordinator.web.portal import pages as portal_pages
from coordinator.web.public import bulletins as public_bulletins
from coordinator.web.public import (
    calendar_ics,
    counter_image,
    embeds,
    feeds,
    front,
    hub_and_webmention,
    monitoring,
    pictures,
    platform_events,
    report_mail,
    sample_site,
    site_files,
    unsubscribe,
)
from coordinator.web.public import open_data as public_open_data

DESK_MODULES = (
    initial_setup,
    today,
    first_day_page,
    task_decisions,
    bulletins,
    bulletin_templates,
    media_library,
    picture_library,
    calendar,
    deliveries,
    republications,
    progress,
    silent_partners,
    partners,
    licence_register,
    channels,
    briefing_download,
    admin,
    account,
    push,
    bell,
    confirmations,
    removals,
    search,
    joining,
    forgotten_password,
    oidc_sign_in,
    notices,
    questions,
    autocomplete,
    compliance,
    ranking,
    history,
    digest,
    plan_report,
    saved_filters,
    schedules,
    open_data,
    briefings,
    manual,
)


def register_desk(app: Flask) -> None:
    """Add the desk's blueprints."""
    page_help.install(app)
    app.jinja_env.globals["sample_names"] = _sample_names
    app.jinja_env.globals["bell"] = bell.bell_view
    for module in DESK_MODULES:
        app.register_blueprint(module.blueprint)
    app.register_blueprint(push.worker_blueprint)


def _sample_names() -> frozenset[str]:
    """Return the names and codes that pages mark as a sample; one query a request."""
    if "sample_names" not in g:
        with app_context().job_context.database.read() as session:
            g.sample_names = sample_partner.sample_names(session)
    found: frozenset[str] = g.sample_names
    return found


def signed_in_reader() -> Reader | None:
    """Return the signed-in person, as the layout shows them."""
    if not current_user or not current_user.is_authenticated:
        return None
    return from_attributes(Reader, current_user)


def waiting_counts(app: AppContext) -> Mapping[str, WaitingCount]:
    """Return the work waiting at each navigation entry; amber where this reader's role can act on it."""
    with app.job_context.database.read() as session:
        now = app.job_context.now()
        numbers = pending_work.pending_counts(session, app.job_context.delivery_modes, now=now)
        missed = len(series.missed_occurrences(session, calendar.ALARM_DAYS, now=now))
    me = current_actor()
    return {
        "bulletins": WaitingCount(numbers.bulletins, mine=me.may(Permission.APPROVE)),
        "calendar": WaitingCount(missed, mine=me.may(Permission.WRITE)),
        "deliveries": WaitingCount(numbers.deliveries, mine=me.may(Permission.APPROVE) or me.may(Permission.CONFIGURE)),
        "republications": WaitingCount(numbers.republications, mine=me.may(Permission.REVIEW)),
        "questions": WaitingCount(numbers.questions, mine=me.may(Permission.ANSWER)),
        "channels": WaitingCount(numbers.channels, mine=me.may(Permission.CONFIGURE)),
    }


def register_portal(app: Flask) -> None:
    """Add the portal's blueprint."""
    app.register_blueprint(portal_pages.blueprint)


def register_public(app: Flask) -> None:
    """Add the public blueprints."""
    front.install(app)
    modules = (
        front, embeds, site_files, public_bulletins, pictures, feeds, counter_image, hub_and_webmention, monitoring,
        calendar_ics, unsubscribe, platform_events, public_open_data, report_mail, sample_site,
    )  # fmt: skip
    for module in modules:
        app.register_blueprint(module.blueprint)
