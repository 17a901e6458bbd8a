"""Briefings in the API: begun, edited, frozen, numbered."""

import pytest

from coordinator.db import Database
from tests.coordinator.api.harness import ApiHarness


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


def test_a_briefing_is_begun_once_edited_frozen_and_numbered(world: ApiHarness) -> None:
    analyst = world.caller("analyst")
    row = analyst.post("/briefings", {"period": "2026-Q4"}).get_json()
    assert analyst.post("/briefings", {"period": "2026-Q4"}).get_json()["id"] == row["id"]
    path = f"/briefings/{row['id']}"
    changed = analyst.patch(path, {"edits": 0, "difficulties": "Ít người.", "recipients": ["- UBND"]}).get_json()
    assert (changed["edits"], changed["text"]["recipients"]) == (1, ["- UBND"])
    assert analyst.patch(path, {"edits": 0, "proposals": "x"}).get_json()["code"] == "briefing_moved"
    frozen = analyst.post(f"{path}/freeze", {"edits": 1})
    version = frozen.get_json()
    assert (frozen.status_code, version["number"], version["text"]["difficulties"]) == (201, 1, "Ít người.")
    assert version["figures"]
    assert [error["field"] for error in analyst.post(f"{path}/freeze", {"edits": 1}).get_json()["errors"]] == ["reason"]
    given = analyst.post(f"/briefings/versions/{version['id']}/number", {"number": "5/BC", "signed_on": "2026-11-24"})
    assert given.get_json()["text"]["number"] == "5/BC"
    assert world.caller("writer").get(f"/briefings/versions/{version['id']}").get_json()["sha256"] == version["sha256"]
    assert [item["id"] for item in analyst.get("/briefings").get_json()["items"]] == [row["id"]]


@pytest.mark.parametrize(
    ("body", "field"), [({"period": "mai"}, "period"), ({"period": "2026-Q4", "campaign": "khong-co"}, "campaign")]
)
def test_bad_input_is_named(world: ApiHarness, body: dict[str, str], field: str) -> None:
    answer = world.caller("analyst").post("/briefings", body)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, field)
    assert world.caller("analyst").get("/briefings?campaign=khong-co").status_code == 422
