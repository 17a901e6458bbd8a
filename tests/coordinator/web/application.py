"""The real application as outsiders use it: no key except those a test makes, and a clock that only tests move."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from campaigns.bulletins.addresses import PublicAddresses
from campaigns.core.intervals import FAST
from campaigns.partners.directory import Company
from campaigns.people.keys import add_key
from campaigns.people.staff import Actor, Role, add_person
from campaigns.release import workflow
from coordinator import composition
from coordinator.app import create_app
from coordinator.channels import registry
from coordinator.config import Settings, secret_key
from coordinator.db import Database
from coordinator.http.client import HttpClient
from coordinator.jobs.context import AppContext
from coordinator.storage.pages import PageStore
from tests import factories, shared_caches
from tests.coordinator.api.harness import Clock, FixedClockContext, RecordingRunner
from tests.factories import APPROVER, DELIVERY_MODES, WRITER

BASE = "http://localhost:8800"
MORNING = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # ten in the city
FORMS = ("rss.xml", "atom.xml", "feed.json", "ninjs.json", "newsml.xml")


@dataclass
class RunningApplication:
    """The application with an anonymous client, and short methods for what a department does."""

    app: Flask
    app_context: AppContext
    office: FixedClockContext
    runner: RecordingRunner
    client: FlaskClient

    @property
    def database(self) -> Database:
        """The test's database."""
        return self.office.database

    @property
    def clock(self) -> Clock:
        """The current time of the application."""
        return self.office.clock

    def get(self, path: str, status: int = 200, **headers: str) -> TestResponse:
        """Request a path; header names are written with ``_`` for ``-``."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.client.get(path.removeprefix(BASE), headers=sent)
        assert answer.status_code == status, f"{path}: {answer.status} {answer.text[:600]}"
        return answer

    def publish(self, title: str | None = None, **given: Any) -> str:
        """Publish a bulletin and return its code. The clock moves on, so that no two changes have the same time."""
        with self.database.write() as session:
            code = factories.published(session, title=title, now=self.office.now(), **given).code
        self.clock.forward(seconds=1)
        return code

    def schedule(self, title: str, hours: float = 1, **given: Any) -> str:
        """Return an approved bulletin with a future release time."""
        with self.database.write() as session:
            now = self.office.now()
            bulletin = factories.approved(session, title=title, now=now, **given)
            at = now + timedelta(hours=hours)
            return workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, at=at, now=now).code

    def draft(self, title: str, **given: Any) -> str:
        """Return a draft that is not approved."""
        with self.database.write() as session:
            return factories.draft(session, title=title, now=self.office.now(), **given).code

    def submit(self, code: str) -> None:
        """Submit a draft for approval."""
        with self.database.write() as session:
            workflow.submit(session, WRITER, code, now=self.office.now())

    def correct(self, code: str, title: str, body: str, note: str = "Sửa giờ tiêm", *, actor: Actor = APPROVER) -> None:
        """Correct a bulletin: an approver's correction is published at once, a writer's waits for approval."""
        with self.database.write() as session:
            text = factories.text(title, body)
            workflow.correct(session, actor, code, text, note, DELIVERY_MODES, now=self.office.now())
        self.clock.forward(seconds=1)

    def recall(self, code: str, reason: str = "Số liệu phải kiểm tra lại") -> None:
        """Recall a bulletin."""
        with self.database.write() as session:
            workflow.recall(session, APPROVER, code, reason, DELIVERY_MODES, now=self.office.now())
        self.clock.forward(seconds=1)

    def staff(self) -> None:
        """Add a person, without whom ``/`` leads to set-up."""
        with self.database.write() as session:
            email = f"{token_hex(4)}@so.example"
            given = {"email": email, "name": "An", "role": Role.WRITER, "password_hash": "x", "uniquifier": email}
            add_person(session, "test", **given, now=self.office.now())

    def partner(self, name: str, topics: list[str] | None = None, kind: str | None = "feed") -> tuple[int, str]:
        """Return a partner with a pull channel for these topics, and its key."""
        with self.database.write() as session:
            company = factories.company(session, name)
            if kind is not None:
                factories.channel(session, kind, company=company, topics=topics)
            return company.id, self._key(session, company)

    def key(self, **given: Any) -> str:
        """Return a key of any kind: ``role``, ``company_id``, ``expires_on``."""
        with self.database.write() as session:
            return add_key(session, "test", name="Khóa thử", now=self.office.now(), **given).text

    def role_key(self, role: Role) -> str:
        """Return a staff key."""
        return self.key(role=role)

    def _key(self, session: Session, company: Company) -> str:
        return add_key(session, "test", name="Nguồn tin", company_id=company.id, now=self.office.now()).text


_APPLICATIONS: dict[tuple[object, ...], tuple[Flask, AppContext]] = {}


def shared_application(app_context: AppContext) -> Flask:
    """Return one application for all tests of a process whose settings build the same one, because building it takes
    longer than most pages. The database fixtures give every test its own empty database; context, runner and settings
    are the test's own. A test that opens two applications gives one of them its own."""
    settings = app_context.settings
    key = (
        app_context.job_context.database.on_sqlite, settings.base_url.startswith("https://"), settings.trusted_proxy,
        settings.locale, secret_key(settings),
    )  # fmt: skip
    if key not in _APPLICATIONS:
        _APPLICATIONS[key] = (create_app(app_context), app_context)
    app, first = _APPLICATIONS[key]
    for part in ("job_context", "runner", "settings"):
        object.__setattr__(
            first, part, getattr(app_context, part)
        )  # the context is frozen in production; a test replaces its fields
    app.extensions["lantoa"] = first
    return app


def open_application(
    database: Database, folder: Path, base: str = BASE, *, own: bool = False, **settings: Any
) -> RunningApplication:
    """Return the application as ``lantoa web`` composes it, except for its clock and its runner. ``own``: one that no
    other test uses, as for a database that is not of the fixtures."""
    given = {"second_factor_for": "", "secret_key": SecretStr(shared_caches.SECRET_KEY)} | settings
    own = own or "oidc_issuer" in settings
    chosen = Settings(data_dir=folder, base_url=base, database_url=database.url, **given)
    office = FixedClockContext(
        database=database,
        http_client=HttpClient(user_agent="test", allow_hosts=chosen.allowed_hosts),
        encryption=shared_caches.encryption(secret_key(chosen)),
        store=PageStore(folder / "pages"),
        delivery_modes=registry.delivery_modes(),
        addresses=PublicAddresses(chosen.base_url),
        intervals=FAST,
        clock=Clock(MORNING),
        mail=composition.mail_server(chosen),
    )
    runner = RecordingRunner()
    app_context = AppContext(office, runner, chosen)
    app = create_app(app_context) if own else shared_application(app_context)
    # As in production: an unexpected error is a page with status 500, not an exception in the test.
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    return RunningApplication(app, app_context, office, runner, app.test_client())
