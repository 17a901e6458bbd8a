"""One office a test, on each kind of database."""

from pathlib import Path

import pytest
from apiflask import APIFlask

from campaigns.core.pace import FAST
from campaigns.publishing.addresses import Addresses
from coordinator.api import v1
from coordinator.channels import registry
from coordinator.config import Settings
from coordinator.db import Database
from coordinator.jobs.workplace import Front
from coordinator.keeping import PageStore
from coordinator.sealing import Seal
from tests import sparing
from tests.coordinator.api.world import FakeDoor, Nudged, Office, World, people


@pytest.fixture(scope="session")
def seal() -> Seal:
    return sparing.seal()


@pytest.fixture
def world(tmp_path: Path, database: Database, seal: Seal) -> World:
    settings = Settings(data_dir=tmp_path, base_url="https://tin.example", database_url=database.url)
    door, runner = FakeDoor(), Nudged()
    office = Office(
        database=database,
        door=door,  # type: ignore[arg-type]  # adapters use this much of it
        seal=seal,
        store=PageStore(tmp_path / "pages"),
        natures=registry.natures(),
        addresses=Addresses(settings.base_url),
        pace=FAST,
    )
    front = Front(office, runner, settings)
    app = APIFlask("office", json_errors=False, spec_path=None, docs_path=None)
    app.config.update(PROPAGATE_EXCEPTIONS=False)
    app.extensions["lantoa"] = front

    @app.get("/")
    def desk() -> str:
        return "the desk"

    v1.register(app)
    made = World(app, front, office, runner, door)
    people(made, database)
    return made
