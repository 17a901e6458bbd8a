"""The desk over a real application: one office per test, a clock that only tests move, a person of every role."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from pydantic import SecretStr
from werkzeug.test import TestResponse

from campaigns.bulletins.addresses import PublicAddresses
from campaigns.core.intervals import FAST
from campaigns.people.sessions import SignInMethod, UserSession, hash_token
from campaigns.people.staff import Actor, Person, Role
from coordinator.channels import registry
from coordinator.config import Settings
from coordinator.db import Database
from coordinator.http.client import HttpClient
from coordinator.jobs.context import AppContext, JobContext
from coordinator.storage.pages import PageStore
from coordinator.web.auth.security import Account
from coordinator.web.auth.sessions import SESSION_TOKEN_KEY
from tests import shared_caches
from tests.coordinator.web.application import shared_application
from tests.factories import ADMIN, ANALYST, APPROVER, WRITER

BOUNDARY = "part-of-a-form"
NEVER = datetime(2100, 1, 1, tzinfo=UTC)
STAFF = {Role.WRITER: WRITER, Role.APPROVER: APPROVER, Role.ANALYST: ANALYST, Role.ADMIN: ADMIN}
BEGINNING = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # ten in the morning in the city, two hours after factories.NOW


@dataclass
class Clock:
    """The clock of a test."""

    moment: datetime = BEGINNING

    def forward(self, **span: float) -> None:
        """Move the clock."""
        self.moment += timedelta(**span)


@dataclass(frozen=True)
class Office(JobContext):
    """A job context whose clock only the test moves."""

    clock: Clock = field(default_factory=Clock)

    def now(self) -> datetime:
        """Return the test's time."""
        return self.clock.moment


@dataclass
class Nudged:
    """A runner that records its nudges."""

    kinds: list[str] = field(default_factory=list)

    def nudge(self, kind: str, key: str = "") -> None:
        """Record the kind of work."""
        self.kinds.append(kind)


def signed_in(database: Database, client: FlaskClient, actor_id: Role | str) -> None:
    """Give a client the session of the person of this role, or of this uniquifier, without the slow password check. The
    sign-in is dated far ahead, so that a test may move its clock freely."""
    mark = f"uniq-{actor_id.value}" if isinstance(actor_id, Role) else actor_id
    with database.write() as writing:
        person = writing.execute(sa.select(Person).where(Person.fs_uniquifier == mark)).scalar_one()
        begun = UserSession(
            public=token_hex(8), person_id=person.id, token_hash=hash_token(token := token_hex(8)),
            way=SignInMethod.PASSWORD, device="", began_at=NEVER, seen_at=NEVER,
        )  # fmt: skip
        writing.add(begun)
    with client.session_transaction("/login") as session:
        session["_user_id"] = session["fs_uniquifier"] = mark
        session["_fresh"] = True
        session["fs_paa"] = time.time()
        session[SESSION_TOKEN_KEY] = token


@dataclass
class Desk:
    """The application, a client, and the objects behind them."""

    app: Flask
    app_context: AppContext
    office: Office
    runner: Nudged
    client: FlaskClient

    @property
    def database(self) -> Database:
        """The test's database."""
        return self.office.database

    def sign_in(self, role: Role) -> Actor:
        """Sign in as the person of this role, without the slow password check."""
        actor = STAFF[role]
        signed_in(self.database, self.client, role)
        return actor

    def get(self, path: str, status: int = 200) -> str:
        """Return the page at a path and check its ``status``."""
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text[:2000]
        return answer.text

    def statements(self, path: str) -> int:
        """Return the number of SQL statements of the page at a path."""
        self.get(path)  # fills the caches first
        seen: list[str] = []

        def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            if not statement.startswith(("PRAGMA", "BEGIN")):
                seen.append(statement)

        sa.event.listen(self.database.engine, "before_cursor_execute", count)
        try:
            self.get(path)
        finally:
            sa.event.remove(self.database.engine, "before_cursor_execute", count)
        return len(seen)

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """Submit a form with its token."""
        return self.client.post(path, data={"csrf_token": self._token(), **(data or {})}, **more)

    def post_parts(self, path: str, data: dict[str, str]) -> TestResponse:
        """Submit a form in parts, as pages send those with long texts."""
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in {"csrf_token": self._token(), **data}.items()
        ]
        whole = "".join([*parts, f"--{BOUNDARY}--\r\n"]).encode()
        return self.client.post(path, data=whole, content_type=f"multipart/form-data; boundary={BOUNDARY}")

    def _token(self) -> str:
        with self.client.session_transaction("/login") as session:
            raw = session.setdefault("csrf_token", "a token of tests")
        return URLSafeTimedSerializer(str(self.app.secret_key), salt="wtf-csrf-token").dumps(raw)


@pytest.fixture
def desk(sqlite: Database, tmp_path: Path) -> Desk:
    """A desk with one person of each role and nobody signed in."""
    settings = Settings(
        data_dir=tmp_path,
        base_url="http://localhost:8800",
        second_factor_for="",
        secret_key=SecretStr(shared_caches.SECRET_KEY),
    )
    office = Office(
        database=sqlite,
        http_client=HttpClient(user_agent="test"),
        encryption=shared_caches.encryption(),
        store=PageStore(tmp_path / "pages"),
        delivery_modes=registry.delivery_modes(),
        addresses=PublicAddresses(settings.base_url),
        intervals=FAST,
    )
    runner = Nudged()
    app_context = AppContext(office, runner, settings)
    app = shared_application(app_context)
    app_context = app.extensions["lantoa"]
    app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=None)
    with sqlite.write() as session:
        for role, actor in STAFF.items():
            session.add(
                Account(
                    email=actor.id,
                    name=actor.name,
                    role=role,
                    active=True,
                    fs_uniquifier=f"uniq-{role.value}",
                    created_at=BEGINNING,
                )
            )
    return Desk(app, app_context, office, runner, app.test_client())
