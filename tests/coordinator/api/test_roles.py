"""Who may do what: the whole table, by role and by act, and the same refusal whether or not a thing exists."""

import re

import pytest

from coordinator.db import Database
from tests.coordinator.api.harness import ApiHarness

W, A, N, D = "writer", "approver", "analyst", "admin"
EVERYBODY = {W, A, N, D}

# Method, path, who may; with an empty body, so that those who may get something else than 403.
TABLE = [
    ("GET", "/campaigns", EVERYBODY),
    ("POST", "/campaigns", {A, D}),
    ("GET", "/campaigns/x", EVERYBODY),
    ("PATCH", "/campaigns/x", {A, D}),
    ("GET", "/topics", EVERYBODY),
    ("POST", "/topics", {A, D}),
    ("GET", "/bulletins", EVERYBODY),
    ("POST", "/bulletins", {W, A, D}),
    ("GET", "/bulletins/x", EVERYBODY),
    ("PATCH", "/bulletins/x", {W, A, D}),
    ("POST", "/bulletins/x/submit", {W, A, D}),
    ("POST", "/bulletins/x/approve", {A}),
    ("POST", "/bulletins/x/return", {A}),
    ("POST", "/bulletins/x/publish", {A}),
    ("POST", "/bulletins/x/correct", {W, A, D}),
    ("POST", "/bulletins/x/recall", {A}),
    ("GET", "/bulletins/x/deliveries", EVERYBODY),
    ("GET", "/deliveries/x", EVERYBODY),
    ("POST", "/deliveries/x/retry", {A, D}),
    ("POST", "/deliveries/x/resolve", {A, N, D}),
    ("GET", "/channels", EVERYBODY),
    ("POST", "/channels", {D}),
    ("GET", "/channels/x", EVERYBODY),
    ("PATCH", "/channels/x", {D}),
    ("POST", "/channels/x/pause", {D}),
    ("POST", "/channels/x/resume", {D}),
    ("POST", "/channels/x/test", {D}),
    ("GET", "/partners", EVERYBODY),
    ("POST", "/partners", {D}),
    ("GET", "/partners/x", EVERYBODY),
    ("PATCH", "/partners/x", {D}),
    ("GET", "/sites", EVERYBODY),
    ("POST", "/sites", {D}),
    ("GET", "/sites/x", EVERYBODY),
    ("PATCH", "/sites/x", {D}),
    ("GET", "/sites/x/sources", EVERYBODY),
    ("POST", "/sites/x/look", {D}),
    ("GET", "/sites/x/survey", EVERYBODY),
    ("POST", "/sites/x/survey", {D}),
    ("GET", "/licences", EVERYBODY),
    ("POST", "/licences", {D}),
    ("GET", "/licences/x", EVERYBODY),
    ("PATCH", "/licences/x", {D}),
    ("GET", "/agreements", EVERYBODY),
    ("POST", "/agreements", {D}),
    ("GET", "/agreements/x", EVERYBODY),
    ("GET", "/agreements/x/scans", EVERYBODY),
    ("GET", "/agreements/x/scans/x", EVERYBODY),
    ("PATCH", "/agreements/x", {D}),
    ("GET", "/republications", EVERYBODY),
    ("POST", "/republications", set()),
    ("GET", "/republications/x", EVERYBODY),
    ("POST", "/republications/x/answer", set()),
    ("POST", "/republications/x/undo", {A, N, D}),
    ("POST", "/republications/x/confirm", {A, N, D}),
    ("POST", "/republications/x/reject", {A, N, D}),
    ("POST", "/republications/vouch", {A, N, D}),
    ("POST", "/republications/batch", EVERYBODY),
    ("POST", "/republications/x/picture", EVERYBODY),
    ("GET", "/progress", EVERYBODY),
    ("POST", "/receipts", set()),
]

