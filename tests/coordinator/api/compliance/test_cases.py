"""Cases in the API: entered, listed with totals, decided, corrected, withdrawn; every bad field is named."""

import io
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from coordinator.db import Database
from tests.coordinator.api.harness import ApiHarness
from tests.coordinator.api.republications.test_uploads import png

CASE: dict[str, Any] = {
    "subject_kind": "organisation", "name": "Công ty Sao Mai", "tax_code": "0101234567", "origin": "inspection",
    "what": "Không lưu dữ liệu", "fault": "Không lưu dữ liệu thành viên", "fault_on": "2026-10-05",
    "decision": {
        "form": "fine", "number": "12/QĐ", "authority": "Thanh tra Sở", "on": "2026-11-10", "amount": "15.000.000",
    },
}  # fmt: skip


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


def test_a_case_is_entered_listed_with_totals_corrected_and_withdrawn(world: ApiHarness) -> None:
    analyst = world.caller("analyst")
    answer = analyst.post("/cases", CASE)
    assert answer.status_code == 201
    row = answer.get_json()
    assert row["decisions"][0]["amount"] == 15_000_000
    listed = world.caller("writer").get("/cases?form=fine&from=2026-11-01&paid=false").get_json()
    assert listed["items"] == [row]
    assert listed["totals"] == {
        "cases": 1, "decided": 1, "organisations": 1, "persons": 0, "decisions": 1, "amount": 15_000_000, "paid": 0,
    }  # fmt: skip
    place = f"/cases/{row['id']}/decisions/{row['decisions'][0]['id']}"
    paid = analyst.patch(place, {"paid_on": "2026-11-20"}).get_json()
    assert paid["decisions"][0]["paid_on"] == "2026-11-20"
    assert [error["field"] for error in analyst.patch(place, {"amount": 1}).get_json()["errors"]] == ["reason"]
    assert analyst.patch(place, {"amount": 1, "reason": "Nhầm"}).get_json()["decisions"][0]["amount"] == 1
    assert analyst.patch(f"/cases/{row['id']}", {"fault": "Khác", "turn": 0}).status_code == 409
    assert analyst.patch(f"/cases/{row['id']}", {"fault": "Khác"}).get_json()["fault"] == "Khác"
    assert analyst.post(f"/cases/{row['id']}/withdraw", {"reason": "Nhầm"}).get_json()["withdrawn_at"]
    assert world.caller("writer").get("/cases").get_json()["items"] == []


def test_every_bad_field_is_named(world: ApiHarness) -> None:
    analyst = world.caller("analyst")
    bad = {**CASE, "tax_code": "1", "fault": "", "decision": {"form": "fine", "on": "2026-10-01", "amount": -5}}
    answer = analyst.post("/cases", bad)
    assert answer.status_code == 422
    assert {error["field"] for error in answer.get_json()["errors"]} == {
        "tax_code", "fault", "decision.number", "decision.authority", "decision.on", "decision.amount",
    }  # fmt: skip
    words = analyst.post("/cases", {**CASE, "decision": {**CASE["decision"], "amount": "15 triệu"}})
    assert [(error["field"], "15000000" in error["message"]) for error in words.get_json()["errors"]] == [
        ("decision.amount", True)
    ]
    assert analyst.post("/cases", CASE).status_code == 201
    again = analyst.post("/cases", CASE).get_json()["errors"]
    assert {error["code"] for error in again} == {"case_known", "decision_known"}


def test_only_staff_reads_and_only_who_reviews_enters(world: ApiHarness) -> None:
    assert world.caller("writer").post("/cases", CASE).status_code == 403
    assert world.caller("writer").get("/cases").status_code == 200
    row = world.caller("admin").post("/cases", CASE).get_json()
    assert world.caller("writer").get(f"/cases/{row['id']}").status_code == 200
    assert world.caller("writer").post(f"/cases/{row['id']}/withdraw", {"reason": "x"}).status_code == 403


def sent_file(world: ApiHarness, case: str, body: bytes, caller: str = "analyst", **headers: str) -> TestResponse:
    data = {"file": FileStorage(io.BytesIO(body), "biên bản.png")}
    _, whole = encode_multipart(data, boundary="b")
    given: dict[str, Any] = {"data": whole, "content_type": "multipart/form-data; boundary=b", "headers": headers}
    return world.caller(caller).send("POST", f"/cases/{case}/files", **given)


def test_evidence_is_added_listed_fetched_and_removed(world: ApiHarness) -> None:
    analyst, case = world.caller("analyst"), world.caller("analyst").post("/cases", CASE).get_json()["id"]
    assert sent_file(world, case, png(), "writer").status_code == 403
    assert sent_file(world, case, png(), "tinven").status_code == 403
    assert sent_file(world, "cas_none", png()).status_code == 404
    assert analyst.post(f"/cases/{case}/files", {}).status_code == 415
    for bad in (b"", b"<html>", png()[:-30]):
        (error,) = sent_file(world, case, bad).get_json()["errors"]
        assert error["field"] == "file"
    answer = sent_file(world, case, png())
    row = answer.get_json()
    assert (answer.status_code, row["name"], row["kind"]) == (201, "biên bản.png", "png")
    assert sent_file(world, case, png()).get_json() == row, "the same file is one"
    assert analyst.get(f"/cases/{case}/files").get_json()["items"] == [row]
    got = analyst.get(f"/cases/{case}/files/{row['id']}")
    assert (len(got.data), got.headers["Content-Security-Policy"]) == (row["size"], "sandbox; default-src 'none'")
    other = analyst.post("/cases", {**CASE, "tax_code": "0107654321", "name": "Khác", "decision": None}).get_json()[
        "id"
    ]
    assert analyst.get(f"/cases/{other}/files/{row['id']}").status_code == 404
    assert analyst.post(f"/cases/{other}/files/{row['id']}/remove", {}).status_code == 404
    assert analyst.post(f"/cases/{case}/files/{row['id']}/remove", {}).status_code == 200
    assert analyst.get(f"/cases/{case}/files").get_json()["items"] == []
