"""One bulletin on one site counts once: invented addresses, subdomains, decisions, undoing, rules and merged pages."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from campaigns.core import ledger
from campaigns.core.clock import parse_period
from campaigns.core.errors import Conflict, Invalid
from campaigns.discovery.sightings import Page
from campaigns.reporting import many_addresses, tallies
from campaigns.reporting.count_proof import UnprovenCopy
from campaigns.reporting.rollups import rollup
from campaigns.reporting.tallies import TallyScope
from campaigns.republications import counted_copy
from campaigns.republications.counted_copy import MOST_ADDRESSES, SAME_TEXT_SHARE, same_text_share
from campaigns.republications.page_reports import claim_page
from campaigns.republications.republications import (
    Republication,
    RepublicationLife,
    RepublicationStatus,
    find_republication,
)
from campaigns.republications.review import decisions
from coordinator.jobs.reporting.count_check import check_count
from coordinator.jobs.republications import page_check
from tests.coordinator.hostile_server import Call, HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.scripted_site import BODY, OTHER, PARTS, TITLE, ScriptedSite, page
from tests.factories import ANALYST

PATH = "/thoi-su/lich-tiem-nhac-vac-xin-soi-40001.html"
CONFIRMED, DUPLICATE = RepublicationStatus.CONFIRMED, RepublicationStatus.DUPLICATE
REVIEW, REJECTED, CANDIDATE = RepublicationStatus.REVIEW, RepublicationStatus.REJECTED, RepublicationStatus.CANDIDATE
YEAR = TallyScope(parse_period("2026"))


class Newsroom(ScriptedSite):
    """A site on which one article stands at any number of addresses."""

    def claim(self, code: str, *paths: str) -> None:
        """Claim these addresses, all before any is read."""
        with self.scene.database.write() as session:
            for path in paths:
                claim_page(session, "key:p", code, self.url(path), now=self.scene.context.now())

    def posts(self, code: str, *paths: str, **given: object) -> None:
        """Put the article at these addresses, and claim and read one after the other."""
        for path in paths:
            self.carries(path, code, **given)
            self.claim(code, path)
            self.read()

    def read(self) -> None:
        """Read every page that is due."""
        self.scene.drain("page_check")

    def statuses(self) -> list[RepublicationStatus]:
        """The status of each address, in the order of their claims; the rule is checked first."""
        rows = self.copies()
        counted = [row for row in rows if row.status is CONFIRMED and not row.second_posting]
        assert len(counted) <= 1
        for row in rows:
            assert (row.duplicate_of_id is not None) is (row.status is DUPLICATE)
            assert row.duplicate_of_id in {None, *(row.id for row in counted)}
        with self.scene.database.write() as session:
            rollup.roll_up(session)
        with self.scene.database.read() as session:
            assert list(rollup.find_differences(session)) == []
            known = Counter(row.status for row in rows)
            assert tallies.by_status(session, YEAR) == {status: known[status] for status in RepublicationStatus}
            assert tallies.totals(session, YEAR).confirmed == known[CONFIRMED]
        unproven: list[UnprovenCopy] = []
        check = check_count(self.scene.database, self.scene.context.store, unproven.append)
        assert (unproven, check.journal, check.counted) == ([], None, known[CONFIRMED])
        return [row.status for row in rows]

    def decide(self, number: int, *, confirm: bool, second: bool = False) -> str:
        """Decide on an address, by its place in the order of the claims."""
        ident = self.copies()[number].public
        with self.scene.database.write() as session:
            made = decisions.decide(
                session, ANALYST, find_republication(session, ident), confirm=confirm, note="đã xem",
                second_posting=second, now=self.scene.context.now(),
            )  # fmt: skip
            return made.public

    def undo(self, number: int, decision: str) -> None:
        """Undo a decision on an address."""
        ident = self.copies()[number].public
        with self.scene.database.write() as session:
            row = find_republication(session, ident)
            decisions.undo_decision(session, ANALYST, row, decision, now=self.scene.context.now())


@pytest.fixture
def newsroom(scene: JobHarness, server: HostileServer) -> Newsroom:
    return Newsroom(scene, server)


@pytest.fixture
def code(scene: JobHarness) -> str:
    made = scene.publish(title=TITLE, body=BODY)
    scene.clock.forward(hours=1)
    return made


def at_any_query(newsroom: ScriptedSite, code: str, path: str = PATH) -> None:
    """The article answers at every query of its address, as on most sites."""
    html = page(TITLE, PARTS, source=newsroom.link(code)).encode()

    def answer(call: Call) -> None:
        call.answer(html, Content_Type="text/html; charset=utf-8")

    newsroom.server.ways[path] = answer


def test_fifty_nine_invented_queries_of_one_article_count_once(newsroom: Newsroom, code: str) -> None:
    at_any_query(newsroom, code)
    newsroom.claim(code, *(f"{PATH}?bai={number}" for number in range(59)))
    newsroom.read()
    assert Counter(newsroom.statuses()) == {CONFIRMED: 1, DUPLICATE: 58}
    # Five were read; the others are kept, and named as not read.
    unread = [row for row in newsroom.copies() if row.checked_at is None]
    assert len(unread) == 59 - MOST_ADDRESSES
    assert all(row.reasons[0].startswith("not_read") for row in unread)
    newsroom.claim(code, *(f"{PATH}?lan={number}" for number in range(20)))
    newsroom.read()
    assert Counter(newsroom.statuses()) == {CONFIRMED: 1, DUPLICATE: 78}
    assert sum(row.checked_at is None for row in newsroom.copies()) == 79 - MOST_ADDRESSES


def test_many_addresses_are_a_task_until_a_person_has_looked_and_again_when_there_are_more(
    newsroom: Newsroom, code: str
) -> None:
    database, now = newsroom.scene.database, newsroom.scene.context.now()
    at_any_query(newsroom, code)
    newsroom.claim(code, *(f"{PATH}?bai={number}" for number in range(MOST_ADDRESSES)))
    newsroom.read()
    with database.read() as session:
        assert many_addresses.unseen_count(session) == 0
    newsroom.claim(code, f"{PATH}?bai=99")
    with database.read() as session:
        (copy,) = many_addresses.unseen_copies(session, 9)
        assert (copy.addresses, copy.bulletin) == (MOST_ADDRESSES + 1, code)
        assert many_addresses.partner_count(session, newsroom.company.id, YEAR.period) == 1
    with database.write() as session:
        row = find_republication(session, copy.id)
        with pytest.raises(Invalid):
            counted_copy.record_addresses_seen(session, ANALYST, row, " ", now=now)
        assert counted_copy.record_addresses_seen(session, ANALYST, row, "Trang tự thêm tham số", now=now) == 6
    with database.read() as session:
        assert many_addresses.unseen_count(session) == 0
        assert many_addresses.partner_count(session, newsroom.company.id, YEAR.period) == 1
    newsroom.claim(code, f"{PATH}?bai=100")
    with database.read() as session:
        assert many_addresses.unseen_count(session) == 1


def test_an_address_that_carries_the_text_without_naming_us_asks_nobody_once_another_counts(
    newsroom: Newsroom, code: str
) -> None:
    newsroom.posts(code, "/a.html", "/b.html", source="")
    assert newsroom.statuses() == [REVIEW, REVIEW]
    newsroom.posts(code, "/c.html")
    assert newsroom.statuses() == [DUPLICATE, DUPLICATE, CONFIRMED]
    newsroom.posts(code, "/d.html", source="")
    assert newsroom.statuses() == [DUPLICATE, DUPLICATE, CONFIRMED, DUPLICATE]
    newsroom.decide(2, confirm=False)
    assert newsroom.statuses() == [REVIEW, REVIEW, REJECTED, REVIEW]


def test_the_oldest_other_takes_the_place_of_a_rejected_one_and_undoing_gives_it_back(
    newsroom: Newsroom, code: str
) -> None:
    newsroom.posts(code, "/a.html", "/b.html", "/c.html")
    assert newsroom.statuses() == [CONFIRMED, DUPLICATE, DUPLICATE]
    first = newsroom.decide(0, confirm=False)
    assert newsroom.statuses() == [REJECTED, CONFIRMED, DUPLICATE]
    second = newsroom.decide(1, confirm=False)
    assert newsroom.statuses() == [REJECTED, REJECTED, CONFIRMED]
    newsroom.undo(1, second)
    assert newsroom.statuses() == [REJECTED, CONFIRMED, DUPLICATE]
    newsroom.undo(0, first)
    assert newsroom.statuses() == [CONFIRMED, DUPLICATE, DUPLICATE]
    assert newsroom.scene.journal_holds()


def test_what_a_person_confirmed_meanwhile_keeps_the_place(newsroom: Newsroom, code: str) -> None:
    newsroom.posts(code, "/a.html", "/b.html")
    rejected = newsroom.decide(0, confirm=False)
    confirmed = newsroom.decide(1, confirm=True)
    newsroom.undo(0, rejected)
    assert newsroom.statuses() == [DUPLICATE, CONFIRMED]
    newsroom.undo(1, confirmed)
    assert newsroom.statuses() == [DUPLICATE, CONFIRMED]


def test_a_rejected_duplicate_changes_nothing_and_is_one_again_when_that_is_undone(
    newsroom: Newsroom, code: str
) -> None:
    newsroom.posts(code, "/a.html", "/b.html")
    made = newsroom.decide(1, confirm=False)
    assert newsroom.statuses() == [CONFIRMED, REJECTED]
    newsroom.decide(0, confirm=False)
    assert newsroom.statuses() == [REJECTED, REJECTED]
    newsroom.undo(1, made)
    assert newsroom.statuses() == [REJECTED, CONFIRMED]


def test_a_counted_copy_that_is_gone_stays_counted(newsroom: Newsroom, code: str) -> None:
    newsroom.posts(code, "/a.html", "/b.html")
    newsroom.removes("/a.html")
    for _ in range(4):
        newsroom.scene.later("page_check", minutes=10)
    first, second = newsroom.copies()
    assert (first.status, first.life) == (CONFIRMED, RepublicationLife.GONE)
    assert (second.status, second.life) == (DUPLICATE, RepublicationLife.LIVE)
    newsroom.decide(0, confirm=False)
    assert newsroom.statuses() == [REJECTED, CONFIRMED]


def test_confirming_a_duplicate_is_answered_with_the_counted_address(newsroom: Newsroom, code: str) -> None:
    newsroom.posts(code, "/a.html", "/b.html")
    with pytest.raises(Conflict) as refused:
        newsroom.decide(1, confirm=True)
    first = newsroom.copies()[0]
    assert refused.value.code == "counted_elsewhere"
    assert refused.value.params == {"counted": first.public, "url": first.canonical_url}
    assert newsroom.statuses() == [CONFIRMED, DUPLICATE]


def test_a_second_posting_needs_another_text(newsroom: Newsroom, code: str) -> None:
    changed = (PARTS[0].replace("24 đến 28/11", "25 đến 29/11"), *PARTS[1:])
    newsroom.posts(code, "/a.html")
    newsroom.posts(code, "/b.html", parts=changed)
    newsroom.posts(code, "/c.html", parts=(*OTHER, *PARTS, *OTHER))
    newsroom.posts(code, "/d.html", parts=(*OTHER, *PARTS, *OTHER))
    assert newsroom.statuses() == [CONFIRMED, DUPLICATE, DUPLICATE, DUPLICATE]
    with pytest.raises(Conflict) as refused:
        newsroom.decide(1, confirm=True, second=True)
    assert refused.value.code == "second_same_text"
    assert SAME_TEXT_SHARE * 100 <= int(str(refused.value.params["share"])) < 100
    made = newsroom.decide(2, confirm=True, second=True)
    assert newsroom.statuses() == [CONFIRMED, DUPLICATE, CONFIRMED, DUPLICATE]
    with pytest.raises(Conflict) as refused:  # the same text as the second posting
        newsroom.decide(3, confirm=True, second=True)
    assert refused.value.code == "second_same_text"
    newsroom.undo(2, made)
    assert newsroom.statuses() == [CONFIRMED, DUPLICATE, DUPLICATE, DUPLICATE]


def test_a_second_posting_without_a_first_is_refused(newsroom: Newsroom, code: str) -> None:
    newsroom.posts(code, "/a.html", source="")
    with pytest.raises(Invalid) as refused:
        newsroom.decide(0, confirm=True, second=True)
    assert refused.value.errors[0].code == "no_first_posting"


def test_a_second_posting_takes_the_place_of_the_first_and_gives_it_back(newsroom: Newsroom, code: str) -> None:
    newsroom.posts(code, "/a.html")
    newsroom.posts(code, "/b.html", parts=(*OTHER, *PARTS, *OTHER))
    newsroom.decide(1, confirm=True, second=True)
    assert [row.second_posting for row in newsroom.copies()] == [False, True]
    made = newsroom.decide(0, confirm=False)
    assert newsroom.statuses() == [REJECTED, CONFIRMED]
    assert not newsroom.copies()[1].second_posting
    newsroom.posts(code, "/c.html")
    assert newsroom.statuses() == [REJECTED, CONFIRMED, DUPLICATE]
    newsroom.undo(0, made)
    assert newsroom.statuses() == [CONFIRMED, CONFIRMED, DUPLICATE]
    assert [row.second_posting for row in newsroom.copies()] == [False, True, False]


def test_claims_beyond_the_usual_number_are_read_when_those_before_carry_nothing(newsroom: Newsroom, code: str) -> None:
    paths = [f"/tin-{number}.html" for number in range(23)]
    for path in paths[:-1]:
        newsroom.shows(path, page("Đội bóng nữ vô địch", OTHER))
    newsroom.carries(paths[-1], code)
    newsroom.claim(code, *paths)
    assert sum(row.due_at is not None for row in newsroom.pages()) == MOST_ADDRESSES
    newsroom.read()
    assert newsroom.statuses() == [*[REJECTED] * 22, CONFIRMED]


def test_unread_duplicates_are_read_when_the_counted_one_is_rejected(newsroom: Newsroom, code: str) -> None:
    paths = [f"/tin-{number}.html" for number in range(12)]
    newsroom.carries(paths[0], code)
    newsroom.carries(paths[11], code)
    newsroom.claim(code, *paths)
    newsroom.read()
    for path in paths[1:11]:
        newsroom.shows(path, page("Đội bóng nữ vô địch", OTHER))
    made = newsroom.decide(0, confirm=False)
    for _ in range(6):
        newsroom.scene.later("page_check", hours=30)
    statuses = newsroom.statuses()
    assert (statuses[0], statuses[11]) == (REJECTED, CONFIRMED)
    newsroom.undo(0, made)
    statuses = newsroom.statuses()
    assert (statuses[0], statuses[11]) == (CONFIRMED, DUPLICATE)


def test_a_page_known_by_an_unread_claim_is_read_when_a_list_names_it(newsroom: Newsroom, code: str) -> None:
    other = newsroom.scene.publish(title="Chợ hoa mở cửa sớm", body="\n\n".join(OTHER))
    at_any_query(newsroom, code)
    newsroom.claim(code, *(f"{PATH}?bai={number}" for number in range(9)))
    newsroom.carries("/cho-hoa.html", other, parts=OTHER)
    newsroom.claim(code, "/cho-hoa.html")
    newsroom.read()
    newsroom.lists("feeds", newsroom.url("/cho-hoa.html"))
    newsroom.scene.drain("source_check")
    newsroom.read()
    carried = [row for row in newsroom.copies() if row.canonical_url.endswith("/cho-hoa.html")]
    assert sorted(row.status.value for row in carried) == ["confirmed", "rejected"]


def test_a_page_merged_with_the_counted_one_stays_its_duplicate_whatever_a_person_said(
    newsroom: Newsroom, code: str
) -> None:
    newsroom.posts(code, "/a.html", "/b.html")
    newsroom.decide(1, confirm=False)
    newsroom.carries("/a.html", code, canonical=newsroom.url("/b.html"))
    for _ in range(3):
        newsroom.scene.later("page_check", minutes=10)
    assert newsroom.statuses() == [CONFIRMED, REJECTED]
    first, second = newsroom.copies()
    assert (first.canonical_url, second.canonical_url) == (newsroom.url("/b.html"), newsroom.url("/a.html"))


def test_a_person_confirmed_address_that_leads_to_another_one_is_counted_there(newsroom: Newsroom, code: str) -> None:
    newsroom.posts(code, "/a.html", "/b.html")
    newsroom.decide(0, confirm=True)
    newsroom.carries("/a.html", code, canonical=newsroom.url("/b.html"))
    for _ in range(3):
        newsroom.scene.later("page_check", minutes=10)
    assert newsroom.statuses() == [CONFIRMED, DUPLICATE]
    assert newsroom.copies()[0].canonical_url == newsroom.url("/b.html")
    newsroom.decide(0, confirm=False)  # the other address is the same page, so that nothing takes the place
    assert newsroom.statuses() == [REJECTED, REJECTED]


def test_two_addresses_checked_at_once_both_end_well(newsroom: Newsroom, code: str) -> None:
    paths = [f"/{number}.html" for number in range(4)]
    for path in paths:
        newsroom.carries(path, code)
    newsroom.claim(code, *paths)
    for _ in range(3):
        _check_at_once(newsroom.scene)
        assert Counter(newsroom.statuses()) == {CONFIRMED: 1, DUPLICATE: 3}
        counted = next(number for number, row in enumerate(newsroom.copies()) if row.status is CONFIRMED)
        newsroom.undo(counted, newsroom.decide(counted, confirm=False))


def _check_at_once(scene: JobHarness) -> None:
    """Check every page, each in a thread of its own, whatever the leases of their host say."""
    now = scene.context.now()
    with scene.database.write() as session:
        session.execute(sa.update(Page).values(due_at=now, lease_until=None, etag=None))
        taken = ledger.claim(session, Page, 10, scene.context.intervals.lease, now=now)
    errors: list[BaseException] = []

    def check(claim: ledger.Claim) -> Callable[[], None]:
        def work() -> None:
            try:
                page_check.check_page(scene.context, claim)
            except BaseException as error:  # noqa: BLE001  # handed to the test
                errors.append(error)

        return work

    threads = [threading.Thread(target=check(claim)) for claim in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors, errors


def test_the_database_refuses_a_second_counted_row(newsroom: Newsroom, code: str) -> None:
    newsroom.posts(code, "/a.html", "/b.html")
    with pytest.raises(sa.exc.IntegrityError), newsroom.scene.database.write() as session:
        session.execute(
            sa.update(Republication)
            .where(Republication.status == DUPLICATE)
            .values(status=CONFIRMED, duplicate_of_id=None)
        )


def test_how_much_of_two_texts_is_the_same() -> None:
    words = [f"chu{number}" for number in range(200)]
    text = " ".join(words)
    assert same_text_share(text, text.upper() + "!") == 1.0
    assert same_text_share(text, " ".join([*words[:5], "khac", *words[6:]])) >= SAME_TEXT_SHARE
    assert same_text_share(text, " ".join([*words, *(f"them{number}" for number in range(60))])) < SAME_TEXT_SHARE
    assert same_text_share(text, " ".join(reversed(words))) == 0.0
    assert same_text_share("", "") == 1.0
    assert same_text_share(text, "") == 0.0
