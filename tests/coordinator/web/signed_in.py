"""Sign-in to the real application, with and without the slow password check."""

from typing import Any

from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from campaigns.people.staff import Actor, Role
from coordinator.web.auth.passwords import hash_password
from coordinator.web.auth.security import Account
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.desk.conftest import signed_in
from tests.factories import ADMIN, ANALYST, APPROVER, WRITER

STAFF: dict[Role, Actor] = {Role(actor.role): actor for actor in (WRITER, APPROVER, ANALYST, ADMIN)}
PASSWORD = "mật khẩu đủ dài 174"
DIGEST = hash_password(PASSWORD)


def add_staff_of_each_role(outside: RunningApplication) -> None:
    """One person of each role, all with the same password."""
    with outside.database.write() as session:
        for role, actor in STAFF.items():
            session.add(
                Account(
                    email=actor.id,
                    name=actor.name,
                    role=role,
                    active=True,
                    password=DIGEST,
                    fs_uniquifier=f"uniq-{role.value}",
                    created_at=outside.office.now(),
                )
            )


def client_of_role(outside: RunningApplication, role: Role) -> FlaskClient:
    """Return a client with the session of the person of this role."""
    client = outside.app.test_client()
    signed_in(outside.database, client, role)
    return client


def csrf_token(outside: RunningApplication, client: FlaskClient, raw: str = "a token of tests") -> str:
    """Return the CSRF token of this client's session."""
    with client.session_transaction("/login") as session:
        raw = session.setdefault("csrf_token", raw)
    return URLSafeTimedSerializer(str(outside.app.secret_key), salt="wtf-csrf-token").dumps(raw)


def sign_in(
    outside: RunningApplication,
    client: FlaskClient,
    email: str,
    password: str = PASSWORD,
    *,
    next_: str = "",
    **more: Any,
) -> TestResponse:
    """Submit the sign-in form as a browser does."""
    form = {"email": email, "password": password, "csrf_token": csrf_token(outside, client)}
    return client.post(f"/login{'?next=' + next_ if next_ else ''}", data=form, **more)
