"""Findings in the API: listed, decided one by one and together, answered by their partner."""

import pytest
import sqlalchemy as sa

from campaigns.partners.directory import Site
from coordinator.db import Database
from tests.campaigns.compliance.made_findings import proposed
from tests.coordinator.api.harness import BEGINNING, ApiHarness


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


@pytest.fixture
def made(world: ApiHarness) -> list[str]:
    """Two findings about a site of the first partner."""
    with world.database.write() as session:
        site = session.execute(sa.select(Site).where(Site.host == "tinven.example")).scalar_one()
        return [proposed(session, code, site, at=BEGINNING).public for code in ("R1", "R13")]


def test_a_list_is_filtered_and_paged_and_a_bad_filter_named(world: ApiHarness, made: list[str]) -> None:
    analyst = world.caller("analyst")
    assert [row["id"] for row in analyst.get("/findings").get_json()["items"]] == made[::-1]
    assert [row["id"] for row in analyst.get("/findings?rule=R13").get_json()["items"]] == [made[1]]
    first = analyst.get("/findings?limit=1").get_json()
    assert [row["id"] for row in analyst.get(first["next"]).get_json()["items"]] == [made[0]]
    answer = analyst.get("/findings?standing=zz&partner=khong-co")
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "standing")


def test_an_act_on_another_turn_is_a_conflict_and_a_repeated_one_is_done_once(
    world: ApiHarness, made: list[str]
) -> None:
    analyst, path = world.caller("analyst"), f"/findings/{made[0]}/conclude"
    body = {"turn": 0, "confirm": True, "note": "Đúng", "reply_by": "2026-12-05"}
    once = analyst.post(path, body, headers={"Idempotency-Key": "c-1"})
    again = analyst.post(path, body, headers={"Idempotency-Key": "c-1"})
    assert (once.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert once.get_json() == again.get_json()
    assert (once.get_json()["standing"], once.get_json()["turn"]) == ("confirmed", 1)
    stale = analyst.post(path, body)
    assert (stale.status_code, stale.get_json()["code"]) == (409, "finding_moved")
    letter = analyst.post(f"/findings/{made[0]}/outcome", {"turn": 1, "outcome": "reminded", "number": "12/S"})
    assert [error["field"] for error in letter.get_json()["errors"]] == ["on"]
    undone = analyst.post(f"/findings/{made[0]}/undo", {"turn": 1}).get_json()
    assert (undone["standing"], [step["happened"] for step in undone["steps"]]) == (
        "proposed", ["proposed", "confirmed", "undone"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("act", "body", "unused"),
    [
        ("conclude", {"confirm": False, "note": "x", "reply_by": "2026-12-05"}, ["reply_by"]),
        ("outcome", {"outcome": "mended", "note": "x", "number": "1", "on": "2026-11-24"}, ["number", "on"]),
        ("outcome", {"outcome": "reminded", "number": "1", "on": "2026-11-24", "amount": 5}, ["amount"]),
    ],
)
def test_a_field_of_another_outcome_is_refused_and_named(
    world: ApiHarness, made: list[str], act: str, body: dict[str, object], unused: list[str]
) -> None:
    refused = world.caller("analyst").post(f"/findings/{made[0]}/{act}", body | {"turn": 0})
    assert (refused.status_code, [error["field"] for error in refused.get_json()["errors"]]) == (422, unused)


def test_a_partner_sees_and_answers_what_was_shown_to_it_and_nothing_else(world: ApiHarness, made: list[str]) -> None:
    own, other = world.caller("tinven"), world.caller("bac")
    assert own.get(f"/findings/{made[0]}").status_code == 404, "it was not asked yet"
    world.caller("analyst").post(f"/findings/{made[0]}/ask", {"turn": 0, "reply_by": "2026-12-05"})
    (row,) = own.get("/findings").get_json()["items"]
    assert (row["id"], row["turn"], row["note"]) == (made[0], None, "")
    assert own.post(f"/findings/{made[0]}/reply", {"text": "Đã sửa."}).status_code == 201
    assert other.get(f"/findings/{made[0]}").status_code == 404
    assert other.post(f"/findings/{made[0]}/reply", {"text": "x"}).status_code == 404
    assert other.get("/findings").get_json()["items"] == []
    late = world.caller("analyst").post(f"/findings/{made[0]}/conclude", {"turn": 1, "confirm": True, "note": "x"})
    assert late.get_json()["code"] == "finding_moved", "the partner has replied since"


def test_several_are_decided_together_and_taken_back(world: ApiHarness, made: list[str]) -> None:
    analyst = world.caller("analyst")
    analyst.post(f"/findings/{made[1]}/ask", {"turn": 0, "reply_by": "2026-12-05"})
    wanted = [{"id": ident, "turn": 0} for ident in made]
    result = analyst.post("/findings/decide", {"decision": "dismiss", "note": "Đủ", "findings": wanted}).get_json()
    assert [row["id"] for row in result["done"]] == [made[0]]
    assert [(row["id"], row["code"]) for row in result["kept"]] == [(made[1], "finding_moved")]
    undone = analyst.post(f"/findings/batches/{result['batch']}/undo").get_json()
    assert [row["standing"] for row in undone["done"]] == ["proposed"]
    bad = analyst.post("/findings/decide", {"decision": "confirm", "findings": wanted})
    assert [error["field"] for error in bad.get_json()["errors"]] == ["note"]
