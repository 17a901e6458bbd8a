"""``lantoa key`` and ``lantoa staff``."""

import json
import re

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from campaigns.core.clock import utc_now
from campaigns.people.keys import find_key
from campaigns.people.staff import Person, Role
from tests import factories
from tests.coordinator.cli.conftest import Machine
from tests.coordinator.web.application import open_application
from tests.coordinator.web.signed_in import sign_in

KEY = re.compile(r"lt_[0-9a-f]{10}_[0-9A-Za-z_-]{43}\n")
PASSWORD = "mật khẩu đủ dài 174"


def test_a_key_is_printed_once_alone_and_opens_what_its_role_may(lantoa: Machine) -> None:
    out = lantoa.well("key", "add", "Phần mềm soạn thảo", "--role", "writer", "--expires", "2999-12-31")
    assert KEY.fullmatch(out)
    database = lantoa.database
    with database.read() as session:
        found = find_key(session, out.strip(), now=utc_now())
        assert found is not None
        assert (found.role, found.name) == (Role.WRITER, "Phần mềm soạn thảo")
    database.dispose()
    listed = lantoa.well("key", "list")
    assert out.strip() not in listed
    assert factories.secret_of(out.strip()) not in listed
    assert "Phần mềm soạn thảo" in listed


def test_a_partners_key_is_the_partners_and_an_unknown_partner_is_reported(lantoa: Machine) -> None:
    database = lantoa.database
    with database.write() as session:
        code = factories.company(session, "Công ty Nhịp Sông").code
    database.dispose()
    done = lantoa("key", "add", "Nguồn tin", "--partner", code)
    assert KEY.fullmatch(done.out)
    assert done.complaints == ["the partner's feed channel nguon-tin-cong-ty-nhip-song was added"]
    assert lantoa.refused("key", "add", "x", "--partner", "khong-co") == "lantoa: there is no partner khong-co"
    rows = json.loads(lantoa.well("key", "list", "--json"))
    assert [(row["name"], row["partner"], row["role"]) for row in rows] == [("Nguồn tin", code, None)]
    assert lantoa("key", "add", "Máy khác", "--partner", code).complaints == []  # one channel for both


def test_a_key_is_revoked_once_and_is_dead_then(lantoa: Machine) -> None:
    text = lantoa.well("key", "add", "x", "--role", "admin").strip()
    ident = text.split("_")[1]
    assert lantoa.well("key", "revoke", ident) == f"revoked {ident} x\n"
    assert "was revoked before" in lantoa.refused("key", "revoke", ident)
    assert lantoa.refused("key", "revoke", "0000000000") == "lantoa: there is no key 0000000000"
    (row,) = json.loads(lantoa.well("key", "list", "--json"))
    assert row["revoked_at"] is not None
    database = lantoa.database
    with database.read() as session:
        assert find_key(session, text, now=utc_now()) is None
    database.dispose()


def test_a_key_that_would_be_dead_already_is_not_made(lantoa: Machine) -> None:
    assert "2020-01-01 is in the past" in lantoa.refused(
        "key", "add", "x", "--role", "admin", "--expires", "2020-01-01"
    )
    assert json.loads(lantoa.well("key", "list", "--json")) == []


def test_somebody_added_here_can_sign_in(lantoa: Machine) -> None:
    words = ("staff", "add", "Thu.Hang@So.example", "--role", "approver", "--name", "Thu Hằng", "--password-stdin")
    assert lantoa.well(*words, stdin=f"{PASSWORD}\n") == "thu.hang@so.example approver\n"
    assert json.loads(lantoa.well("staff", "list", "--json")) == [
        {"email": "thu.hang@so.example", "name": "Thu Hằng", "role": "approver", "active": True, "confirmed": True}
    ]
    nothing = lantoa.refused("staff", "confirm", "thu.hang@so.example")
    assert "does not wait" in nothing
    database = lantoa.database
    outside = open_application(database, lantoa.data, own=True)
    client = outside.app.test_client()
    assert sign_in(outside, client, "thu.hang@so.example", PASSWORD).status_code == 302
    assert client.get("/desk/bulletins").status_code == 200
    database.dispose()


def test_a_bad_address_is_told_before_a_password_is_asked_for(lantoa: Machine) -> None:
    error = lantoa.refused("staff", "add", "notamail", "--role", "writer", stdin=f"{PASSWORD}\n{PASSWORD}\n")
    assert error.endswith("email: 'notamail' is not an e-mail address")


def test_bad_staff_are_refused_and_never_half_added(lantoa: Machine) -> None:
    lantoa.well("staff", "add", "a@b.example", "--role", "writer", "--password-stdin", stdin=f"{PASSWORD}\n")
    for email, password, text in (
        ("a@b.example", PASSWORD, "a@b.example is already a member of staff"),
        ("not an address", PASSWORD, "email: 'not an address' is not an e-mail address"),
        ("c@d.example", "ngắn", "password: a password has at least 10 characters"),
    ):
        words = ("staff", "add", email, "--role", "writer", "--password-stdin")
        assert text in lantoa.refused(*words, stdin=f"{password}\n")
    assert [row["email"] for row in json.loads(lantoa.well("staff", "list", "--json"))] == ["a@b.example"]


