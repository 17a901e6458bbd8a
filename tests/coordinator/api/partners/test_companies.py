"""Partners, sites, licences and agreements."""

from dataclasses import asdict
from datetime import timedelta

import pytest
import sqlalchemy as sa

from campaigns.core import ledger
from campaigns.discovery import surveys
from campaigns.discovery.site_sources import Source
from campaigns.discovery.surveys import OfferedSource, Survey
from campaigns.partners import directory, partner_merge
from campaigns.partners.directory import CompanyContent, SiteContent
from coordinator.db import Database
from tests.coordinator.api.harness import ApiHarness
from tests.factories import ADMIN

LICENCE = {
    "partner": "tinven",
    "number": "123/GP-TTĐT",
    "kind": "aggregator",
    "issuer": "Sở Thông tin và Truyền thông",
    "issued_on": "2021-05-01",
    "expires_on": "2031-05-01",
    "domains": ["tinven.example", "www.tinven.example"],
    "scope": ["Tin tổng hợp"],
}


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


def test_a_partner_is_added_with_or_without_a_code_and_changed(world: ApiHarness) -> None:
    admin = world.caller("admin")
    made = admin.post("/partners", {"name": "Công ty Cổ phần Sông Hồng", "tax_code": "0101234567"})
    assert (made.status_code, made.get_json()["code"]) == (201, "cong-ty-co-phan-song-hong")
    path = f"/partners/{made.get_json()['code']}"
    assert admin.patch(path, {"name": "Sông Hồng"}).get_json()["tax_code"] == "0101234567"
    assert admin.patch(path, {"tax_code": None}).get_json()["tax_code"] is None
    assert admin.patch(path, {"tax_code": "12"}).get_json()["errors"][0]["field"] == "tax_code"
    assert admin.get(path).get_json()["name"] == "Sông Hồng"
    assert admin.post("/partners", {"name": "x", "code": "tinven"}).status_code == 409
    wrong = admin.post("/partners", {"name": " ", "code": "có dấu", "tax_code": "1"})
    assert {error["field"] for error in wrong.get_json()["errors"]} == {"name", "code", "tax_code"}


def test_the_sources_of_a_site_are_looked_for_and_reported_to_staff(world: ApiHarness) -> None:
    admin, path = world.caller("admin"), "/sites/tinven.example/survey"
    assert admin.get(path).status_code == 404
    world.runner.kinds.clear()
    asked = admin.post(path)
    assert (asked.status_code, asked.get_json()["done_at"], asked.get_json()["offers"]) == (202, None, [])
    assert world.runner.kinds == ["source_discovery"]
    found = OfferedSource(
        "feed", "https://tinven.example/tin-moi.rss", "Tin mới", 20, "2026-11-24T01:00:00+00:00", "page"
    )
    with world.database.write() as session:
        now = world.office.now()
        (claimed,) = ledger.claim(session, Survey, 1, timedelta(minutes=2), now=now)
        surveys.settle_survey(session, claimed, [found], now=now)
    item = admin.get(path).get_json()
    assert item["done_at"] is not None
    assert item["offers"] == [asdict(found)]
    assert world.caller("tinven").get(path).status_code == 403


def test_a_site_is_watched_from_the_moment_it_is_registered(world: ApiHarness) -> None:
    admin = world.caller("admin")
    world.runner.kinds.clear()
    made = admin.post(
        "/sites",
        {
            "partner": "tinven",
            "name": "Tin Mới",
            "url": "https://www.tinmoi.example/",
            "kind": "aggregator",
            "feeds": ["https://tinmoi.example/rss"],
        },
    )
    assert (made.status_code, made.get_json()["host"]) == (201, "tinmoi.example")
    assert world.runner.kinds == ["source_check"]

    def watched() -> dict[str, bool]:
        with world.database.read() as session:
            return {row.url: row.due_at is not None for row in session.execute(sa.select(Source)).scalars()}

    assert watched() == {"https://tinmoi.example/rss": True}
    path = f"/sites/{made.get_json()['code']}"
    admin.patch(path, {"feeds": [], "sitemaps": ["https://tinmoi.example/sitemap.xml"]})
    assert watched() == {"https://tinmoi.example/rss": False, "https://tinmoi.example/sitemap.xml": True}
    assert admin.patch(path, {"active": False}).get_json()["active"] is False
    assert not any(watched().values())
    assert admin.get(path).get_json()["name"] == "Tin Mới"


def test_every_bad_field_of_a_site_is_named(world: ApiHarness) -> None:
    admin = world.caller("admin")
    body = {"partner": "tinven", "name": "", "url": "tinmoi", "kind": "aggregator", "feeds": ["x"]}
    wrong = admin.post("/sites", body)
    assert {error["field"] for error in wrong.get_json()["errors"]} == {"name", "url", "feeds.0"}
    assert admin.post("/sites", body | {"partner": "la"}).get_json()["errors"][0]["field"] == "partner"
    assert admin.post("/sites", body | {"kind": "blog"}).get_json()["errors"][0]["field"] == "kind"
    taken = admin.post("/sites", body | {"name": "x", "url": "https://bac.example/khac", "feeds": []})
    assert (taken.status_code, taken.get_json()["code"]) == (409, "site_taken")
    moved = admin.patch("/sites/tinven.example", {"url": "https://khac.example/", "feeds": ["https://khac.example/f"]})
    assert {error["field"] for error in moved.get_json()["errors"]} == {"url", "feeds.0"}


