"""Being signed in at the real application, with and without the slow part of a password."""

from typing import Any

from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from campaigns.people.staff import Actor, Role
from coordinator.web.passwords import hash_password
from coordinator.web.security import Account
from tests.coordinator.web.desk.conftest import signed_in
from tests.coordinator.web.public.outside import Outside
from tests.factories import ADMIN, ANALYST, APPROVER, WRITER

STAFF: dict[Role, Actor] = {Role(actor.role): actor for actor in (WRITER, APPROVER, ANALYST, ADMIN)}
PASSWORD = "mật khẩu đủ dài 174"
DIGEST = hash_password(PASSWORD)


def people(outside: Outside) -> None:
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


def as_role(outside: Outside, role: Role) -> FlaskClient:
    """A client with the session of the person of this role."""
    client = outside.app.test_client()
    signed_in(outside.database, client, role)
    return client


def token(outside: Outside, client: FlaskClient, raw: str = "a token of tests") -> str:
    """The form's token that belongs to this client's session."""
    with client.session_transaction() as session:
        raw = session.setdefault("csrf_token", raw)
    return URLSafeTimedSerializer(str(outside.app.secret_key), salt="wtf-csrf-token").dumps(raw)


def sign_in(
    outside: Outside, client: FlaskClient, email: str, password: str = PASSWORD, *, next_: str = "", **more: Any
) -> TestResponse:
    """The sign-in form sent as a browser sends it."""
    form = {"email": email, "password": password, "csrf_token": token(outside, client)}
    return client.post(f"/login{'?next=' + next_ if next_ else ''}", data=form, **more)
