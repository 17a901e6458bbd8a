"""The second factor: set up, required, used once, replaced, and enforced where the role requires it."""

import time
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa
from passlib.totp import TOTP

from campaigns.core.journal import JournalEntry
from campaigns.people.staff import Person, Role
from coordinator.db import Database
from coordinator.web.auth.passwords import hash_password
from coordinator.web.auth.security import Account
from tests.coordinator.web.application import RunningApplication, open_application
from tests.coordinator.web.desk.conftest import STAFF, Desk
from tests.coordinator.web.desk.page_reader import Page

FACTOR = "/desk/account/factor"
PASSWORD = "một câu dễ nhớ"
DIGEST = hash_password(PASSWORD)


@pytest.fixture
def strict(sqlite: Database, tmp_path: Path) -> Desk:
    """A desk whose approvers and administrators must have a second factor, all with a password."""
    outside: RunningApplication = open_application(sqlite, tmp_path, second_factor_for="approver,admin")
    with sqlite.write() as session:
        for role, actor in STAFF.items():
            session.add(
                Account(
                    email=actor.id, name=actor.name, role=role, active=True, password=DIGEST,
                    fs_uniquifier=f"uniq-{role.value}", created_at=outside.office.now(),
                )
            )  # fmt: skip
    return Desk(outside.app, outside.app_context, outside.office, outside.runner, outside.client)  # type: ignore[arg-type]  # the same verbs


def phone(desk: Desk) -> TOTP:
    """Return an authenticator app with the key shown as text."""
    (shown,) = Page(desk.get(FACTOR)).words("#khoa")
    return TOTP(key=shown.replace("-", "").replace(" ", ""))


def code(app: TOTP, steps: int = 0) -> str:
    """Return the code of now, or of some steps of thirty seconds later."""
    return str(app.generate(time.time() + 30 * steps).token)


def set_up(desk: Desk) -> tuple[TOTP, list[str]]:
    """Set the second factor up; returns the authenticator and the recovery codes of the signed-in person."""
    app = phone(desk)
    while True:
        began = time.time() // 30
        answer = desk.post(FACTOR, {"code": code(app, -1)})
        if answer.status_code == 200 or time.time() // 30 == began:
            break  # otherwise the step could end meanwhile, and the code with it
    assert answer.status_code == 200, answer.text
    codes = Page(answer.text).words("#cac-ma")[0].split()
    assert len(codes) == 10
    return app, codes


def at_the_second_step(desk: Desk, role: Role) -> Desk:
    """Return a client on another machine that has entered the password and is asked for a code."""
    found = replace(desk, client=desk.app.test_client())
    answer = found.post("/login", {"email": STAFF[role].id, "password": PASSWORD})
    assert answer.location.partition("?")[0] == "/login/code"
    assert found.client.get("/desk").status_code == 302
    return found


def inside(desk: Desk) -> bool:
    return desk.client.get("/desk/bulletins").status_code == 200


def row(desk: Desk, role: Role) -> Person:
    with desk.database.read() as session:
        return session.execute(sa.select(Person).where(Person.email == STAFF[role].id)).scalar_one()


def test_who_must_have_one_is_led_to_it_and_gets_no_further(strict: Desk) -> None:
    strict.post("/login", {"email": STAFF[Role.APPROVER].id, "password": PASSWORD})
    for path in ("/desk", "/desk/bulletins", "/desk/progress/"):
        answer = strict.client.get(path)
        assert (answer.status_code, answer.location) == (302, FACTOR), path
    assert strict.post("/desk/bulletins/BT-2026-11-24-001/approve").location == FACTOR
    assert "bắt buộc" in strict.get(FACTOR).lower()
    set_up(strict)
    assert inside(strict)


def test_others_work_without_one_and_may_have_one(strict: Desk) -> None:
    strict.post("/login", {"email": STAFF[Role.WRITER].id, "password": PASSWORD})
    assert inside(strict)
    set_up(strict)
    at_the_second_step(strict, Role.WRITER)


def test_the_image_holds_the_same_key_as_the_text(strict: Desk) -> None:
    strict.sign_in(Role.APPROVER)
    assert strict.client.get(f"{FACTOR}/qr.svg").status_code == 404
    phone(strict)
    image = strict.client.get(f"{FACTOR}/qr.svg")
    assert image.mimetype == "image/svg+xml"
    assert image.headers["Cache-Control"] == "no-store"
    drawn = ElementTree.fromstring(image.data)
    assert drawn.tag.endswith("svg")
    # With a white background, because cameras do not read a code on a dark page.
    assert [element.get("fill") for element in drawn if element.tag.endswith("rect")] == ["white"]
    set_up(strict)
    assert strict.client.get(f"{FACTOR}/qr.svg").status_code == 404


def test_a_wrong_code_sets_nothing_up_and_keeps_the_key(strict: Desk) -> None:
    strict.sign_in(Role.APPROVER)
    app = phone(strict)
    answer = strict.post(FACTOR, {"code": "000000" if code(app) != "000000" else "111111"})
    assert (answer.status_code, list(Page(answer.text).errors())) == (422, ["code"])
    assert row(strict, Role.APPROVER).tf_totp_secret is None
    assert phone(strict).key == app.key


