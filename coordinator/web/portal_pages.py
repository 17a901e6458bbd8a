"""The partners' portal, registered on the application."""

from flask import Flask

from coordinator.web.portal import pages


def register(app: Flask) -> None:
    """Add the portal's blueprint."""
    app.register_blueprint(pages.blueprint)
