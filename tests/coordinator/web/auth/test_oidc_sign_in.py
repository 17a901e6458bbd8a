"""Single sign-on with the city's account: who is accepted, and every invalid response that is rejected."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import sqlalchemy as sa
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from campaigns.core.clock import utc_now
from campaigns.core.journal import JournalEntry
from campaigns.people.external_identities import ExternalIdentity
from campaigns.people.sessions import SignInMethod, UserSession
from campaigns.people.staff import Person, Role
from coordinator.db import Database
from tests.coordinator.installation import until
from tests.coordinator.live_server import free_port
from tests.coordinator.web.application import RunningApplication, open_application
from tests.coordinator.web.auth.oidc_issuer import CLIENT, SECRET, SandboxIssuer, sandbox_issuer, unsigned
from tests.coordinator.web.signed_in import add_staff_of_each_role, client_of_role, csrf_token
from tests.factories import ADMIN, WRITER


def office(database: Database, folder: Path, url: str) -> RunningApplication:
    outside = open_application(
        database, folder, oidc_issuer=url, oidc_client_id=CLIENT, oidc_client_secret=SECRET,
        allow_hosts=urlsplit(url).netloc, oidc_name="Tài khoản Hà Nội",
    )  # fmt: skip
    add_staff_of_each_role(outside)
    return outside


@dataclass
class City:
    """A department and its city's issuer."""

    outside: RunningApplication
    issuer: SandboxIssuer

    def go(self, client: FlaskClient, path: str = "/login/city") -> str:
        """Return the address of the redirect to the issuer."""
        answer = client.get(path)
        assert answer.status_code == 302, answer.text
        return str(answer.location)

    def claims(self, **more: Any) -> dict[str, Any]:
        now = int(self.outside.office.now().timestamp())
        return {"iat": now, "exp": now + 300, "email": WRITER.id, "email_verified": True, "name": "Hà"} | more

    def back(self, client: FlaskClient, there: str, code: str = "", **more: Any) -> TestResponse:
        """Return from the issuer with a code for these claims."""
        state = parse_qs(urlsplit(there).query)["state"][0]
        code = code or self.issuer.code(there, self.claims(**more))
        return client.get("/login/city/back", query_string={"state": state, "code": code})

    def come(self, client: FlaskClient | None = None, **more: Any) -> TestResponse:
        """Do a whole sign-on."""
        client = client or self.outside.app.test_client()
        return self.back(client, self.go(client), **more)

    def acts(self) -> list[str]:
        with self.outside.database.read() as session:
            return list(session.execute(sa.select(JournalEntry.act).order_by(JournalEntry.seq)).scalars())


@pytest.fixture
def city(sqlite: Database, tmp_path: Path) -> Iterator[City]:
    with sandbox_issuer() as issuer:
        yield City(office(sqlite, tmp_path, issuer.url), issuer)


def inside(client: FlaskClient) -> bool:
    return client.get("/desk/account").status_code == 200


def test_who_was_invited_comes_in_and_is_known_by_the_account_from_then_on(city: City) -> None:
    client = city.outside.app.test_client()
    assert "Tài khoản Hà Nội" in client.get("/login").text
    there = city.go(client, "/login/city?next=/desk/progress/")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(there).query).items()}
    assert asked["redirect_uri"] == "http://localhost:8800/login/city/back"
    assert (asked["response_type"], asked["scope"], asked["code_challenge_method"]) == (
        "code", "openid email profile", "S256"
    )  # fmt: skip
    answer = city.back(client, there)
    assert (answer.status_code, answer.location) == (302, "/desk/progress/")
    assert inside(client)
    with city.outside.database.read() as session:
        assert session.execute(sa.select(UserSession.way)).scalars().all() == [SignInMethod.SSO]
    # The issuer may give the address to another person, so the subject counts and not the address.
    again = city.outside.app.test_client()
    city.come(again, email="khac@so.example", email_verified=False)
    assert inside(again)
    stranger = city.outside.app.test_client()
    assert city.come(stranger, sub="p-2").status_code == 403
    assert not inside(stranger)
    assert city.acts().count("person.linked") == 1


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"email_verified": False}, "chưa được thành phố xác minh"),
        ({"email_verified": "true"}, "chưa được thành phố xác minh"),
        ({"email": ""}, "chưa được thành phố xác minh"),
        ({"email": "la@so.example"}, "chưa được mời"),
    ],
)
def test_whom_nobody_invited_and_no_rule_lets_in_gets_a_message(city: City, claims: dict[str, Any], words: str) -> None:
    answer = city.come(**claims)
    assert (answer.status_code, words in answer.text) == (403, True)
    with city.outside.database.read() as session:
        assert session.execute(sa.select(ExternalIdentity.id)).all() == []


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"}, {"aud": "another"}, {"aud": [CLIENT, "another"]}, {"iss": "https://evil.example"},
        {"exp": 1}, {"sub": ""}, {"iat": 4102444800}, {"nonce": None}, {"azp": "another"},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_that_does_not_hold_lets_nobody_in(city: City, claims: dict[str, Any]) -> None:
    answer = city.come(**claims)
    assert (answer.status_code, "không hợp lệ" in answer.text) == (400, True), answer.text
    assert city.acts() == []


