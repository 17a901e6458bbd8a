"""Pages seen: each address once, each sighting once, and what makes a page worth fetching."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.errors import Invalid
from campaigns.partners.directory import find_site
from campaigns.publishing.bulletins import find_bulletin
from campaigns.tracking.sightings import How, Page, Sighting, how_seen, merge_into, see
from coordinator.db import Database
from tests.factories import NOW, published, site


def _sightings(session: Session) -> int:
    return session.execute(sa.select(sa.func.count()).select_from(Sighting)).scalar_one()


def test_a_new_page_is_due_at_once(session: Session) -> None:
    page, new = see(session, site(session), "https://trang.example/tin/1.html", How.DISCOVERED, "feed", now=NOW)
    assert new
    assert (page.due_at, page.first_seen_at, page.checks) == (NOW, NOW, 0)


@pytest.mark.parametrize(
    "variant",
    [
        "http://www.trang.example/tin/1.html",
        "https://trang.example/tin/1.html?utm_source=zalo",
        "https://m.trang.example/tin/1.html#binh-luan",
        "https://TRANG.example/tin/1.html",
    ],
)
def test_variants_of_an_address_are_one_page(session: Session, variant: str) -> None:
    owner = site(session, url="https://trang.example/")
    first, _ = see(session, owner, "https://trang.example/tin/1.html", How.DISCOVERED, "feed", now=NOW)
    second, new = see(session, owner, variant, How.DISCOVERED, "feed", now=NOW)
    assert (second.id, new) == (first.id, False)
    assert _sightings(session) == 1


def test_the_same_sighting_twice_is_one_and_another_way_is_another(session: Session) -> None:
    owner = site(session)
    url = f"{owner.url}tin/1.html"
    later = NOW + timedelta(minutes=5)
    page, _ = see(session, owner, url, How.DISCOVERED, "feed", now=NOW)
    see(session, owner, url, How.DISCOVERED, "feed", now=later)
    see(session, owner, url, How.REPORTED, "key:1", now=later)
    assert how_seen(session, page) == {How.DISCOVERED: NOW, How.REPORTED: later}


def test_a_known_page_is_fetched_again_only_when_a_bulletin_is_named_that_was_not_before(session: Session) -> None:
    owner, bulletin = site(session), published(session)
    url = f"{owner.url}tin/1.html"
    page, _ = see(session, owner, url, How.DISCOVERED, "feed", now=NOW)
    page.due_at = None
    see(session, owner, url, How.DISCOVERED, "another feed", now=NOW)
    assert page.due_at is None
    see(session, owner, url, How.REPORTED, "key:1", bulletin=bulletin, now=NOW)
    assert page.due_at == NOW
    page.due_at = None
    see(session, owner, url, How.REPORTED, "key:1", bulletin=bulletin, now=NOW)
    assert page.due_at is None


def test_an_address_that_is_none_is_refused(session: Session) -> None:
    with pytest.raises(Invalid):
        see(session, site(session), "mailto:toa@soan.example", How.DISCOVERED, "feed", now=NOW)


def test_a_page_that_turns_out_to_be_another_leads_there_with_its_sightings(session: Session) -> None:
    owner, bulletin = site(session), published(session)
    right, _ = see(session, owner, f"{owner.url}tin/1.html", How.DISCOVERED, "feed", now=NOW + timedelta(hours=1))
    wrong, _ = see(session, owner, f"{owner.url}chuyen-muc/1.html", How.REPORTED, "key:1", bulletin=bulletin, now=NOW)
    assert merge_into(session, wrong, right.url, now=NOW).id == right.id
    assert (wrong.alias_of_id, wrong.due_at) == (right.id, None)
    assert set(how_seen(session, right)) == {How.DISCOVERED, How.REPORTED}
    assert right.first_seen_at == NOW
    again, new = see(session, owner, wrong.url, How.COUNTED_IMAGE, "trang", now=NOW)
    assert (again.id, new) == (right.id, False)


def test_a_page_keeps_its_row_when_nobody_knows_its_right_address_yet(session: Session) -> None:
    owner = site(session)
    page, _ = see(session, owner, f"{owner.url}amp/1.html", How.DISCOVERED, "feed", now=NOW)
    assert merge_into(session, page, f"{owner.url}tin/1.html", now=NOW) is page
    assert page.canonical_url.endswith("/tin/1.html")
    same, new = see(session, owner, f"{owner.url}tin/1.html", How.DISCOVERED, "feed", now=NOW)
    assert (same.id, new) == (page.id, False)


def test_two_addresses_that_lead_to_each_other_end_as_one(session: Session) -> None:
    owner = site(session)
    one, _ = see(session, owner, f"{owner.url}tin/1.html", How.DISCOVERED, "feed", now=NOW)
    two, _ = see(session, owner, f"{owner.url}tin/2.html", How.DISCOVERED, "feed", now=NOW)
    assert merge_into(session, one, two.url, now=NOW).id == two.id
    assert merge_into(session, two, one.url, now=NOW).id == two.id
    assert two.alias_of_id is None


def test_many_who_see_a_new_page_at_once_see_one_page(database: Database) -> None:
    with database.write() as session:
        owner = site(session, url="https://trang.example/")
        code, bulletin = owner.code, published(session).code
    url = "https://trang.example/tin/1.html"
    troubles: list[BaseException] = []
    start = threading.Barrier(6)

    def watch(number: int) -> None:
        try:
            start.wait(10)
            with database.write() as session:
                see(
                    session, find_site(session, code), url, How.REPORTED, f"key:{number}",
                    bulletin=find_bulletin(session, bulletin), now=NOW,
                )  # fmt: skip
        except sa.exc.SQLAlchemyError as error:
            troubles.append(error)

    threads = [threading.Thread(target=watch, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    with database.read() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(Page)).scalar_one() == 1
        assert _sightings(session) == 6


def test_an_address_of_a_page_that_itself_became_another_leads_to_the_one_that_counts(session: Session) -> None:
    owner, bulletin = site(session), published(session)
    first, second, third = (
        see(session, owner, f"{owner.url}tin/{number}.html", How.DISCOVERED, "feed", now=NOW)[0] for number in range(3)
    )
    merge_into(session, first, second.url, now=NOW)
    merge_into(session, second, third.url, now=NOW)
    seen, new = see(session, owner, first.url, How.REPORTED, "key:1", bulletin=bulletin, now=NOW)
    assert (seen.id, new) == (third.id, False)
