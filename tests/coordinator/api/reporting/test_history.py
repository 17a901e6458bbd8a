"""History in the API: read by staff, imported by an administrator, every bad row named in ``errors``."""

import pytest

from coordinator.db import Database
from tests.coordinator.api.harness import ApiHarness

BULLETIN = {"day": "2025-08-14", "topic": "dich-benh", "title": "Lịch tiêm", "url": "https://cu.vn/1", "number": "7"}
COPY = {"bulletin": "7", "url": "https://facebook.com/p/1", "day": "2025-08-15", "network": "Facebook"}
TOTAL = {"period": "2025-Q3", "metric": "republications", "figure": 12_500}


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


def test_history_is_imported_once_and_read_beside_what_is_proven(world: ApiHarness) -> None:
    admin, analyst = world.caller("admin"), world.caller("analyst")
    body = {"bulletins": [BULLETIN], "copies": [COPY], "totals": [TOTAL]}
    tried = admin.post("/history", {**body, "dry_run": True})
    assert (tried.status_code, tried.get_json()["run"], tried.get_json()["bulletins"]) == (200, None, 1)
    done = admin.post("/history", body, headers={"Idempotency-Key": "a"})
    again = admin.post("/history", body, headers={"Idempotency-Key": "a"})
    assert (done.status_code, done.get_json()) == (201, again.get_json())
    made = done.get_json()
    assert (made["bulletins"], made["copies"], made["totals"], made["left_out"]) == (1, 1, 1, [])
    assert admin.post("/history", body).get_json()["unchanged"] == 3
    read = analyst.get("/history?period=2025-Q3").get_json()
    assert (read["bulletins"], read["copies"], read["proven"], read["use_began_on"]) == (1, 1, 0, None)
    (total,) = read["totals"]
    assert (total["period"], total["first"], total["metric"], total["figure"]) == (
        "2025-Q3", "2025-07-01", "republications", 12_500,
    )  # fmt: skip
    assert {row["metric"]: (row["reported"], row["proven"]) for row in read["figures"]} == {
        "bulletins": (1, 0), "republications": (12_500, 0), "partners": (None, 0), "views": (None, 0),
    }  # fmt: skip
    (copy,) = analyst.get(f"/history/copies?run={made['run']}").get_json()["items"]
    assert analyst.get("/history/copies?bulletin=BT-1").status_code == 422
    assert (copy["bulletin"], copy["network"], copy["republication"]) == ("BT-2025-08-14-001", "Facebook", None)
    bulletin = analyst.get("/bulletins/BT-2025-08-14-001").get_json()
    assert (bulletin["state"], bulletin["reported_on"], bulletin["url"]) == (
        "published",
        "2025-08-14",
        "https://cu.vn/1",
    )
    assert bulletin["release_at"] is None


def test_every_bad_row_is_a_problem_of_its_own_and_nothing_is_imported(world: ApiHarness) -> None:
    admin = world.caller("admin")
    body = {
        "bulletins": [BULLETIN, {**BULLETIN, "url": "https://cu.vn/2", "number": "", "topic": "the-thao"}],
        "copies": [{**COPY, "bulletin": "999"}],
        "totals": [TOTAL, {**TOTAL, "metric": "bulletins", "figure": 0}, TOTAL],
    }
    answer = admin.post("/history", body)
    assert answer.status_code == 422
    assert answer.content_type.startswith("application/problem+json")
    assert {error["field"]: error["code"] for error in answer.get_json()["errors"]} == {
        "bulletins.1.topic": "unknown_topic",
        "copies.0.bulletin": "unknown_bulletin",
        "totals.1.figure": "total_less",
        "totals.2.figure": "repeated",
    }
    (repeated,) = [error for error in answer.get_json()["errors"] if error["code"] == "repeated"]
    assert repeated["message"] == "this total is already in totals.0"
    assert admin.get("/history").get_json()["bulletins"] == 0
    taken = admin.post("/history", {**body, "skip_bad": True})
    assert taken.status_code == 201
    assert len(taken.get_json()["left_out"]) == 4
    assert admin.get("/history").get_json()["bulletins"] == 1


def test_a_total_may_be_written_as_in_a_file(world: ApiHarness) -> None:
    admin = world.caller("admin")
    wrong = admin.post("/history", {"totals": [{**TOTAL, "figure": "15 triệu"}]})
    assert [error["field"] for error in wrong.get_json()["errors"]] == ["totals.0.figure"]
    assert admin.post("/history", {"totals": [{**TOTAL, "figure": "12.500"}]}).status_code == 201
    assert admin.get("/history").get_json()["totals"][0]["figure"] == 12_500


def test_a_body_that_is_no_history_is_refused_by_field(world: ApiHarness) -> None:
    admin = world.caller("admin")
    for body, field in (
        ({}, "bulletins"),
        ({"totals": [{**TOTAL, "figure": True}]}, "totals.0.figure"),
        ({"totals": [{**TOTAL, "figure": None}]}, "totals.0.figure"),
        ({"totals": [{**TOTAL, "figure": -1}]}, "totals.0.figure"),
        ({"copies": [{"url": "x"}]}, "copies.0.bulletin"),
        ({"rows": []}, "rows"),
    ):
        answer = admin.post("/history", body)
        assert answer.status_code == 422, body
        assert field in {error["field"] for error in answer.get_json()["errors"]}


def test_only_an_administrator_imports_and_no_partner_reads(world: ApiHarness) -> None:
    assert world.caller("analyst").post("/history", {"totals": [TOTAL]}).status_code == 403
    assert world.caller("tinven").get("/history").status_code == 403
    assert world.caller("tinven").get("/history/copies").status_code == 403


def test_an_import_is_undone_once(world: ApiHarness) -> None:
    admin = world.caller("admin")
    totals = [{"period": "2025-Q3", "metric": "republications", "figure": 12500}]
    run = admin.post("/history", {"totals": totals}).get_json()["run"]
    undone = admin.post(f"/history/{run}/undo")
    assert (undone.status_code, undone.get_json()) == (200, {"bulletins": 0, "copies": 0, "totals": 1, "kept": 0})
    assert admin.get("/history").get_json()["totals"] == []
    again = admin.post(f"/history/{run}/undo")
    assert (again.status_code, again.get_json()["code"]) == (409, "import_stage")
    assert admin.post("/history/khong-co/undo").status_code == 404