def test_a_code_signs_in_once(strict: Desk) -> None:
    strict.sign_in(Role.APPROVER)
    app, _codes = set_up(strict)
    now = code(app)
    first, second = at_the_second_step(strict, Role.APPROVER), at_the_second_step(strict, Role.APPROVER)
    assert first.post("/login/code", {"code": now}).status_code == 302
    assert inside(first)
    assert "chưa đúng" in second.post("/login/code", {"code": now}).text
    assert not inside(second)
    assert second.post("/login/code", {"code": code(app, 1)}).status_code == 302
    assert inside(second)


def test_the_code_that_set_it_up_is_used_up(strict: Desk) -> None:
    strict.sign_in(Role.APPROVER)
    app = phone(strict)
    now = code(app)
    strict.post(FACTOR, {"code": now})
    other = at_the_second_step(strict, Role.APPROVER)
    other.post("/login/code", {"code": now})
    assert not inside(other)


def test_codes_are_not_guessed_from_many_addresses(strict: Desk) -> None:
    strict.sign_in(Role.APPROVER)
    app, _codes = set_up(strict)
    wrong = next(text for text in ("000000", "111111") if all(text != code(app, step) for step in (-1, 0, 1)))
    statuses = []
    for number in range(12):
        other = at_the_second_step(strict, Role.APPROVER)
        where = {"REMOTE_ADDR": f"203.0.113.{number}"}
        statuses.append(other.post("/login/code", {"code": wrong}, environ_overrides=where).status_code)
    assert statuses == [200] * 10 + [429] * 2


def test_a_recovery_code_signs_in_once_however_it_is_typed(strict: Desk) -> None:
    strict.sign_in(Role.APPROVER)
    _app, codes = set_up(strict)
    first = at_the_second_step(strict, Role.APPROVER)
    assert first.post("/login/recovery", {"code": codes[3].upper().replace("-", " ")}).status_code == 302
    assert inside(first)
    second = at_the_second_step(strict, Role.APPROVER)
    assert "đã dùng rồi" in second.post("/login/recovery", {"code": codes[3]}).text
    assert not inside(second)
    assert second.post("/login/recovery", {"code": codes[4]}).status_code == 302
    assert "còn 8 mã" in second.get(FACTOR)


def test_fresh_recovery_codes_end_the_old_ones(strict: Desk) -> None:
    strict.sign_in(Role.APPROVER)
    _app, codes = set_up(strict)
    renewed = Page(strict.post(f"{FACTOR}/codes").text).words("#cac-ma")[0].split()
    assert not set(codes) & set(renewed)
    other = at_the_second_step(strict, Role.APPROVER)
    other.post("/login/recovery", {"code": codes[0]})
    assert not inside(other)
    other.post("/login/recovery", {"code": renewed[0]})
    assert inside(other)


def test_it_cannot_be_given_up_where_the_role_needs_it_but_moves_to_another_phone(strict: Desk) -> None:
    strict.sign_in(Role.APPROVER)
    app, _codes = set_up(strict)
    strict.post(f"{FACTOR}/remove")
    assert row(strict, Role.APPROVER).tf_totp_secret is not None
    assert strict.post(f"{FACTOR}/remove", {"again": "1"}).location == FACTOR
    assert strict.client.get("/desk").location == FACTOR
    assert phone(strict).key != app.key
    set_up(strict)
    assert inside(strict)


def test_a_writer_may_give_it_up(strict: Desk) -> None:
    strict.sign_in(Role.WRITER)
    set_up(strict)
    strict.post(f"{FACTOR}/remove")
    other = replace(strict, client=strict.app.test_client())
    other.post("/login", {"email": STAFF[Role.WRITER].id, "password": PASSWORD})
    assert inside(other)


def test_the_second_step_is_nobodys_without_the_first(strict: Desk) -> None:
    for path in ("/login/code", "/login/recovery"):
        assert strict.client.get(path).location == "/login"
        assert strict.post(path, {"code": "000000"}).location == "/login"


def test_neither_database_nor_cookie_nor_journal_tells_a_secret(strict: Desk) -> None:
    strict.sign_in(Role.APPROVER)
    app = phone(strict)
    with strict.client.session_transaction("/login") as session:
        assert app.base32_key not in str(dict(session))
    codes = Page(strict.post(FACTOR, {"code": code(app)}).text).words("#cac-ma")[0].split()
    person = row(strict, Role.APPROVER)
    kept = f"{person.tf_totp_secret} {person.mf_recovery_codes}"
    with strict.database.read() as session:
        entries = session.execute(sa.select(JournalEntry)).scalars().all()
    kept += " ".join(entry.details for entry in entries)
    assert "person.factor_set" in {entry.act for entry in entries}
    assert not any(secret in kept for secret in (app.base32_key, *codes))


def test_the_librarys_own_pages_are_closed(strict: Desk) -> None:
    strict.sign_in(Role.ANALYST)
    for path in ("/tf-setup", "/tf-rescue", "/tf-select", "/mf-recovery-codes"):
        assert strict.client.get(path).status_code == 404, path
