"""For gunicorn: ``gunicorn 'coordinator.wsgi:application()'``. No clock runs here, whatever the number of workers."""

import atexit

from flask import Flask

from coordinator import composition, logs, schema
from coordinator.app import create_app
from coordinator.config import Settings, SettingsError
from coordinator.db import Database
from coordinator.installed_files import check_files
from coordinator.jobs.context import AppContext
from coordinator.jobs.heartbeat import Heartbeat
from coordinator.jobs.incident_watch import web_watch
from coordinator.jobs.view_buffer_writer import CountingThread
from coordinator.storage.file_modes import create_private_files


def application() -> Flask:
    """The web application, built in the worker's own process.

    Raises ``SettingsError`` where the tables are not at this program's revision, as every command does, and where
    files of the pages are missing.
    """
    create_private_files()
    check_files()
    settings = Settings.read()
    logs.configure(settings.log_format)
    database = Database.from_settings(settings)
    if (at := schema.current(database)) != schema.head():
        raise SettingsError(f"the database is at {at or 'nothing'}; run: lantoa db upgrade")
    context = composition.job_context(settings, database)
    runner = composition.runner(settings)
    counting = CountingThread(context, runner)
    signing = Heartbeat(context, {"web": None}, settings.data_dir, watch=web_watch(context, settings.data_dir))
    counting.start()
    signing.start()
    atexit.register(signing.stop)
    atexit.register(counting.stop)  # a stopping worker ends its requests first and then exits
    app = create_app(AppContext(context, runner, settings))
    return app
