"""The copies that a search matches equal a comparison by hand, for few and many."""

import random
from urllib.parse import unquote

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.vietnamese import slug
from campaigns.partners.directory import Site
from campaigns.republications.republications import Republication
from campaigns.search import republication_search
from campaigns.search.query import parse_query
from campaigns.search.words import words_of
from coordinator.db import Database
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republication
from tests.campaigns.search.reference_ranking import tier_of

pytestmark = pytest.mark.long

ASKED = (
    "sởi", "soi", "tiêm sởi", "sởi tiêm", '"sởi tiêm"', "tiem so", "trạm y tế", "hà nội", "nội-vụ", "bai", "html",
    "hoa", "BT-2026-11-24-003", "https://bao1.example/", "bao1", "ao2", "o2.exa", "Báo Hòa Bình", "bao hoà binh",
    "example", "và", "zzz", "%", "_", "!!", "tiêm bao1", "Minh An",
)  # fmt: skip


@pytest.fixture
def filled(database: Database) -> Database:
    """Bulletins, sites and copies of few words, so that they meet."""
    dice = random.Random(11)
    with database.write() as session:
        bulletins = [
            factories.published(session, title=title, body=body)
            for title, body in (
                ("Tiêm sởi tại phường", "Trạm y tế mở cửa."),
                ("Họp tại Hà Nội", "Ngành nội-vụ và tiêm chủng."),
                ("Điều hòa giao thông", "Không có gì."),
                ("Bình ổn giá", "Hoa quả và rau."),
            )
        ]
        sites = [factories.site(session, url=f"https://bao{number}.example/") for number in range(4)]
        sites[3].name = "Báo Hòa Bình"
        for number in range(60):
            row = make_republication(session, dice.choice(bulletins), dice.choice(sites))
            row.headline = dice.choice(["", "Trẻ được tiêm sởi", "Soi gương", "Tin Hà Nội"])
            row.author = "Minh An" if number % 9 == 0 else ""
            if number % 7 == 0:
                row.canonical_url = f"{row.site.url}tin/ti%C3%AAm-so-{number}.html"
    return database


def by_hand(session: Session, typed: str) -> set[int]:
    """The same by reading."""
    query = parse_query(typed)

    def holds(head: str, body: str) -> bool:
        return bool(query) and tier_of(query, words_of(head), words_of(body)) is not None

    def of_site(site: Site) -> bool:
        short = slug(typed)
        inside = typed.lower() in site.name.lower() or (bool(short) and short in site.code)
        return inside or holds(f"{site.name}\n{site.host}", f"{site.code}\n{site.url}")

    found = set()
    for row in session.execute(sa.select(Republication)).scalars():
        text = row.bulletin.revision(row.bulletin.latest)
        if (
            of_site(row.site)
            or holds(row.headline, f"{row.author}\n{unquote(row.canonical_url)}")
            or holds(f"{text.title}\n{row.bulletin.code}", f"{text.lead}\n{text.body_text}")
        ):
            found.add(row.id)
    return found


@pytest.mark.long
@pytest.mark.parametrize("few", [0, 5, 1000])
def test_words_lead_to_the_copies_that_reading_leads_to(
    filled: Database, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(republication_search, "MOST_GATHERED", few)
    sizes = set()
    with filled.read() as session:
        everything = session.execute(sa.select(sa.func.count()).select_from(Republication)).scalar_one()
        for typed in ASKED:
            wanted = by_hand(session, typed)
            led = republication_search.matching_copies(session, typed)
            found = session.execute(sa.select(Republication.id).where(led.condition)).scalars().all()
            assert sorted(found) == sorted(wanted), typed
            if led.few:
                assert len(wanted) <= few
            sizes.add(len(wanted))
    # Some lead to none, some to all, most to a part.
    assert {0, everything} < sizes


def test_it_takes_one_statement_whatever_is_found(filled: Database) -> None:
    seen: list[str] = []
    with filled.read() as session:
        session.connection()
        sa.event.listen(filled.engine, "before_cursor_execute", lambda *entry: seen.append(entry[2]))
        for typed in ("zzz", "sởi", "html"):
            republication_search.matching_copies(session, typed)
    assert len(seen) == 3
