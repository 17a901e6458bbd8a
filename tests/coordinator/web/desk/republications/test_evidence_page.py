"""The page of one copy: its evidence as shown and as downloaded."""

import gzip
import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from campaigns.core.clock import Period
from campaigns.discovery.sightings import Page, SightingMethod, record_sighting
from campaigns.discovery.unreadable_reasons import UnreadableReason
from campaigns.matching.matcher import Match
from campaigns.partners.agreements import AgreementContent, add_agreement
from campaigns.partners.directory import SiteKind
from campaigns.partners.licences import LicenceContent, add_licence
from campaigns.people.staff import Role
from campaigns.republications.republications import (
    Republication,
    RepublicationLife,
    RepublicationStatus,
    find_republication,
)
from coordinator.http.responses import HttpResponse
from coordinator.jobs.republications import page_check
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republication
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.copies import (
    ADDED,
    PARTS,
    THEIR_TITLE,
    Copy,
    bulletin_of,
    copy_in,
    evidence_file,
    site_named,
)
from tests.factories import NOW

DAY = Period(date(2026, 11, 24), date(2026, 11, 24), "2026-11-24")


def test_the_page_shows_levels_texts_source_story_and_papers(desk: Desk) -> None:
    (ident,) = copy_in(desk)
    with desk.database.write() as session:
        company = session.execute(select(Republication)).scalar_one().site.company
        add_licence(
            session,
            "test",
            company,
            "118/GP-TTĐT",
            LicenceContent(
                kind=SiteKind.AGGREGATOR,
                issuer="Sở",
                domains=["nhipsong.example"],
                issued_on=date(2024, 3, 1),
                expires_on=date(2028, 3, 1),
                scope=["dich-benh"],
            ),
            now=NOW,
        )
        add_agreement(
            session,
            "test",
            company,
            "12/TT",
            AgreementContent(starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31)),
            now=NOW,
        )
    desk.sign_in(Role.ANALYST)
    page = desk.get(f"/desk/republications/{ident}")
    assert page.count("<h1>") == 1
    assert "Bằng chứng: 6 trên 8 bậc" in page
    for words in ("Không có trên trang của đối tác", "Phần đối tác viết thêm", "Dòng nguồn, ở 98% bài", "Sở phát hành"):
        assert words in page
    assert 'id="o1" href="#r1"' in page
    assert 'id="r1" href="#o1"' in page
    assert "đường dẫn chỉ tới trang chủ" in page
    assert "Xem lại: còn nguyên" in page
    assert "118/GP-TTĐT, đến" in page
    assert "trong phạm vi" in page
    assert "12/TT, đến" in page
    assert "Lần xem lại tới" in page


def test_papers_that_did_not_hold_that_day_are_reported(desk: Desk) -> None:
    (ident,) = copy_in(desk)
    with desk.database.write() as session:
        company = session.execute(select(Republication)).scalar_one().site.company
        add_licence(
            session,
            "test",
            company,
            "9/GP",
            LicenceContent(
                kind=SiteKind.AGGREGATOR,
                issuer="Sở",
                domains=["nhipsong.example"],
                issued_on=date(2020, 3, 1),
                expires_on=date(2025, 3, 1),
                scope=["kinh tế"],
            ),
            now=NOW,
        )
    desk.sign_in(Role.ANALYST)
    page = desk.get(f"/desk/republications/{ident}")
    assert "9/GP không có hiệu lực ngày 24/11/2026" in page
    assert "giấy phép ghi: kinh tế" in page
    assert "không có trong sổ" in page  # no agreement


def test_what_a_page_says_is_never_a_link_or_markup(desk: Desk) -> None:
    (ident,) = copy_in(desk, Copy(page_title="<script>alert(1)</script>", above="<img src=x onerror=alert(1)>"))
    desk.sign_in(Role.ANALYST)
    page = desk.get(f"/desk/republications/{ident}")
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'href="javascript:' not in page
    assert "javascript:alert(1)" in page  # as text: it is the address in their source line


def test_a_copy_that_is_gone_is_shown_as_gone(desk: Desk) -> None:
    (ident,) = copy_in(desk, Copy(status=RepublicationStatus.CONFIRMED, life=RepublicationLife.GONE))
    desk.sign_in(Role.ANALYST)
    page = desk.get(f"/desk/republications/{ident}")
    assert "Đã gỡ" in page
    assert "Bằng chứng: 5 trên 8 bậc" in page


