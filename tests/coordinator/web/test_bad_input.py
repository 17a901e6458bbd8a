"""Every address of the application with what no program should send: the answer is the product's own, never a 5xx."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.routing import AnyConverter

from campaigns.people.staff import Role
from coordinator.db import Database
from tests.coordinator.web.application import RunningApplication, open_application
from tests.coordinator.web.permissions import request_bodies
from tests.coordinator.web.routes import Route, routes
from tests.coordinator.web.signed_in import add_staff_of_each_role, client_of_role, csrf_token

NUL = "%00"
# In place of a code, a number or an id: NUL, half a surrogate pair, no UTF-8, a long text, a large and a negative
# number.
PATH_VALUES = (NUL, "%ED%A0%80", "%ff", "x" * 3000, "9" * 30, "-1", "..%2f..", "%F0%9F%98%80")
QUERY = (
    "cursor=&after=&limit=NaN&page=99999999999999999999&from=%ED%A0%80&to=0000-00-00&campaign=zz&period=%ff&by=&topic=zz"
    "&q=%F0%9F%98%80&partner=..&site=-1&state=%27&order=%3Cscript%3E&view=x"
)
NO_JSON = (
    b'{"a": NaN}',
    b'{"a": Infinity}',
    b'{"a": [-Infinity]}',
    b'{"a": 1e999}',
    b"\xff",
    b'{"a": ' + b"9" * 5000 + b"}",
)
STREAMS = {"/healthz", "/readyz"}  # 503 while no clock is running


@pytest.fixture
def outside(database: Database, tmp_path: Path) -> RunningApplication:
    """The application with people of each role, without rate limits."""
    made = open_application(database, tmp_path, own=True)
    made.app.extensions["lantoa.tries"].enabled = False
    add_staff_of_each_role(made)
    return made


def test_a_slash_too_many_leads_to_the_address_without_it(outside: RunningApplication) -> None:
    visitor = outside.app.test_client()
    for path, leads_to in {
        "/bulletins/": "/bulletins",
        "/bulletins/?topic=dich-benh&q=%C3%A9": "/bulletins?topic=dich-benh&q=%C3%A9",
        "/desk/bulletins/": "/desk/bulletins",
        "/feeds/rss.xml/": "/feeds/rss.xml",
    }.items():
        answer = visitor.get(path)
        assert (answer.status_code, answer.location) == (308, leads_to)
    for path in ("/nothing/", "/%2Felsewhere.example/", "/api/v1/bulletins/"):
        assert visitor.get(path).status_code == 404
    assert visitor.post("/bulletins/").status_code == 404


class Sender:
    """Sends requests as an administrator: with the session, and at ``/api/`` with a key."""

    def __init__(self, outside: RunningApplication) -> None:
        self._outside = outside
        self._pages = client_of_role(outside, Role.ADMIN)
        self._programs = outside.app.test_client()
        self._key = {"Authorization": f"Bearer {outside.role_key(Role.ADMIN)}"}
        self.wrong: list[str] = []

    def send(self, route: Route, method: str, path: str, expected: frozenset[int] = frozenset(), **given: Any) -> Any:
        """Note an answer that is not the product's own, or none of the expected ones."""
        if route.on_api:
            answer = self._programs.open(path, method=method, headers=self._key, **given)
        else:
            if method == "POST" and "data" in given:
                given["data"] = {"csrf_token": csrf_token(self._outside, self._pages), **given["data"]}
            answer = self._pages.open(path, method=method, **given)
        name = f"{method} {path[:120]} {str(given)[:80]}"
        if answer.status_code >= 500 and route.rule.rule not in STREAMS:
            self.wrong.append(f"{name}: {answer.status}")
        if expected and answer.status_code not in expected | {401, 403, 405, 415}:
            self.wrong.append(f"{name}: {answer.status}, expected {sorted(expected)}")
        if route.on_api and answer.status_code >= 400 and answer.content_type != "application/problem+json":
            self.wrong.append(f"{name}: {answer.content_type}")
        return answer


def _bad_paths(route: Route) -> Iterator[tuple[str, str]]:
    for name in route.rule.arguments:
        if isinstance(route.rule._converters.get(name), AnyConverter):
            continue
        for value in PATH_VALUES:
            parts = (
                value if (variable, content) == (True, name) else "x" if variable else content
                for variable, content in route.rule._trace
            )
            yield value, "".join(parts).removeprefix("|")


def test_paths_queries_and_forms_get_an_answer_of_the_products_own(outside: RunningApplication) -> None:
    sender = Sender(outside)
    for route in routes(outside.app):
        for method in sorted((route.rule.methods or set()) - {"HEAD", "OPTIONS"}):
            with_nul = frozenset({400}) if not route.path.startswith("/static") else frozenset()
            sender.send(route, method, f"{route.path}?q={NUL}", with_nul)
            sender.send(route, method, f"{route.path}?{NUL}=1", with_nul)
            if method == "GET":
                sender.send(route, method, f"{route.path}?{QUERY}")
            elif not route.on_api:
                sender.send(route, method, route.path, frozenset({400}), data={"code": "a\0b"})
                sender.send(route, method, route.path, data={"code": "\ufffe", "version": "NaN", "note": "x" * 100_000})
            for value, path in _bad_paths(route):
                sender.send(route, method, path, frozenset({404}) if value == NUL else frozenset())
    assert not sender.wrong, "\n".join(sender.wrong[:40])


def test_bodies_that_are_no_json_or_contain_a_nul_are_400_and_name_the_field(outside: RunningApplication) -> None:
    sender, bodies, tried = Sender(outside), request_bodies(), 0
    for route in routes(outside.app):
        if not route.on_api:
            continue
        for method in sorted(route.unsafe):
            sample = bodies.get((method, route.rule.rule))
            if not isinstance(sample, dict):
                continue
            for data in NO_JSON:
                sender.send(route, method, route.path, frozenset({400}), data=data, content_type="application/json")
            texts = [name for name, value in sample.items() if isinstance(value, str)]
            for name in texts:
                body = json.dumps({**sample, name: "a\0b"})
                answer = sender.send(
                    route, method, route.path, frozenset({400, 422}), data=body, content_type="application/json"
                )
                fields = {error["field"] for error in answer.get_json().get("errors", ())}
                if answer.status_code in {400, 422} and name not in fields:
                    sender.wrong.append(f"{method} {route.path} {name}: {answer.text[:200]}")
                if "pattern" in answer.text or "regex" in answer.text:
                    sender.wrong.append(f"{method} {route.path} {name}: {answer.text[:300]}")
                tried += 1
    assert not sender.wrong, "\n".join(sender.wrong[:40])
    assert tried > 50
