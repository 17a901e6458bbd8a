"""The staff's desk, registered on the application, and what its layout is told."""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec

from flask import Flask
from flask_login import current_user
from sqlalchemy import func, select

from campaigns.people.staff import May
from campaigns.publishing.channels import Channel, ChannelState
from campaigns.reporting import tallies
from coordinator.jobs.workplace import Front
from coordinator.web import setup
from coordinator.web.look import Reader
from coordinator.web.navigation import Waiting
from coordinator.web.security import actor

ROOMS = ("today", "bulletins", "calendar", "deliveries", "republications", "progress", "partners", "channels",
         "reports", "admin", "account")  # fmt: skip


def register(app: Flask) -> None:
    """Add the desk's blueprints."""
    app.register_blueprint(setup.blueprint)
    for name in ROOMS:
        if find_spec(f"coordinator.web.desk.{name}"):
            app.register_blueprint(import_module(f"coordinator.web.desk.{name}").blueprint)


def reader() -> Reader | None:
    """Who is signed in, as the layout shows them."""
    if not current_user or not current_user.is_authenticated:
        return None
    return Reader(current_user.name, current_user.email, current_user.role, current_user.locale, current_user.theme)


def waiting_of(front: Front) -> Mapping[str, Waiting]:
    """What waits at each place; amber where this reader's role can do something about it."""
    with front.place.database.read() as session:
        numbers = tallies.waiting(session)
        unauthorised = session.execute(
            select(func.count()).select_from(Channel).where(Channel.state == ChannelState.NEEDS_AUTHORISATION)
        ).scalar_one()
    me = actor()
    return {
        "bulletins": Waiting(numbers["bulletins"], mine=me.may(May.APPROVE)),
        "deliveries": Waiting(numbers["deliveries"], mine=me.may(May.APPROVE) or me.may(May.CONFIGURE)),
        "republications": Waiting(numbers["republications"], mine=me.may(May.REVIEW)),
        "channels": Waiting(unauthorised, mine=me.may(May.CONFIGURE)),
    }