def test_a_duplicate_names_the_counted_address_and_the_counted_copy_its_others(desk: Desk) -> None:
    other = f"{Copy().url}?ban=2"
    counted, duplicate = copy_in(
        desk, Copy(status=RepublicationStatus.CONFIRMED), Copy(status=RepublicationStatus.DUPLICATE, url=other)
    )
    desk.sign_in(Role.ANALYST)
    page = desk.get(f"/desk/republications/{duplicate}")
    assert "Trang này đã được tính ở địa chỉ khác" in page
    assert f"/desk/republications/{counted}" in page
    assert "Tính thêm, là lần đăng thứ hai" in page
    page = desk.get(f"/desk/republications/{counted}")
    assert "Địa chỉ khác" in page
    assert f"/desk/republications/{duplicate}" in page
    assert "Tính thêm, là lần đăng thứ hai" not in page


def test_the_same_page_kept_at_several_looks_is_one_line_with_their_number(desk: Desk) -> None:
    (ident,) = copy_in(desk, Copy(body_key="ab/cd.gz"))
    desk.sign_in(Role.ANALYST)
    page = desk.get(f"/desk/republications/{ident}")
    assert page.count("Tải mã trang<") == 1
    assert "y hệt thêm 1 lần" in page


def test_a_page_that_was_read_and_carries_nothing_is_no_copy_that_lives(desk: Desk) -> None:
    (ident,) = copy_in(
        desk,
        Copy(status=RepublicationStatus.REJECTED, read=False, ways=(SightingMethod.REPORTED, SightingMethod.FETCHED)),
    )
    with desk.database.write() as session:
        page = session.execute(select(Page)).scalar_one()
        page.status, page.checked_at = 200, NOW
        session.execute(select(Republication)).scalar_one().checked_at = NOW
    desk.sign_in(Role.ANALYST)
    shown = desk.get(f"/desk/republications/{ident}")
    assert "trên đó không có văn bản của bản tin" in shown
    assert "Bằng chứng: 2 trên 8 bậc" in shown


def test_a_copy_that_was_not_read_yet_says_so(desk: Desk) -> None:
    (ident,) = copy_in(desk, Copy(status=RepublicationStatus.CANDIDATE, read=False, ways=(SightingMethod.REPORTED,)))
    desk.sign_in(Role.ANALYST)
    page = desk.get(f"/desk/republications/{ident}")
    assert "Bằng chứng: 1 trên 8 bậc" in page
    assert "Máy chưa tải trang này" in page
    with desk.database.write() as session:
        session.execute(select(Page)).scalar_one().error = "robots.txt forbids it"
    assert "robots.txt forbids it" in desk.get(f"/desk/republications/{ident}")


def test_the_file_of_evidence_can_be_checked_by_itself(desk: Desk) -> None:
    (ident,) = copy_in(desk)
    desk.sign_in(Role.ANALYST)
    inspectors = evidence_file(desk, ident)
    last = inspectors["evidence"][-1]
    text = inspectors["bulletin"]["revisions"][0]["text"]
    longest = max(last["passages"], key=lambda item: item[1] - item[0])
    assert text[longest[0] : longest[1]] == last["page_text"][longest[2] : longest[3]]
    assert last["rule_version"]
    assert last["fingerprint_version"]
    assert inspectors["page"]["headers"] == {"etag": '"abc"', "last-modified": None}
    assert {item["how"] for item in inspectors["sightings"]} == {"announced", "discovered", "counted_image", "fetched"}
    assert inspectors["republication"]["first_seen_at"] == "2026-11-24T08:31:00+07:00"
    assert [entry["act"] for entry in inspectors["journal"]] == ["republication.review"]


def test_a_kept_page_comes_back_byte_for_byte_and_inert(desk: Desk) -> None:
    body = b"<html><script>alert(1)</script>\xff</html>"
    digest, key = desk.office.store.keep(body)
    (ident,) = copy_in(desk, Copy(body_key=key))
    desk.sign_in(Role.ANALYST)
    answer = desk.client.get(f"/desk/republications/{ident}/pages/1.txt")
    assert hashlib.sha256(answer.data).hexdigest() == digest
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'; ")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    for number in ("0", "3", "99999999999999999999"):
        assert desk.client.get(f"/desk/republications/{ident}/pages/{number}.txt").status_code == 404


@pytest.mark.parametrize("page", ["pages/1.txt", "pages/1.html"])
def test_a_kept_page_that_is_no_longer_in_the_store_or_not_what_it_was_is_404(desk: Desk, page: str) -> None:
    _, key = desk.office.store.keep(b"<html>Tin</html>")
    gone, damaged = copy_in(
        desk, Copy(body_key="ab/abcd.gz"), Copy("Công Tin Sáng", "https://congtinsang.example/x", body_key=key)
    )
    (Path(desk.office.store.blobs.place) / key).write_bytes(gzip.compress(b"<html>Khac</html>"))
    desk.sign_in(Role.ANALYST)
    for ident in (gone, damaged):
        desk.get(f"/desk/republications/{ident}/{page}", 404)


