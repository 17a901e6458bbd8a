"""Pages that cannot be read are listed as such: never as a page without a copy, and never as a copy that is gone."""

from collections.abc import Callable
from typing import Any

import pytest

from campaigns.core.clock import city_day, quarter_of
from campaigns.discovery.unreadable_pages import latest_unreadable, unreadable_counts
from campaigns.discovery.unreadable_reasons import UnreadableReason
from campaigns.reporting import tallies
from campaigns.reporting.reach import reach_of
from campaigns.reporting.tallies import TallyScope
from campaigns.republications.republications import RepublicationLife, RepublicationStatus
from campaigns.republications.review.review_reasons import ReviewReason, review_reasons_of
from coordinator.discovery.pages import judging
from coordinator.jobs.reporting import rollup
from coordinator.sandbox import read_in_child
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.republications.copy_checks import PATH, acts, due_again, found
from tests.coordinator.jobs.republications.test_page_check_errors import claimed
from tests.coordinator.jobs.scripted_site import BODY, OTHER, PARTS, TITLE, ScriptedSite, page
from tests.pdf_files import locked_pdf, scanned_pdf, text_pdf

SHELL = '<html><head><title>Báo</title></head><body><div id="root"></div><script src="/app.js"></script></body></html>'
FRAMED = '<html><body><h1>Lịch tiêm</h1><iframe src="/khung/1" width="100%" height="900"></iframe></body></html>'
PICTURED = '<html><body><h1>Lịch tiêm</h1><article><img src="/anh/lich-tiem.jpg"></article></body></html>'
PAYWALL = f"<html><body><h1>{TITLE}</h1><p>{PARTS[0][:70]}</p><p>Đăng nhập để đọc tiếp bài viết này.</p></body></html>"


@pytest.fixture
def newsroom(scene: JobHarness, server: HostileServer) -> ScriptedSite:
    return ScriptedSite(scene, server)


@pytest.fixture
def code(scene: JobHarness) -> str:
    made = scene.publish(title=TITLE, body=BODY)
    scene.clock.forward(hours=1)
    return made


def puts(newsroom: ScriptedSite, path: str, body: bytes, content_type: str) -> None:
    newsroom.server.ways[path] = lambda call: call.answer(body, Content_Type=content_type)


@pytest.mark.parametrize(
    ("html", "reason"),
    [(SHELL, "needs_script"), (FRAMED, "in_frame"), (PICTURED, "picture_only"), (PAYWALL, "paywalled")],
)
def test_a_claim_of_a_page_whose_text_is_elsewhere_waits_for_a_person(
    newsroom: ScriptedSite, code: str, html: str, reason: str
) -> None:
    newsroom.shows(PATH, html)
    claimed(newsroom, code)
    copy = newsroom.copy()
    assert (copy.status, copy.life) == (RepublicationStatus.REVIEW, RepublicationLife.UNREADABLE)
    assert copy.page.unreadable == UnreadableReason(reason)
    assert copy.reasons[0].startswith(f"page_unreadable: {reason}: ")
    with newsroom.scene.database.read() as session:
        assert review_reasons_of(session, [copy.id])[copy.id] == (ReviewReason.UNREADABLE,)


def test_an_unreadable_page_stands_in_the_figures_by_itself(newsroom: ScriptedSite, code: str) -> None:
    newsroom.shows(PATH, SHELL)
    claimed(newsroom, code)
    copy = newsroom.copy()
    rollup.apply_changes(newsroom.scene.database)
    with newsroom.scene.database.read() as session:
        scope = TallyScope(quarter_of(city_day(newsroom.scene.context.now())))
        total = tallies.totals(session, scope)
        assert (total.unreadable, total.review, total.rejected, total.gone) == (1, 1, 0, 0)
        assert [row.unreadable for row in tallies.rows(session, scope, "site")] == [1]
        reach = reach_of(session, [copy.bulletin_id])[copy.bulletin_id]
        assert (reach.unreadable, reach.rejected) == (1, 0)
        company = newsroom.company.id
        assert unreadable_counts(session, company) == {UnreadableReason.NEEDS_SCRIPT: 1}
        (row,) = latest_unreadable(session, company, most=10)
        assert (row.url, row.reason) == (newsroom.url(PATH), UnreadableReason.NEEDS_SCRIPT)


