"""Two merges at once, and rows written during a merge: one merge wins, and no row stays under the merged partner."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from campaigns.delivery.feed_fetches import record_unchanged
from campaigns.partners import partner_merge
from campaigns.partners.directory import Company, PartnerMerged, find_company
from campaigns.reporting.rollups import rollup
from campaigns.rows import METADATA
from coordinator.db import Database
from tests.campaigns.partners.test_partner_merge import DROPPED, KEPT
from tests.campaigns.partners.two_companies import laden, owners
from tests.conftest import Kept
from tests.factories import ADMIN, NOW


@pytest.fixture
def postgresql(kept_postgresql: Kept, tmp_path: Path) -> Iterator[Database]:
    """The database on which two transactions write at once."""
    with kept_postgresql.fresh(tmp_path / "lantoa.db") as made:
        yield made


@pytest.mark.parametrize("round_about", [False, True], ids=["the same way", "the other way round"])
def test_of_two_who_merge_the_same_two_one_is_informed(database: Database, round_about: bool) -> None:
    with database.write() as session:
        pair = laden(session)
        seen = partner_merge.pair_version_tag(session, pair.first, pair.second)
        name = pair.first.name
    together = threading.Barrier(2)

    def merge(keep: str, drop: str) -> str:
        together.wait(20)
        try:
            with database.write() as session:
                partner_merge.merge(session, ADMIN, keep=keep, drop=drop, name=name, tax_code="", seen=seen, now=NOW)
        except PartnerMerged as merged:
            return merged.code
        return "merged"

    ways = [(KEPT, DROPPED), (DROPPED, KEPT) if round_about else (KEPT, DROPPED)]
    with ThreadPoolExecutor(2) as pool:
        values = list(pool.map(lambda way: merge(*way), ways))
    assert sorted(values) == ["merged", "partner_merged"]
    with database.read() as session:
        (stays,) = session.execute(sa.select(Company).where(Company.merged_into_id.is_(None))).scalars()
        assert {number for these in owners(session).values() for number in these} == {stays.id}
        assert list(rollup.find_differences(session)) == []


@pytest.mark.postgresql
def test_what_is_written_while_two_are_merged_is_the_one_partners(postgresql: Database) -> None:
    with postgresql.write() as session:
        pair = laden(session)
        first, second = pair.first.id, pair.second.id
        seen = partner_merge.pair_version_tag(session, pair.first, pair.second)
        key = session.execute(sa.select(METADATA.tables["keys"].c.id)).scalars().first()
        assert key is not None
    merged, written = threading.Event(), threading.Event()

    def write(what: Callable[[], None]) -> None:
        merged.wait(20)
        what()
        written.set()

    def fetch() -> None:
        with postgresql.write() as session:
            record_unchanged(session, [(key, second, "rss.xml", 304, NOW)])

    with ThreadPoolExecutor(1) as pool:
        with postgresql.write() as session:
            name = find_company(session, KEPT).name
            partner_merge.merge(session, ADMIN, keep=KEPT, drop=DROPPED, name=name, tax_code="", seen=seen, now=NOW)
            waits = pool.submit(write, fetch)
            merged.set()
            assert not written.wait(1), "a writer of a row of the other waits for the merge"
        waits.result(20)
    with postgresql.read() as session:
        found = owners(session)
        assert set(found["feed_fetches"]) == {first}
        assert len(found["feed_fetches"]) == 3


@pytest.mark.postgresql
def test_what_was_being_written_when_a_merge_began_goes_over_too(postgresql: Database) -> None:
    with postgresql.write() as session:
        pair = laden(session)
        first, second = pair.first.id, pair.second.id
        name = pair.first.name
        key = session.execute(sa.select(METADATA.tables["keys"].c.id)).scalars().first()
        assert key is not None
    waits = threading.Event()

    def merge() -> None:
        waits.set()
        with postgresql.write() as session:
            kept, dropped = find_company(session, KEPT), find_company(session, DROPPED)
            seen = partner_merge.pair_version_tag(session, kept, dropped)
            partner_merge.merge(session, ADMIN, keep=KEPT, drop=DROPPED, name=name, tax_code="", seen=seen, now=NOW)

    with ThreadPoolExecutor(1) as pool:
        with postgresql.write() as session:
            record_unchanged(session, [(key, second, "rss.xml", 304, NOW)])
            session.flush()
            done = pool.submit(merge)
            waits.wait(20)
            with pytest.raises(TimeoutError):
                done.result(1)
        done.result(20)
    with postgresql.read() as session:
        assert {number for these in owners(session).values() for number in these} == {first}
