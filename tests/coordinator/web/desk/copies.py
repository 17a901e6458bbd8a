"""Copies of bulletins on partners' pages for the tests of the desk, with sightings, evidence and kept bodies."""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core import journal
from campaigns.core.base import public_id
from campaigns.core.clock import city_day
from campaigns.discovery.sightings import Page, Sighting, SightingMethod
from campaigns.matching.fingerprints import FP_VERSION
from campaigns.matching.matcher import RULE_VERSION, Match, bulletin_text, match_page, prepare_bulletin
from campaigns.partners.directory import Company, CompanyContent, Site, SiteContent, SiteKind, add_company, add_site
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.counted_copy import counted_copy
from campaigns.republications.republications import (
    Evidence,
    EvidenceLevel,
    Republication,
    RepublicationLife,
    RepublicationStatus,
)
from tests.coordinator.web.desk.conftest import Desk
from tests.factories import NOW, published

TITLE = "Lịch tiêm nhắc vắc-xin sởi cho trẻ tại 30 phường, xã trong tuần này"
PARTS = (
    "Từ ngày 24 đến 28/11, trạm y tế 30 phường, xã mở thêm buổi tiêm chiều và sáng Thứ Bảy để trẻ từ 18 tháng đến "
    "5 tuổi được tiêm nhắc vắc-xin sởi, không thu tiền.",
    "Phụ huynh đưa trẻ tới trạm nơi cư trú, mang theo sổ tiêm hoặc mã tiêm chủng trên điện thoại. Trẻ vắng mặt đúng "
    "hẹn sẽ được tiêm bù vào sáng Thứ Bảy cùng tuần, không phải đăng ký lại.",
    "Trẻ đang sốt hoặc từng phản ứng nặng sau tiêm được chuyển tới bệnh viện để tiêm có theo dõi.",
    "Tính đến hết ngày 22/11, thành phố đã tiêm nhắc cho 41.260 trẻ, đạt 86,4% số trẻ trong diện. Tám phường có tỷ lệ "
    "dưới 80% sẽ có tổ lưu động đến tận nhà văn hóa khu dân cư.",
)
THEIR_TITLE = "30 phường, xã mở thêm buổi tiêm sởi cho trẻ"
ADDED = "Nhiều phụ huynh cho biết trước đây khó thu xếp giờ làm để đưa con đi tiêm."
SOURCE = "Theo Sở Thông tin thành phố"


@dataclass(frozen=True)
class Copy:
    """The properties of a copy to make."""

    site: str = "Nhịp Sông"
    url: str = "https://nhipsong.example/suc-khoe/tiem-soi-30-phuong"
    status: RepublicationStatus = RepublicationStatus.REVIEW
    life: RepublicationLife = RepublicationLife.LIVE
    attribution: Attribution = Attribution.HOME_PAGE_ONLY
    seen_at: datetime = NOW + timedelta(minutes=31)
    ways: tuple[SightingMethod, ...] = (
        SightingMethod.ANNOUNCED,
        SightingMethod.DISCOVERED,
        SightingMethod.COUNTED_IMAGE,
        SightingMethod.FETCHED,
    )
    read: bool = True
    body_key: str | None = None
    page_title: str = THEIR_TITLE
    above: str = ""  # a line above the article
    reasons: list[str] = field(default_factory=lambda: ["review: our text without our name or link"])


def bulletin_of(session: Session) -> Bulletin:
    """Return the copied bulletin."""
    return published(session, title=TITLE, body="\n\n".join(PARTS))


def site_named(session: Session, name: str, url: str) -> Site:
    """Return the site of that name, created with its company if it does not exist."""
    found = session.query(Site).filter_by(name=name).one_or_none()
    if found is not None:
        return found
    company: Company = add_company(session, "test", CompanyContent(name=f"Công ty CP Truyền thông {name}"), now=NOW)
    return add_site(session, "test", company, SiteContent(name=name, url=url, kind=SiteKind.AGGREGATOR), now=NOW)


def page_text() -> str:
    """Return the partner's page: a menu, its headline, an added and an omitted part, a source line, other titles."""
    return "\n".join(
        ["Trang chủ", "Sức khỏe", "Đọc nhiều", THEIR_TITLE, PARTS[0], ADDED, PARTS[1], PARTS[3], SOURCE,
         "Tin khác", "Giá xăng giảm", "Thời tiết", "Liên hệ"]
    )  # fmt: skip


