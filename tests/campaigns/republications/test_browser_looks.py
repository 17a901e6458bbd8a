"""Which copies need a look with a browser, and what a look changes."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.clock import city_day, parse_period
from campaigns.matching.matcher import Match
from campaigns.matching.parsed_page import UNREAD_STYLE_REASON
from campaigns.partners.directory import Site
from campaigns.reporting import tallies
from campaigns.reporting.count_proof import check_copies
from campaigns.reporting.republication_filter import CopyFigure, RepublicationFilter, listed_republications
from campaigns.reporting.tallies import TallyScope
from campaigns.republications import browser_looks, counted_copy
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.browser_looks import FIRST_COPIES, LookCause
from campaigns.republications.evidence.browser_comparison import (
    LookDifference,
    LookWay,
    SeenByReader,
    look_difference,
    record_elsewhere,
    record_look,
)
from campaigns.republications.republications import BrowserLook, Republication, RepublicationStatus
from campaigns.republications.review import decisions
from coordinator.db import Database
from tests.campaigns.reporting.sample_republications import make_republication
from tests.factories import ADMIN, NOW, published, site

FULL = SeenByReader(Match.FULL, 0.95, Attribution.LINKED_AT_END)


@pytest.mark.parametrize(
    ("seen", "what"),
    [
        (FULL, None),
        (SeenByReader(Match.FULL, 0.80, Attribution.LINKED_AT_END), None),
        (SeenByReader(Match.PARTIAL, 0.60, Attribution.LINKED_AT_END), "text"),
        (SeenByReader(Match.EXCERPT, 0.90, Attribution.LINKED_AT_END), "text"),
        (SeenByReader(Match.NONE, 0.0, Attribution.NONE), "text"),
        (SeenByReader(Match.FULL, 0.95, Attribution.NONE), "source"),
        (SeenByReader(Match.FULL, 0.95, Attribution.NAMED_OTHER_SOURCE), "source"),
        (SeenByReader(Match.FULL, 0.95, Attribution.NAMED_ONLY), "link"),
        (SeenByReader(Match.FULL, 0.95, Attribution.HOME_PAGE_ONLY), "link"),
        (SeenByReader(Match.FULL, 0.95, Attribution.LINKED_ELSEWHERE), None),
    ],
)
def test_a_look_differs_where_text_source_or_link_is_not_seen(seen: SeenByReader, what: str | None) -> None:
    found = look_difference(FULL, seen, LookWay.BROWSER)
    assert (found.what if found is not None else None) == what


def test_what_the_fetched_page_did_not_have_need_not_be_seen() -> None:
    unnamed = SeenByReader(Match.FULL, 0.95, Attribution.NONE)
    assert look_difference(unnamed, unnamed, LookWay.BROWSER) is None
    named = SeenByReader(Match.FULL, 0.95, Attribution.NAMED_ONLY)
    assert look_difference(named, named, LookWay.FETCH) is None


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.write() as session:
        yield session


def counted(session: Session, place: Site, **given: object) -> Republication:
    """A copy that the machine has just counted."""
    row = make_republication(
        session, published(session), place, status=RepublicationStatus.REVIEW, match=Match.FULL,
        attribution=Attribution.LINKED_AT_END, **given,  # type: ignore[arg-type]  # the factory's own arguments
    )  # fmt: skip
    counted_copy.set_status(session, row, RepublicationStatus.CONFIRMED, now=NOW)
    return row


def test_the_first_copies_of_a_site_are_looked_at_and_one_in_twenty_of_the_others(session: Session) -> None:
    place = site(session)
    made = [counted(session, place) for _ in range(200)]
    assert [row.look_note for row in made[:FIRST_COPIES]] == [LookCause.FIRST_COPIES.value] * FIRST_COPIES
    sampled = [row for row in made[FIRST_COPIES:] if row.browser_look is BrowserLook.NEEDED]
    assert {row.look_note for row in sampled} == {LookCause.SAMPLE.value}
    assert 3 <= len(sampled) <= 22
    other = site(session)
    assert counted(session, other).browser_look is BrowserLook.NEEDED


def test_a_style_that_the_checker_does_not_understand_is_a_cause(session: Session) -> None:
    place = site(session)
    for _ in range(FIRST_COPIES):
        counted(session, place)
    row = make_republication(session, published(session), place, status=RepublicationStatus.REVIEW)
    row.reasons = [UNREAD_STYLE_REASON]
    counted_copy.set_status(session, row, RepublicationStatus.CONFIRMED, now=NOW)
    assert (row.browser_look, row.look_note) == (BrowserLook.NEEDED, LookCause.UNREAD_STYLE.value)


def test_a_copy_that_a_reader_does_not_see_leaves_the_count_and_its_site_is_looked_at(session: Session) -> None:
    place = site(session)
    made = [counted(session, place) for _ in range(30)]
    elsewhere = counted(session, site(session))
    elsewhere.browser_look = BrowserLook.SEEN
    row = made[0]
    assert record_look(session, [row], [], now=NOW) == [row]
    assert (row.status, row.browser_look, row.looks_disagree) == (
        RepublicationStatus.REVIEW, BrowserLook.DIFFERS, True,
    )  # fmt: skip
    browser_looks.require_looks_on_sites(session, [place.id])
    assert {other.browser_look for other in made[1:]} == {BrowserLook.NEEDED}
    assert elsewhere.browser_look is BrowserLook.SEEN
    scope = TallyScope(parse_period(city_day(NOW).isoformat()))
    assert tallies.unlooked_count(session, scope) == 29
    listed = listed_republications(session, RepublicationFilter(figure=CopyFigure.UNLOOKED))
    assert {found.id for found in listed} == {other.public for other in made[1:]}


def test_the_journal_follows_a_copy_out_of_the_count(database: Database) -> None:
    with database.write() as session:
        row = counted(session, site(session))
        sent = LookDifference(LookWay.BROWSER, "elsewhere", "https://khac.example/")
        record_elsewhere(session, [row], sent, now=NOW)
        public = row.public
    with database.read() as session:
        entries = list(journal.history(session, "republication", public))
        unproven = check_copies(session).unproven
    assert [entry.act for entry in entries] == ["republication.review", "republication.looks_disagree"]
    assert json.loads(entries[1].details)["why"] == "a reader's browser is sent to https://khac.example/"
    assert unproven == ()


def test_a_decision_settles_what_a_look_showed_and_undoing_it_brings_it_back(session: Session) -> None:
    row = counted(session, site(session))
    record_look(session, [row], [], now=NOW)
    made = decisions.decide(session, ADMIN, row, confirm=True, note="đã mở trang và thấy bài", now=NOW)
    assert (row.status, row.looks_disagree) == (RepublicationStatus.CONFIRMED, False)
    decisions.undo_decision(session, ADMIN, row, made.public, now=NOW)
    assert (row.status, row.looks_disagree) == (RepublicationStatus.REVIEW, True)


def test_a_person_s_decision_is_not_touched_by_a_look(session: Session) -> None:
    row = counted(session, site(session))
    decisions.decide(session, ADMIN, row, confirm=True, note="đã xem", now=NOW)
    assert record_look(session, [row], [], now=NOW) == []
    assert row.status is RepublicationStatus.CONFIRMED


def test_the_address_that_takes_the_place_of_a_hidden_copy_is_looked_at_too(session: Session) -> None:
    place, bulletin = site(session), published(session)
    first = make_republication(session, bulletin, place, status=RepublicationStatus.REVIEW)
    counted_copy.set_status(session, first, RepublicationStatus.CONFIRMED, now=NOW)
    second = make_republication(session, bulletin, place, status=RepublicationStatus.REVIEW)
    counted_copy.set_status(session, second, RepublicationStatus.CONFIRMED, now=NOW)
    assert second.status is RepublicationStatus.DUPLICATE
    record_look(session, [first], [], now=NOW)
    assert (second.status, second.browser_look) == (RepublicationStatus.CONFIRMED, BrowserLook.NEEDED)
    assert first.status is RepublicationStatus.DUPLICATE