# Bodies that are well-formed, so that shape is no reason for an answer.
BODIES = {
    "/campaigns": {"plan_number": "1", "name": "x", "starts_on": "2026-01-01", "ends_on": "2026-12-31"},
    "/topics": {"code": "x", "name": "x"},
    "/bulletins": {"title": "x", "body_text": "x", "topic": "dich-benh"},
    "/approve": {"revision_hash": "0" * 64},
    "/return": {"note": "x"},
    "/correct": {"title": "x", "note": "x"},
    "/recall": {"reason": "x"},
    "/resolve": {"outcome": "delivered"},
    "/channels": {"kind": "feed", "name": "x"},
    "/partners": {"name": "x"},
    "/sites": {"partner": "tinven", "name": "x", "url": "https://x.example", "kind": "social"},
    "/licences": {"partner": "tinven", "number": "1", "kind": "social", "issuer": "x", "issued_on": "2026-01-01"},
    "/agreements": {"partner": "tinven", "number": "1", "starts_on": "2026-01-01"},
    "/republications": {"bulletin": "x", "url": "https://tinven.example/x"},
    "/batch": {"claims": [{"bulletin": "x", "url": "https://tinven.example/x"}]},
    "/answer": {"answer": "note", "text": "x"},
    "/undo": {"decision": "x"},
    "/confirm": {"note": "x"},
    "/reject": {"note": "x"},
    "/receipts": {"delivery": "x", "status": "received"},
}


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


def body_of(method: str, path: str) -> dict[str, object] | None:
    if method == "GET":
        return None
    return BODIES.get("/" + path.rsplit("/", 1)[1], {})


@pytest.mark.parametrize(("method", "path", "may"), TABLE)
def test_each_role_may_what_the_table_says(world: ApiHarness, method: str, path: str, may: set[str]) -> None:
    refused = set()
    for role in EVERYBODY:
        body = body_of(method, path)
        answer = world.caller(role).send(method, path, **({"json": body} if body is not None else {}))
        assert answer.status_code < 500, answer.text
        if answer.status_code == 403:
            assert answer.get_json()["code"] in {"forbidden", "partner_only"}
            refused.add(role)
    assert refused == EVERYBODY - may


OPEN_TO_PARTNERS = {
    ("GET", path)
    for path in (
        "/topics", "/bulletins", "/bulletins/x", "/bulletins/x/deliveries", "/deliveries/x", "/channels", "/channels/x",
        "/partners", "/partners/x", "/sites", "/sites/x", "/sites/x/sources", "/licences", "/licences/x",
        "/agreements", "/agreements/x", "/agreements/x/scans", "/agreements/x/scans/x",
        "/republications", "/republications/x", "/progress",
    )
} | {("POST", "/republications"), ("POST", "/republications/x/answer"), ("POST", "/receipts")}  # fmt: skip


@pytest.mark.parametrize(("method", "path", "may"), TABLE)
def test_a_partner_may_read_and_report_and_nothing_else(
    world: ApiHarness, method: str, path: str, may: set[str]
) -> None:
    body = body_of(method, path)
    answer = world.caller("tinven").send(method, path, **({"json": body} if body is not None else {}))
    assert (answer.status_code == 403) == ((method, path) not in OPEN_TO_PARTNERS), answer.text


def test_the_table_names_every_operation_there_is(world: ApiHarness) -> None:
    rules = {
        (method, re.sub(r"<[^>]+>", "x", rule.rule.removeprefix("/api/v1")))
        for rule in world.app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in rule.methods or ()
        if method not in {"HEAD", "OPTIONS"}
    }  # fmt: skip
    assert rules == {(method, path) for method, path, _ in TABLE}


def test_a_role_too_small_learns_nothing_of_what_exists(world: ApiHarness) -> None:
    code = world.draft()["code"]
    answers = [world.caller("analyst").post(f"/bulletins/{text}/submit") for text in (code, "BT-1")]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert answers[0].text == answers[1].text
