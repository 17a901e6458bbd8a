"""Acts of the demo that the product should detect, and its results beside the known figures.

The acts are claims, loads of the counter image, copies taken from one another, and removals.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import requests
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import find_bulletin
from campaigns.core.clock import city_day, quarter_of
from campaigns.discovery.sightings import Page, PageLook
from campaigns.partners.directory import Company, Site
from campaigns.reporting import partner_claims, removals, tallies
from campaigns.republications.evidence.uploads import uploads_of
from campaigns.republications.lifecycle import removal_signs
from campaigns.republications.republications import Republication, RepublicationStatus
from coordinator.demo.partner_site import PartnerSite
from coordinator.web.kit.text.formats import duration

# Forms in which a partner may report one address; all are one page.
FORMS = ("{}", "{}?utm_source=zalo&utm_medium=oa", "{}?zarsrc=30", "{}?fbclid=abc123", "{}#binh-luan")
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
ROBOT = "Googlebot/2.1 (+http://www.google.com/bot.html)"
LOADS = (CHROME, CHROME, FIREFOX, ROBOT)  # the second within 30 seconds of the first
READERS = 2  # of those loads, the number that counts as views


def report_copy(honest: PartnerSite, liar: PartnerSite, code: str, other: str, api: str) -> None:
    """Report the copy of ``code`` by one partner under every form of its address, and an article of another partner's
    own, which holds the text where no reader sees it, as a copy of ``other``. ``api``: the address of version 1."""
    copy = f"{honest.url}{honest.posts[code].path}"
    for form in FORMS:
        honest.report(code, form.format(copy), api)
    if liar.own is not None:
        liar.own.hidden = liar.posts[other].parts
        liar.report(other, f"{liar.url}{liar.own.path}", api)


def load_counter_image(partner: PartnerSite, code: str) -> None:
    """Load the counter image on the partner's copy as readers and as a bot."""
    post = partner.posts[code]
    kit = requests.get(f"{post.link}/republish", timeout=10).text
    found = re.search(r"https?://[^\s\"'&]+/i/[\w-]+\.gif", kit)
    if found is None:
        raise ValueError("the copy kit shows no counter image")
    for agent in LOADS:
        headers = {"User-Agent": agent, "Referer": f"{partner.url}{post.path}"}
        requests.get(found[0], headers=headers, timeout=10)


def counted_figures(session: Session, *, now: datetime) -> dict[str, dict[str, int]]:
    """The product's figures by partner's code, under the names of ``KnownActs.counts``."""
    behind = Counter(row.company_code for row in _behind_a_correction(session, now))
    claims = {row.code: row.claims for row in partner_claims.claims_by_partner(session, quarter_of(city_day(now)))}
    # Copies of copies, second addresses and pages seen in a browser, which no report counts.
    copies = (
        sa.select(Company.code, sa.func.count())
        .join(Site, Site.company_id == Company.id)
        .join(Republication, Republication.site_id == Site.id)
    )
    taken = copies.where(Republication.taken_from_id.is_not(None))
    second = copies.where(Republication.status == RepublicationStatus.DUPLICATE)
    shown = copies.join(Page, Page.id == Republication.page_id).where(
        Page.look == PageLook.BROWSER, Republication.status == RepublicationStatus.CONFIRMED
    )
    taken_by, second_by, shown_by = (
        _numbers(session, query.group_by(Company.code)) for query in (taken, second, shown)
    )
    return {
        code: {
            "behind": behind[code],
            "taken_from_partner": taken_by.get(code, 0),
            "second_addresses": second_by.get(code, 0),
            "seen_in_browser": shown_by.get(code, 0),
            "claims": claims[code].made if code in claims else 0,
            "false_claims": claims[code].rejected if code in claims else 0,
        }
        for code in session.execute(sa.select(Company.code)).scalars().all()
    }


def _behind_a_correction(session: Session, now: datetime) -> list[removals.OutdatedCopy]:
    return [copy for copy in removals.outdated_copies(session, now=now, over=timedelta(0)) if not copy.recalled]


def _numbers(session: Session, query: sa.Select[str, int]) -> Mapping[str, int]:
    return {row[0]: int(row[1]) for row in session.execute(query)}


