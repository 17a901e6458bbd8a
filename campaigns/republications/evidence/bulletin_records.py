"""What is recorded of our bulletins besides their texts: addresses, releases, deliveries to a page's site, reports."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.addresses import PublicAddresses
from campaigns.bulletins.bulletins import Bulletin
from campaigns.channels.channels import Channel
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.discovery.sightings import Page, Sighting, SightingMethod
from campaigns.discovery.urls import code_below, page_key, same_page

TO_ADDRESS, REPORTED, TO_PARTNER = 3, 2, 1  # of ``CandidateEvidence.delivered``
_BY_OTHERS = (SightingMethod.REPORTED, SightingMethod.ANNOUNCED, SightingMethod.COUNTED_IMAGE, SightingMethod.PERSON)


def address_roots(addresses: PublicAddresses) -> tuple[str, ...]:
    """The beginnings of the addresses of all bulletins, as ``page_key`` writes them."""
    keys = (page_key(address) for address in addresses.everywhere("x"))
    return tuple(key.removesuffix("x") for key in keys if key is not None)


class StoredRecords:
    """``BulletinRecords`` of one page, from the database; each question is asked once."""

    def __init__(self, session: Session, page: Page, addresses: PublicAddresses) -> None:
        self._session, self._page = session, page
        self._roots = address_roots(addresses)
        self._idents: dict[str, str | None] = {}
        self._delivered: dict[str, int] = {}

    def bulletin_at(self, url: str) -> str | None:
        """The bulletin whose address this is, or is above it; None for any other address."""
        code = code_below(url, self._roots)
        return self.bulletin_of_code(code) if code is not None else None

    def bulletin_of_code(self, code: str) -> str | None:
        """The bulletin with a public code."""
        if code not in self._idents:
            found = self._session.execute(sa.select(Bulletin.id).where(Bulletin.code == code)).scalar_one_or_none()
            self._idents[code] = str(found) if found is not None else None
        return self._idents[code]

    def released_at(self, ident: str) -> datetime | None:
        """When a bulletin was released; an imported one, the beginning of its day."""
        return self._session.get_one(Bulletin, int(ident)).out_since

    def delivered(self, ident: str) -> int:
        """Whether a bulletin was delivered to this address, reported on it, or delivered to the site's partner."""
        if ident not in self._delivered:
            self._delivered[ident] = self._read_delivered(int(ident))
        return self._delivered[ident]

    def _read_delivered(self, bulletin_id: int) -> int:
        page = self._page
        query = (
            sa.select(Delivery.url, Channel.company_id)
            .join(Channel, Channel.id == Delivery.channel_id)
            .where(Delivery.bulletin_id == bulletin_id, Delivery.state == DeliveryState.DELIVERED)
        )
        deliveries = self._session.execute(query).all()
        if any(
            url is not None and (same_page(url, page.url) or same_page(url, page.canonical_url))
            for url, _ in deliveries
        ):
            return TO_ADDRESS
        reported = sa.exists().where(
            Sighting.page_id == page.id, Sighting.bulletin_id == bulletin_id, Sighting.how.in_(_BY_OTHERS)
        )
        if self._session.execute(sa.select(reported)).scalar_one():
            return REPORTED
        return TO_PARTNER if any(company == page.site.company_id for _, company in deliveries) else 0