def test_a_token_that_nobody_or_somebody_else_signed_lets_nobody_in(city: City) -> None:
    client = city.outside.app.test_client()
    there = city.go(client)
    nonce = parse_qs(urlsplit(there).query)["nonce"][0]
    city.issuer.forged = unsigned(city.claims(iss=city.issuer.url, aud=CLIENT, nonce=nonce, sub="p-1"))
    assert city.back(client, there).status_code == 400
    city.issuer.forged = "no token at all"
    assert city.come().status_code == 400
    city.issuer.forged = ""
    other = RSAKey.generate_key(2048, parameters={"kid": "one", "use": "sig"})
    city.issuer.published, city.issuer.key = city.issuer.key, other
    assert city.come().status_code == 400
    assert city.acts() == []


def test_new_keys_of_the_issuer_are_asked_for(city: City) -> None:
    city.come()
    city.issuer.key = RSAKey.generate_key(2048, parameters={"kid": "two", "use": "sig"})
    client = city.outside.app.test_client()
    city.come(client)
    assert inside(client)
    assert city.issuer.asked.count("/keys") == 2


def test_a_journey_that_was_not_begun_here_or_has_ended_is_refused(city: City) -> None:
    victim, thief = city.outside.app.test_client(), city.outside.app.test_client()
    there = city.go(thief)
    assert "không bắt đầu từ trình duyệt này" in city.back(victim, there).text
    assert not inside(victim)
    late = city.go(victim)
    city.outside.clock.forward(minutes=11)
    assert city.back(victim, late).status_code == 400
    # The former cookie is restored and the same response is sent again.
    there = city.go(victim)
    kept = victim.get_cookie("lantoa")
    assert kept is not None
    code = city.issuer.code(there, city.claims())
    assert city.back(victim, there, code).status_code == 302
    victim.set_cookie("lantoa", kept.value)
    assert "đã dùng rồi" in city.back(victim, there, code).text
    # A code that was used before, in another sign-on.
    assert city.back(thief, city.go(thief), code).status_code == 400
    text = city.go(thief)
    state = parse_qs(urlsplit(text).query)["state"][0]
    refused = thief.get("/login/city/back", query_string={"state": state, "error": "access_denied"})
    assert (refused.status_code, "không cho vào" in refused.text) == (400, True)


def test_an_issuer_that_is_down_or_calls_itself_something_else_is_reported(sqlite: Database, tmp_path: Path) -> None:
    outside = office(sqlite, tmp_path, f"http://127.0.0.1:{free_port()}")
    answer = outside.app.test_client().get("/login/city")
    assert (answer.status_code, "chưa trả lời" in answer.text) == (502, True)
    with sandbox_issuer() as issuer:
        issuer.calls_itself = "https://evil.example"
        other = open_application(
            sqlite, tmp_path, oidc_issuer=issuer.url, oidc_client_id=CLIENT, allow_hosts=issuer.url[7:]
        )
        assert other.app.test_client().get("/login/city").status_code == 502
        blocked = open_application(sqlite, tmp_path, oidc_issuer=issuer.url, oidc_client_id=CLIENT)
        asked = len(issuer.asked)
        assert blocked.app.test_client().get("/login/city").status_code == 502  # the rate limit applies too
        assert len(issuer.asked) == asked


