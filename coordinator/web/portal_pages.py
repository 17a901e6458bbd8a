"""The partners' portal, registered on the application."""

from flask import Flask

from coordinator.web.portal import pages
from coordinator.web.portal.counting import portal_counts


def register(app: Flask) -> None:
    """Add the portal's blueprint."""
    app.register_blueprint(pages.blueprint)
    app.jinja_env.globals["portal_counts"] = portal_counts
