"""The department in the API: its names, and the names and signers of its documents."""

import pytest

from coordinator.db import Database
from tests.coordinator.api.harness import ApiHarness


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


def test_absent_fields_stay_and_bad_ones_are_named(world: ApiHarness) -> None:
    admin = world.caller("admin")
    row = admin.patch("/office", {"name": "Sở Văn hóa", "source_names": ["Sở VH"], "place": "Hà Nội"}).get_json()
    assert (row["name"], row["source_names"]) == ("Sở Văn hóa", ["Sở Văn hóa", "Sở VH"])
    again = admin.patch("/office", {"parent": "UBND thành phố"}).get_json()
    assert again == row | {"parent": "UBND thành phố"}
    bad = admin.patch("/office", {"name": " ", "spellings": ["không có dấu bằng"]})
    assert {error["field"] for error in bad.get_json()["errors"]} == {"name", "spellings.0"}
    assert world.caller("writer").get("/office").get_json() == again


def test_names_and_signers_have_their_periods(world: ApiHarness) -> None:
    admin = world.caller("admin")
    name = admin.post("/office/names", {"kind": "department", "name": "Sở A", "since": "2026-01-01"}).get_json()
    signer = {"authority": "GIÁM ĐỐC", "name": "Trần Văn B", "since": "2026-01-01"}
    assert admin.post("/office/signers", signer).status_code == 201
    end = f"/office/letterheads/{name['id']}/end"
    assert admin.post(end, {"until": "2025-01-01"}).status_code == 422
    assert admin.post(end, {"until": "2026-06-30"}).get_json()["names"][0]["until"] == "2026-06-30"
    assert [row["name"] for row in admin.get("/office/letterheads").get_json()["signers"]] == ["Trần Văn B"]
    assert admin.post("/office/letterheads/ofn_x/end", {"until": "2026-06-30"}).status_code == 404


def test_null_is_no_value_of_a_field_that_has_to_be_there_and_an_unknown_one_is_named(world: ApiHarness) -> None:
    admin = world.caller("admin")
    before = admin.get("/office").get_json()
    refused = admin.patch("/office", {"phone": None, "not_us": None, "fax": "1"})
    assert {(error["field"], error["code"]) for error in refused.get_json()["errors"]} == {
        ("phone", "string_type"), ("not_us", "list_type"), ("fax", "unknown_field"),
    }  # fmt: skip
    assert admin.get("/office").get_json() == before
