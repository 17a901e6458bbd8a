"""Channels: secrets go in, and come out once if we made them."""

import base64

import pytest
import sqlalchemy as sa

from campaigns.channels.channels import Channel, ChannelState
from campaigns.delivery.outbox import Delivery, DeliveryState
from coordinator.db import Database
from tests import factories
from tests.coordinator.api.harness import ApiHarness

OWN = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


def kept(world: ApiHarness, code: str) -> dict[str, str]:
    """The channel's secrets as the database has them, opened."""
    with world.database.read() as session:
        encrypted_secrets = session.execute(
            sa.select(Channel.encrypted_secrets).where(Channel.code == code)
        ).scalar_one()
    return world.office.encryption.decrypt(encrypted_secrets)


def test_a_webhooks_secret_is_made_and_shown_once(world: ApiHarness) -> None:
    made = world.webhook()
    assert made["secret"].startswith("whsec_")
    assert made["settings"] == {
        "url": "https://nhan.example/tin", "whole_text": False, "secret": made["secret"],
    }  # fmt: skip
    assert kept(world, made["code"])["secret"] == made["secret"]
    shown = world.caller("admin").get(f"/channels/{made['code']}")
    assert shown.get_json()["secret"] is None
    assert shown.get_json()["has_secrets"] is True
    assert "whsec_" not in shown.text
    assert "whsec_" not in world.caller("admin").get("/channels").text


def test_a_given_secret_is_not_repeated(world: ApiHarness) -> None:
    made = world.webhook(settings={"url": "https://nhan.example/tin", "secret": OWN})
    assert made["secret"] is None
    assert "secret" not in made["settings"]
    assert kept(world, made["code"])["secret"] == OWN


def test_no_secret_stands_in_the_database_in_clear_even_under_an_idempotency_key(world: ApiHarness) -> None:
    answer = world.caller("admin").post(
        "/channels",
        {"kind": "webhook", "name": "Máy chủ", "settings": {"url": "https://nhan.example/"}},
        headers={"Idempotency-Key": "mot"},
    )
    secret = answer.get_json()["secret"]
    files = [path.read_bytes() for path in world.app_context.settings.data_dir.glob("lantoa.db*")]
    assert not any(secret.encode() in content for content in files)
    again = world.caller("admin").post(
        "/channels",
        {"kind": "webhook", "name": "Máy chủ", "settings": {"url": "https://nhan.example/"}},
        headers={"Idempotency-Key": "mot"},
    )
    assert again.get_json()["secret"] == secret


def test_settings_are_merged_and_the_secret_stays(world: ApiHarness) -> None:
    made = world.webhook()
    path = f"/channels/{made['code']}"
    changed = world.caller("admin").patch(path, {"settings": {"url": "https://moi.example/"}, "name": "Tên mới"})
    assert changed.get_json()["settings"] == {"url": "https://moi.example/", "whole_text": False}
    assert changed.get_json()["name"] == "Tên mới"
    assert kept(world, made["code"])["secret"] == made["secret"]


def test_a_secret_is_replaced_by_a_given_one_or_by_a_new_one_and_the_old_overlaps(world: ApiHarness) -> None:
    made = world.webhook()
    path = f"/channels/{made['code']}"
    given = world.caller("admin").patch(path, {"settings": {"secret": OWN}})
    assert given.get_json()["secret"] is None
    assert (kept(world, made["code"])["secret"], kept(world, made["code"])["previous_secret"]) == (OWN, made["secret"])
    new = world.caller("admin").patch(path, {"settings": {"secret": None}}).get_json()["secret"]
    assert new not in {OWN, made["secret"], None}
    assert (kept(world, made["code"])["secret"], kept(world, made["code"])["previous_secret"]) == (new, OWN)


def test_topics_are_set_and_lifted(world: ApiHarness) -> None:
    made = world.webhook(topics=["dich-benh"])
    path = f"/channels/{made['code']}"
    assert world.caller("admin").get(path).get_json()["topics"] == ["dich-benh"]
    assert world.caller("admin").patch(path, {"name": "A"}).get_json()["topics"] == ["dich-benh"]
    assert world.caller("admin").patch(path, {"topics": None}).get_json()["topics"] is None
    wrong = world.caller("admin").patch(path, {"topics": ["la"]})
    assert wrong.get_json()["errors"][0]["field"] == "topics.0"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "fax", "name": "x"}, "kind"),
        ({"kind": "memory", "name": "x"}, "kind"),
        ({"kind": "webhook", "name": "x"}, "settings.url"),
        ({"kind": "webhook", "name": "x", "settings": {"url": "ftp://x"}}, "settings.url"),
        ({"kind": "webhook", "name": "x", "settings": {"url": "https://x.vn/", "secret": "short"}}, "settings.secret"),
        ({"kind": "webhook", "name": "x", "settings": {"url": "https://x.example/", "urls": "y"}}, "settings.urls"),
        ({"kind": "feed", "name": "x", "partner": "khong-co"}, "partner"),
        ({"kind": "feed", "name": " "}, "name"),
        ({"kind": "feed", "name": "x", "topics": ["la"]}, "topics.0"),
        ({"kind": "feed", "name": "x", "code": "Có dấu"}, "code"),
        ({"kind": "feed"}, "name"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_channel_is_named(world: ApiHarness, body: dict[str, object], field: str) -> None:
    answer = world.caller("admin").post("/channels", body)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.get_json()["errors"]] == [field]
    assert "short" not in answer.text


