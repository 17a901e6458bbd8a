"""Receipts: a partner reports what it did with what was pushed to it."""

import pytest
import sqlalchemy as sa

from campaigns.core.journal import JournalEntry
from campaigns.discovery.sightings import Page, Sighting
from campaigns.republications.republications import Republication
from coordinator.db import Database
from tests.coordinator.api.harness import ApiHarness


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


def pushed(world: ApiHarness, partner: str = "tinven") -> dict[str, str]:
    """A delivery to a partner's webhook."""
    channel = world.webhook(partner)["code"]
    return world.delivery(world.published()["code"], channel)


@pytest.mark.parametrize("name", ["delivery", "webhook_id", "id"])
def test_an_address_becomes_a_claim_to_be_checked(world: ApiHarness, name: str) -> None:
    row = pushed(world)
    world.runner.kinds.clear()
    body = {
        name: row["key"],
        "status": "published",
        "url": "https://tinven.example/tin-9",
        "published_at": "2026-11-24T07:59:00+07:00",
    }
    answer = world.caller("tinven").post("/receipts", body)
    assert answer.status_code == 202, answer.text
    item = answer.get_json()
    assert (item["delivery"], item["bulletin"], item["status"]) == (row["id"], row["bulletin"], "published")
    copy = world.caller("tinven").get(f"/republications/{item['republication']}").get_json()
    assert (copy["level"], copy["status"]) == ("announced", "candidate")
    assert world.runner.kinds == ["page_check"]
    with world.database.read() as session:
        assert session.execute(sa.select(Sighting.how)).scalar_one().value == "announced"
        entry = session.execute(sa.select(JournalEntry).where(JournalEntry.act == "receipt.given")).scalar_one()
        assert entry.subject == row["id"]


def test_a_refusal_is_noted_and_nothing_is_claimed(world: ApiHarness) -> None:
    row = pushed(world)
    body = {"delivery": row["key"], "status": "rejected", "reason": "Trùng tin của chúng tôi"}
    answer = world.caller("tinven").post("/receipts", body)
    assert (answer.status_code, answer.get_json()["republication"]) == (202, None)
    with world.database.read() as session:
        entry = session.execute(sa.select(JournalEntry).where(JournalEntry.act == "receipt.given")).scalar_one()
        assert "Trùng tin của chúng tôi" in entry.details
        assert session.execute(sa.select(Sighting)).first() is None


@pytest.mark.parametrize("status", ["removed", "rejected"])
def test_an_address_without_the_text_is_no_claim_and_a_known_page_is_read_again(world: ApiHarness, status: str) -> None:
    row, partner, url = pushed(world), world.caller("tinven"), "https://tinven.example/tin-9"
    answer = partner.post("/receipts", {"delivery": row["key"], "status": status, "url": url})
    assert (answer.status_code, answer.get_json()["republication"]) == (202, None)
    with world.database.read() as session:
        assert session.execute(sa.select(Page)).first() is None
        assert session.execute(sa.select(Republication)).first() is None
    claimed = partner.post("/receipts", {"delivery": row["key"], "status": "published", "url": url}).get_json()
    with world.database.write() as session:
        session.execute(sa.update(Page).values(due_at=None))
    again = partner.post("/receipts", {"delivery": row["key"], "status": status, "url": f"{url}?utm_source=x"})
    assert (again.status_code, again.get_json()["republication"]) == (202, claimed["republication"])
    with world.database.read() as session:
        assert session.execute(sa.select(Page.due_at)).scalar_one() is not None
        assert len(session.execute(sa.select(Sighting)).all()) == 1
    strange = partner.post("/receipts", {"delivery": row["key"], "status": status, "url": "https://bac.example/x"})
    assert (strange.status_code, strange.get_json()["errors"][0]["field"]) == (422, "url")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"status": "eaten"}, "status"),
        ({"url": None}, "url"),
        ({"url": "https://bac.example/x"}, "url"),
        ({"delivery": "dlv_000"}, "delivery"),
        ({"published_at": "2026-12-24T08:00:00+07:00"}, "published_at"),
        ({"extra": 1}, "extra"),
    ],
)
def test_a_receipt_that_cannot_be_is_422(world: ApiHarness, changed: dict[str, object], field: str) -> None:
    body = {"delivery": pushed(world)["key"], "status": "published", "url": "https://tinven.example/x"} | changed
    answer = world.caller("tinven").post("/receipts", body)
    assert (answer.status_code, [item["field"] for item in answer.get_json()["errors"]]) == (422, [field])


def test_another_partners_delivery_is_to_us_what_does_not_exist(world: ApiHarness) -> None:
    row = pushed(world, "bac")
    answers = [
        world.caller("tinven").post("/receipts", {"delivery": ident, "status": "received"})
        for ident in (row["key"], "dlv_00000000000000000000")
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].text.replace(row["key"], "dlv_00000000000000000000") == answers[1].text


def test_only_a_partner_gives_receipts(world: ApiHarness) -> None:
    answer = world.caller("admin").post("/receipts", {"delivery": "x", "status": "received"})
    assert answer.status_code == 403
