"""The register through the API: its figures, the licences behind each, and a withdrawal."""

import pytest

from coordinator.db import Database
from tests.coordinator.api.harness import ApiHarness
from tests.coordinator.api.partners.test_companies import LICENCE


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


@pytest.fixture
def kept(world: ApiHarness) -> ApiHarness:
    """Three licences: an old one, one of this quarter, and one of a social network that has expired in it."""
    admin = world.caller("admin")
    for number, more in (
        ("1/GP-TTĐT", {}),
        ("2/GP-TTĐT", {"issued_on": "2026-10-05"}),
        ("3/GP-MXH", {"kind": "social", "expires_on": "2026-11-01"}),
    ):
        assert admin.post("/licences", {**LICENCE, "number": number, **more}).status_code == 201
    return world


def test_each_figure_of_the_register_has_its_licences(kept: ApiHarness) -> None:
    writer = kept.caller("writer")
    found = writer.get("/register?period=2026-Q4").get_json()
    assert (found["period"], found["first"], found["last"]) == ("2026-Q4", "2026-10-01", "2026-12-31")
    assert (found["day"], found["licences"], found["companies"]) == ("2026-11-24", 2, 1)
    assert writer.get("/register").get_json() == found, "the current quarter is the usual one"
    rows = {row["kind"]: row for row in found["rows"]}
    assert rows["aggregator"] | {"new": 1, "licences": 2, "ended": 0} == rows["aggregator"]
    assert rows["social"] | {"licences": 0, "expired": 1, "ended": 1} == rows["social"]
    for kind, row in rows.items():
        for figure in ("new", "changed", "expired", "withdrawn", "ended", "ending"):
            listed = writer.get(f"/licences?kind={kind}&figure={figure}&period=2026-Q4").get_json()["items"]
            assert len(listed) == row[figure], (kind, figure)
        listed = writer.get(f"/licences?kind={kind}&figure=in_force&period=2026-Q4").get_json()["items"]
        assert len(listed) == row["licences"]
    assert writer.get("/register?period=2026-Q3").get_json()["licences"] == 2


def test_a_licence_is_withdrawn_with_its_decision(kept: ApiHarness) -> None:
    admin, path = kept.caller("admin"), "/licences/1/GP-TTĐT"
    bare = admin.patch(path, {"withdrawn_on": "2026-11-02"})
    assert (bare.status_code, bare.get_json()["errors"][0]["field"]) == (422, "withdrawal")
    done = admin.patch(path, {"withdrawn_on": "2026-11-02", "withdrawal": "Quyết định 9/QĐ-STTTT"})
    assert (done.status_code, done.get_json()["withdrawn_on"]) == (200, "2026-11-02")
    row = admin.get("/register").get_json()["rows"][0]
    assert (row["licences"], row["withdrawn"], row["changed"]) == (1, 1, 0)
    assert admin.patch(path, {"issuer": "Sở"}).get_json()["withdrawal"] == "Quyết định 9/QĐ-STTTT"
    undone = admin.patch(path, {"withdrawn_on": None, "withdrawal": ""})
    assert undone.get_json()["withdrawn_on"] is None


def test_partners_see_their_licences_and_not_the_register(kept: ApiHarness) -> None:
    partner = kept.caller("tinven")
    assert partner.get("/register").status_code == 403
    assert len(partner.get("/licences?figure=in_force").get_json()["items"]) == 2
    for query, field in (("figure=none", "figure"), ("kind=x", "kind"), ("period=2026-Q9", "period"), ("of=1", "of")):
        bad = partner.get(f"/licences?{query}")
        assert (bad.status_code, bad.get_json()["errors"][0]["field"]) == (422, field)
    assert kept.caller("admin").get("/register?period=quý 4").status_code == 422
