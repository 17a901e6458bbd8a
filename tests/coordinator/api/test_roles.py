"""Who may do what: the whole table, by role and by act, and the same refusal whether or not a thing exists."""

import re

import pytest

from coordinator.db import Database
from tests.coordinator.api.harness import ApiHarness
from tests.coordinator.web.permissions import request_bodies

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
    ("GET", "/surveys", EVERYBODY),
    ("POST", "/surveys", {D}),
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
    ("GET", "/register", EVERYBODY),
    ("GET", "/cases", EVERYBODY),
    ("POST", "/cases", {A, N, D}),
    ("GET", "/cases/x", EVERYBODY),
    ("PATCH", "/cases/x", {A, N, D}),
    ("POST", "/cases/x/withdraw", {A, N, D}),
    ("GET", "/cases/x/files", EVERYBODY),
    ("POST", "/cases/x/files", {A, N, D}),
    ("GET", "/cases/x/files/x", EVERYBODY),
    ("POST", "/cases/x/files/x/remove", {A, N, D}),
    ("POST", "/cases/x/decisions", {A, N, D}),
    ("PATCH", "/cases/x/decisions/x", {A, N, D}),
    ("POST", "/cases/x/decisions/x/withdraw", {A, N, D}),
    ("GET", "/history", EVERYBODY),
    ("POST", "/history", {D}),
    ("GET", "/history/copies", EVERYBODY),
    ("POST", "/history/x/undo", {D}),
    ("GET", "/office", EVERYBODY),
    ("PATCH", "/office", {D}),
    ("GET", "/office/letterheads", EVERYBODY),
    ("POST", "/office/names", {D}),
    ("POST", "/office/signers", {D}),
    ("POST", "/office/letterheads/x/end", {D}),
    ("GET", "/templates", EVERYBODY),
    ("POST", "/templates", {W, A, D}),
    ("GET", "/templates/x", EVERYBODY),
    ("PATCH", "/templates/x", {W, A, D}),
    ("POST", "/templates/x/archive", {W, A, D}),
    ("POST", "/templates/x/restore", {W, A, D}),
    ("POST", "/templates/x/start", {W, A, D}),
    ("GET", "/series", EVERYBODY),
    ("POST", "/series", {W, A, D}),
    ("GET", "/series/x", EVERYBODY),
    ("PATCH", "/series/x", {W, A, D}),
    ("POST", "/series/x/end", {W, A, D}),
    ("GET", "/series/x/days", EVERYBODY),
    ("GET", "/series/x/days/x", EVERYBODY),
    ("POST", "/series/x/days/x/skip", {W, A, D}),
    ("POST", "/series/x/days/x/restore", {W, A, D}),
    ("POST", "/series/x/days/x/change", {W, A, D}),
    ("POST", "/series/x/days/x/fill", {W, A, D}),
    ("POST", "/series/x/days/x/empty", {W, A, D}),
    ("GET", "/notices", EVERYBODY),
    ("POST", "/notices", {W, A, D}),
    ("GET", "/notices/x", EVERYBODY),
    ("PATCH", "/notices/x", {W, A, D}),
    ("GET", "/notices/x/readers", EVERYBODY),
    ("POST", "/notices/x/publish", {A, D}),
    ("POST", "/notices/x/correct", {A, D}),
    ("POST", "/notices/x/withdraw", {A, D}),
    ("POST", "/notices/x/restore", {A, D}),
    ("POST", "/notices/x/discard", {W, A, D}),
    ("GET", "/questions", EVERYBODY),
    ("POST", "/questions", set()),
    ("GET", "/questions/x", EVERYBODY),
    ("POST", "/questions/x/messages", set()),
    ("POST", "/questions/x/answer", {W, A, N, D}),
    ("POST", "/questions/x/close", {W, A, N, D}),
    ("POST", "/questions/x/reopen", {W, A, N, D}),
    ("POST", "/questions/x/share", {A, D}),
    ("POST", "/questions/x/withdraw", {A, D}),
    ("POST", "/questions/x/restore", {A, D}),
    ("GET", "/findings", EVERYBODY),
    ("GET", "/findings/x", EVERYBODY),
    ("POST", "/findings/x/ask", {A, N, D}),
    ("POST", "/findings/x/conclude", {A, N, D}),
    ("POST", "/findings/x/outcome", {A, N, D}),
    ("POST", "/findings/x/read", {A, N, D}),
    ("POST", "/findings/x/undo", {A, N, D}),
    ("POST", "/findings/x/reply", set()),
    ("POST", "/findings/decide", {A, N, D}),
    ("POST", "/findings/batches/x/undo", {A, N, D}),
    ("GET", "/briefings", EVERYBODY),
    ("POST", "/briefings", {A, N, D}),
    ("GET", "/briefings/x", EVERYBODY),
    ("PATCH", "/briefings/x", {A, N, D}),
    ("POST", "/briefings/x/freeze", {A, N, D}),
    ("GET", "/briefings/versions/x", EVERYBODY),
    ("POST", "/briefings/versions/x/number", {A, N, D}),
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


