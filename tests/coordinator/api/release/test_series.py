"""Series in the API: begun, changed from a day on, and single days of them."""

import pytest

from coordinator.db import Database
from tests.coordinator.api.harness import ApiHarness

NEW = {
    "name": "Điểm tin sáng", "starts_on": "2026-11-25", "title": "Điểm tin {ngày}", "topic": "dich-benh",
    "weekdays": [1, 2, 3, 4, 5], "time": "06:30",
}  # fmt: skip


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


def test_a_series_is_begun_changed_from_a_day_on_and_ended(world: ApiHarness) -> None:
    writer = world.caller("writer")
    answer = writer.post("/series", NEW)
    row = answer.get_json()
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/api/v1/series/{row['id']}")
    path = f"/series/{row['id']}"
    changed = writer.patch(path, {"from": "2026-12-01", "time": "07:00", "weekdays": [2]}).get_json()
    assert [(rule["from"], rule["time"], rule["weekdays"], rule["title"]) for rule in changed["rules"]] == [
        ("2026-11-25", "06:30", [1, 2, 3, 4, 5], "Điểm tin {ngày}"), ("2026-12-01", "07:00", [2], "Điểm tin {ngày}"),
    ]  # fmt: skip
    days = writer.get(f"{path}/days?from=2026-11-24&to=2026-12-02").get_json()["items"]
    assert [day["day"] for day in days] == ["2026-11-25", "2026-11-26", "2026-11-27", "2026-11-30", "2026-12-01"]
    assert writer.post(f"{path}/end", {"last": "2026-11-30"}).get_json()["ends_on"] == "2026-11-30"
    assert [item["id"] for item in writer.get("/series").get_json()["items"]] == [row["id"]]


def test_a_day_is_left_out_put_back_changed_and_filled(world: ApiHarness) -> None:
    writer = world.caller("writer")
    path = f"/series/{writer.post('/series', NEW).get_json()['id']}/days/2026-11-25"
    assert writer.post(f"{path}/restore").status_code == 200, "a day that is due stays due"
    assert writer.post(f"{path}/skip", {"why": "Mất điện"}).get_json()["state"] == "skipped"
    assert writer.post(f"{path}/restore").status_code == 200
    assert writer.post(f"{path}/change", {"time": "09:15", "title": "Riêng"}).get_json()["title"] == "Riêng"
    code = world.draft()["code"]
    assert writer.post(f"{path}/fill", {"bulletin": code}).get_json()["bulletin"] == code
    assert writer.post(f"{path}/skip", {"why": "x"}).get_json()["code"] == "place_filled"
    assert writer.post(f"{path}/empty").status_code == 200
    assert writer.get(path).get_json()["bulletin"] is None


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"time": "24:00"}, "time"),
        ({"weekdays": [8]}, "weekdays.0"),
        ({"topic": "la"}, "topic"),
        ({"name": " "}, "name"),
    ],
)
def test_bad_input_is_named(world: ApiHarness, bad: dict[str, object], field: str) -> None:
    answer = world.caller("writer").post("/series", NEW | bad)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, field)
    assert world.caller("writer").get("/series/ser_x/days/31-02-2027").status_code == 404
