"""Everything outsiders see, registered on the application."""

from flask import Flask

from coordinator.web.public import calendars, counter, feeds, health, hub, leaving, pages, pictures, platform_events


def register(app: Flask) -> None:
    """Add the public blueprints."""
    for room in (pages, pictures, feeds, counter, hub, health, calendars, leaving, platform_events):
        app.register_blueprint(room.blueprint)
