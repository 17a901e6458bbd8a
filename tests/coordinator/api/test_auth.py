"""Keys prove who calls; nothing else does."""

from datetime import date

import pytest

from campaigns.people.keys import AccessKey, revoke_key
from campaigns.people.staff import Role
from coordinator.db import Database
from tests.coordinator.api.harness import ApiHarness, Caller


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic d3JpdGVyOng=", "Bearer lt_0000000000_" + "x" * 43, "Token abc"]
)
def test_without_a_good_key_everything_is_401_and_says_how_to_prove_oneself(
    world: ApiHarness, header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = world.app.test_client().get("/api/v1/bulletins", headers=headers)
    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_revoked_and_an_expired_key_are_refused_in_the_words_of_an_unknown_one(world: ApiHarness) -> None:
    revoked = world.key("một", role=Role.WRITER)
    expiring = world.key("hai", role=Role.WRITER, expires_on=date(2026, 11, 24))
    with world.database.write() as session:
        revoke_key(session, "test", revoked.key.split("_")[1], now=world.office.now())
    assert expiring.get("/topics").status_code == 200
    world.clock.forward(days=1)
    stranger = Caller(world.app.test_client(), f"lt_0123456789_{'a' * 43}")
    answers = [caller.get("/topics") for caller in (revoked, expiring, stranger)]
    assert [response.status_code for response in answers] == [401, 401, 401]
    assert len({response.get_data() for response in answers}) == 1


def test_the_key_with_another_secret_is_refused(world: ApiHarness) -> None:
    good = world.caller("writer").key
    wrong = good[:-1] + ("A" if good[-1] != "A" else "B")
    assert Caller(world.app.test_client(), wrong).get("/topics").status_code == 401


def test_no_cookie_is_set_and_none_is_read(world: ApiHarness) -> None:
    client = world.app.test_client()
    client.set_cookie("session", "anything")
    answer = client.get("/api/v1/topics", headers={"Authorization": f"Bearer {world.caller('writer').key}"})
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert client.get("/api/v1/topics").status_code == 401


def test_use_is_noted_but_not_at_every_request(world: ApiHarness) -> None:
    def last() -> object:
        with world.database.read() as session:
            return session.query(AccessKey).filter(AccessKey.name == "writer").one().last_used_at

    world.caller("writer").get("/topics")
    first = last()
    assert first == world.clock.moment
    world.clock.forward(minutes=5)
    world.caller("writer").get("/topics")
    assert last() == first
    world.clock.forward(minutes=6)
    world.caller("writer").get("/topics")
    assert last() == world.clock.moment


def test_the_document_and_its_page_need_no_key(world: ApiHarness) -> None:
    client = world.app.test_client()
    assert client.get("/api/v1/openapi.json").status_code == 200
    assert client.get("/api/v1/docs").status_code == 200


def test_a_role_too_small_learns_nothing_of_what_exists(world: ApiHarness) -> None:
    code = world.draft()["code"]
    answers = [world.caller("analyst").post(f"/bulletins/{text}/submit") for text in (code, "BT-1")]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert answers[0].text == answers[1].text
