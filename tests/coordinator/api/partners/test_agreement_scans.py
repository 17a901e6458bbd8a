"""By API: the scans of an agreement, listed and saved by who may read it."""

import hashlib

import pytest

from coordinator.db import Database
from coordinator.jobs.partners.agreement_scans import file_scan
from tests.coordinator.api.harness import ApiHarness
from tests.coordinator.imports.files.test_upload_inspection import paper
from tests.factories import ADMIN

NUMBER = "12/2026/TT"
BODY = paper()


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


@pytest.fixture
def scan(world: ApiHarness) -> str:
    """The first partner's agreement with one scan; its path."""
    new = {"partner": "tinven", "number": NUMBER, "starts_on": "2026-01-01"}
    assert world.caller("admin").post("/agreements", new).status_code == 201
    filed = file_scan(world.office, ADMIN, NUMBER, "Thỏa thuận.pdf", BODY)
    return f"/agreements/{NUMBER}/scans/{filed.public}"


def test_a_scan_is_listed_with_its_hash_and_saved_byte_for_byte(world: ApiHarness, scan: str) -> None:
    for actor_id, text in (("writer", ADMIN.name), ("tinven", "")):
        (row,) = world.caller(actor_id).get(f"/agreements/{NUMBER}/scans").get_json()["items"]
        assert row["id"] == scan.rpartition("/")[2]
        assert (row["name"], row["kind"], row["size"]) == ("Thỏa thuận.pdf", "pdf", len(BODY))
        assert row["sha256"] == hashlib.sha256(BODY).hexdigest()
        assert row["added_by"] == text
        answer = world.caller(actor_id).get(scan)
        assert (answer.status_code, answer.data, answer.mimetype) == (200, BODY, "application/pdf")
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
    assert world.caller("writer").get(f"/agreements/{NUMBER}").get_json()["number"] == NUMBER


def test_another_partners_scans_are_as_if_they_were_not(world: ApiHarness, scan: str) -> None:
    assert world.caller("bac").get(f"/agreements/{NUMBER}/scans").status_code == 404
    theirs, nothing = world.caller("bac").get(scan), world.caller("bac").get(f"/agreements/{NUMBER}/scans/scn_0")
    assert (theirs.status_code, nothing.status_code) == (404, 404)
    assert theirs.text.replace(scan.rpartition("/")[2], "scn_0") == nothing.text


def test_a_scan_is_found_at_its_own_agreement_alone(world: ApiHarness, scan: str) -> None:
    other = {"partner": "tinven", "number": "13/TT", "starts_on": "2026-01-01"}
    world.caller("admin").post("/agreements", other)
    assert world.caller("admin").get(scan.replace(NUMBER, "13/TT")).status_code == 404
    assert world.caller("admin").get("/agreements/13/TT/scans").get_json() == {"items": []}


def test_a_file_that_is_no_longer_in_the_store_is_reported_and_not_made_up(world: ApiHarness, scan: str) -> None:
    (kept,) = (path for path in world.app_context.settings.data_dir.rglob("*.gz"))
    kept.write_bytes(b"other")
    answer = world.caller("admin").get(scan)
    assert answer.status_code == 404
    assert "no longer where it was kept" in answer.text
