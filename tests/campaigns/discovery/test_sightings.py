"""Sightings: each page and each sighting is recorded once, and what makes a page due."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import find_bulletin
from campaigns.core.errors import Invalid
from campaigns.discovery.sightings import (
    Page,
    Sighting,
    SightingMethod,
    first_seen_by_method,
    merge_into,
    record_sighting,
)
from campaigns.partners.directory import find_site
from coordinator.db import Database
from tests.factories import NOW, published, site


def _sightings(session: Session) -> int:
    return session.execute(sa.select(sa.func.count()).select_from(Sighting)).scalar_one()


def test_a_new_page_is_due_at_once(session: Session) -> None:
    page, new = record_sighting(
        session, site(session), "https://trang.example/tin/1.html", SightingMethod.DISCOVERED, "feed", now=NOW
    )
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
    first, _ = record_sighting(
        session, owner, "https://trang.example/tin/1.html", SightingMethod.DISCOVERED, "feed", now=NOW
    )
    second, new = record_sighting(session, owner, variant, SightingMethod.DISCOVERED, "feed", now=NOW)
    assert (second.id, new) == (first.id, False)
    assert _sightings(session) == 1


def test_the_same_sighting_twice_is_one_and_another_way_is_another(session: Session) -> None:
    owner = site(session)
    url = f"{owner.url}tin/1.html"
    later = NOW + timedelta(minutes=5)
    page, _ = record_sighting(session, owner, url, SightingMethod.DISCOVERED, "feed", now=NOW)
    record_sighting(session, owner, url, SightingMethod.DISCOVERED, "feed", now=later)
    record_sighting(session, owner, url, SightingMethod.REPORTED, "key:1", now=later)
    assert first_seen_by_method(session, page) == {SightingMethod.DISCOVERED: NOW, SightingMethod.REPORTED: later}


def test_a_known_page_is_fetched_again_only_when_a_bulletin_is_named_that_was_not_before(session: Session) -> None:
    owner, bulletin = site(session), published(session)
    url = f"{owner.url}tin/1.html"
    page, _ = record_sighting(session, owner, url, SightingMethod.DISCOVERED, "feed", now=NOW)
    page.due_at = None
    record_sighting(session, owner, url, SightingMethod.DISCOVERED, "another feed", now=NOW)
    assert page.due_at is None
    record_sighting(session, owner, url, SightingMethod.REPORTED, "key:1", bulletin=bulletin, now=NOW)
    assert page.due_at == NOW
    page.due_at = None
    record_sighting(session, owner, url, SightingMethod.REPORTED, "key:1", bulletin=bulletin, now=NOW)
    assert page.due_at is None


def test_an_address_that_is_none_is_refused(session: Session) -> None:
    with pytest.raises(Invalid):
        record_sighting(session, site(session), "mailto:toa@soan.example", SightingMethod.DISCOVERED, "feed", now=NOW)


def test_a_page_that_turns_out_to_be_another_leads_there_with_its_sightings(session: Session) -> None:
    owner, bulletin = site(session), published(session)
    right, _ = record_sighting(
        session, owner, f"{owner.url}tin/1.html", SightingMethod.DISCOVERED, "feed", now=NOW + timedelta(hours=1)
    )
    wrong, _ = record_sighting(
        session, owner, f"{owner.url}chuyen-muc/1.html", SightingMethod.REPORTED, "key:1", bulletin=bulletin, now=NOW
    )
    assert merge_into(session, wrong, right.url, now=NOW).id == right.id
    assert (wrong.alias_of_id, wrong.due_at) == (right.id, None)
    assert set(first_seen_by_method(session, right)) == {SightingMethod.DISCOVERED, SightingMethod.REPORTED}
    assert right.first_seen_at == NOW
    again, new = record_sighting(session, owner, wrong.url, SightingMethod.COUNTED_IMAGE, "trang", now=NOW)
    assert (again.id, new) == (right.id, False)


def test_a_page_keeps_its_row_when_nobody_knows_its_right_address_yet(session: Session) -> None:
    owner = site(session)
    page, _ = record_sighting(session, owner, f"{owner.url}amp/1.html", SightingMethod.DISCOVERED, "feed", now=NOW)
    assert merge_into(session, page, f"{owner.url}tin/1.html", now=NOW) is page
    assert page.canonical_url.endswith("/tin/1.html")
    same, new = record_sighting(session, owner, f"{owner.url}tin/1.html", SightingMethod.DISCOVERED, "feed", now=NOW)
    assert (same.id, new) == (page.id, False)


def test_two_addresses_that_lead_to_each_other_end_as_one(session: Session) -> None:
    owner = site(session)
    first, _ = record_sighting(session, owner, f"{owner.url}tin/1.html", SightingMethod.DISCOVERED, "feed", now=NOW)
    two, _ = record_sighting(session, owner, f"{owner.url}tin/2.html", SightingMethod.DISCOVERED, "feed", now=NOW)
    assert merge_into(session, first, two.url, now=NOW).id == two.id
    assert merge_into(session, two, first.url, now=NOW).id == two.id
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
                record_sighting(
                    session, find_site(session, code), url, SightingMethod.REPORTED, f"key:{number}",
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
        record_sighting(session, owner, f"{owner.url}tin/{number}.html", SightingMethod.DISCOVERED, "feed", now=NOW)[0]
        for number in range(3)
    )
    merge_into(session, first, second.url, now=NOW)
    merge_into(session, second, third.url, now=NOW)
    seen, new = record_sighting(session, owner, first.url, SightingMethod.REPORTED, "key:1", bulletin=bulletin, now=NOW)
    assert (seen.id, new) == (third.id, False)
