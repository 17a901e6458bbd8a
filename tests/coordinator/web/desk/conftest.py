"""The desk over a real application: one office a test, a clock that stands still, and people of every role."""

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

from campaigns.core.pace import FAST
from campaigns.people.sign_ins import SignIn, Way, mark_of
from campaigns.people.staff import Actor, Person, Role
from campaigns.publishing.addresses import Addresses
from coordinator.app import create_app
from coordinator.channels import registry
from coordinator.config import Settings
from coordinator.db import Database
from coordinator.http import Door
from coordinator.jobs.workplace import Front, Workplace
from coordinator.keeping import PageStore
from coordinator.web.security import Account
from coordinator.web.sign_ins import TOKEN
from tests import sparing
from tests.factories import ADMIN, ANALYST, APPROVER, WRITER

NEVER = datetime(2100, 1, 1, tzinfo=UTC)
STAFF = {Role.WRITER: WRITER, Role.APPROVER: APPROVER, Role.ANALYST: ANALYST, Role.ADMIN: ADMIN}
BEGINNING = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # ten in the morning in the city, two hours after factories.NOW


@dataclass
class Clock:
    """The present moment of a test."""

    moment: datetime = BEGINNING

    def forward(self, **span: float) -> None:
        """Let time pass."""
        self.moment += timedelta(**span)


@dataclass(frozen=True)
class Office(Workplace):
    """A workplace whose clock stands still until a test moves it."""

    clock: Clock = field(default_factory=Clock)

    def now(self) -> datetime:
        """The test's moment."""
        return self.clock.moment


@dataclass
class Nudged:
    """A runner that remembers."""

    kinds: list[str] = field(default_factory=list)

    def nudge(self, kind: str, key: str = "") -> None:
        """Remember the kind."""
        self.kinds.append(kind)


def signed_in(database: Database, client: FlaskClient, who: Role | str) -> None:
    """Give a client the session of the person of this role, or of this uniquifier, without the slow password.

    Its sign-in seems to be of a far day, so that a test may move its clock as it likes.
    """
    mark = f"uniq-{who.value}" if isinstance(who, Role) else who
    with database.write() as writing:
        person = writing.execute(sa.select(Person).where(Person.fs_uniquifier == mark)).scalar_one()
        begun = SignIn(
            public=token_hex(8), person_id=person.id, mark=mark_of(token := token_hex(8)), way=Way.PASSWORD,
            device="", began_at=NEVER, seen_at=NEVER,
        )  # fmt: skip
        writing.add(begun)
    with client.session_transaction() as session:
        session["_user_id"] = session["fs_uniquifier"] = mark
        session["_fresh"] = True
        session["fs_paa"] = time.time()
        session[TOKEN] = token


@dataclass
class Desk:
    """The application, a client, and what stands behind them."""

    app: Flask
    front: Front
    office: Office
    runner: Nudged
    client: FlaskClient

    @property
    def database(self) -> Database:
        """The office's database."""
        return self.office.database

    def sign_in(self, role: Role) -> Actor:
        """Be signed in as the person of this role, without the slow part of a password."""
        actor = STAFF[role]
        signed_in(self.database, self.client, role)
        return actor

    def get(self, path: str, status: int = 200) -> str:
        """The page at a path, which answers ``status``."""
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text[:2000]
        return answer.text

    def statements(self, path: str) -> int:
        """How many statements the page at a path takes."""
        self.get(path)  # whatever is only done once
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
        """A form sent with its token."""
        with self.client.session_transaction() as session:
            raw = session.setdefault("csrf_token", "a token of tests")
        token = URLSafeTimedSerializer(str(self.app.secret_key), salt="wtf-csrf-token").dumps(raw)
        return self.client.post(path, data={"csrf_token": token, **(data or {})}, **more)


@pytest.fixture
def desk(sqlite: Database, tmp_path: Path) -> Desk:
    """A desk with one person of each role and nobody signed in."""
    settings = Settings(
        data_dir=tmp_path,
        base_url="http://localhost:8800",
        second_factor_for="",
        secret_key=SecretStr(sparing.SECRET_KEY),
    )
    office = Office(
        database=sqlite,
        door=Door(user_agent="test"),
        seal=sparing.seal(),
        store=PageStore(tmp_path / "pages"),
        natures=registry.natures(),
        addresses=Addresses(settings.base_url),
        pace=FAST,
    )
    runner = Nudged()
    front = Front(office, runner, settings)
    app = create_app(front)
    app.config.update(TESTING=True)
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
    return Desk(app, front, office, runner, app.test_client())
