"""Who may call an operation at all is asked before its query, its body and its rows, of every operation and key."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.routing import Rule

from campaigns.people.staff import ROLE_PERMISSIONS, Role
from coordinator.api.auth import Admission, admission_of
from tests.coordinator.api.harness import ApiHarness

# What a program may send that is not as the operation wants it.
WRONG: dict[str, dict[str, Any]] = {
    "nothing": {},
    "an empty object": {"json": {}},
    "unknown fields": {"json": {"khong-co": 1}},
    "a list": {"json": [1]},
    "broken JSON": {"data": b"{", "content_type": "application/json"},
    "another media type": {"data": b"<a/>", "content_type": "text/xml"},
    "a form without a file": {"data": {"khong-co": "1"}, "content_type": "multipart/form-data"},
    "a NUL character": {"json": {"note": "\x00"}},
    "an unknown parameter": {"query_string": {"khong-co": "1"}},
    "a wrong page": {"query_string": {"limit": "x"}},
    "a condition that cannot be met": {"headers": {"If-Match": '"1"'}},
}  # fmt: skip
CALLERS = (*(role.value for role in Role), "tinven")


def operations(world: ApiHarness) -> Iterator[tuple[Rule, str, Admission]]:
    for rule in world.app.url_map.iter_rules():
        view = world.app.view_functions[rule.endpoint]
        public = rule.rule == "/api/v1/" or rule.rule.startswith(("/api/v1/docs", "/api/v1/openapi"))
        if rule.rule.startswith("/api/v1/") and not public:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method, admission_of(view)


def may_call(name: str, admission: Admission) -> bool:
    if name == "tinven":
        return admission.partners
    return any(act in ROLE_PERMISSIONS[Role(name)] for act in admission.acts)


@pytest.mark.parametrize("caller", CALLERS)
def test_who_may_not_call_an_operation_is_refused_whatever_the_request_holds(world: ApiHarness, caller: str) -> None:
    object.__setattr__(world.app_context.settings, "api_calls_per_minute", 100_000)
    asked = 0
    for rule, method, admission in operations(world):
        if may_call(caller, admission):
            continue
        path = re.sub(r"<[^>]*>", "1", rule.rule)
        for what, given in WRONG.items():
            answer = world.caller(caller).send(method, path, **{**given, "headers": dict(given.get("headers", {}))})
            assert answer.status_code == 403, (caller, method, rule.rule, what, answer.text)
            asked += 1
    assert asked >= 100, "the operations that are closed to this caller were asked"


@pytest.mark.parametrize(
    ("caller", "method", "path"),
    [
        ("tinven", "POST", "/licences"),
        ("writer", "POST", "/licences"),
        ("writer", "POST", "/findings/1/conclude"),
        ("tinven", "POST", "/findings/1/conclude"),
        ("analyst", "POST", "/bulletins"),
        ("writer", "POST", "/bulletins/BT-1/approve"),
        ("admin", "POST", "/bulletins/BT-1/recall"),
        ("approver", "PATCH", "/office"),
        ("writer", "POST", "/receipts"),
    ],
)
def test_a_refused_role_learns_no_field_of_the_body(world: ApiHarness, caller: str, method: str, path: str) -> None:
    answer = world.caller(caller).send(method, path, json={})
    assert answer.status_code == 403
    assert "errors" not in answer.get_json()


def test_who_may_call_an_operation_is_told_what_is_wrong_with_the_body(world: ApiHarness) -> None:
    assert world.caller("admin").send("POST", "/licences", json={}).status_code == 422
