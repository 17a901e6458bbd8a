"""Notices of one body: which of them a page is credited with, by what is recorded of them."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from campaigns.bulletins.addresses import PublicAddresses
from campaigns.bulletins.bulletins import Bulletin
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.discovery.sightings import Page, Sighting, SightingMethod
from campaigns.matching import fingerprint_index
from campaigns.matching.fingerprint_index import IndexedCandidates
from campaigns.partners.directory import Site
from campaigns.republications.attribution.source_lines import SourceName
from campaigns.republications.attribution.verdicts import Attribution, OurSource
from campaigns.republications.evidence import verification
from campaigns.republications.evidence.bulletin_records import REPORTED, TO_ADDRESS, TO_PARTNER, StoredRecords
from campaigns.republications.evidence.judgement import Judgement, JudgementOutcome, judge_page
from coordinator.discovery.pages.page import parse_page
from tests import factories
from tests.campaigns.matching.sample_texts import OUR_NAME, bulletin, page_html, paragraphs
from tests.campaigns.reporting.sample_republications import make_republication
from tests.factories import NOW

BASE = "https://tin.thudo.example"
ADDRESSES = PublicAddresses(BASE, ("https://cu.thudo.example",))
SAMPLE = bulletin(200, 6)
WEEK = timedelta(days=7)


class Weekly:
    """Notices of one headline and body, a week apart, and a page of a partner's site that carries it."""

    def __init__(self, session: Session, count: int = 3) -> None:
        self.session = session
        self.bulletins = [
            factories.published(session, title=SAMPLE.title, body="\n\n".join(SAMPLE.paragraphs), now=NOW + at * WEEK)
            for at in range(count)
        ]
        fingerprint_index.index_missing(session, now=NOW)
        self.site: Site = factories.site(session)
        address = f"{self.site.url}bai"
        self.page = Page(site_id=self.site.id, url=address, canonical_url=address, first_seen_at=NOW, error="")
        session.add(self.page)
        session.flush()

    def records(self) -> StoredRecords:
        return StoredRecords(self.session, self.page, ADDRESSES)

    def judged(self, when: datetime, tail: str = f"<p>Nguồn: {OUR_NAME}</p>") -> list[Judgement]:
        head = f'<meta property="article:published_time" content="{when.isoformat()}">'
        html = page_html(SAMPLE.title, paragraphs(SAMPLE.paragraphs), tail=tail, head=head)
        codes = {str(one.id): one.code for one in self.bulletins}

        def source_of(ident: str) -> OurSource:
            return OurSource(
                ADDRESSES.everywhere(codes[ident]), frozenset({"tin.thudo.example"}), (SourceName(OUR_NAME),)
            )

        return judge_page(
            parse_page(html, self.page.url), IndexedCandidates(self.session), source_of, records=self.records()
        )

    def credited(self, when: datetime, tail: str = f"<p>Nguồn: {OUR_NAME}</p>") -> list[int]:
        return [self.bulletins.index(self._of(one)) for one in self.judged(when, tail)]

    def _of(self, judgement: Judgement) -> Bulletin:
        return self.session.get_one(Bulletin, int(judgement.bulletin))

    def deliver(self, number: int, *, to_partner: bool = False, url: str | None = None) -> None:
        """Deliver one of the notices, to the page's partner or to another channel."""
        channel = factories.channel(self.session, company=self.site.company if to_partner else None)
        self.session.add(
            Delivery(
                public=f"d{channel.id}", bulletin_id=self.bulletins[number].id, channel_id=channel.id, revision=1,
                act="publish", state=DeliveryState.DELIVERED, url=url, created_at=NOW,
            )
        )  # fmt: skip
        self.session.flush()


def test_the_nearest_release_before_the_pages_date_is_credited(session: Session) -> None:
    weekly = Weekly(session)
    for number in range(3):
        assert weekly.credited(NOW + number * WEEK + timedelta(days=2)) == [number]


def test_the_linked_one_is_credited_whatever_the_date(session: Session) -> None:
    weekly = Weekly(session)
    for number, one in enumerate(weekly.bulletins):
        for base in ADDRESSES.all_bases:
            tail = f'<p>Nguồn: <a href="{base}/bulletins/{one.code}">{OUR_NAME}</a></p>'
            (judged,) = weekly.judged(NOW + timedelta(hours=1), tail)
            assert judged.bulletin == str(weekly.bulletins[number].id)
            assert judged.attribution.attribution is Attribution.LINKED_AT_END