def test_a_rule_lets_in_whom_nobody_invited_with_its_role_and_never_an_administrator(city: City) -> None:
    admin = client_of_role(city.outside, Role.ADMIN)

    def rule(**form: str) -> TestResponse:
        return admin.post("/desk/admin/role-rules", data=form | {"csrf_token": csrf_token(city.outside, admin)})

    assert rule(claim="groups", value="Phòng Báo chí", role="admin").status_code == 422
    assert rule(claim="", value="", role="").status_code == 422
    assert rule(claim="groups", value="Phòng Báo chí", role="writer").status_code == 303
    assert "groups = Phòng Báo chí" in rule(claim="groups", value="Phòng Báo chí", role="analyst").text
    someone = {"sub": "p-7", "email": "moi@so.example", "name": "Người Mới"}
    assert city.come(**someone, groups=["Phòng khác"]).status_code == 403
    client = city.outside.app.test_client()
    assert city.come(client, **someone, groups=["Phòng khác", "Phòng Báo chí"]).status_code == 302
    assert inside(client)
    with city.outside.database.read() as session:
        person = session.execute(sa.select(Person).where(Person.email == "moi@so.example")).scalar_one()
        assert (person.role, person.name, person.password) == (Role.WRITER, "Người Mới", None)
    public = re.findall(r"/role-rules/(\w+)/remove", admin.get("/desk/admin/role-rules").text)[0]
    admin.post(f"/desk/admin/role-rules/{public}/remove", data={"csrf_token": csrf_token(city.outside, admin)})
    assert city.come(sub="p-8", email="nua@so.example", groups=["Phòng Báo chí"]).status_code == 403
    assert [act for act in city.acts() if act.startswith("role_rule")] == ["role_rule.added", "role_rule.removed"]
    # Another account replaces the linked one only after an administrator has removed the link.
    changed = someone | {"sub": "p-9"}
    assert "đã nối với một tài khoản khác" in city.come(**changed).text
    where = "/desk/admin/people/moi@so.example"
    assert "Gỡ nối" in admin.get(where).text
    admin.post(f"{where}/unlink", data={"csrf_token": csrf_token(city.outside, admin)})
    assert city.come(**changed).status_code == 302


def test_somebody_switched_off_stays_out_and_somebody_with_a_factor_is_asked_for_it(city: City) -> None:
    city.come()
    with city.outside.database.write() as session:
        session.execute(sa.update(Person).where(Person.email == WRITER.id).values(active=False))
    assert "đang bị tắt" in city.come().text
    with city.outside.database.write() as session:
        values = {"active": True, "tf_primary_method": "authenticator", "tf_totp_secret": "x"}
        session.execute(sa.update(Person).where(Person.email == WRITER.id).values(**values))
    client = city.outside.app.test_client()
    assert city.come(client).location.startswith("/login/code")
    assert not inside(client)


def test_the_password_typed_again_there_opens_what_asks_for_it_and_only_for_oneself(city: City) -> None:
    client = city.outside.app.test_client()
    city.come(client)
    now = int(city.outside.office.now().timestamp())
    with client.session_transaction("/login") as session:
        session["fs_paa"] = 0
    assert client.get("/desk/account/factor").location.startswith("/login/again")
    there = city.go(client, "/login/city?next=/desk/account/factor")
    assert parse_qs(urlsplit(there).query)["prompt"] == ["login"]
    assert city.back(client, there).status_code == 400  # the token does not contain the time of authentication
    assert city.come(client, auth_time=now - 3600).status_code == 400
    assert city.come(client, auth_time=now, sub="p-3", email=ADMIN.id).status_code == 403
    there = city.go(client, "/login/city?next=/desk/account/factor")
    assert city.back(client, there, auth_time=now).location == "/desk/account/factor"
    assert client.get("/desk/account/factor").status_code == 200
    assert "post_logout_redirect_uri" in client.get("/login/city/leave").location


def test_where_there_is_no_issuer_its_pages_lead_to_sign_in(sqlite: Database, tmp_path: Path) -> None:
    client = open_application(sqlite, tmp_path).app.test_client()
    for path in ("/login/city", "/login/city/back?state=x&code=y", "/login/city/leave"):
        assert client.get(path).location == "/login"


def test_a_provider_that_others_made_signs_people_on(sqlite: Database, tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--host", "127.0.0.1"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"http://localhost:{port}"
        _wait_for(port, server)
        outside = office(sqlite, tmp_path, url)
        outside.clock.moment = utc_now()
        person = {"email": WRITER.id, "email_verified": True, "name": "Hà"}
        assert requests.put(f"{url}/users/p-1", json=person, timeout=10).ok
        client = outside.app.test_client()
        there = client.get("/login/city").location
        allowed = requests.post(there, data={"sub": "p-1"}, allow_redirects=False, timeout=10)
        back = urlsplit(allowed.headers["Location"])
        answer = client.get(f"{back.path}?{back.query}")
        assert (answer.status_code, answer.location) == (302, "/desk"), answer.text
        assert inside(client)
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    def listens() -> bool:
        assert server.poll() is None, "the provider did not start"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    until("the provider listens", listens)