def test_a_persons_data_is_exported_and_erased(lantoa: Machine) -> None:
    lantoa.well("staff", "add", "an@so.example", "--role", "writer", "--password-stdin", stdin=f"{PASSWORD}\n")
    held = json.loads(lantoa.well("people", "export", "AN@so.example"))
    assert held["who"] == "an@so.example"
    assert held["rows"][0]["table"] == "people"
    assert PASSWORD not in json.dumps(held)
    assert "argon2" not in json.dumps(held)
    lantoa.well("people", "export", "an@so.example", "--out", "an.xlsx")
    assert (lantoa.folder / "an.xlsx").read_bytes()[:2] == b"PK"
    assert lantoa("people", "export", "an@so.example", "--out", "an.pdf").status == 2
    assert "end the person's access first" in lantoa.refused(
        "people", "erase", "an@so.example", "--reason", "công văn 12", "--yes"
    )
    database = lantoa.database
    with database.write() as session:
        session.execute(sa.update(Person).values(active=False))
    database.dispose()
    assert lantoa("people", "erase", "an@so.example", "--reason", "công văn 12", stdin="n\n").status == 130
    said = lantoa.well("people", "erase", "an@so.example", "--reason", "công văn 12", "--yes")
    assert re.match(r"erased, now erased-[0-9a-f]{12}\n", said)
    assert re.search(r"^kept\tjournal\t\d+\tjournal$", said, re.MULTILINE)
    assert "an@so.example" not in lantoa.well("staff", "list")
    assert "nothing is held under" in lantoa.refused("people", "export", "nobody@so.example")
    assert lantoa.well("journal", "verify").startswith("journal whole")


def _call(client: FlaskClient, key: str, path: str, body: object = None) -> TestResponse:
    headers = {"Authorization": f"Bearer {key}"}
    if body is None:
        return client.get(f"/api/v1{path}", headers=headers)
    return client.post(f"/api/v1{path}", json=body, headers=headers)


def _submitted(client: FlaskClient, key: str) -> tuple[str, dict[str, str]]:
    """The path of a submitted bulletin, and the body that approves it."""
    written = _call(client, key, "/bulletins", {"title": "Tin", "body_text": "Chữ", "topic": "dich-benh"}).get_json()
    path = f"/bulletins/{written['code']}"
    assert _call(client, key, f"{path}/submit", {}).status_code == 200
    return path, {"revision_hash": written["revision_hash"]}


@pytest.mark.promise("Write and approve")
def test_a_key_that_belongs_to_nobody_does_not_approve_what_a_person_wrote(lantoa: Machine) -> None:
    for email, role in (("an@so.example", "writer"), ("chi@so.example", "approver"), ("bao@so.example", "approver")):
        lantoa.well("staff", "add", email, "--role", role, "--password-stdin", stdin=f"{PASSWORD}\n")
    writes = lantoa.well("key", "add", "Soạn", "--role", "writer", "--for", "An@so.example").strip()
    own = lantoa.well("key", "add", "Duyệt", "--role", "approver", "--for", "chi@so.example").strip()
    nobodys = lantoa.well("key", "add", "Chương trình", "--role", "approver").strip()
    program = lantoa.well("key", "add", "Máy soạn", "--role", "writer").strip()
    rows = json.loads(lantoa.well("key", "list", "--json"))
    assert [(row["person"], row["works"]) for row in rows] == [
        ("an@so.example", True), ("chi@so.example", True), (None, True), (None, True),
    ]  # fmt: skip
    assert lantoa.well("key", "list").splitlines()[0].split("\t")[1:] == ["writer", "", "Soạn", "an@so.example"]
    database = lantoa.database
    client = open_application(database, lantoa.data, own=True).app.test_client()
    path, body = _submitted(client, writes)
    refused = _call(client, nobodys, f"{path}/approve", body)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "key_without_person")
    assert "--for EMAIL" in refused.get_json()["detail"]
    assert _call(client, own, f"{path}/approve", body).status_code == 200
    path, body = _submitted(client, own)
    assert _call(client, own, f"{path}/approve", body).get_json()["code"] == "own_bulletin"
    # Of what a program wrote, another program may be the second.
    path, body = _submitted(client, program)
    assert _call(client, nobodys, f"{path}/approve", body).status_code == 200
    with database.write() as session:
        session.execute(sa.update(Person).where(Person.email == "chi@so.example").values(role=Role.ANALYST))
    path, body = _submitted(client, writes)
    lowered = _call(client, own, f"{path}/approve", body)
    assert (lowered.status_code, lowered.get_json()["detail"]) == (403, "the role analyst may not approve")
    with database.write() as session:
        session.execute(sa.update(Person).where(Person.email == "chi@so.example").values(active=False))
    assert _call(client, own, "/bulletins").status_code == 401
    assert _call(client, writes, "/bulletins").status_code == 200
    database.dispose()
    assert lantoa.well("key", "list").splitlines()[1].split("\t")[2] == "ended"


def test_a_key_for_a_person_may_at_most_what_the_person_may(lantoa: Machine) -> None:
    lantoa.well("staff", "add", "an@so.example", "--role", "writer", "--password-stdin", stdin=f"{PASSWORD}\n")
    words = ("key", "add", "x", "--for", "an@so.example")
    assert "an@so.example is writer: a key of theirs may not be approver" in lantoa.refused(
        *words, "--role", "approver"
    )
    assert "nobody with the address" in lantoa.refused("key", "add", "x", "--role", "writer", "--for", "b@so.example")
    assert "--for goes with --role" in lantoa.refused(*words, "--partner", "p")
    database = lantoa.database
    with database.write() as session:
        session.execute(sa.update(Person).values(active=False))
    database.dispose()
    assert "is not active" in lantoa.refused(*words, "--role", "writer")
    assert json.loads(lantoa.well("key", "list", "--json")) == []
