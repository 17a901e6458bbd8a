"""Security headers on every response, errors included; no cookie on public addresses."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from campaigns.people.keys import add_key
from campaigns.people.staff import Role
from coordinator.db import Database
from coordinator.web.kit.security_headers import (
    CONTENT_SECURITY_POLICY,
    framable_policy,
    policy_with_media,
    policy_with_own_frames,
)
from tests.coordinator.web.application import RunningApplication, open_application
from tests.coordinator.web.routes import PUBLIC, routes
from tests.coordinator.web.signed_in import add_staff_of_each_role, client_of_role
from tests.factories import NOW

OTHER_POLICIES = {
    "embeds.embed": framable_policy(()),
    "embeds.widget": framable_policy(()),
    "embeds.republishing": policy_with_own_frames(),
}
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": None,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": None,
    "Permissions-Policy": None,
}


@pytest.fixture
def outside(sqlite: Database, tmp_path: Path) -> RunningApplication:
    made = open_application(sqlite, tmp_path)
    add_staff_of_each_role(made)
    return made


def public_paths(app: Flask, code: str, key: str) -> Iterator[str]:
    """Return every public address, with and without values."""
    for values in ({"code": code, "key": key}, {"code": "never", "key": "never", "name": "never", "token": "never"}):
        yield from (route.path for route in routes(app, values) if route.endpoint in PUBLIC)
    yield from ("/bulletins/", "/feeds/", "/feeds/rss.xml?limit=0", "/i/x", "/static/x/y", "/api/v1/none", "/hub/x")


def test_every_reply_of_every_route_has_the_policy_and_forbids_guessing(outside: RunningApplication) -> None:
    code = outside.publish()
    _, key = outside.partner("Nhịp Sông")
    clients = {"nobody": outside.client, "admin": client_of_role(outside, Role.ADMIN)}
    seen = set()
    for route in routes(outside.app, {"code": code, "key": key}):
        for actor_id, client in clients.items():
            for method in ("GET", "HEAD", "POST", "OPTIONS", "DELETE"):
                answer = client.open(route.path, method=method)
                seen.add(answer.status_code)
                where = (actor_id, method, route.path, answer.status)
                shown = answer.status_code == 200 and method in {"GET", "HEAD"}
                policy = (
                    OTHER_POLICIES.get(route.endpoint, CONTENT_SECURITY_POLICY) if shown else CONTENT_SECURITY_POLICY
                )
                assert answer.headers["Content-Security-Policy"] == policy, where
                for name, value in ALWAYS.items():
                    assert name in answer.headers, (name, *where)
                    assert value is None or answer.headers[name] == value, (name, *where)
    assert {200, 302, 400, 401, 404, 405} <= seen
    assert 500 not in seen


def test_the_policy_lets_nothing_run_that_is_not_ours() -> None:
    parts = {
        name: rest.split()
        for name, *rest in ((part.split(" ", 1)) for part in CONTENT_SECURITY_POLICY.split("; "))
        for rest in rest
    }
    assert parts["default-src"] == ["'none'"]
    assert parts["script-src"] == parts["style-src"] == parts["connect-src"] == parts["form-action"] == ["'self'"]
    assert parts["base-uri"] == parts["frame-ancestors"] == parts["object-src"] == ["'none'"]
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "https://a.example; script-src *",
        "https://[::1",
        "https://a'b.example/x.png",
        "//a/b",
        "",
    ],
)
def test_an_odd_picture_address_adds_nothing_to_the_policy(address: str) -> None:
    assert policy_with_media([address]) == CONTENT_SECURITY_POLICY


def test_pictures_add_their_origins_once_and_only_for_pictures() -> None:
    policy = policy_with_media(["https://Anh.example/1.png", "https://anh.example/2.png", "http://b.example:81/x"])
    assert policy == CONTENT_SECURITY_POLICY.replace("data:", "data: https://anh.example http://b.example:81")


def test_a_body_too_large_for_the_api_is_not_read_by_code_that_looks_for_a_session_first(
    outside: RunningApplication,
) -> None:
    big = b'{"bulletin": "' + b"x" * (5 * 1024 * 1024) + b'"}'
    with outside.database.write() as session:
        key = add_key(session, "test", name="Phần mềm", role=Role.WRITER, now=NOW).text
    for headers in ({}, {"Authorization": f"Bearer {key}"}):
        response = outside.client.post("/api/v1/bulletins", data=big, headers=headers, content_type="application/json")
        assert response.status_code == 413
        assert response.content_type == "application/problem+json"


def test_errors_of_every_kind_have_the_same_headers(
    outside: RunningApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = outside.publish()
    answers = [outside.get("/nowhere", 404), outside.get("/hub", 405), outside.client.post("/login", data={})]
    for path in ("/hub", "/webmention", "/login"):
        big = outside.client.post(path, data={"hub.mode": "x" * 70_000})
        assert big.status_code == 413
        answers.append(big)

    def fails(*_args: object, **_named: object) -> None:
        raise RuntimeError("a bug")

    def locked(*_args: object, **_named: object) -> None:
        raise OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked"))

    for failure, status in ((fails, 500), (locked, 503)):
        monkeypatch.setattr("coordinator.web.public.bulletins.find_released", failure)
        answer = outside.get(f"/bulletins/{code}", status)
        assert "a bug" not in answer.text
        assert "BEGIN IMMEDIATE" not in answer.text
        assert "Traceback" not in answer.text
        answers.append(answer)
    assert answers[-1].headers["Retry-After"] == "5"
    for answer in answers:
        assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"


def test_no_public_reply_sets_a_cookie_or_depends_on_one(outside: RunningApplication) -> None:
    code = outside.publish()
    _, key = outside.partner("Nhịp Sông")
    admin = client_of_role(outside, Role.ADMIN)
    one = {"X-Request-Id": "one"}  # a problem names its request
    for path in public_paths(outside.app, code, key):
        english = path if "?" in path else f"{path}?lang=en"
        mine, others = admin.get(path, headers=one), outside.client.get(path, headers=one)
        for answer in (mine, others, admin.get(english), admin.post(path), outside.client.post(path)):
            assert "Set-Cookie" not in answer.headers, (path, answer.status)
            assert "Cookie" not in answer.headers.get("Vary", ""), (path, answer.status)
        if path not in {"/metrics", "/readyz"}:
            assert mine.data == others.data, path


def test_the_desk_is_kept_by_no_cache_and_what_is_shared_may_be(outside: RunningApplication) -> None:
    code = outside.publish()
    admin = client_of_role(outside, Role.ADMIN)
    for path in ("/desk", "/login", "/desk/bulletins", f"/desk/bulletins/{code}"):
        assert admin.get(path).headers["Cache-Control"] == "no-store", path
        assert admin.get(path).headers["Cross-Origin-Resource-Policy"] == "same-origin"
    for path in (f"/bulletins/{code}", "/feeds/rss.xml", "/i/x.gif"):
        assert outside.get(path).headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_only_over_https_is_https_asked_for_and_cookies_are_secure(sqlite: Database, tmp_path: Path) -> None:
    for base, secure in (("http://localhost:8800", False), ("https://tin.example", True)):
        outside = open_application(sqlite, tmp_path, base)
        login = outside.get("/login") if secure else outside.get("/setup")
        assert ("Strict-Transport-Security" in login.headers) is secure
        for cookie in login.headers.getlist("Set-Cookie"):
            assert "HttpOnly" in cookie
            assert "SameSite=Lax" in cookie
            assert ("Secure" in cookie.split("; ")) is secure
