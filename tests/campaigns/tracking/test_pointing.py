"""Pages that counter images point at are bounded, and one page is one however its address is written."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.tracking.pointing import point_at
from campaigns.tracking.republications import Republication
from campaigns.tracking.sightings import Page
from campaigns.tracking.views import MOST_CANDIDATES, Candidate
from tests.factories import NOW, published, site


def count(session: Session, table: type[Page] | type[Republication]) -> int:
    return session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_a_thousand_variants_of_one_address_are_one_page(session: Session) -> None:
    trang, bulletin = site(session, url="https://tin.example/"), published(session)
    variants = [f"https://www.tin.example/tin/1?utm_source={number}#x{number}" for number in range(1000)]
    told = [Candidate(bulletin.id, trang.id, url) for url in variants]
    assert point_at(session, told, now=NOW) == 1
    assert point_at(session, told[:3], now=NOW) == 0
    assert (count(session, Page), count(session, Republication)) == (1, 1)


def test_forged_referers_send_us_to_no_more_than_a_few_pages(session: Session) -> None:
    trang, bulletin, other = site(session, url="https://tin.example/"), published(session), published(session)
    forged = [f"https://tin.example/tin/{number}" for number in range(200)]
    assert point_at(session, [Candidate(bulletin.id, trang.id, url) for url in forged], now=NOW) == MOST_CANDIDATES
    assert point_at(session, [Candidate(bulletin.id, trang.id, "https://tin.example/x")], now=NOW) == 0
    assert point_at(session, [Candidate(other.id, trang.id, "https://tin.example/x")], now=NOW) == 1


def test_what_is_no_address_points_at_nothing(session: Session) -> None:
    trang, bulletin = site(session, url="https://tin.example/"), published(session)
    assert point_at(session, [Candidate(bulletin.id, trang.id, "https://[::1")], now=NOW) == 0
