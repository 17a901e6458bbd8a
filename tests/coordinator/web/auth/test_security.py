"""Permissions over the whole map of routes, CSRF tokens on every form, and sign-in and sign-out."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from flask.testing import FlaskClient

from campaigns.people.staff import ROLE_PERMISSIONS, Permission, Role, change_person, find_by_email
from coordinator.db import Database
from tests.coordinator.web.application import RunningApplication, open_application
from tests.coordinator.web.routes import DOCUMENTED, PUBLIC, SIGN_IN_ROUTES, Route, routes
from tests.coordinator.web.signed_in import STAFF, add_staff_of_each_role, client_of_role, csrf_token, sign_in

ADMIN, WRITER = STAFF[Role.ADMIN], STAFF[Role.WRITER]
DESK = "/desk/bulletins"


@pytest.fixture
def outside(sqlite: Database, tmp_path: Path) -> RunningApplication:
    made = open_application(sqlite, tmp_path)
    add_staff_of_each_role(made)
    return made


def desk_routes(outside: RunningApplication) -> Iterator[Route]:
    """Return every route of the desk: neither public, nor sign-in, nor the API."""
    for route in routes(outside.app, {"code": "x"}):
        known = {*PUBLIC, *SIGN_IN_ROUTES}
        if route.endpoint not in known and not route.endpoint.startswith("portal.") and not route.on_api:
            yield route


def needs(outside: RunningApplication, route: Route) -> Permission:
    may = getattr(outside.app.view_functions[route.endpoint], "lantoa_may", None)
    assert isinstance(may, Permission), f"{route.endpoint} has no guard"
    return may


def signed_in(client: FlaskClient) -> bool:
    return client.get(DESK).status_code == 200


def test_the_lists_of_open_routes_name_only_what_exists(outside: RunningApplication) -> None:
    endpoints = {rule.endpoint for rule in outside.app.url_map.iter_rules()}
    assert set(PUBLIC) | set(SIGN_IN_ROUTES) <= endpoints
    assert len(list(desk_routes(outside))) > 40


def test_every_other_route_is_guarded_and_leads_strangers_to_sign_in(outside: RunningApplication) -> None:
    for route in desk_routes(outside):
        needs(outside, route)
        for method in (route.rule.methods or set()) - {"OPTIONS"}:
            client = outside.app.test_client()
            form = {"csrf_token": csrf_token(outside, client)} if method == "POST" else None
            answer = client.open(route.path, method=method, data=form)
            where = (method, route.path, answer.status)
            assert answer.status_code == 302, where
            assert answer.headers["Location"].startswith("/login?next=/"), where


def test_every_role_enters_exactly_where_its_table_says(outside: RunningApplication) -> None:
    refused = dict.fromkeys(Role, 0)
    for role in Role:
        client = client_of_role(outside, role)
        form = {"csrf_token": csrf_token(outside, client)}
        for route in desk_routes(outside):
            may = needs(outside, route) in ROLE_PERMISSIONS[role]
            for method in (route.rule.methods or set()) & {"GET", "POST"}:
                if may and method == "POST":
                    continue  # it would change data; each feature tests its own forms
                answer = client.open(route.path, method=method, data=form if method == "POST" else None)
                refused[role] += not may
                where = (role.value, method, route.path, answer.status)
                assert (answer.status_code == 403) is not may, where
                assert answer.status_code < 500, where
    assert refused[Role.ANALYST] > refused[Role.APPROVER] > 0


def test_the_api_takes_no_cookie_and_tells_nothing_without_a_key(outside: RunningApplication) -> None:
    for client in (outside.client, client_of_role(outside, Role.ADMIN)):
        for route in routes(outside.app):
            if not route.on_api or route.path in DOCUMENTED:
                continue
            for method in (route.rule.methods or set()) - {"OPTIONS", "HEAD"}:
                answer = client.open(route.path, method=method, json={})
                assert (answer.status_code, answer.content_type) == (401, "application/problem+json"), route.path


def test_no_unsafe_route_acts_without_its_token_or_with_another_sessions(outside: RunningApplication) -> None:
    stranger = outside.app.test_client()
    foreign = csrf_token(outside, stranger, "a token of somebody else's")
    tried = 0
    for route in routes(outside.app, {"code": "x"}):
        if route.on_api or route.endpoint in PUBLIC:
            continue
        for method in route.unsafe:
            for form in ({}, {"csrf_token": "x"}, {"csrf_token": foreign}):
                client = client_of_role(outside, Role.ADMIN)
                csrf_token(outside, client)
                answer = client.open(route.path, method=method, data=form)
                tried += 1
                where = (method, route.path, answer.status, sorted(form))
                # The sign-in library redirects a signed-in person away from its form; set-up does so too.
                if route.endpoint in {"security.login", "setup.begin"} and answer.status_code == 302:
                    continue
                assert answer.status_code == 400, where
                assert signed_in(client), where
    assert tried > 90


def test_a_form_that_outlived_its_session_says_so_and_leads_back_through_sign_in(outside: RunningApplication) -> None:
    page = "http://localhost/desk/admin/people/?page=2"
    late = outside.app.test_client().post("/desk/admin/people/_new", headers={"Referer": page})
    assert late.status_code == 400
    assert "Phiên đã hết" in late.text
    assert "Việc vừa bấm chưa được làm" in late.text
    assert "/login?next=/desk/admin/people/?page%3D2" in late.text
    again = client_of_role(outside, Role.ADMIN).post("/desk/admin/people/_new", headers={"Referer": page})
    assert (again.status_code, "Trang này mở từ phiên trước" in again.text) == (400, True)
    assert 'href="/desk/admin/people/?page=2"' in again.text
    partner = outside.app.test_client().post("/portal/report")
    assert (partner.status_code, 'href="/portal"' in partner.text) == (400, True)


def test_a_token_in_the_header_is_as_good_as_in_the_form(outside: RunningApplication) -> None:
    client = client_of_role(outside, Role.ADMIN)
    answer = client.post("/desk/admin/journal/verify", headers={"X-CSRFToken": csrf_token(outside, client)})
    assert answer.status_code < 400


def test_nobody_signs_in_or_out_by_a_form_on_another_site(outside: RunningApplication) -> None:
    client = outside.app.test_client()
    form = {"email": ADMIN.id, "password": "mật khẩu đủ dài 174"}
    assert client.post("/login", data=form).status_code == 400
    assert client.post("/login", json=form, headers={"Accept": "application/json"}).status_code == 400
    assert not signed_in(client)
    assert sign_in(outside, client, ADMIN.id).status_code == 302
    assert signed_in(client)
    assert client.post("/logout").status_code == 400
    assert client.get("/logout").status_code == 405
    assert signed_in(client)


def test_a_wrong_password_and_a_wrong_address_are_distinguished_by_nothing(outside: RunningApplication) -> None:
    texts = set()
    for email, password in ((ADMIN.id, "sai mật khẩu 174"), ("khong@co.example", "sai mật khẩu 174"), (ADMIN.id, "")):
        answer = sign_in(outside, outside.app.test_client(), email, password)
        assert answer.status_code in {200, 422}
        if password:
            texts.add(answer.text.replace(email, "#"))
    assert len({" ".join(text.split()) for text in map(without_token, texts)}) == 1


def without_token(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if "csrf" not in line.lower())


def test_the_same_password_is_the_same_however_its_letters_are_composed(outside: RunningApplication) -> None:
    for form in ("NFC", "NFD"):
        client = outside.app.test_client()
        sign_in(outside, client, ADMIN.id.upper(), unicodedata.normalize(form, "mật khẩu đủ dài 174"))
        assert signed_in(client), form


def test_the_eleventh_try_within_a_minute_is_refused_but_to_a_browser_that_came_in_before(
    outside: RunningApplication,
) -> None:
    client, mine = outside.app.test_client(), outside.app.test_client()
    assert sign_in(outside, mine, ADMIN.id).status_code == 302
    mine.post("/logout", data={"csrf_token": csrf_token(outside, mine)})
    # A header does not make another client of the same one.
    statuses = [
        sign_in(
            outside, client, ADMIN.id, "sai mật khẩu 174", headers={"X-Forwarded-For": f"198.51.100.{number}"}
        ).status_code
        for number in range(12)
    ]
    assert 429 not in statuses[:10]
    assert statuses[10:] == [429, 429]
    refused = sign_in(outside, client, ADMIN.id)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert f"Mời thử lại sau {refused.headers['Retry-After']} giây" in refused.text
    assert client.get("/login").status_code == 200
    assert sign_in(outside, mine, ADMIN.id).status_code == 302
    other = outside.app.test_client()
    elsewhere = sign_in(outside, other, ADMIN.id, environ_overrides={"REMOTE_ADDR": "203.0.113.5"})
    assert elsewhere.status_code == 302


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie("lantoa")
    assert found is not None
    return found.value


def test_a_session_from_before_signing_in_is_nobodys_afterwards(outside: RunningApplication) -> None:
    victim, thief = outside.app.test_client(), outside.app.test_client()
    thief.get("/login")
    planted = cookie(thief)
    victim.set_cookie("lantoa", planted)
    sign_in(outside, victim, ADMIN.id)
    assert signed_in(victim)
    assert cookie(victim) != planted
    assert not signed_in(thief)


def test_signing_out_ends_the_session_even_for_a_copy_of_its_cookie(outside: RunningApplication) -> None:
    client = outside.app.test_client()
    sign_in(outside, client, WRITER.id)
    copied = outside.app.test_client()
    copied.set_cookie("lantoa", cookie(client))
    assert signed_in(copied)
    answer = client.post("/logout", data={"csrf_token": csrf_token(outside, client)})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login")
    assert not signed_in(client)
    assert not signed_in(copied)
    assert sign_in(outside, client, WRITER.id).status_code == 302
    assert signed_in(client)


def test_somebody_switched_off_is_out_at_the_next_click_and_cannot_come_back(outside: RunningApplication) -> None:
    client = outside.app.test_client()
    sign_in(outside, client, WRITER.id)
    with outside.database.write() as session:
        person = find_by_email(session, WRITER.id)
        assert person is not None
        change_person(session, ADMIN, person, active=False, now=outside.office.now())
    assert not signed_in(client)
    sign_in(outside, outside.app.test_client(), WRITER.id)
    assert not signed_in(client)


def test_a_forged_or_old_cookie_opens_nothing(outside: RunningApplication) -> None:
    for value in ("x", "eyJfdXNlcl9pZCI6InVuaXEtYWRtaW4ifQ.aaaa.bbbb", "." * 50, "\x7f"):
        client = outside.app.test_client()
        client.set_cookie("lantoa", value)
        assert not signed_in(client)


@pytest.mark.parametrize(
    "next_",
    ["https://evil.example/", "//evil.example/", "/%5Cevil.example", "%5C%5Cevil.example", "https:evil.example",
     "%09//evil.example", "javascript:alert(1)", "http:///evil.example", "/%2F/evil.example"],
)  # fmt: skip
def test_signing_in_leads_nowhere_outside(outside: RunningApplication, next_: str) -> None:
    answer = sign_in(outside, outside.app.test_client(), ADMIN.id, next_=next_)
    if answer.status_code == 302:
        # Browsers treat a backslash as a slash and ignore tabs.
        target = answer.headers["Location"].replace("\\", "/").replace("\t", "")
        assert urlsplit(urljoin("http://localhost/login", target)).netloc == "localhost", target
    else:
        assert answer.status_code in {200, 400}


def test_signing_in_leads_back_to_where_one_wanted_to_go(outside: RunningApplication) -> None:
    client = outside.app.test_client()
    login_url = client.get(f"{DESK}?state=draft").headers["Location"]
    assert login_url == f"/login?next={DESK}?state%3Ddraft"
    answer = sign_in(outside, client, ADMIN.id, next_=login_url.partition("next=")[2])
    assert answer.headers["Location"] == f"{DESK}?state=draft"
