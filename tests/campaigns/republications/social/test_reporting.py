"""Reporting posts on social networks: claims that a second person decides on, and the figures of those confirmed."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from campaigns.core.clock import CITY, parse_period
from campaigns.core.contents import from_attributes
from campaigns.core.errors import Conflict, Forbidden, Invalid
from campaigns.discovery import surveys
from campaigns.partners.directory import (
    Company,
    CompanyContent,
    Site,
    SiteContent,
    SiteKind,
    SiteStanding,
    add_company,
    add_site,
    change_site,
    find_site,
    site_of,
)
from campaigns.people.keys import add_key
from campaigns.people.staff import Actor, Role, add_person
from campaigns.reporting.table_reports.social_totals import SocialTotals, social_totals
from campaigns.reporting.tallies import TallyScope, totals
from campaigns.reporting.timing import delay_figures
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.evidence.uploads import EvidenceUploadKind, StoredFile, uploads_of
from campaigns.republications.page_reports import PageClaim, claim_page, claim_pages, report_page
from campaigns.republications.republications import EvidenceLevel, Republication, RepublicationStatus
from campaigns.republications.review.decisions import decide, undo_decision
from campaigns.republications.social import reporting
from campaigns.republications.social.posts import open_lines
from tests.factories import ANALYST, APPROVER, NOW, WRITER, published

TITLE = "Lịch tiêm nhắc vắc-xin sởi tại 30 phường, xã"
LATER = NOW + timedelta(minutes=1)  # a release has a moment of its own
SCOPE = TallyScope(parse_period("2026-Q4"))


def picture(name: str = "a") -> StoredFile:
    return StoredFile(EvidenceUploadKind.PNG, "640x480", 10, name * 64, f"key-{name}", name * 64)


@pytest.fixture
def company(session: Session) -> Company:
    """A company with a page on Facebook, one on TikTok, and a network of its own."""
    made = add_company(session, "test", CompanyContent(name="Mạng Làng"), code="lang", now=NOW)
    for url in ("https://www.facebook.com/LangMoi", "https://www.tiktok.com/@langmoi", "https://mxh.example/"):
        add_site(session, "test", made, SiteContent(name=url, url=url, kind=SiteKind.SOCIAL), now=NOW)
    return made


def report(
    session: Session, url: str, actor: Actor = WRITER, *, name: str = "a", shows: Attribution = Attribution.NOT_SEEN
) -> Republication:
    """Paste a line, give it its picture, say what that shows of the source, and report it."""
    (row,) = reporting.paste_lines(session, actor, f"{url} 24/11/2026 {TITLE}", now=NOW).added
    row.attribution = shows
    reporting.keep_picture(session, row, picture(name), f"{name}.png")
    (view,) = reporting.line_views(session, [row], now=NOW)
    return reporting.report_line(session, actor, row, view, now=NOW)


def test_an_account_is_a_site_and_its_posts_belong_to_it(session: Session, company: Company) -> None:
    site = site_of(session, "https://m.facebook.com/lang.moi/posts/1234567890?x=1")
    assert site is not None
    assert (site.host, site.is_account, site.company) == ("facebook.com/langmoi", True, company)
    assert site_of(session, "https://www.facebook.com/khac/posts/1234567890") is None
    own = site_of(session, "https://mxh.example/a")
    assert own is not None
    assert own.host == "mxh.example"
    with pytest.raises(Conflict):
        add_site(
            session,
            "test",
            company,
            SiteContent(name="a", url="https://fb.com/langmoi/", kind=SiteKind.SOCIAL),
            now=NOW,
        )
    with pytest.raises(Invalid) as refused:
        add_site(
            session, "test", company, SiteContent(name="a", url="https://fb.com/b", kind=SiteKind.AGGREGATOR), now=NOW
        )
    assert refused.value.errors[0].code == "account_is_social"
    with pytest.raises(Invalid):
        change_site(
            session, "test", site, replace(from_attributes(SiteStanding, site), kind=SiteKind.AGGREGATOR), now=NOW
        )
    change_site(
        session,
        "test",
        site,
        replace(from_attributes(SiteStanding, site), url="https://facebook.com/lang.moi"),
        now=NOW,
    )
    assert site.host == "facebook.com/langmoi"


def test_nobody_looks_for_the_sources_of_an_account(session: Session, company: Company) -> None:
    assert {site.host for site in surveys.unsurveyed_sites(session)} == {"mxh.example"}


def test_a_reported_post_waits_and_is_never_fetched(session: Session, company: Company) -> None:
    published(session, title=TITLE)
    copy = report(session, "https://www.facebook.com/langmoi/posts/1234567890")
    assert copy.status is RepublicationStatus.REVIEW
    assert (copy.page.behind_sign_in, copy.page.due_at) == (True, None)
    assert copy.counted_on == date(2026, 11, 24)
    assert [upload.actor for upload in uploads_of(session, copy)] == [WRITER.id]
    assert open_lines(session, WRITER.id) == []


def test_the_delay_is_by_the_own_time_of_a_post_where_it_is_given(session: Session, company: Company) -> None:
    published(session, title=TITLE)
    stated, later = NOW + timedelta(minutes=50), NOW + timedelta(hours=30)
    text = f"https://www.facebook.com/langmoi/posts/1234567890 24/11 {stated.astimezone(CITY):%H:%M} {TITLE}"
    for url, given, waited in (
        ("https://www.facebook.com/langmoi/posts/1234567890", True, timedelta(minutes=50)),
        ("https://www.tiktok.com/@langmoi/video/7300000000000000000", False, timedelta(hours=30)),
    ):
        line = text if given else f"{url} 24/11 {TITLE}"
        (row,) = reporting.paste_lines(session, WRITER, line, now=later).added
        reporting.keep_picture(session, row, picture("b"), "b.png")
        (view,) = reporting.line_views(session, [row], now=later)
        assert view.problems == ()
        copy = reporting.report_line(session, WRITER, row, view, now=later)
        decide(session, ANALYST, copy, confirm=True, note="x", now=later)
        assert (copy.published_at is not None, copy.counted_on) == (given, date(2026, 11, 24))
        assert copy.delay is not None
        assert abs(copy.delay - waited) <= timedelta(minutes=1)
    figures = delay_figures(session, SCOPE)
    assert list(figures.counts) == [1, 0, 0, 0, 0, 1]


def test_only_another_person_confirms_and_only_with_a_picture(session: Session, company: Company) -> None:
    code = published(session, title=TITLE).code
    copy = report(session, "https://www.facebook.com/langmoi/posts/1234567890", ANALYST)
    with pytest.raises(Conflict) as refused:
        decide(session, ANALYST, copy, confirm=True, note="x", now=NOW)
    assert refused.value.code == "own_report"
    with pytest.raises(Forbidden):
        decide(session, WRITER, copy, confirm=True, note="x", now=NOW)
    add_person(
        session, "cli", email=ANALYST.id, name="", role=Role.ANALYST, password_hash=None, uniquifier="a", now=NOW
    )
    program = add_key(session, "cli", name="máy", role=Role.ANALYST, now=NOW).row.actor
    with pytest.raises(Forbidden) as forbidden:
        decide(session, program, copy, confirm=True, note="x", now=NOW)
    assert forbidden.value.code == "key_without_person"
    made = decide(session, APPROVER, copy, confirm=True, note="x", now=NOW)
    assert (copy.status, copy.level) == (RepublicationStatus.CONFIRMED, EvidenceLevel.PERSON)
    undo_decision(session, APPROVER, copy, made.public, now=NOW)
    assert copy.status is RepublicationStatus.REVIEW
    decide(session, ANALYST, copy, confirm=False, note="nhầm", now=NOW)  # one may take one's own report back
    other = claim_page(session, "partner", code, "https://mxh.example/tin/1", now=NOW)
    with pytest.raises(Conflict) as refused:
        decide(session, APPROVER, other, confirm=True, note="x", now=NOW)
    assert refused.value.code == "no_picture"
    reporting.add_picture(session, WRITER, other, picture("b"), "", now=NOW)
    decide(session, APPROVER, other, confirm=True, note="x", now=NOW)
    with pytest.raises(Conflict):
        reporting.add_picture(session, WRITER, other, picture("c"), "", now=NOW)


def test_one_bulletin_on_one_account_counts_once(session: Session, company: Company) -> None:
    published(session, title=TITLE)
    first = report(session, "https://www.facebook.com/langmoi/posts/1234567890")
    second = report(session, "https://www.facebook.com/langmoi/posts/1234567891", name="b")
    again = report(session, "https://m.facebook.com/story.php?story_fbid=1234567890&id=100064", APPROVER, name="c")
    assert again is first
    assert len(uploads_of(session, first)) == 2
    decide(session, ANALYST, first, confirm=True, note="x", now=NOW)
    assert second.status is RepublicationStatus.DUPLICATE
    with pytest.raises(Conflict) as refused:
        decide(session, ANALYST, second, confirm=True, note="x", now=NOW)
    assert refused.value.code == "counted_elsewhere"
    assert social_totals(session, SCOPE).confirmed == 1


def test_the_totals_are_a_part_of_the_confirmed_by_network_and_company(session: Session, company: Company) -> None:
    assert social_totals(session, SCOPE) == SocialTotals()
    published(session, title=TITLE)
    for number, url in enumerate(
        (
            "https://www.facebook.com/langmoi/posts/1234567890",
            "https://www.tiktok.com/@langmoi/video/1234567890",
            "https://mxh.example/tin/1",
        )
    ):
        copy = report(session, url, name="abc"[number])
        if number:
            decide(session, ANALYST, copy, confirm=True, note="x", now=NOW)
    found = social_totals(session, SCOPE)
    assert (found.confirmed, totals(session, SCOPE).confirmed) == (2, 2)
    assert {(row.key, row.name, row.confirmed) for row in found.networks} == {
        ("tiktok.com", "TikTok", 1), ("mxh.example", "mxh.example", 1),
    }  # fmt: skip
    assert [(row.key, row.confirmed) for row in found.companies] == [("lang", 2)]
    assert social_totals(session, TallyScope(SCOPE.period, company_id=company.id)).confirmed == 2
    assert social_totals(session, TallyScope(parse_period("2026-Q3"))).confirmed == 0


@pytest.mark.parametrize(
    ("reported", "confirmed", "shown"),
    [
        (Attribution.NOT_SEEN, None, Attribution.NOT_SEEN),
        (Attribution.NAMED_ONLY, None, Attribution.NAMED_ONLY),
        (Attribution.NAMED_ONLY, Attribution.NOT_SEEN, Attribution.NOT_SEEN),
        (Attribution.NOT_SEEN, Attribution.LINKED_AT_END, Attribution.LINKED_AT_END),
        (Attribution.LINKED_AT_END, Attribution.NAMED_OTHER_SOURCE, Attribution.NAMED_OTHER_SOURCE),
    ],
)
def test_the_source_of_a_post_is_what_the_second_person_says_else_the_first(
    session: Session, company: Company, reported: Attribution, confirmed: Attribution | None, shown: Attribution
) -> None:
    published(session, title=TITLE)
    copy = report(session, "https://www.facebook.com/langmoi/posts/1234567890", shows=reported)
    assert copy.attribution is Attribution.NOT_SEEN
    made = decide(session, ANALYST, copy, confirm=True, note="x", attribution=confirmed, now=LATER)
    assert copy.attribution is shown
    line = totals(session, SCOPE)
    assert (line.confirmed, line.source_unseen) == (1, int(shown is Attribution.NOT_SEEN))
    undo_decision(session, ANALYST, copy, made.public, now=LATER)
    assert copy.attribution is Attribution.NOT_SEEN


def test_many_claims_are_recorded_together_or_not_at_all(session: Session, company: Company) -> None:
    code = published(session, title=TITLE).code
    good = PageClaim(code, "https://mxh.example/tin/1", NOW + timedelta(minutes=1))
    bad = PageClaim("BT-1", "https://khac.example/1")
    with pytest.raises(Invalid) as refused:
        claim_pages(session, "key", [good, bad], now=NOW)
    assert [(error.field, error.code) for error in refused.value.errors] == [
        ("claims.1.bulletin", "unknown_bulletin"),
        ("claims.1.url", "unknown_site"),
    ]
    rows = claim_pages(
        session, "key", [good, PageClaim(code, "https://www.tiktok.com/@langmoi/video/1234567")], now=NOW
    )
    assert [row.status for row in rows] == [RepublicationStatus.REVIEW] * 2


def test_a_partner_names_the_bulletin_of_a_post(session: Session, company: Company) -> None:
    code = published(session, title=TITLE).code
    actor = Actor("editor", "Ban biên tập", None)
    with pytest.raises(Invalid) as refused:
        report_page(session, actor, company.id, "https://mxh.example/tin/1", now=NOW)
    assert refused.value.errors[0].code == "bulletin_of_post"
    made = report_page(session, actor, company.id, "https://mxh.example/tin/1", code, now=NOW)
    assert made.asked is False


def test_an_account_is_registered_by_who_reviews(session: Session, company: Company) -> None:
    (row,) = reporting.paste_lines(session, ANALYST, "https://zalo.me/g/AbC1 x", now=NOW).added
    with pytest.raises(Forbidden):
        reporting.register_account(session, WRITER, row, company, "Nhóm", now=NOW)
    site = reporting.register_account(session, ANALYST, row, company, "Nhóm", now=NOW)
    assert isinstance(find_site(session, site.code), Site)
    assert site.host == "zalo.me/g/AbC1"
    (view,) = reporting.line_views(session, [row], now=NOW)
    assert view.site is site


def test_posts_of_two_bulletins_in_one_group_are_two_lines(session: Session, company: Company) -> None:
    add_site(
        session, "test", company, SiteContent(name="Nhóm", url="https://zalo.me/g/AbC1", kind=SiteKind.SOCIAL), now=NOW
    )
    published(session, title=TITLE)
    published(session, title="Cấm đường phục vụ lễ hội hoa ở quảng trường")
    lines = f"https://zalo.me/g/AbC1 {TITLE}\nhttps://zalo.me/g/AbC1 Cấm đường phục vụ lễ hội hoa"
    made = reporting.paste_lines(session, WRITER, lines, now=NOW)
    assert len(made.added) == 2
    for number, row in enumerate(made.added):
        reporting.keep_picture(session, row, picture("ab"[number]), "")
    views = reporting.line_views(session, made.added, now=LATER)
    copies = [reporting.report_line(session, WRITER, view.row, view, now=LATER) for view in views]
    assert copies[0].bulletin_id != copies[1].bulletin_id
    assert copies[0].canonical_url == copies[1].canonical_url
