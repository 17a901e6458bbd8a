"""For gunicorn: ``gunicorn 'coordinator.wsgi:application()'``. No clock runs here, whatever the number of workers."""

from flask import Flask

from coordinator import composing
from coordinator.app import create_app
from coordinator.config import Settings
from coordinator.db import Database
from coordinator.jobs.workplace import Front


def application() -> Flask:
    """The web application, built in the worker's own process."""
    settings = Settings.read()
    place = composing.workplace(settings, Database.of(settings))
    return create_app(Front(place, composing.runner(settings), settings))
