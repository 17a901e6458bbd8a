"""Deliveries are shown with their attempts and settled by people."""

from datetime import datetime

import pytest
import sqlalchemy as sa

from campaigns.delivery.outbox import Attempt, AttemptOutcome, Delivery, DeliveryState
from coordinator.db import Database
from tests.coordinator.api.harness import ApiHarness


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


def in_state(world: ApiHarness, state: DeliveryState, due_at: datetime | None = None) -> dict[str, object]:
    """A delivery of a published bulletin, put into a state with one attempt behind it."""
    channel = world.webhook()["code"]
    row = world.delivery(world.published()["code"], channel)
    with world.database.write() as session:
        delivery = session.execute(sa.select(Delivery).where(Delivery.public == row["id"])).scalar_one()
        delivery.state, delivery.due_at = state, due_at
        session.add(
            Attempt(
                delivery_id=delivery.id, at=world.office.now(), outcome=AttemptOutcome.FAILED, status=503, error="busy"
            )
        )
    return row


def test_one_delivery_a_channel_with_its_key(world: ApiHarness) -> None:
    channels = {world.webhook("tinven")["code"], world.webhook("bac")["code"]}
    code = world.published()["code"]
    rows = world.caller("writer").get(f"/bulletins/{code}/deliveries").get_json()["items"]
    assert {row["channel"] for row in rows} == channels
    for row in rows:
        assert (row["state"], row["revision"], row["attempts"], row["act"]) == ("due", 1, [], "publish")
        assert row["key"] == row["id"]
    filtered = world.caller("writer").get(f"/bulletins/{code}/deliveries?state=dead").get_json()["items"]
    assert filtered == []


def test_deliveries_come_in_pages(world: ApiHarness) -> None:
    for _ in range(3):
        world.webhook()
    path = f"/bulletins/{world.published()['code']}/deliveries?limit=2"
    first = world.caller("writer").get(path).get_json()
    second = world.caller("writer").get(first["next"]).get_json()
    assert [len(first["items"]), len(second["items"]), second["next"]] == [2, 1, None]


def test_attempts_are_shown(world: ApiHarness) -> None:
    row = in_state(world, DeliveryState.RETRYING)
    item = world.caller("writer").get(f"/deliveries/{row['id']}").get_json()
    assert item["attempts"] == [
        {"at": "2026-11-24T08:00:01+07:00", "ended_at": None, "outcome": "failed", "status": 503, "error": "busy"}
    ]


def test_a_dead_delivery_is_retried_with_its_old_key(world: ApiHarness) -> None:
    row = in_state(world, DeliveryState.DEAD)
    world.runner.kinds.clear()
    again = world.caller("approver").post(f"/deliveries/{row['id']}/retry").get_json()
    assert (again["state"], again["key"]) == ("retrying", row["key"])
    assert world.runner.kinds == ["delivery"]


@pytest.mark.parametrize("state", [DeliveryState.UNKNOWN, DeliveryState.DELIVERED, DeliveryState.DUE])
def test_others_are_not_retried_least_of_all_the_unknown(world: ApiHarness, state: DeliveryState) -> None:
    row = in_state(world, state)
    answer = world.caller("approver").post(f"/deliveries/{row['id']}/retry")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "not_retryable")


def test_a_person_settles_what_nobody_knew(world: ApiHarness) -> None:
    row = in_state(world, DeliveryState.UNKNOWN)
    settled = world.caller("analyst").post(
        f"/deliveries/{row['id']}/resolve", {"outcome": "delivered", "url": "https://oa.example/bai-1"}
    )
    item = settled.get_json()
    assert (item["state"], item["url"], item["attempts"][-1]["outcome"]) == (
        "delivered",
        "https://oa.example/bai-1",
        "by_person",
    )
    again = world.caller("analyst").post(f"/deliveries/{row['id']}/resolve", {"outcome": "delivered"})
    assert again.status_code == 409


@pytest.mark.parametrize(("again", "state"), [(False, "dead"), (True, "retrying")])
def test_what_was_not_sent_is_given_up_or_sent(world: ApiHarness, again: bool, state: str) -> None:
    row = in_state(world, DeliveryState.UNKNOWN)
    body = {"outcome": "not_sent", "again": again}
    assert world.caller("approver").post(f"/deliveries/{row['id']}/resolve", body).get_json()["state"] == state


@pytest.mark.parametrize("body", [{}, {"outcome": "perhaps"}, {"outcome": "delivered", "again": "yes"}, []])
def test_a_resolution_that_is_none_is_422(world: ApiHarness, body: object) -> None:
    row = in_state(world, DeliveryState.UNKNOWN)
    assert world.caller("approver").post(f"/deliveries/{row['id']}/resolve", body).status_code == 422


def test_an_address_that_is_none_is_named(world: ApiHarness) -> None:
    row = in_state(world, DeliveryState.UNKNOWN)
    answer = world.caller("approver").post(f"/deliveries/{row['id']}/resolve", {"outcome": "delivered", "url": "x"})
    assert answer.get_json()["errors"][0]["field"] == "url"