# Of paths that share their last part with another's.
WHOLE_PATHS: dict[tuple[str, str], dict[str, object]] = {
    ("POST", "/office/names"): {"kind": "department", "name": "x", "since": "2026-01-01"},
    ("POST", "/office/signers"): {"authority": "x", "name": "x", "since": "2026-01-01"},
    ("POST", "/office/letterheads/x/end"): {"until": "2026-01-01"},
    ("POST", "/templates"): {"name": "x", "title": "x", "body_text": "x", "topic": "x"},
    ("POST", "/series"): {
        "name": "x",
        "starts_on": "2026-12-01",
        "title": "x",
        "topic": "dich-benh",
        "weekdays": [1],
        "time": "06:30",
    },
    ("PATCH", "/series/x"): {"from": "2026-12-01"},
    ("POST", "/series/x/end"): {"last": "2026-12-01"},
    ("POST", "/series/x/days/x/skip"): {"why": "x"},
    ("POST", "/series/x/days/x/change"): {"time": "06:30", "title": "x"},
    ("POST", "/series/x/days/x/fill"): {"bulletin": "x"},
    ("POST", "/notices"): {"title": "x", "body_text": "x"},
    ("PATCH", "/notices/x"): {"version": 1},
    ("POST", "/notices/x/publish"): {"version": 1},
    ("POST", "/notices/x/correct"): {"version": 1, "note": "x"},
    ("POST", "/notices/x/withdraw"): {"version": 1, "note": "x"},
    ("POST", "/notices/x/discard"): {"version": 1},
    ("POST", "/questions"): {"title": "x", "text": "x"},
    ("POST", "/questions/x/messages"): {"text": "x"},
    ("POST", "/questions/x/answer"): {"text": "x", "heard": 1},
    ("POST", "/questions/x/share"): {"question": "x", "answer": "x"},
    ("POST", "/findings/x/ask"): {"turn": 0, "reply_by": "2026-12-01"},
    ("POST", "/findings/x/conclude"): {"turn": 0, "confirm": True, "note": "x"},
    ("POST", "/findings/x/outcome"): {"turn": 0, "outcome": "mended", "note": "x"},
    ("POST", "/findings/x/read"): {"turn": 0},
    ("POST", "/findings/x/undo"): {"turn": 0},
    ("POST", "/findings/x/reply"): {"text": "x"},
    ("POST", "/findings/decide"): {"decision": "dismiss", "note": "x", "findings": [{"id": "x", "turn": 0}]},
    ("POST", "/briefings"): {"period": "2026-Q4"},
    ("PATCH", "/briefings/x"): {"edits": 0},
    ("POST", "/briefings/x/freeze"): {"edits": 0},
    ("POST", "/briefings/versions/x/number"): {"number": "1/BC"},
}


def body_of(method: str, path: str) -> dict[str, object] | None:
    if method == "GET":
        return None
    if (method, path) in WHOLE_PATHS:
        return WHOLE_PATHS[method, path]
    if path.startswith(("/cases", "/history")):
        made: dict[str, object] = request_bodies().get((method, "/api/v1" + path.replace("/x", "/<x>")), {})
        return made
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
        "/republications", "/republications/x", "/progress", "/questions", "/questions/x", "/findings", "/findings/x",
    )
} | {
    ("POST", path)
    for path in (
        "/questions", "/questions/x/messages", "/questions/x/close", "/questions/x/reopen", "/findings/x/reply",
    )
} | {
    ("POST", path)
    for path in (
        "/republications", "/republications/batch", "/republications/x/picture", "/republications/x/answer",
        "/receipts",
    )
}  # fmt: skip


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
