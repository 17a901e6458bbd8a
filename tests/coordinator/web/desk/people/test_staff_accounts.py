"""Staff accounts at the desk: a lost phone, and actions that require the password again."""

from dataclasses import replace

import sqlalchemy as sa

from campaigns.core.journal import JournalEntry
from campaigns.people.staff import Person, Role
from coordinator.web.auth.passwords import hash_password
from tests.coordinator.web.desk.conftest import STAFF, Desk
from tests.coordinator.web.desk.core.test_admin import GOOD, admin, person
from tests.coordinator.web.desk.page_reader import Page

__all__ = ["admin"]  # another module's fixture


def test_a_lost_phone_is_reset_with_a_reason_by_somebody_else(admin: Desk) -> None:
    email = STAFF[Role.APPROVER].id
    with admin.database.write() as session:
        given = {"tf_primary_method": "authenticator", "tf_totp_secret": "encrypted", "mf_recovery_codes": ["a"]}
        session.execute(sa.update(Person).values(**given))
    other = replace(admin, client=admin.app.test_client())
    other.sign_in(Role.APPROVER)
    answer = admin.post(f"/desk/admin/people/{email}/factor")
    assert (answer.status_code, list(Page(answer.text).errors())) == (422, ["reason"])
    assert person(admin, email).tf_totp_secret == "encrypted"
    reason = {"reason": "Mất điện thoại, đã gặp trực tiếp"}
    assert admin.post(f"/desk/admin/people/{STAFF[Role.ADMIN].id}/factor", reason).status_code == 422
    assert admin.post(f"/desk/admin/people/{email}/factor", reason).status_code == 303
    after = person(admin, email)
    assert (after.tf_totp_secret, after.mf_recovery_codes, after.tf_primary_method) == (None, None, None)
    assert other.client.get("/desk").status_code == 302
    with admin.database.read() as session:
        suspended, entry = session.execute(sa.select(JournalEntry).order_by(JournalEntry.seq.desc()).limit(2)).scalars()
    assert suspended.act == "person.role_suspended"
    assert (entry.act, entry.actor, entry.subject) == ("person.factor_reset", STAFF[Role.ADMIN].id, email)
    assert reason["reason"] in entry.details


def test_what_gives_access_asks_for_the_password_again_when_signing_in_was_long_ago(admin: Desk) -> None:
    with admin.client.session_transaction("/login") as session:
        session["fs_paa"] -= 3600
    for path in ("/desk/admin/people/_new", "/desk/admin/keys/_new", f"/desk/admin/people/{STAFF[Role.WRITER].id}"):
        answer = admin.client.get(path)
        assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/login/again"), path
        assert admin.post(path).location.partition("?")[0] == "/login/again", path
    with admin.database.write() as session:
        digest = hash_password(GOOD)
        session.execute(sa.update(Person).where(Person.email == STAFF[Role.ADMIN].id).values(password=digest))
    asked = "/login/again?next=/desk/admin/keys/_new"
    assert Page(admin.post(asked, {"password": "sai mật khẩu"}).text).errors() == {"password": "Mật khẩu không đúng"}
    assert admin.post(asked, {"password": GOOD}).location == "/desk/admin/keys/_new"
    assert Page(admin.get("/desk/admin/keys/_new")).heading == "Tạo khóa"


def test_an_account_that_an_administrator_added_is_confirmed_by_somebody_else(admin: Desk) -> None:
    email = STAFF[Role.WRITER].id
    with admin.database.write() as session:
        held = {"in_hands_of": [STAFF[Role.ADMIN].id], "password": "x"}
        session.execute(sa.update(Person).where(Person.email == email).values(held))
    page = Page(admin.get("/desk/confirmations"))
    assert page.has("thêm hoặc từng giữ tài khoản này")
    assert page.has("Người xác nhận được: ")
    assert page.has("việc của tài khoản này cũng tính là của")
    assert admin.post(f"/desk/confirmations/people/{email}", {"do": "confirm"}).status_code == 403
    other = replace(admin, client=admin.app.test_client())
    other.sign_in(Role.APPROVER)
    assert Page(other.get("/desk/confirmations")).has("người ấy không duyệt, không xác nhận được")
    assert other.post(f"/desk/confirmations/people/{email}", {"do": "confirm"}).status_code == 303
    assert person(admin, email).in_hands_of == []
    assert not Page(other.get("/desk/confirmations")).has("thêm hoặc từng giữ")
