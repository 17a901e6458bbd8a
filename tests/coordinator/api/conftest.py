"""One office a test, on each kind of database."""

from functools import cache
from pathlib import Path

import pytest
from apiflask import APIFlask
from pydantic import SecretStr

from campaigns.bulletins.addresses import PublicAddresses
from campaigns.core.intervals import FAST
from coordinator import request_ids
from coordinator.api import v1
from coordinator.channels import registry
from coordinator.config import Settings
from coordinator.db import Database
from coordinator.encryption import Encryption
from coordinator.jobs.context import AppContext
from coordinator.storage.pages import PageStore
from tests import shared_caches
from tests.coordinator.api.harness import ApiHarness, FakeHttpClient, FixedClockContext, RecordingRunner, people


@pytest.fixture(scope="session")
def encryption() -> Encryption:
    return shared_caches.encryption()


@pytest.fixture
def world(tmp_path: Path, database: Database, encryption: Encryption) -> ApiHarness:
    settings = Settings(
        data_dir=tmp_path, base_url="https://tin.example", database_url=database.url,
        secret_key=SecretStr(shared_caches.SECRET_KEY),
    )  # fmt: skip
    http_client, runner = FakeHttpClient(), RecordingRunner()
    office = FixedClockContext(
        database=database,
        http_client=http_client,  # type: ignore[arg-type]  # adapters use this much of it
        encryption=encryption,
        store=PageStore(tmp_path / "pages"),
        delivery_modes=registry.delivery_modes(),
        addresses=PublicAddresses(settings.base_url),
        intervals=FAST,
    )
    app_context = AppContext(office, runner, settings)
    app = application()
    app.extensions["lantoa"] = app_context
    made = ApiHarness(app, app_context, office, runner, http_client)
    people(made, database)
    return made


@cache
def application() -> APIFlask:
    """The API alone, once per process: to compile its routes takes as long as most tests. It reads its context from
    ``extensions`` at each request, so that every test has its own."""
    app = APIFlask("office", json_errors=False, spec_path=None, docs_path=None)
    app.config.update(PROPAGATE_EXCEPTIONS=False)
    app.add_url_rule("/", "desk", lambda: "the desk")
    request_ids.configure(app)
    v1.register(app)
    return app
