"""A city at the size that is kept (docs/explanation/architecture.md): bulletins, partners, deliveries and copies."""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from benchmarks import worlds
from benchmarks.corpus.bulletins import make
from campaigns.channels.channels import Channel, ChannelState
from campaigns.channels.transport import DeliveryAct
from campaigns.core.clock import city_day
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.discovery.sightings import Page, Sighting, SightingMethod
from campaigns.discovery.site_sources import Source, SourceKind
from campaigns.matching.matcher import Match
from campaigns.partners.directory import Company, Site, SiteKind
from campaigns.partners.licences import Licence, LicenceAct, write_versions
from campaigns.people.keys import AccessKey, KeyKind
from campaigns.people.staff import Person, Role
from campaigns.planning.campaigns import CampaignContent, TargetContent, save_campaign
from campaigns.reporting.rollups import change_log, rollup
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import (
    Evidence,
    EvidenceLevel,
    Republication,
    RepublicationLife,
    RepublicationStatus,
)
from coordinator.db import Database

BULLETINS, SITES, COPIES, CHANNELS, STAFF = 100_000, 2_000, 1_000_000, 300, 60
_APART = timedelta(days=1) / 50  # between two bulletins
STEP = 5_000  # rows an insert
_TO_ALL = 50  # the newest bulletins, which went to every channel; the others went to five
NOW = worlds.NOW
_STATUSES = (RepublicationStatus.CONFIRMED,) * 17 + (
    RepublicationStatus.REVIEW,
    RepublicationStatus.REJECTED,
    RepublicationStatus.CANDIDATE,
)
_PLAIN: dict[str, Any] = {
    "match": Match.FULL, "share": 0.95, "attribution": Attribution.LINKED_AT_END, "counter_image": True, "reasons": [],
}  # fmt: skip
# Why copies wait for a person, in turns: what each has instead of the above.
_DOUBTS: tuple[dict[str, Any], ...] = (
    {"attribution": Attribution.NONE, "reasons": ["no_source: the page carries the text and does not name us"]},
    {"match": Match.EXCERPT, "share": 0.3, "reasons": ["excerpt: three words in ten stand on the page"]},
    {"match": Match.PARTIAL, "share": 0.7, "attribution": Attribution.NAMED_OTHER_SOURCE, "counter_image": False,
     "reasons": ["other_source: the page names another source"]},
    {"match": Match.EXCERPT, "share": 0.2, "attribution": Attribution.NAMED_ONLY,
     "reasons": ["front_page: the text stands on the site's front page, not on an article's"]},
    {"match": Match.NONE, "share": 0.0, "counter_image": None,
     "reasons": ["page_unreadable: the page answered 403 three times"]},
)  # fmt: skip


def fill(
    session: Session,
    bulletins: int = BULLETINS,
    sites: int = SITES,
    copies: int = COPIES,
    looks: Callable[[dict[str, Any]], list[dict[str, Any]]] = lambda evidence: [evidence],
) -> None:
    """A city of this size, the same every time: half as many partners as sites, the bulletins fifty a day, each copy
    within three days of its bulletin. One delivery in a thousand waits for a person, one copy in twenty for review,
    each for one of ``_DOUBTS``; one copy in twenty was reported by its partner. ``looks`` makes the rows of evidence of
    a copy from the one that it is given, without a text."""
    people(session)
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        # As much of the file at hand as any index needs: rows come in no order of theirs.
        connection.exec_driver_sql("PRAGMA cache_size=-400000")
    change_log.remove_triggers(connection)  # the sums are made at the end, as after a restore
    worlds.fill(session, 1, bulletins, apart=_APART)
    _directory(session, sites)
    _deliveries(session, bulletins, min(sites // 2, CHANNELS))
    dice = random.Random(174)
    heads = [make(f"world{number}", 1).title for number in range(1, min(bulletins, 2_000) + 1)]
    counted: dict[tuple[int, int], int] = {}
    for first in range(1, copies + 1, STEP):
        numbers = range(first, min(first + STEP, copies + 1))
        pages, rows, proofs, sightings = zip(*_copies(dice, numbers, heads, bulletins, sites, counted), strict=True)
        evidence = [row for proof in proofs for row in looks(proof)]
        for table, values in ((Page, pages), (Republication, rows), (Evidence, evidence), (Sighting, sightings)):
            session.execute(sa.insert(table), list(values))
    change_log.install_triggers(connection)
    rollup.rebuild_sums(session)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA cache_size=-2000")


def analyse(database: Database) -> None:
    """What a database that has been at work for a while knows of its own rows: PostgreSQL's own upkeep begins a minute
    after so many rows were written."""
    if database.on_sqlite:
        database.update_statistics()
        return
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))


def people(session: Session) -> None:
    """The staff, all roles in turns, and the campaign of the year."""
    roles = list(Role)
    for number in range(STAFF):
        role = roles[number % len(roles)]
        name = role.value if number < len(roles) else f"{role.value}{number}"
        session.add(
            Person(
                email=f"{name}@so.example", name=name, role=role, active=True, password=None,
                fs_uniquifier=f"uniq-{name}", created_at=NOW,
            )
        )  # fmt: skip
    save_campaign(
        session,
        "bench",
        None,
        "kh174",
        CampaignContent(
            plan_number="174-KH/UBND",
            name="Lan tỏa",
            starts_on=date(2026, 1, 1),
            ends_on=date(2026, 12, 31),
            topics=["dich-benh"],
            targets=[
                TargetContent("republications", 200_000),
                TargetContent("republications", 50_000, period="2026-Q4"),
            ],
        ),
        now=NOW,
    )


def url_of(site: int) -> str:
    """A site's front page."""
    return f"https://trang{site}.example/"