THEIR_PAGE = f"""<html lang="vi"><head><title>{THEIR_TITLE} - Nhịp Sông</title></head><body>
<nav><a href="/">Trang chủ</a><a href="/x">Sức khỏe</a></nav><article><h1>{THEIR_TITLE}</h1><p>{PARTS[0]}</p>
<p>{ADDED}</p><p>{PARTS[1].replace("Thứ Bảy", "Thứ Sáu")}</p><p>{PARTS[3]}</p>
<p class="source">Theo <a href="http://localhost:8800/">Sở Thông tin thành phố</a></p></article></body></html>"""


class OnePage:
    """An HTTP client with one page."""

    def get(self, url: str, **_given: object) -> HttpResponse:
        """Return the page."""
        return HttpResponse(url, 200, {"Content-Type": "text/html; charset=utf-8"}, THEIR_PAGE.encode())


def test_a_page_that_the_product_itself_fetched_and_judged_is_set_beside_ours(desk: Desk) -> None:
    with desk.database.write() as session:
        bulletin_of(session)
        site = site_named(session, "Nhịp Sông", "https://nhipsong.example/")
        record_sighting(
            session,
            site,
            "https://nhipsong.example/bai",
            SightingMethod.DISCOVERED,
            "https://nhipsong.example/rss",
            now=NOW,
        )
    place = replace(desk.office, http_client=OnePage())  # type: ignore[arg-type]  # the job asks no more of it
    for taken in page_check.claim(place, 5):
        page_check.check_page(place, taken)
    with desk.database.read() as session:
        ident = session.execute(select(Republication.public)).scalar_one()
    desk.sign_in(Role.ANALYST)
    page = desk.get(f"/desk/republications/{ident}")
    # One word differs, and both sides mark it within the sentence.
    assert "vào sáng Thứ</mark> Bảy <a" in page
    assert "vào sáng Thứ</mark> Sáu <a" in page
    assert page.count('class="theirs"') == 1
    assert 'class="source"><span class="tagline">Dòng nguồn' in page
    assert desk.client.get(f"/desk/republications/{ident}/pages/1.txt").data == THEIR_PAGE.encode()


def test_an_unreadable_page_is_told_with_its_reason_and_not_as_one_without_a_copy(desk: Desk) -> None:
    with desk.database.write() as session:
        row = make_republication(
            session, factories.published(session), factories.site(session), status=RepublicationStatus.REVIEW,
            match=Match.NONE, life=RepublicationLife.UNREADABLE, read=False,
        )  # fmt: skip
        row.reasons = ["page_unreadable: needs_script: almost no text, and scripts that write it"]
        row.page.unreadable, row.page.error, row.page.status = UnreadableReason.NEEDS_SCRIPT, "almost no text", 200
        ident, code = row.public, row.bulletin.code
    desk.sign_in(Role.ANALYST)
    for address in (f"/desk/republications/{ident}", f"/desk/republications/_review/{ident}"):
        page = desk.get(address)
        assert "không đọc được bằng cách này" in page
        assert "chữ do mã lệnh của trang hiện ra" in page
        assert "trên đó không có văn bản" not in page
    copies = desk.get(f"/desk/bulletins/{code}/copies?life=unreadable")
    assert "Cần trình duyệt: chữ do mã lệnh của trang hiện ra" in copies


def test_many_addresses_are_a_task_and_stand_beside_the_partners_figures(desk: Desk) -> None:
    others = [Copy(status=RepublicationStatus.DUPLICATE, url=f"{Copy().url}?bai={number}") for number in range(5)]
    counted = copy_in(desk, Copy(status=RepublicationStatus.CONFIRMED), *others)[0]
    desk.sign_in(Role.ANALYST)
    task = f'href="/desk/republications/{counted}"'
    assert task in desk.get("/desk")
    with desk.database.read() as session:
        partner = find_republication(session, counted).site.company.code
    assert "6 địa chỉ" in desk.get(f"/desk/partners/{partner}")
    address = f"/desk/republications/{counted}/addresses"
    assert desk.post(address, data={"addresses_note": ""}).status_code == 422
    assert task in desk.get("/desk")
    assert desk.post(address, data={"addresses_note": "Trang tự thêm tham số"}).status_code == 303
    assert "6 địa chỉ" not in desk.get("/desk")
    assert "6 địa chỉ" in desk.get(f"/desk/partners/{partner}")
