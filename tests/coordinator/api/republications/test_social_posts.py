"""By API: many claims at once, pictures of posts on social networks, a second person, and the figures apart."""

import io
from typing import Any

import pytest
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from coordinator.db import Database
from tests.coordinator.api.harness import ApiHarness

PAGE = "https://www.facebook.com/tinven"
POST = f"{PAGE}/posts/1234567890"


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


def png(colour: str = "white") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def code(world: ApiHarness) -> str:
    """Register a page on Facebook and publish a bulletin."""
    site = {"partner": "tinven", "name": "Tin Ven trên Facebook", "url": PAGE, "kind": "social"}
    answer = world.caller("admin").post("/sites", site)
    assert answer.status_code == 201, answer.text
    return str(world.published()["code"])


def claim(world: ApiHarness, claims: list[dict[str, Any]], caller: str = "tinven") -> TestResponse:
    return world.caller(caller).post("/republications/batch", {"claims": claims})


def picture(
    world: ApiHarness, ident: str, caller: str = "tinven", body: bytes | None = None, **more: str
) -> TestResponse:
    data = {"note": "Lịch tiêm", "file": FileStorage(io.BytesIO(png() if body is None else body), "a.png"), **more}
    _, whole = encode_multipart(data, boundary="b")
    given: dict[str, Any] = {"data": whole, "content_type": "multipart/form-data; boundary=b"}
    return world.caller(caller).send("POST", f"/republications/{ident}/picture", **given)


def test_many_claims_are_one_request_and_a_bad_one_is_named_by_its_position(world: ApiHarness, code: str) -> None:
    good = {"bulletin": code, "url": POST}
    answer = claim(world, [good, {"bulletin": "BT-1", "url": "https://khac.example/"}, {"bulletin": code, "url": "x"}])
    assert answer.status_code == 422
    assert {error["field"] for error in answer.get_json()["errors"]} == {
        "claims.1.bulletin", "claims.1.url", "claims.2.url",
    }  # fmt: skip
    assert world.caller("analyst").get("/republications").get_json()["items"] == []
    answer = claim(world, [good, {"bulletin": code, "url": "https://tinven.example/tin/1"}])
    assert answer.status_code == 202, answer.text
    assert [(row["site"], row["status"]) for row in answer.get_json()["items"]] == [
        ("facebook-com-tinven", "review"), ("tinven.example", "candidate"),
    ]  # fmt: skip
    assert claim(world, []).status_code == 422
    assert claim(world, [good] * 101).status_code == 422


def test_a_post_needs_its_picture_and_another_person(world: ApiHarness, code: str) -> None:
    (row,) = claim(world, [{"bulletin": code, "url": POST}], "analyst").get_json()["items"]
    path = f"/republications/{row['id']}"
    admin = world.caller("admin")
    answer = admin.post(f"{path}/confirm", {"note": "x", "reason": "picture_shows"})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "no_picture")
    assert picture(world, row["id"], "analyst", b"x").status_code == 422
    assert picture(world, row["id"], "analyst").status_code == 201
    answer = world.caller("analyst").post(f"{path}/confirm", {"note": "x"})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "own_report")
    assert admin.post(f"{path}/confirm", {"note": "x", "reason": "picture_shows"}).status_code == 200
    answer = picture(world, row["id"], "analyst")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "no_social_post")
    social = admin.get("/progress?period=2026-Q4").get_json()["social"]
    assert social["confirmed"] == 1
    assert [(row["key"], row["confirmed"]) for row in social["networks"]] == [("facebook.com", 1)]
    assert [(row["key"], row["confirmed"]) for row in social["partners"]] == [("tinven", 1)]


def test_a_partner_adds_pictures_to_its_own_posts_only(world: ApiHarness, code: str) -> None:
    (row,) = claim(world, [{"bulletin": code, "url": POST}]).get_json()["items"]
    assert picture(world, row["id"], "bac").status_code == 404
    assert picture(world, row["id"]).status_code == 201
    assert claim(world, [{"bulletin": code, "url": POST}], "bac").status_code == 422


def test_the_source_of_a_post_is_what_its_picture_is_said_to_show(world: ApiHarness, code: str) -> None:
    (row,) = claim(world, [{"bulletin": code, "url": POST}]).get_json()["items"]
    assert row["attribution"] == "not_seen"
    refused = picture(world, row["id"], attribution="url_text_only")
    assert (refused.status_code, refused.get_json()["errors"][0]["field"]) == (422, "attribution")
    assert picture(world, row["id"], attribution="named_only").status_code == 201
    confirm = f"/republications/{row['id']}/confirm"
    done = world.caller("analyst").post(confirm, {"note": "ảnh cho thấy bài"})
    assert (done.status_code, done.get_json()["attribution"]) == (200, "named_only")
    total = world.caller("admin").get("/progress?period=2026-Q4&by=partner").get_json()["rows"]
    assert [(line["confirmed"], line["source_unseen"]) for line in total if line["confirmed"]] == [(1, 0)]
    again = world.caller("analyst").post(confirm, {"note": "xem lại, bị che", "attribution": "not_seen"})
    assert (again.status_code, again.get_json()["attribution"]) == (200, "not_seen")
    total = world.caller("admin").get("/progress?period=2026-Q4&by=partner").get_json()["rows"]
    assert [(line["confirmed"], line["source_unseen"]) for line in total if line["confirmed"]] == [(1, 1)]
