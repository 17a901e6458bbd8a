"""A partner's feeds and keys: addresses, the last use of a key, and the replacement of a key."""

import sqlalchemy as sa

from campaigns.core import journal
from campaigns.people.keys import AccessKey, find_key
from tests import factories
from tests.coordinator.web.desk.page_reader import Page
from tests.coordinator.web.portal.conftest import Portal, key_of
from tests.coordinator.web.portal.editors import enter_as_editor


def public_of(text: str) -> str:
    return text.split("_")[1]


def exchange(portal: Portal, key: str, **form: str) -> Page:
    path = f"/portal/feeds/{public_of(key)}/exchange"
    return Page(portal.desk.post(path, form, follow_redirects=True).text)


def opens(portal: Portal, key: str) -> bool:
    return portal.desk.client.get(f"/feeds/{key}/rss.xml").status_code == 200


def test_addresses_and_keys_are_shown_without_any_secret(portal: Portal) -> None:
    enter_as_editor(portal)
    portal.desk.get(f"/feeds/{portal.key}/atom.xml")
    page = portal.page("/feeds")
    assert page.has("http://localhost:8800/feeds/KHOA/rss.xml")
    assert page.has(f"lt_{public_of(portal.key)}_…")
    assert page.has("lấy atom.xml lần cuối")
    assert factories.secret_of(portal.key) not in portal.desk.get("/portal/feeds")


def test_the_former_key_goes_on_for_a_week_beside_the_new_one_which_is_shown_once(portal: Portal) -> None:
    enter_as_editor(portal)
    page = exchange(portal, portal.key)
    (fresh,) = page.words("#khoa")
    assert page.has(f"http://localhost:8800/feeds/{fresh}/rss.xml")
    assert fresh not in portal.desk.get("/portal/feeds")
    assert (opens(portal, portal.key), opens(portal, fresh)) == (True, True)
    portal.desk.office.clock.forward(days=7)
    assert (opens(portal, portal.key), opens(portal, fresh)) == (False, True)
    with portal.desk.database.read() as session:
        entry = session.execute(
            sa.select(journal.JournalEntry).where(journal.JournalEntry.act == "key.exchanged")
        ).scalar_one()
    assert entry.actor == "editor:lan@nhipsong.vn"
    assert factories.secret_of(fresh) not in entry.details


def test_a_key_that_leaked_ends_at_once(portal: Portal) -> None:
    enter_as_editor(portal)
    (fresh,) = exchange(portal, portal.key, at_once="1").words("#khoa")
    assert (opens(portal, portal.key), opens(portal, fresh)) == (False, True)


def test_pressed_twice_there_is_one_new_key(portal: Portal) -> None:
    enter_as_editor(portal)
    exchange(portal, portal.key)
    assert exchange(portal, portal.key).has("Khóa này đã được đổi từ trước")
    with portal.desk.database.read() as session:
        company = session.execute(
            sa.select(AccessKey.company_id).where(AccessKey.public == public_of(portal.key))
        ).scalar_one()
        query = sa.select(sa.func.count()).select_from(AccessKey).where(AccessKey.company_id == company)
        assert session.execute(query).scalar_one() == 2


def test_a_key_with_an_end_is_exchanged_for_one_with_the_same_end(portal: Portal) -> None:
    now = portal.desk.office.now()
    limited = key_of(portal.desk.database, "Nhịp Sông", expires_on=now.date())
    enter_as_editor(portal)
    (fresh,) = exchange(portal, limited).words("#khoa")
    portal.desk.office.clock.forward(days=1)
    with portal.desk.database.read() as session:
        assert find_key(session, fresh, now=portal.desk.office.now()) is None


def test_who_came_by_the_key_goes_on_with_the_new_one(portal: Portal) -> None:
    portal.enter()
    (fresh,) = exchange(portal, portal.key, at_once="1").words("#khoa")
    assert portal.page().heading == "Bản tin để đăng"
    portal.desk.post("/portal/leave")
    assert portal.enter().status_code == 422
    assert portal.enter(fresh).status_code == 303


def test_anothers_key_is_nobodys(portal: Portal) -> None:
    other = key_of(portal.desk.database, "Công Tin Sáng")
    enter_as_editor(portal)
    assert public_of(other) not in portal.desk.get("/portal/feeds")
    assert portal.desk.post(f"/portal/feeds/{public_of(other)}/exchange").status_code == 404
    assert opens(portal, other)
