"""The picture library in the API."""

import io
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from coordinator.db import Database
from tests.coordinator.api.harness import ApiHarness, Caller
from tests.coordinator.web.desk.bulletins.test_pictures import photograph


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


def bring(caller: Caller, body: bytes, key: str = "", **words: str) -> TestResponse:
    _, whole = encode_multipart({**words, "file": FileStorage(io.BytesIO(body), "anh.jpg")}, boundary="b")
    headers = {"Idempotency-Key": key} if key else {}
    given: dict[str, Any] = {"data": whole, "content_type": "multipart/form-data; boundary=b", "headers": headers}
    return caller.send("POST", "/pictures", **given)


def test_a_picture_is_brought_once_found_without_marks_and_described_anew(world: ApiHarness) -> None:
    writer, body = world.caller("writer"), photograph((800, 600))
    made = bring(writer, body, "k1", alt="Y tá  tiêm cho bé", credit="Đặng Hà")
    row = made.get_json()
    assert (made.status_code, row["alt"], row["bulletins"]) == (201, "Y tá tiêm cho bé", [])
    assert made.headers["Location"] == f"/api/v1/pictures/{row['id']}"
    again = bring(writer, body, "k1", alt="Y tá  tiêm cho bé", credit="Đặng Hà")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert bring(writer, body, alt="Lời khác").get_json() == row
    assert world.caller("analyst").get("/pictures?q=y+ta&use=unused&month=2026-11").get_json()["items"] == [row]
    assert writer.get("/pictures?use=used").get_json()["items"] == []
    changed = writer.patch(f"/pictures/{row['id']}", {"credit": ""}).get_json()
    assert changed == row | {"credit": ""} == writer.get(f"/pictures/{row['id']}").get_json()


def test_what_is_missing_or_no_picture_is_named_and_only_writers_bring_one(world: ApiHarness) -> None:
    writer, body = world.caller("writer"), photograph((800, 600))
    for given, words, field in ((body, {"alt": " "}, "alt"), (b"x", {"alt": "Ảnh"}, "file"), (body, {}, "alt")):
        answer = bring(writer, given, **words)
        assert (answer.status_code, [error["field"] for error in answer.get_json()["errors"]]) == (422, [field])
    assert writer.get("/pictures?month=2026-13").status_code == 422
    assert bring(world.caller("analyst"), body, alt="Ảnh").status_code == 403
    assert writer.get("/pictures/x").status_code == 404


def test_a_part_of_a_form_given_twice_or_under_another_name_is_refused_and_named(world: ApiHarness) -> None:
    writer = world.caller("writer")
    picture = FileStorage(io.BytesIO(photograph((800, 600))), "anh.jpg")
    for parts, refused in (
        ({"alt": ["Ảnh", "Hình"]}, ("alt", "repeated")),
        ({"alt": "Ảnh", "picture": picture}, ("picture", "unknown_field")),
        ({"alt": "Ảnh", "caption": "x"}, ("caption", "unknown_field")),
    ):
        _, whole = encode_multipart(parts, boundary="b")
        answer = writer.send("POST", "/pictures", data=whole, content_type="multipart/form-data; boundary=b")
        assert answer.status_code == 422
        assert refused in [(error["field"], error["code"]) for error in answer.get_json()["errors"]]
