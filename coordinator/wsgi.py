"""For gunicorn: ``gunicorn 'coordinator.wsgi:application()'``. No clock runs here, whatever the number of workers."""

import atexit

from flask import Flask

from coordinator import composing, logs, schema
from coordinator.app import create_app
from coordinator.config import Settings, SettingsError
from coordinator.db import Database
from coordinator.jobs.alarming import watching
from coordinator.jobs.counting import CountingThread
from coordinator.jobs.signing import Signing
from coordinator.jobs.workplace import Front
from coordinator.serving import settle


def application() -> Flask:
    """The web application, built in the worker's own process.

    Raises ``SettingsError`` where the database is not at this program's tables, as every command does.
    """
    settings = Settings.read()
    logs.begin(settings.log_format)
    database = Database.of(settings)
    if (at := schema.current(database)) != schema.head():
        raise SettingsError(f"the database is at {at or 'nothing'}; run: lantoa db upgrade")
    place = composing.workplace(settings, database)
    runner = composing.runner(settings)
    counting = CountingThread(place, runner)
    signing = Signing(place, "web", watch=watching(place, settings.data_dir))
    counting.start()
    signing.start()
    atexit.register(signing.stop)
    atexit.register(counting.stop)  # a worker that is told to stop ends its requests first and then exits
    app = create_app(Front(place, runner, settings))
    settle()
    return app
