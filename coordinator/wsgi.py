"""For gunicorn: ``gunicorn 'coordinator.wsgi:application()'``. No clock runs here, whatever the number of workers."""

import atexit

from flask import Flask

from coordinator import composing
from coordinator.app import create_app
from coordinator.config import Settings
from coordinator.db import Database
from coordinator.jobs.counting import CountingThread
from coordinator.jobs.workplace import Front


def application() -> Flask:
    """The web application, built in the worker's own process."""
    settings = Settings.read()
    place = composing.workplace(settings, Database.of(settings))
    runner = composing.runner(settings)
    counting = CountingThread(place, runner)
    counting.start()
    atexit.register(counting.stop)  # a worker that is told to stop ends its requests first and then exits
    return create_app(Front(place, runner, settings))