def test_a_code_in_use_is_409(world: ApiHarness) -> None:
    body = {"kind": "feed", "name": "Nguồn tin", "code": "nguon"}
    assert world.caller("admin").post("/channels", body).status_code == 201
    assert world.caller("admin").post("/channels", body).status_code == 409


def test_pause_and_resume(world: ApiHarness) -> None:
    path = f"/channels/{world.webhook()['code']}"
    assert world.caller("admin").post(f"{path}/pause").get_json()["state"] == "paused"
    assert world.caller("admin").get("/channels?state=paused").get_json()["items"][0]["state"] == "paused"
    assert world.caller("admin").post(f"{path}/resume").get_json()["state"] == "active"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ChannelState.NEEDS_AUTHORISATION, "active"), (ChannelState.FAILING, "active"),
        (ChannelState.PAUSED, "paused"), (ChannelState.ACTIVE, "active"),
    ],
)  # fmt: skip
def test_a_good_test_resumes_what_had_lost_its_access_and_not_what_a_person_paused(
    world: ApiHarness, before: ChannelState, after: str
) -> None:
    path = f"/channels/{world.webhook()['code']}"
    with world.database.write() as session:
        session.execute(sa.update(Channel).values(state=before, last_error="the token ran out"))
    assert world.caller("admin").post(f"{path}/test").get_json()["ok"] is True
    assert world.caller("admin").get(path).get_json()["state"] == after


def test_late_deliveries_stand_in_the_row_and_go_or_end_at_one_call(world: ApiHarness) -> None:
    path = f"/channels/{world.webhook()['code']}"
    assert world.caller("admin").get(path).get_json()["backlog"] is None
    with world.database.write() as session:
        for _ in range(3):
            factories.published(session, now=world.office.now())
        session.execute(sa.update(Channel).values(state=ChannelState.NEEDS_AUTHORISATION))
    world.office.clock.forward(days=40)
    row = world.caller("admin").post(f"{path}/resume").get_json()
    assert row["backlog"]["count"] == 3
    assert world.caller("admin").get("/channels").get_json()["items"][0]["backlog"] == row["backlog"]
    refused = world.caller("writer").post(f"{path}/backlog", {"decision": "send"})
    assert refused.status_code == 403
    assert world.caller("admin").post(f"{path}/backlog", {"decision": "later"}).status_code == 422
    assert world.caller("approver").post(f"{path}/backlog", {"decision": "cancel"}).get_json()["backlog"] is None
    again = world.caller("admin").post(f"{path}/backlog", {"decision": "send"})
    assert (again.status_code, again.get_json()["code"]) == (409, "no_backlog")
    with world.database.read() as session:
        states = session.execute(sa.select(Delivery.state)).scalars().all()
    assert states == [DeliveryState.CANCELLED] * 3


def test_a_retired_channel_cannot_be_resumed(world: ApiHarness) -> None:
    code = world.webhook()["code"]
    with world.database.write() as session:
        session.execute(sa.update(Channel).where(Channel.code == code).values(state=ChannelState.RETIRED))
    answer = world.caller("admin").post(f"/channels/{code}/resume")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "channel_retired")


def test_a_channel_is_tried_with_a_signed_message(world: ApiHarness) -> None:
    answer = world.caller("admin").post(f"/channels/{world.webhook()['code']}/test")
    assert answer.get_json()["ok"] is True
    assert answer.get_json()["status"] == 204
    method, url, body, headers = world.http_client.asked[0]
    assert (method, url) == ("POST", "https://nhan.example/tin")
    assert b"endpoint.test" in (body or b"")
    assert headers["webhook-signature"].startswith("v1,")


@pytest.mark.parametrize("status", [None, 500, 301, 410])
def test_a_channel_that_does_not_answer_as_it_must_is_502_in_words(world: ApiHarness, status: int | None) -> None:
    world.http_client.status = status
    answer = world.caller("admin").post(f"/channels/{world.webhook()['code']}/test")
    assert (answer.status_code, answer.get_json()["code"]) == (502, "channel_failed")
    assert answer.get_json()["detail"]


def test_a_kind_that_nothing_is_sent_to_cannot_be_tried(world: ApiHarness) -> None:
    code = world.caller("admin").post("/channels", {"kind": "manual", "name": "Tay"}).get_json()["code"]
    answer = world.caller("admin").post(f"/channels/{code}/test")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "not_testable")


def test_a_bulletin_goes_to_those_whose_topics_take_it(world: ApiHarness) -> None:
    takes = world.webhook(topics=["dich-benh"])["code"]
    world.webhook(topics=["kinh-te-xa-hoi"])
    rows = world.caller("admin").get(f"/bulletins/{world.published()['code']}/deliveries").get_json()["items"]
    assert [row["channel"] for row in rows] == [takes]


def test_limits_are_shown_set_together_and_put_back(world: ApiHarness) -> None:
    code = world.webhook()["code"]
    admin = world.caller("admin")
    assert admin.get(f"/channels/{code}").get_json()["limits"] == {"rate": 120, "burst": 30, "at_once": 1}
    changed = admin.patch(f"/channels/{code}", {"limits": {"rate": 600, "at_once": 4}})
    assert changed.get_json()["limits"] == {"rate": 600, "burst": 30, "at_once": 4}
    refused = admin.patch(f"/channels/{code}", {"limits": {"rate": 0, "at_once": 99}})
    assert refused.status_code == 422
    assert [item["field"] for item in refused.get_json()["errors"]] == ["limits.rate", "limits.at_once"]
    assert admin.patch(f"/channels/{code}", {"limits": {}}).get_json()["limits"]["rate"] == 120
    assert world.caller("approver").patch(f"/channels/{code}", {"limits": {}}).status_code == 403
