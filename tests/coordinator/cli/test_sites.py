"""``lantoa site`` and the doctor's check of sources, as processes."""

import json
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from campaigns.core import ledger
from campaigns.core.clock import utc_now
from campaigns.core.journal import JournalEntry
from campaigns.discovery import surveys
from campaigns.discovery.site_sources import Source, SourceTrouble, sync_sources
from campaigns.discovery.surveys import OfferedSource, Survey
from tests import factories
from tests.coordinator.cli.conftest import Machine

FEED, SITEMAP = "https://nhipsong.example/rss.xml", "https://nhipsong.example/sitemap.xml"


@pytest.fixture
def code(lantoa: Machine) -> str:
    """A site with a feed that was read, and a sitemap that has failed five times."""
    now = utc_now()
    database = lantoa.database
    with database.write() as session:
        site = factories.site(session, factories.company(session), "https://nhipsong.example/", now=now)
        site.feeds, site.sitemaps = [FEED], [SITEMAP]
        sync_sources(session, site, now=now)
        feed, sitemap = session.execute(sa.select(Source).order_by(Source.kind)).scalars()
        feed.looked_at, feed.due_at = now - timedelta(minutes=9), now + timedelta(minutes=4)
        sitemap.looked_at, sitemap.failures, sitemap.failing_since = now, 5, now - timedelta(hours=3)
        sitemap.error, sitemap.trouble = "nhipsong.example answered 503", SourceTrouble.BROKEN
        made = site.code
    database.dispose()
    return made


def test_every_source_is_a_line_with_what_is_the_matter(lantoa: Machine, code: str) -> None:
    second, first = lantoa.well("site", "list").splitlines()
    assert first.split("\t")[:2] == [code, "feed"]
    assert datetime.fromisoformat(first.split("\t")[2]).utcoffset() == timedelta(hours=7)
    assert first.split("\t")[3:] == [FEED, ""]
    assert second.split("\t")[3:] == [SITEMAP, "nhipsong.example answered 503"]


def test_failing_ones_alone_and_as_json(lantoa: Machine, code: str) -> None:
    (only,) = json.loads(lantoa.well("site", "list", "--failing", "--json"))
    assert (only["site"], only["kind"], only["failures"]) == (code, "sitemap", 5)


def test_a_site_is_looked_at_again_at_once_and_the_journal_says_so(lantoa: Machine, code: str) -> None:
    assert lantoa.well("site", "look", code) == f"{code}\t2\n"
    database = lantoa.database
    with database.read() as session:
        assert all(
            source.due_at <= utc_now() for source in session.execute(sa.select(Source)).scalars() if source.due_at
        )
        last = session.execute(sa.select(JournalEntry).order_by(JournalEntry.seq.desc()).limit(1)).scalar_one()
        assert (last.act, last.actor, last.subject) == ("site.looked", "cli", code)
    database.dispose()
    assert lantoa.refused("site", "look", "khong-co") == "lantoa: there is no site khong-co"


def test_the_sources_of_a_site_are_looked_for_and_listed(lantoa: Machine, code: str) -> None:
    unasked = lantoa("site", "offers", code)
    assert (unasked.status, unasked.out) == (1, "")
    assert unasked.complaints == [f"{code}: nobody has looked for its sources; run: lantoa site survey"]
    assert lantoa.well("site", "survey", code) == f"{code}\n"
    assert lantoa("site", "offers", code).complaints == [f"{code}: the search is under way"]
    database = lantoa.database
    found = [
        OfferedSource("sitemap", "https://nhipsong.example/news.xml", "", 40, "2026-11-24T01:00:00+00:00", "robots"),
        OfferedSource("feed", FEED, "Nhịp Sông", 20, "", "page"),  # watched already
    ]
    with database.write() as session:
        (claimed,) = ledger.claim(session, Survey, 1, timedelta(minutes=2), now=utc_now())
        surveys.settle_survey(session, claimed, found, now=utc_now())
    database.dispose()
    assert lantoa.well("site", "offers", code) == (
        "sitemap\t40\t2026-11-24T01:00:00+00:00\thttps://nhipsong.example/news.xml\t\n"
    )
    (only,) = json.loads(lantoa.well("site", "offers", code, "--json"))
    assert (only["kind"], only["where"]) == ("sitemap", "robots")
    assert lantoa.refused("site", "survey", "khong-co") == "lantoa: there is no site khong-co"


def test_the_doctor_names_what_to_run_for_a_list_that_fails_and_forgets_one_that_is_ended(
    lantoa: Machine, code: str
) -> None:
    assert "BAD  sources: 2 lists are watched, 1 fail repeatedly, 0 are silent; see: lantoa site list" in (
        lantoa("doctor").out
    )
    database = lantoa.database
    with database.write() as session:
        session.execute(sa.update(Source).where(Source.url == SITEMAP).values(due_at=None))
    database.dispose()
    assert "ok   sources: 1 lists are watched, 0 fail repeatedly, 0 are silent\n" in lantoa("doctor").out