def test_a_page_that_nobody_claimed_is_told_too_and_not_looked_at_for_ever(newsroom: ScriptedSite, code: str) -> None:
    newsroom.shows(PATH, SHELL)
    found(newsroom)
    assert newsroom.copies() == []
    with newsroom.scene.database.read() as session:
        assert unreadable_counts(session, newsroom.company.id) == {UnreadableReason.NEEDS_SCRIPT: 1}
    assert newsroom.scene.later("page_check", days=60) == 0


@pytest.mark.parametrize("shell", [SHELL, FRAMED, PICTURED])
def test_a_copy_whose_page_became_a_shell_is_not_gone(newsroom: ScriptedSite, code: str, shell: str) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    newsroom.shows(PATH, shell)
    for _ in range(4):
        newsroom.scene.clock.forward(days=2)
        due_again(newsroom)
    copy = newsroom.copy()
    assert (copy.status, copy.life) == (RepublicationStatus.CONFIRMED, RepublicationLife.UNREADABLE)
    assert (copy.gone_at, copy.missing_since) == (None, None)
    assert acts(newsroom) == ["confirmed", "unreadable"]
    newsroom.carries(PATH, code)
    due_again(newsroom)
    copy = newsroom.copy()
    assert (copy.life, copy.page.unreadable) == (RepublicationLife.LIVE, None)
    assert newsroom.scene.journal_holds()


def test_a_site_that_answers_every_address_with_the_same_shell_has_removed_nothing(
    newsroom: ScriptedSite, code: str
) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)

    class Shells(dict):  # type: ignore[type-arg]
        def __missing__(self, path: str):  # type: ignore[no-untyped-def]
            return lambda call: call.answer(SHELL.encode(), Content_Type="text/html; charset=utf-8")

    newsroom.server.ways = Shells(newsroom.server.ways)
    del newsroom.server.ways[PATH]
    for _ in range(3):
        newsroom.scene.clock.forward(days=2)
        due_again(newsroom)
    assert newsroom.copy().life is RepublicationLife.UNREADABLE


