"""Everything outsiders see, registered on the application."""

from flask import Flask

from coordinator.web.public import (
    calendars,
    counter,
    feeds,
    health,
    hub,
    leaving,
    open_data,
    pages,
    pictures,
    platform_events,
    report_mail,
)


def register(app: Flask) -> None:
    """Add the public blueprints."""
    rooms = (
        pages, pictures, feeds, counter, hub, health, calendars, leaving, platform_events, open_data, report_mail,
    )  # fmt: skip
    for room in rooms:
        app.register_blueprint(room.blueprint)