def _key(site: int) -> str:
    """The name of the key of the partner that a site belongs to."""
    return f"k{(site + 1) // 2:05d}"


def _directory(session: Session, sites: int) -> None:
    companies = sites // 2
    kinds: tuple[type[Any], ...] = (Company, Licence, Channel, Site, Source, AccessKey)
    rows: dict[type[Any], list[dict[str, Any]]] = {kind: [] for kind in kinds}
    for number in range(1, companies + 1):
        rows[Company].append(
            {"id": number, "code": f"cong-ty-{number}", "name": f"Công ty Truyền thông {number}",
             "tax_code": f"01{number:08d}", "contact": "", "created_at": NOW}
        )  # fmt: skip
        rows[Licence].append(
            {"id": number, "company_id": number, "number": f"{number}/GP-TTĐT", "kind": SiteKind.AGGREGATOR,
             "issuer": "Sở Thông tin", "issued_on": date(2024, 1, 1), "expires_on": date(2027, 1, 1 + number % 28),
             "domains": [f"trang{number}.example"], "scope": [], "created_at": NOW}
        )  # fmt: skip
        rows[AccessKey].append(
            {"public": _key(2 * number), "kind": KeyKind.ACCESS, "name": f"Khoá {number}", "secret_hash": "0" * 64,
             "company_id": number, "created_at": NOW}
        )  # fmt: skip
        if number <= CHANNELS:
            rows[Channel].append(
                {"id": number, "code": f"kenh-{number}", "kind": "webhook", "name": f"Kênh {number}",
                 "company_id": number, "topics": None, "settings": {}, "state": ChannelState.ACTIVE, "created_at": NOW}
            )  # fmt: skip
    for number in range(1, sites + 1):
        url = url_of(number)
        rows[Site].append(
            {"id": number, "code": f"trang-{number}", "company_id": (number - 1) // 2 + 1, "name": f"Trang {number}",
             "url": url, "host": f"trang{number}.example", "kind": SiteKind.AGGREGATOR, "feeds": [f"{url}rss"],
             "sitemaps": [], "listings": [], "created_at": NOW}
        )  # fmt: skip
        rows[Source].append({"site_id": number, "kind": SourceKind.FEED, "url": f"{url}rss", "looked_at": NOW})
    for table, values in rows.items():
        session.execute(sa.insert(table), values)
    write_versions(session, Licence.company_id > 0, LicenceAct.ADDED, now=NOW)


def _deliveries(session: Session, bulletins: int, channels: int) -> None:
    for first in range(1, bulletins + 1, STEP):
        rows = []
        for number in range(first, min(first + STEP, bulletins + 1)):
            of = channels if number > bulletins - _TO_ALL else min(channels, 5)
            for channel in range(1, of + 1):
                waits = (number * min(channels, 5) + channel) % 1000 == 0
                rows.append(
                    {"public": f"del_{number}_{channel}", "bulletin_id": number, "channel_id": channel, "revision": 1,
                     "act": DeliveryAct.PUBLISH, "state": DeliveryState.UNKNOWN if waits else DeliveryState.DELIVERED,
                     "created_at": NOW, "attempt": 1, "fence": 1}
                )  # fmt: skip
        session.execute(sa.insert(Delivery), rows)


def _copies(
    dice: random.Random,
    numbers: Sequence[int],
    heads: Sequence[str],
    bulletins: int,
    sites: int,
    counted: dict[tuple[int, int], int],
) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any]]]:
    for number in numbers:
        site, of = dice.randrange(1, sites + 1), dice.randrange(1, bulletins + 1)
        released_ago = _APART * (bulletins + 1 - of)
        seen = NOW - max(released_ago - timedelta(minutes=dice.randrange(1, 3 * 24 * 60)), timedelta(minutes=1))
        url = f"{url_of(site)}tin/bai-viet-{number}.html"
        seen_as = {"url": url, "canonical_url": url, "first_seen_at": seen}
        # One in twenty was reported by its partner, the others stood in its feed.
        seen_by = (
            {"how": SightingMethod.REPORTED, "source": f"key:{_key(site)}", "bulletin_id": of}
            if number % 20 == 0
            else {"how": SightingMethod.DISCOVERED, "source": f"{url_of(site)}rss", "bulletin_id": None}
        )
        status = dice.choice(_STATUSES)
        other = counted.setdefault((of, site), number) if status is RepublicationStatus.CONFIRMED else number
        if other != number:  # one bulletin on one site counts once
            status = RepublicationStatus.DUPLICATE
        doubts = _DOUBTS[(number + number // 20) % len(_DOUBTS)] if status is RepublicationStatus.REVIEW else {}
        verdict = {**_PLAIN, **doubts}
        match = {"title_kept": True, **{name: verdict[name] for name in ("match", "share", "attribution", "reasons")}}
        yield (
            {"id": number, "site_id": site, "error": "", "checked_at": seen, **seen_as},
            {
                "id": number, "public": f"rep_{number:08d}", "bulletin_id": of, "site_id": site, "page_id": number,
                "status": status, "life": RepublicationLife.LIVE, "level": EvidenceLevel.LIVE, "revision": 1,
                "counted_on": city_day(seen), "confirmed_at": seen, "checked_at": seen, "decision_note": "",
                "headline": heads[of % len(heads)], "author": "", "image": "",
                "counter_image": verdict["counter_image"], "duplicate_of_id": other if other != number else None,
                **seen_as, **match,
            },
            {
                "republication_id": number, "at": seen, "status": 200, "final_url": url, "body_hash": "0" * 64,
                "page_title": "", "page_text": "", "longest_run": 200, "source_text": "", "source_where": "",
                "passages": [], "rule_version": "bench", "fp_version": "bench", **match,
            },
            {"page_id": number, "at": seen, **seen_by},
        )  # fmt: skip
