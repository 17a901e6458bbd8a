"""Searches for the sources of many sites at once: which are searched, what is used, and how far it has come."""

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from campaigns.core import journal, ledger
from campaigns.core.errors import Forbidden
from campaigns.discovery import surveys
from campaigns.discovery.site_sources import Source, sync_sources
from campaigns.discovery.surveys import OfferedSource, Survey
from campaigns.partners.directory import Site
from tests import factories
from tests.factories import ADMIN, NOW, WRITER


def offer(kind: str, url: str, where: str = "page", items: int = 5) -> OfferedSource:
    return OfferedSource(kind, url, "", items, "", where)


def settle(session: Session, site: Site, *offers: OfferedSource, error: str = "") -> None:
    """Carry out the survey of one site."""
    row = session.execute(sa.select(Survey).where(Survey.site_id == site.id)).scalar_one()
    row.fence += 1
    session.flush()
    surveys.settle_survey(session, ledger.Claim(row.id, row.fence, 1, False), offers, error, now=NOW)


def watched(session: Session, site: Site) -> list[str]:
    query = sa.select(Source.url).where(Source.site_id == site.id, Source.due_at.is_not(None)).order_by(Source.url)
    return list(session.execute(query).scalars())


def test_every_active_site_without_a_source_is_searched_and_no_other(session: Session) -> None:
    bare, searched, off = (factories.site(session) for _ in range(3))
    fed = factories.site(session, feeds=[], url="https://co-nguon.example/")
    fed.feeds = ["https://co-nguon.example/rss"]
    sync_sources(session, fed, now=NOW)
    off.active = False
    surveys.request_survey(session, searched, now=NOW)
    settle(session, searched)
    assert surveys.count_lacking(session) == 2
    batch = surveys.request_missing_surveys(session, ADMIN, now=NOW)
    session.commit()
    assert batch is not None
    assert (batch.total, batch.done, batch.found, batch.running) == (2, 0, 0, True)
    rows = session.execute(sa.select(Survey.site_id).where(Survey.batch == batch.batch)).scalars()
    assert set(rows) == {bare.id, searched.id}
    (entry,) = journal.history(session, "surveys", batch.batch)
    assert (entry.act, entry.actor) == ("surveys.requested", ADMIN.id)


def test_what_is_found_is_used_and_the_progress_tells_it(session: Session) -> None:
    first, second = factories.site(session), factories.site(session)
    surveys.request_missing_surveys(session, ADMIN, now=NOW)
    settle(session, first, offer("feed", f"{first.url}rss"), offer("listing", first.url))
    half = surveys.latest_batch(session)
    settle(session, second, error="no answer")
    whole = surveys.latest_batch(session)
    assert half is not None
    assert whole is not None
    assert [(each.done, each.found, each.running) for each in (half, whole)] == [(1, 1, True), (2, 1, False)]
    assert watched(session, first) == [f"{first.url}rss"]
    assert watched(session, second) == []
    assert surveys.count_lacking(session) == 1


def test_pressing_again_while_it_runs_changes_nothing_and_afterwards_searches_the_rest(session: Session) -> None:
    first, second = factories.site(session), factories.site(session)
    one = surveys.request_missing_surveys(session, ADMIN, now=NOW)
    settle(session, first, offer("feed", f"{first.url}rss"))
    again = surveys.request_missing_surveys(session, ADMIN, now=NOW)
    assert one is not None
    assert again is not None
    assert (again.batch, again.total) == (one.batch, 2)
    settle(session, second)
    rest = surveys.request_missing_surveys(session, ADMIN, now=NOW)
    assert rest is not None
    assert (rest.batch != one.batch, rest.total) == (True, 1)
    settle(session, second, offer("sitemap", f"{second.url}sitemap.xml"))
    assert surveys.request_missing_surveys(session, ADMIN, now=NOW) is None, "every site has a source"


def test_sources_that_a_person_entered_meanwhile_are_kept_alone(session: Session) -> None:
    site = factories.site(session)
    surveys.request_missing_surveys(session, ADMIN, now=NOW)
    site.feeds = [f"{site.url}tay.xml"]
    sync_sources(session, site, now=NOW)
    settle(session, site, offer("feed", f"{site.url}rss"))
    assert watched(session, site) == [f"{site.url}tay.xml"]
    assert [row.url for row in surveys.open_offers(session, site)] == [f"{site.url}rss"]


def test_a_search_of_one_site_alone_uses_nothing_by_itself(session: Session) -> None:
    site = factories.site(session)
    surveys.request_missing_surveys(session, ADMIN, now=NOW)
    surveys.request_survey(session, site, now=NOW)
    settle(session, site, offer("feed", f"{site.url}rss"))
    assert watched(session, site) == []


def test_nobody_but_an_administrator_searches_all(session: Session) -> None:
    factories.site(session)
    with pytest.raises(Forbidden):
        surveys.request_missing_surveys(session, WRITER, now=NOW)


OFFERS = st.lists(
    st.builds(
        offer,
        st.sampled_from(["feed", "sitemap", "search", "listing"]),
        st.sampled_from([f"https://a.example/{number}" for number in range(6)]),
        st.sampled_from(["page", "robots", "usual"]),
        st.integers(0, 50),
    ),
    max_size=10,
)


@given(OFFERS)
def test_of_each_kind_the_best_is_taken_and_a_listing_only_alone(offers: list[OfferedSource]) -> None:
    best = surveys.best_offers(offers)
    kinds = [row.kind for row in best]
    assert len(kinds) == len(set(kinds))
    assert bool(best) is bool(offers)
    if "listing" in kinds:
        assert {row.kind for row in offers} == {"listing"}
    for row in best:
        same = [other for other in offers if other.kind == row.kind]
        assert row.where != "usual" or all(other.where == "usual" for other in same)
        assert row.items == max(other.items for other in same if (other.where == "usual") is (row.where == "usual"))