@dataclass(frozen=True)
class RemovalTimes:
    """The removal of a recalled bulletin by a partner: seconds from the recall until the copy was removed, and until a
    check did not find it; None before. ``why``: the sign seen by that check."""

    partner: str
    took: float | None
    seen: float | None
    why: str


@dataclass(frozen=True)
class DemoResults:
    """Results outside the partners' table. ``views``: all loads of the image, and those that count as views."""

    removals: tuple[RemovalTimes, ...]
    views: dict[str, int]

    @property
    def equal(self) -> bool:
        """Whether the product detected all acts, in a possible order."""
        seen = all(
            removal.took is not None and removal.seen is not None and removal.took <= removal.seen
            for removal in self.removals
        )
        # A person who opens a partner's page during the demo adds views.
        return seen and self.views["raw"] >= len(LOADS) and self.views["guarded"] >= READERS

    def as_json(self) -> dict[str, Any]:
        """The results as written to ``demo.json``."""
        return {**asdict(self), "known_views": {"raw": len(LOADS), "guarded": READERS}, "equal": self.equal}


def demo_results(session: Session, partners: Sequence[PartnerSite], recalled: str, read_: str) -> DemoResults:
    """The present results. ``recalled``: the recalled bulletin; ``read_``: the one whose image was loaded."""
    lines = tallies.bulletin_views(session, find_bulletin(session, read_).id)
    views = {"raw": sum(line.raw for line in lines), "guarded": sum(line.guarded for line in lines)}
    return DemoResults(tuple(_removal_times(session, partner, recalled) for partner in partners), views)


def _removal_times(session: Session, partner: PartnerSite, code: str) -> RemovalTimes:
    bulletin = find_bulletin(session, code)
    row = session.execute(
        sa.select(Republication)
        .join(Site, Site.id == Republication.site_id)
        .where(Republication.bulletin_id == bulletin.id, Site.code == partner.code)
    ).scalar_one()
    gone_at, recalled_at = partner.posts[code].gone_at, bulletin.recalled_at
    took = (gone_at - recalled_at).total_seconds() if gone_at is not None and recalled_at is not None else None
    first = row.missing_since
    seen = (first - recalled_at).total_seconds() if first is not None and recalled_at is not None else None
    return RemovalTimes(partner.code, took, seen, removal_signs.reason_code(row.missing_why))


def sentences(session: Session, partners: Sequence[PartnerSite], found: DemoResults, *, now: datetime) -> Iterator[str]:
    """The results for the terminal, one sentence a line."""
    names = {partner.code: partner.name for partner in partners}
    for removal in found.removals:
        if removal.took is not None and removal.seen is not None:
            yield (
                f"{names[removal.partner]} gỡ sau {_duration_words(removal.took)}, hệ thống thấy sau "
                f"{_duration_words(removal.seen)} ({removal.why})"
            )
    for behind in _behind_a_correction(session, now):
        yield f"{behind.site} còn phiên bản {behind.revision} của {behind.bulletin}; hiện hành là {behind.released}"
    taken = sa.select(Republication).where(Republication.taken_from_id.is_not(None)).order_by(Republication.id)
    for row in session.execute(taken).scalars():
        if row.taken_from is not None:
            yield f"{row.site.name} lấy {row.bulletin.code} từ bài của {row.taken_from.site.name}"
    every = sa.select(Republication).order_by(Republication.id)
    for row in session.execute(every.where(Republication.status == RepublicationStatus.DUPLICATE)).scalars():
        if row.duplicate_of is not None:
            yield f"{row.canonical_url} là địa chỉ khác của {row.duplicate_of.canonical_url}: tính một lượt"
    for partner in partners:
        if partner.own is not None and partner.own.hidden:
            yield f"{partner.name} giấu chữ của bản tin trong bài {partner.own.path}: người đọc không thấy, không tính"
    for row in session.execute(
        every.join(Page, Republication.page_id == Page.id).where(Page.look == PageLook.BROWSER)
    ).scalars():
        pictures = len(uploads_of(session, row))
        yield f"{row.canonical_url} do mã viết, đã xem bằng trình duyệt: {pictures} ảnh chụp làm chứng"
    yield f"ảnh đếm: {found.views['raw']} lần tải, {found.views['guarded']} lượt xem; không cộng vào lượt lan tỏa"


def _duration_words(seconds: float) -> str:
    return duration(round(seconds))