def test_a_delivery_to_this_address_goes_before_a_report_that_before_the_partner_and_that_before_the_date(
    session: Session,
) -> None:
    weekly = Weekly(session)
    late = NOW + 2 * WEEK + timedelta(days=1)
    weekly.deliver(1, to_partner=True)
    assert weekly.credited(late) == [1]
    claim = Sighting(
        page_id=weekly.page.id,
        how=SightingMethod.REPORTED,
        source="partner",
        bulletin_id=weekly.bulletins[2].id,
        at=NOW,
    )
    session.add(claim)
    session.flush()
    assert weekly.credited(late) == [2]
    weekly.deliver(0, url=weekly.page.url.replace("https://", "http://www."))
    assert weekly.credited(late) == [0]
    idents = [str(one.id) for one in weekly.bulletins]
    assert [weekly.records().delivered(ident) for ident in idents] == [TO_ADDRESS, TO_PARTNER, REPORTED]


def test_a_delivery_that_did_not_arrive_says_nothing(session: Session) -> None:
    weekly = Weekly(session)
    weekly.deliver(1, to_partner=True)
    session.query(Delivery).filter_by(bulletin_id=weekly.bulletins[1].id).update({"state": DeliveryState.DEAD})
    assert weekly.records().delivered(str(weekly.bulletins[1].id)) == 0


@pytest.mark.parametrize("below", ["", "/republish", ".json", "?ref=zalo", "#cuoi"])
def test_an_address_of_ours_is_known_with_what_stands_below_it(session: Session, below: str) -> None:
    weekly = Weekly(session, 1)
    (one,) = weekly.bulletins
    for base in ADDRESSES.all_bases:
        assert weekly.records().bulletin_at(f"{base}/bulletins/{one.code}{below}") == str(one.id)
    for other in (
        f"{BASE}/",
        f"{BASE}/bulletins",
        f"{BASE}/bulletins/BT-0000",
        "https://khac.example/bulletins/x",
        "x",
    ):
        assert weekly.records().bulletin_at(other) is None


def test_of_more_than_are_compared_the_linked_one_and_the_nearest_are_found(session: Session) -> None:
    weekly = Weekly(session, 66)
    assert weekly.credited(NOW + 3 * WEEK + timedelta(days=1)) == [3]
    assert weekly.credited(NOW + 65 * WEEK + timedelta(days=1)) == [65]
    link = f'<p>Nguồn: <a href="{BASE}/bulletins/{weekly.bulletins[64].code}">{OUR_NAME}</a></p>'
    assert weekly.credited(NOW + timedelta(days=1), link) == [64]


DAILY = (
    "Tính đến ngày {0}/11, thành phố ghi nhận thêm {1} ca mắc mới, hiện còn {2} bệnh nhân đang điều trị tại {3} cơ sở. "
    "Các đội xung kích tiếp tục lật úp dụng cụ chứa nước, phun hóa chất theo lịch và hướng dẫn từng hộ ngủ màn."
)


def test_another_days_figures_wait_for_a_person_and_are_not_the_copy_that_was_confirmed(session: Session) -> None:
    bulletins = [
        factories.published(session, title="Tình hình dịch", body=DAILY.format(day, 31 + day, 200 + 7 * day, 11 + day))
        for day in range(1, 4)
    ]
    fingerprint_index.index_missing(session, now=NOW)
    ours = OurSource((f"{BASE}/bulletins/x",), frozenset({"tin.thudo.example"}), (SourceName(OUR_NAME),))

    def judged(tail: str) -> list[Judgement]:
        text = f"<p>{DAILY.format(23, 54, 361, 34)}</p>"
        page = parse_page(page_html("Tình hình dịch", text, tail=tail), "https://tinvui.example/a")
        return judge_page(page, IndexedCandidates(session), lambda _: ours)

    (judgement,) = judged(f"<p>Nguồn: {OUR_NAME}</p>")
    assert judgement.has_other_figures
    assert judgement.decision.outcome is JudgementOutcome.REVIEW
    assert judged("") == []  # somebody else's notice in the same words
    assert verification.is_carried({}, judgement)
    place = factories.site(session)
    named = next(one for one in bulletins if str(one.id) == judgement.bulletin)
    row = make_republication(session, named, place)
    assert verification.is_carried({named.id: row}, judgement)  # reported, and nobody has seen it yet
    row.confirmed_at = NOW
    assert not verification.is_carried({named.id: row}, judgement)
