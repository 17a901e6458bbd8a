"""Whatever is wrong, the answer is a problem that names it, and never a trace."""

import json
import re
import sqlite3
from typing import Any

import pytest
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from werkzeug.exceptions import TooManyRequests

from coordinator.api import auth
from coordinator.api.problems import problem_for
from coordinator.db import Database
from tests.coordinator.api.conftest import application
from tests.coordinator.api.harness import ApiHarness

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


def check(answer: Any, status: int) -> dict[str, Any]:
    """The problem in an answer."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    body: dict[str, Any] = answer.get_json()
    assert body["status"] == status
    assert {"type", "title", "detail", "code"} <= body.keys()
    return body


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"{'a': 1}", b"\xff\xfe", b'{"title": "\xff"}', b"[" * 100_000, b'{"a":' * 100_000,
        b"{" + b'"a":1,' * 3, b"1" * 5000, b"nul", b'{"a": NaN}', b'{"a": [Infinity]}', b'{"a": -Infinity}',
        b'{"a": 1e999}',
    ],
    ids=range(14),
)  # fmt: skip
def test_broken_json_is_400(world: ApiHarness, data: bytes) -> None:
    body = check(world.caller("writer").send("POST", "/bulletins", data=data, headers=JSON), 400)
    assert body["errors"][0]["field"] == "body"


@pytest.mark.parametrize("data", [b"null", b"[]", b'"x"', b"7", b"true", b'[{"title": "x"}]'])
def test_json_that_is_no_object_is_422(world: ApiHarness, data: bytes) -> None:
    body = check(world.caller("writer").send("POST", "/bulletins", data=data, headers=JSON), 422)
    assert body["errors"][0]["field"] == "body"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/bulletins", None, "body"),
        ("/bulletins", [], "body"),
        ("/campaigns", {"targets": [7]}, "targets.0"),
        ("/campaigns", {"targets": {"metric": "views"}}, "targets"),
        ("/campaigns", {"topics": "dich-benh"}, "topics"),
        ("/channels", {"kind": "webhook", "name": "x", "settings": []}, "settings"),
        ("/channels", {"kind": "webhook", "name": "x", "settings": "url"}, "settings"),
        ("/channels", {"kind": "webhook", "name": "x", "settings": {"url": ["https://a.example/"]}}, "settings.url"),
        ("/channels", {"kind": "webhook", "name": "x", "settings": {"url": "x y"}}, "settings.url"),
        ("/channels", {"kind": "telegram", "name": "x", "settings": {"chat": "@"}}, "settings.chat"),
        ("/channels", {"kind": "zalo", "name": "x", "settings": {"oa_id": "a", "quota_path": "x"}}, "settings.oa_id"),
        ("/channels", {"kind": "webhook", "name": "x", "settings": {"url": "x" * 2001}}, "settings.url"),
        ("/channels", {"kind": ["webhook"], "name": {}, "settings": {}}, "kind"),
        ("/sites", {"partner": True, "feeds": "x", "kind": 1}, "partner"),
        ("/licences", {"issued_on": 20261124, "domains": [None]}, "issued_on"),
    ],
)
def test_a_value_of_another_type_is_described_in_the_words_of_json(
    world: ApiHarness, path: str, body: Any, field: str
) -> None:
    answer = check(world.caller("admin").send("POST", path, data=json.dumps(body), headers=JSON), 422)
    assert field in {error["field"] for error in answer["errors"]}
    for error in answer["errors"]:
        words = f"{error['code']} {error['message']}"
        assert not re.search(r"dictionary|dict|model|tuple|instance|class|None|Python|pattern|[a-z][A-Z]|\^", words), (
            words
        )


def test_odd_but_valid_json_is_taken(world: ApiHarness) -> None:
    data = b'\xef\xbb\xbf {"title":"T\\u1eadp","topic":"dich-benh","body_text":"\\ud83d\\ude00"}\n'
    answer = world.caller("writer").send("POST", "/bulletins", data=data.lstrip(b"\xef\xbb\xbf"), headers=JSON)
    assert (answer.status_code, answer.get_json()["title"], answer.get_json()["body_text"]) == (201, "Tập", "😀")


@pytest.mark.parametrize(("text", "status"), [("a\\u0000b", 400), ("\\ud800", 422), ("\\udfff x", 422)])
@pytest.mark.parametrize("field", ["title", "lead", "topic", "body_text", "source_url", "campaign"])
def test_text_that_no_database_keeps_names_its_field(world: ApiHarness, text: str, status: int, field: str) -> None:
    good = {"title": "x", "topic": "dich-benh", "body_text": "x"} | {field: "@"}
    data = str(good).replace("'", '"').replace("@", text).encode()
    body = check(world.caller("writer").send("POST", "/bulletins", data=data, headers=JSON), status)
    assert [error["field"] for error in body["errors"]] == [field]


def test_a_field_with_an_unspeakable_name_is_422(world: ApiHarness) -> None:
    data = b'{"\\ud800": 1, "title": "x", "topic": "dich-benh", "body_text": "x"}'
    body = check(world.caller("writer").send("POST", "/bulletins", data=data, headers=JSON), 422)
    assert body["errors"][0]["field"] == "body"


def test_a_field_given_twice_is_422_and_named(world: ApiHarness) -> None:
    data = b'{"title": "x", "topic": "dich-benh", "body_text": "x", "title": "y"}'
    body = check(world.caller("writer").send("POST", "/bulletins", data=data, headers=JSON), 422)
    assert [(error["field"], error["code"]) for error in body["errors"]] == [("title", "repeated")]


def test_a_body_is_refused_where_there_is_none_and_its_fields_are_named(world: ApiHarness) -> None:
    writer = world.caller("writer")
    code = world.draft()["code"]
    path = f"/bulletins/{code}/deliveries"
    for data, headers, status in (
        (b'{"at": "2026-11-25", "note": ""}', JSON, 422),
        (b"at=1", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        (b"{", JSON, 400),
    ):
        body = check(writer.send("GET", path, data=data, headers=headers), status)
        assert status != 422 or [error["field"] for error in body["errors"]] == ["at", "note"]
    assert writer.send("GET", path, data=b"{}", headers=JSON).status_code == 200
    check(world.caller("admin").send("POST", "/deliveries/x/retry", data=b'{"at": 1}', headers=JSON), 422)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_another_media_type_is_415(world: ApiHarness, kind: str) -> None:
    answer = world.caller("writer").send("POST", "/bulletins", data=b"{}", headers={"Content-Type": kind})
    assert "application/json" in check(answer, 415)["detail"]


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "application/merge-patch+json"])
def test_json_by_any_of_its_names_is_taken(world: ApiHarness, kind: str) -> None:
    code = world.draft()["code"]
    answer = world.caller("writer").send("PATCH", f"/bulletins/{code}", data=b"{}", headers={"Content-Type": kind})
    assert answer.status_code == 200


def test_a_body_too_large_is_413(world: ApiHarness) -> None:
    data = b'{"title": "' + b"a" * (5 * 1024 * 1024) + b'"}'
    check(world.caller("writer").send("POST", "/bulletins", data=data, headers=JSON), 413)
    check(world.caller("writer").send("POST", "/bulletins", data=data, headers=JSON | {"Idempotency-Key": "k"}), 413)


def test_a_text_too_long_is_422_and_names_its_field(world: ApiHarness) -> None:
    answer = world.caller("writer").post(
        "/bulletins", {"title": "x", "topic": "dich-benh", "body_text": "a" * 1_000_001}
    )
    assert check(answer, 422)["errors"][0]["field"] == "body_text"


def test_a_text_is_as_long_as_the_department_takes_it_in_the_document_and_in_the_answer(world: ApiHarness) -> None:
    writer = world.caller("writer")
    body = {"title": "T" * 300, "lead": "L" * 2000, "body_text": "Nội dung.", "topic": "dich-benh"}
    made = writer.post("/bulletins", body)
    assert made.status_code == 201
    for name, most in {"title": 300, "lead": 2000}.items():
        (error,) = check(writer.post("/bulletins", body | {name: "x" * (most + 1)}), 422)["errors"]
        assert (error["field"], error["code"]) == (name, "too_long")
    schemas = world.app.test_client().get("/api/v1/openapi.json").get_json()["components"]["schemas"]
    longest = {
        ("NewBulletin", "title"): 300, ("NewBulletin", "lead"): 2000, ("NewSeries", "name"): 120,
        ("NewSeries", "title"): 300, ("NewTemplate", "name"): 120, ("NewQuestion", "title"): 200,
        ("NewQuestion", "text"): 4000, ("NewNotice", "title"): 300, ("NewCase", "what"): 4000, ("NewCase", "name"): 300,
        ("DecisionBody", "number"): 80, ("ConcludeBody", "note"): 2000, ("ReplyBody", "text"): 4000,
        ("NewName", "symbol"): 40, ("NewSigner", "name"): 120, ("NumberBody", "number"): 60,
    }  # fmt: skip
    assert {key: schemas[key[0]]["properties"][key[1]]["maxLength"] for key in longest} == longest


@pytest.mark.parametrize("path", ["/office", "/topics", "/bulletins"])
def test_an_unknown_parameter_is_422_and_named_also_where_there_is_none(world: ApiHarness, path: str) -> None:
    (error,) = check(world.caller("writer").get(f"{path}?khong_co=1"), 422)["errors"]
    assert (error["field"], error["code"]) == ("khong_co", "unknown_field")


@pytest.mark.parametrize("name", ["If-Match", "If-Unmodified-Since"])
def test_an_act_under_a_condition_that_cannot_be_met_is_412_and_does_nothing(world: ApiHarness, name: str) -> None:
    writer = world.caller("writer")
    made = writer.post("/bulletins", {"title": "Một", "body_text": "Nội dung.", "topic": "dich-benh"})
    path = f"/bulletins/{made.get_json()['code']}"
    headers = JSON | {name: '"abc"'}
    answer = writer.send("PATCH", path, data=b'{"title": "Hai"}', headers=headers)
    assert check(answer, 412)["errors"][0]["field"] == name
    assert writer.get(path).get_json()["title"] == "Một"
    assert writer.send("GET", path, headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v2/bulletins", "/api/v1/bulletins/"])
def test_an_unknown_path_under_the_api_is_a_problem(world: ApiHarness, path: str) -> None:
    check(world.caller("writer").get(path), 404)


@pytest.mark.parametrize("path", ["/bulletins?topic=%00", "/progress?campaign=a%00"])
def test_a_nul_in_a_query_is_400_and_named(world: ApiHarness, path: str) -> None:
    problem = check(world.caller("analyst").get(path), 400)
    assert [error["code"] for error in problem["errors"]] == ["nul"]


def test_an_empty_cursor_is_the_beginning(world: ApiHarness) -> None:
    first = [world.draft()["code"] for _ in range(3)]
    caller = world.caller("analyst")
    page = caller.get("/bulletins?limit=2&cursor=").get_json()
    assert page == caller.get("/bulletins?limit=2").get_json() | {
        "next": page["next"],
        "next_cursor": page["next_cursor"],
    }
    after = caller.get(f"/bulletins?limit=2&cursor={page['next_cursor']}").get_json()["items"]
    assert {item["code"] for item in (*page["items"], *after)} == set(first)


def test_other_paths_are_left_to_the_pages(world: ApiHarness) -> None:
    client = world.app.test_client()
    assert client.get("/").text == "the desk"
    assert client.get("/nothing").content_type.startswith("text/html")
    assert client.get("/apix").content_type.startswith("text/html")


def test_a_method_that_is_not_there_is_405_and_says_which_are(world: ApiHarness) -> None:
    answer = world.caller("writer").send("DELETE", "/bulletins")
    check(answer, 405)
    assert {"GET", "POST"} <= {part.strip() for part in answer.headers["Allow"].split(",")}


def test_a_failure_of_ours_is_500_without_a_trace(world: ApiHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("a secret in a message")

    with monkeypatch.context() as patched:
        patched.setattr(world.office.database, "read", fail)
        answer = world.caller("writer").get("/bulletins")
    assert check(answer, 500)["code"] == "failed"
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OperationalError("select 1", {}, sqlite3.OperationalError("database is locked")), 503),
        (IntegrityError("insert", {}, sqlite3.IntegrityError("UNIQUE")), 409),
        (DataError("insert", {}, sqlite3.DataError("too long")), 422),
        (TooManyRequests(retry_after=7), 429),
        (ValueError("what"), 500),
    ],
)
def test_each_error_has_its_status_and_none_tells_the_statement(
    world: ApiHarness, error: Exception, status: int
) -> None:
    with world.app.test_request_context("/api/v1/bulletins"):
        answer = problem_for(error)
    assert answer.status_code == status
    assert b"select 1" not in answer.get_data()
    if status in {429, 503}:
        assert int(answer.headers["Retry-After"]) > 0


def test_a_locked_database_is_503(world: ApiHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked() -> None:
        raise OperationalError("begin", {}, sqlite3.OperationalError("database is locked"))

    with monkeypatch.context() as patched:
        patched.setattr(world.office.database, "write", locked)
        answer = world.caller("admin").post("/partners", {"name": "x"})
    check(answer, 503)
    assert answer.headers["Retry-After"] == "5"


def test_a_handler_of_the_pages_for_a_code_does_not_answer_for_the_api(world: ApiHarness) -> None:
    html = application.__wrapped__()
    for code in (400, 404, 405):
        html.register_error_handler(code, lambda error: ("<h1>a page</h1>", error.code))
    html.extensions["lantoa"] = world.app_context
    world.app = html
    check(world.caller("writer").get("/nothing"), 404)
    check(world.caller("writer").send("DELETE", "/bulletins"), 405)
    check(world.caller("writer").get("/bulletins/%00"), 404)
    assert world.app.test_client().get("/nothing").text == "<h1>a page</h1>"


def test_the_realm_is_ascii_as_headers_must_be() -> None:
    assert auth.REALM.isascii()
