"""Templates of bulletins in the API: kept, changed, archived, and begun from."""

import pytest

from coordinator.db import Database
from tests.coordinator.api.harness import ApiHarness

NEW = {
    "name": "Dịch bệnh tuần", "title": "Dịch bệnh tuần {tuần}", "body_text": "Có {số} ca, đến ngày {ngày}.",
    "topic": "dich-benh",
}  # fmt: skip


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


def test_a_template_is_kept_changed_archived_and_begun_from(world: ApiHarness) -> None:
    writer = world.caller("writer")
    answer = writer.post("/templates", NEW)
    row = answer.get_json()
    path = f"/templates/{row['id']}"
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/api/v1{path}")
    assert writer.patch(path, {"lead": "Số liệu.", "version": 1}).get_json()["version"] == 2
    assert writer.patch(path, {"lead": "Khác.", "version": 1}).get_json()["code"] == "template_changed"
    started = writer.post(f"{path}/start", {"day": "2026-12-01"}).get_json()
    assert (started["title"], started["body_text"]) == ("Dịch bệnh tuần 49", "Có {số} ca, đến ngày 01/12/2026.")
    refused = writer.post(f"/bulletins/{started['code']}/submit").get_json()
    assert [(error["field"], error["code"]) for error in refused["errors"]] == [("body_html", "placeholder_left")]
    assert writer.post(f"{path}/archive").get_json()["archived_at"] is not None
    assert writer.post(f"{path}/start", {}).get_json()["code"] == "template_archived"
    assert writer.get("/templates").get_json()["items"] == []
    assert [item["id"] for item in writer.get("/templates?archived=true").get_json()["items"]] == [row["id"]]
    assert writer.post(f"{path}/restore").get_json()["archived_at"] is None
    assert writer.get(path).get_json()["name"] == "Dịch bệnh tuần"


def test_bad_input_is_named_and_a_partner_sees_none(world: ApiHarness) -> None:
    answer = world.caller("writer").post("/templates", NEW | {"title": "Tin {giờ}"})
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "title")
    assert world.caller("analyst").post("/templates", NEW).status_code == 403
    assert world.caller("tinven").get("/templates").status_code == 403