def add_copy(session: Session, bulletin: Bulletin, copy: Copy | None = None) -> str:
    """Add one copy of the bulletin; returns its public id."""
    made = copy or Copy()
    site = site_named(session, made.site, made.url)
    page = Page(
        site_id=site.id,
        url=made.url,
        canonical_url=made.url,
        first_seen_at=made.seen_at,
        checked_at=made.seen_at + timedelta(hours=1) if made.read else None,
        due_at=made.seen_at + timedelta(days=1),
        checks=2,
        failures=0,
        error="",
        status=200 if made.read else None,
        etag='"abc"',
    )
    session.add(page)
    session.flush()
    for place, how in enumerate(made.ways):
        at = made.seen_at + timedelta(minutes=place)
        session.add(Sighting(page_id=page.id, how=how, source="https://nhipsong.example/rss", at=at))
    revision = bulletin.revision(1)
    text = f"{made.above}\n{page_text()}" if made.above else page_text()
    verdict = match_page(
        text, [prepare_bulletin(bulletin.code, revision.title, revision.lead, revision.body_text)], headline=THEIR_TITLE
    )[0]
    assert revision.title in bulletin_text(revision.title, revision.lead, revision.body_text)
    counted = counted_copy(session, bulletin.id, site.id)
    row = Republication(
        public=public_id("rep"),
        bulletin_id=bulletin.id,
        site_id=site.id,
        page_id=page.id,
        url=made.url,
        canonical_url=made.url,
        status=made.status,
        life=made.life,
        level=EvidenceLevel.LIVE if made.read else EvidenceLevel.REPORTED,
        match=verdict.match if made.read else Match.NONE,
        share=verdict.share if made.read else 0.0,
        revision=1 if made.read else None,
        title_kept=False,
        attribution=made.attribution if made.read else Attribution.NONE,
        reasons=list(made.reasons),
        published_at=made.seen_at - timedelta(minutes=2) if made.read else None,
        published_from="json-ld" if made.read else None,
        first_seen_at=made.seen_at,
        counted_on=city_day(made.seen_at),
        confirmed_at=made.seen_at if made.status is RepublicationStatus.CONFIRMED else None,
        checked_at=page.checked_at,
        gone_at=made.seen_at + timedelta(hours=2) if made.life is RepublicationLife.GONE else None,
        decision_note="",
        # A second confirmed copy of a bulletin on one site is a second posting.
        second_posting=made.status is RepublicationStatus.CONFIRMED and counted is not None,
        duplicate_of=counted if made.status is RepublicationStatus.DUPLICATE else None,
    )
    session.add(row)
    session.flush()
    if made.read:
        digest = hashlib.sha256(page_text().encode()).hexdigest()
        for again in (timedelta(minutes=2), timedelta(hours=1)):
            session.add(
                Evidence(
                    republication_id=row.id,
                    at=made.seen_at + again,
                    status=200,
                    final_url=made.url,
                    body_hash=digest,
                    body_key=made.body_key,
                    page_title=made.page_title,
                    page_text=text,
                    revision=1,
                    match=verdict.match,
                    share=verdict.share,
                    longest_run=verdict.longest_run,
                    title_kept=False,
                    attribution=made.attribution,
                    source_name="Sở Thông tin thành phố",
                    source_link="javascript:alert(1)",
                    link_position=0.98,
                    source_text=SOURCE,
                    source_where="article > p.source > a",
                    passages=[list(pair) for pair in verdict.pairs],
                    published_at=row.published_at,
                    published_from="json-ld",
                    reasons=list(verdict.reasons),
                    rule_version=RULE_VERSION,
                    fp_version=FP_VERSION,
                )
            )
    details = {"bulletin": bulletin.code, "url": made.url}
    act = f"republication.{made.status.value}"
    journal.record(session, journal.SYSTEM, act, "republication", row.public, details, now=made.seen_at)
    return row.public


def evidence_file(desk: Desk, ident: str) -> dict[str, Any]:
    """Return the content of a copy's evidence file."""
    with desk.client.get(f"/desk/republications/{ident}/evidence.zip") as answer:
        body = io.BytesIO(answer.data)
    with zipfile.ZipFile(body) as file:
        values: dict[str, Any] = json.loads(file.read("evidence.json"))
        return values


def copy_in(desk: Desk, *copies: Copy) -> list[str]:
    """Add these copies of one bulletin; returns their public ids."""
    with desk.database.write() as session:
        bulletin = bulletin_of(session)
        return [add_copy(session, bulletin, copy) for copy in copies or (Copy(),)]