def test_a_page_that_is_missing_after_it_was_a_shell_is_gone_after_two_looks(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    newsroom.shows(PATH, SHELL)
    due_again(newsroom)
    newsroom.removes(PATH)
    due_again(newsroom)
    assert newsroom.copy().life is RepublicationLife.LIVE
    newsroom.scene.clock.forward(days=2)
    due_again(newsroom)
    copy = newsroom.copy()
    assert (copy.life, copy.page.unreadable) == (RepublicationLife.GONE, None)


def test_the_page_that_was_judged_and_has_not_changed_is_readable_again(newsroom: ScriptedSite, code: str) -> None:
    newsroom.keeps(PATH, page(TITLE, PARTS, source=newsroom.link(code)))
    found(newsroom)
    newsroom.shows(PATH, SHELL)
    due_again(newsroom)
    assert newsroom.copy().life is RepublicationLife.UNREADABLE
    newsroom.keeps(PATH, page(TITLE, PARTS, source=newsroom.link(code)))
    due_again(newsroom)
    copy = newsroom.copy()
    assert (copy.life, copy.page.unreadable) == (RepublicationLife.LIVE, None)


def test_an_article_that_leads_to_a_front_page_full_of_scripts_is_missing_and_not_unreadable(
    newsroom: ScriptedSite, code: str
) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    newsroom.shows("/", SHELL)
    newsroom.server.redirect(PATH, newsroom.url("/"))
    due_again(newsroom)
    copy = newsroom.copy()
    assert (copy.life, copy.missing_since is not None) == (RepublicationLife.LIVE, True)


def test_a_claim_is_judged_when_the_page_becomes_readable(newsroom: ScriptedSite, code: str) -> None:
    newsroom.shows(PATH, SHELL)
    claimed(newsroom, code)
    newsroom.carries(PATH, code)
    newsroom.scene.later("page_check", hours=2)
    copy = newsroom.copy()
    assert (copy.status, copy.life) == (RepublicationStatus.CONFIRMED, RepublicationLife.LIVE)


def test_a_pdf_with_our_text_and_a_link_is_a_copy_like_any(newsroom: ScriptedSite, code: str) -> None:
    body = "".join(f"<p>{part}</p>" for part in PARTS)
    puts(newsroom, PATH, text_pdf(f"<h1>{TITLE}</h1>{body}{newsroom.link(code)}"), "application/pdf")
    found(newsroom)
    copy = newsroom.copy()
    assert (copy.status, copy.match.value, copy.attribution.value) == (
        RepublicationStatus.CONFIRMED,
        "full",
        "linked_at_end",
    )
    assert copy.share > 0.95


@pytest.mark.parametrize(
    ("body", "reason"),
    [(scanned_pdf(2), "pdf_without_text"), (locked_pdf(), "pdf_refused"), (b"%PDF-1.4 x", "pdf_refused")],
)
def test_a_pdf_that_cannot_be_read_is_told_with_its_reason(
    newsroom: ScriptedSite, code: str, body: bytes, reason: str
) -> None:
    puts(newsroom, PATH, body, "application/octet-stream")
    claimed(newsroom, code)
    copy = newsroom.copy()
    assert (copy.status, copy.life) == (RepublicationStatus.REVIEW, RepublicationLife.UNREADABLE)
    assert copy.page.unreadable == UnreadableReason(reason)


def test_a_picture_is_no_text(newsroom: ScriptedSite, code: str) -> None:
    puts(newsroom, PATH, b"\xff\xd8\xff", "image/jpeg")
    claimed(newsroom, code)
    assert newsroom.copy().page.unreadable is UnreadableReason.NOT_TEXT


def test_a_site_that_does_not_answer_says_nothing_of_a_copy_that_was_read(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    newsroom.removes(PATH, "503 Service Unavailable")
    for _ in range(4):
        due_again(newsroom)
    copy = newsroom.copy()
    assert (copy.life, copy.page.unreadable) == (RepublicationLife.LIVE, UnreadableReason.NO_ANSWER)


HEAVY = page("Trang làm máy đọc mãi", OTHER)


@pytest.fixture
def heavy_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that is to judge HEAVY does not come to an end, and has one second of processor time."""

    def read(act: Callable[..., object], body: judging.FetchedBody, *arguments: object, **more: Any) -> object:
        if body.body == HEAVY.encode():
            return read_in_child(exec, "while True: pass", cpu_seconds=1)
        return read_in_child(act, body, *arguments, **more)

    monkeypatch.setattr(judging, "read_in_child", read)


@pytest.mark.usefixtures("heavy_reading")
def test_a_claim_of_a_page_that_its_reader_cannot_take_waits_for_a_person(newsroom: ScriptedSite, code: str) -> None:
    newsroom.shows(PATH, HEAVY)
    claimed(newsroom, code)
    copy = newsroom.copy()
    assert (copy.status, copy.life) == (RepublicationStatus.REVIEW, RepublicationLife.UNREADABLE)
    assert copy.page.unreadable is UnreadableReason.TOO_HEAVY
    assert copy.reasons == ["page_unreadable: too_heavy: reading the page takes too much time"]


@pytest.mark.usefixtures("heavy_reading")
def test_a_counted_copy_whose_page_became_too_heavy_stays_and_is_read_again_ever_later(
    newsroom: ScriptedSite, code: str
) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    newsroom.shows(PATH, HEAVY)
    waits = []
    for _ in range(3):
        due_again(newsroom)
        due = newsroom.copy().page.due_at
        assert due is not None
        waits.append(due - newsroom.scene.context.now())
    assert waits == list(newsroom.scene.context.intervals.rechecks[:3])
    assert waits == sorted(set(waits))
    copy = newsroom.copy()
    assert (copy.status, copy.life) == (RepublicationStatus.CONFIRMED, RepublicationLife.UNREADABLE)
    assert acts(newsroom) == ["confirmed", "unreadable"]
    newsroom.carries(PATH, code)
    newsroom.scene.later("page_check", days=8)
    copy = newsroom.copy()
    assert (copy.status, copy.life, copy.page.unreadable) == (
        RepublicationStatus.CONFIRMED, RepublicationLife.LIVE, None,
    )  # fmt: skip


@pytest.mark.usefixtures("heavy_reading")
def test_a_heavy_page_that_nobody_claimed_is_read_once(newsroom: ScriptedSite, code: str) -> None:
    newsroom.shows(PATH, HEAVY)
    found(newsroom)
    with newsroom.scene.database.read() as session:
        assert unreadable_counts(session, newsroom.company.id) == {UnreadableReason.TOO_HEAVY: 1}
    assert newsroom.scene.later("page_check", days=60) == 0
