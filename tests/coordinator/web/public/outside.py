"""A real application as outsiders meet it: no key but what a test makes, a clock that stands still until moved."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from campaigns.core.pace import FAST
from campaigns.partners.directory import Company
from campaigns.people.keys import add_key
from campaigns.people.staff import Actor, Role
from campaigns.publishing import workflow
from campaigns.publishing.addresses import Addresses
from coordinator import composing
from coordinator.app import create_app
from coordinator.channels import registry
from coordinator.config import Settings, secret_key
from coordinator.db import Database
from coordinator.http import Door
from coordinator.jobs.workplace import Front
from coordinator.keeping import PageStore
from tests import factories, sparing
from tests.coordinator.api.world import Clock, Nudged, Office
from tests.factories import APPROVER, NATURES, WRITER

BASE = "http://localhost:8800"
MORNING = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # ten in the city
FORMS = ("rss.xml", "atom.xml", "feed.json", "ninjs.json")


@dataclass
class Outside:
    """The application, somebody without a key, and short ways to what a department does."""

    app: Flask
    front: Front
    office: Office
    runner: Nudged
    client: FlaskClient

    @property
    def database(self) -> Database:
        """The office's database."""
        return self.office.database

    @property
    def clock(self) -> Clock:
        """The time everybody sees."""
        return self.office.clock

    def get(self, path: str, status: int = 200, **headers: str) -> TestResponse:
        """What a path answers; header names with ``_`` for ``-``."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.client.get(path.removeprefix(BASE), headers=sent)
        assert answer.status_code == status, f"{path}: {answer.status} {answer.text[:600]}"
        return answer

    def publish(self, title: str | None = None, **given: Any) -> str:
        """A bulletin that is out; its code. A second passes, so that no two changes share a moment."""
        with self.database.write() as session:
            code = factories.published(session, title=title, now=self.office.now(), **given).code
        self.clock.forward(seconds=1)
        return code

    def schedule(self, title: str, hours: float = 1, **given: Any) -> str:
        """An approved bulletin whose release time is ahead."""
        with self.database.write() as session:
            now = self.office.now()
            bulletin = factories.approved(session, title=title, now=now, **given)
            at = now + timedelta(hours=hours)
            return workflow.publish(session, APPROVER, bulletin.code, NATURES, at=at, now=now).code

    def draft(self, title: str, **given: Any) -> str:
        """A draft nobody has approved."""
        with self.database.write() as session:
            return factories.draft(session, title=title, now=self.office.now(), **given).code

    def submit(self, code: str) -> None:
        """Hand a draft to the approver."""
        with self.database.write() as session:
            workflow.submit(session, WRITER, code, now=self.office.now())

    def correct(self, code: str, title: str, body: str, note: str = "Sửa giờ tiêm", *, actor: Actor = APPROVER) -> None:
        """A correction: an approver's is out at once, a writer's waits for approval."""
        with self.database.write() as session:
            text = factories.text(title, body)
            workflow.correct(session, actor, code, text, note, NATURES, now=self.office.now())
        self.clock.forward(seconds=1)

    def recall(self, code: str, reason: str = "Số liệu phải kiểm tra lại") -> None:
        """A recall."""
        with self.database.write() as session:
            workflow.recall(session, APPROVER, code, reason, NATURES, now=self.office.now())
        self.clock.forward(seconds=1)

    def partner(self, name: str, topics: list[str] | None = None, kind: str | None = "feed") -> tuple[int, str]:
        """A partner with a pull channel for these topics, and its key."""
        with self.database.write() as session:
            company = factories.company(session, name)
            if kind is not None:
                factories.channel(session, kind, company=company, topics=topics)
            return company.id, self._key(session, company)

    def key(self, **given: Any) -> str:
        """A key of any sort: ``role``, ``company_id``, ``expires_on``."""
        with self.database.write() as session:
            return add_key(session, "test", name="Khóa thử", now=self.office.now(), **given).text

    def role_key(self, role: Role) -> str:
        """A key of the staff's own."""
        return self.key(role=role)

    def _key(self, session: Session, company: Company) -> str:
        return add_key(session, "test", name="Nguồn tin", company_id=company.id, now=self.office.now()).text


def open_outside(database: Database, folder: Path, base: str = BASE, **settings: Any) -> Outside:
    """The application as ``lantoa web`` composes it, but for its clock and its runner."""
    given = {"second_factor_for": "", "secret_key": SecretStr(sparing.SECRET_KEY)} | settings
    chosen = Settings(data_dir=folder, base_url=base, database_url=database.url, **given)
    office = Office(
        database=database,
        door=Door(user_agent="test", allow_hosts=chosen.allowed_hosts),
        seal=sparing.seal(secret_key(chosen)),
        store=PageStore(folder / "pages"),
        natures=registry.natures(),
        addresses=Addresses(chosen.base_url),
        pace=FAST,
        clock=Clock(MORNING),
        mail=composing.mail(chosen),
    )
    runner = Nudged()
    front = Front(office, runner, chosen)
    app = create_app(front)
    # As in production: an unforeseen error is a page with status 500, not an exception in the test.
    app.config.update(PROPAGATE_EXCEPTIONS=False)
    return Outside(app, front, office, runner, app.test_client())