def test_a_licence_is_known_by_its_number_slashes_and_all(world: ApiHarness) -> None:
    admin = world.caller("admin")
    made = admin.post("/licences", LICENCE)
    assert made.status_code == 201
    assert made.get_json()["domains"] == ["tinven.example"]
    path = "/licences/123/GP-TTĐT"
    assert admin.get(path).get_json() == made.get_json()
    assert admin.get("/licences/123%2FGP-TT%C4%90T").get_json() == made.get_json()
    renewed = admin.patch(path, {"expires_on": None}).get_json()
    assert (renewed["expires_on"], renewed["issuer"]) == (None, LICENCE["issuer"])
    bad = admin.patch(path, {"expires_on": "2000-01-01", "domains": ["a b"], "issuer": ""})
    assert {error["field"] for error in bad.get_json()["errors"]} == {"expires_on", "domains.0", "issuer"}
    assert admin.post("/licences", LICENCE).status_code == 409
    missing = admin.post("/licences", {"partner": "tinven"})
    assert {error["field"] for error in missing.get_json()["errors"]} == {"number", "kind", "issuer", "issued_on"}


def test_an_agreement_is_entered_and_changed(world: ApiHarness) -> None:
    admin = world.caller("admin")
    body = {"partner": "bac", "number": "07/TT", "starts_on": "2026-01-01", "topics": ["dich-benh"]}
    made = admin.post("/agreements", body)
    assert (made.status_code, made.get_json()["ends_on"]) == (201, None)
    assert admin.patch("/agreements/07/TT", {"ends_on": "2027-01-01"}).get_json()["topics"] == ["dich-benh"]
    assert admin.patch("/agreements/07/TT", {"ends_on": "2020-01-01"}).get_json()["errors"][0]["field"] == "ends_on"
    assert admin.patch("/agreements/07/TT", {"topics": ["la"]}).get_json()["errors"][0]["field"] == "topics.0"
    assert admin.post("/agreements", body | {"number": "8", "topics": ["la"]}).status_code == 422
    assert admin.get("/agreements?partner=bac").get_json()["items"][0]["number"] == "07/TT"
    assert admin.get("/agreements?partner=tinven").get_json()["items"] == []
    assert admin.get("/agreements/99").status_code == 404


def test_directory_lists_come_in_pages(world: ApiHarness) -> None:
    admin = world.caller("admin")
    admin.post("/licences", LICENCE)
    admin.post("/licences", LICENCE | {"number": "124/GP"})
    for path in ("/partners", "/sites", "/licences"):
        first = admin.get(f"{path}?limit=1").get_json()
        second = admin.get(first["next"]).get_json()
        assert len(first["items"]) == len(second["items"]) == 1
        assert first["items"] != second["items"]
        assert second["next"] is None


def test_a_partner_that_was_merged_is_gone_and_its_filters_find_the_one_it_is_now(world: ApiHarness) -> None:
    admin, own, stranger = (world.caller(name) for name in ("admin", "tinven", "bac"))
    with world.database.write() as session:
        kept = directory.find_company(session, "tinven")
        dropped = directory.add_company(
            session, "test", CompanyContent(name="Tin Ven"), code="tin-ven", now=world.office.now()
        )
        directory.add_site(
            session,
            "test",
            dropped,
            SiteContent(name="Ven", url="https://ven.example/", kind=directory.SiteKind.AGGREGATOR),
            now=world.office.now(),
        )
        sites = len(kept.sites) + 1
        seen = partner_merge.pair_version_tag(session, kept, dropped)
        partner_merge.merge(
            session, ADMIN, keep="tinven", drop="tin-ven", name=kept.name, tax_code="", seen=seen,
            now=world.office.now(),
        )  # fmt: skip
    for answer in (
        admin.get("/partners/tin-ven"), admin.patch("/partners/tin-ven", {"name": "x"}), own.get("/partners/tin-ven")
    ):  # fmt: skip
        item = answer.get_json()
        assert (answer.status_code, item["code"], item["params"]["into"]) == (410, "partner_merged", "tinven")
    assert stranger.get("/partners/tin-ven").status_code == 404, "whose partner it is now is no stranger's business"
    assert "tin-ven" not in [item["code"] for item in admin.get("/partners").get_json()["items"]]
    for code in ("tinven", "tin-ven"):
        assert len(admin.get(f"/sites?partner={code}").get_json()["items"]) == sites
    refused = admin.post("/licences", {**LICENCE, "partner": "tin-ven"})
    (error,) = refused.get_json()["errors"]
    assert (refused.status_code, error["field"], error["code"]) == (422, "partner", "partner_merged")
    assert admin.post("/partners", {"name": "x", "code": "tin-ven"}).status_code == 409
