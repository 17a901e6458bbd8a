"""Many rows in one statement are the rows that as many statements would have added, numbered in their order."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from campaigns.core import bulk
from campaigns.partners.directory import Company, Site, SiteKind
from campaigns.partners.licences import Licence
from campaigns.searching import rebuilding
from campaigns.searching.asking import ask
from campaigns.searching.finding import find
from campaigns.searching.index import Kind
from coordinator.db import Database
from tests.factories import NOW, company

# What arrays of values have a meaning for: commas, quotes, braces, backslashes, NULL as a word; and marks.
SAID = ("", "NULL", 'a,"b"', "{}", "{a,b}", "\\", "\\N", "'", "%s", ":x", "ế", "Sở Thông tin\nvà Truyền thông")
LICENCES = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(list(SiteKind)),
        "issuer": st.sampled_from(SAID),
        "issued_on": st.dates(date(1990, 1, 1), date(2100, 12, 31)),
        "expires_on": st.none() | st.dates(date(1990, 1, 1), date(2100, 12, 31)),
        "domains": st.lists(st.sampled_from(SAID), max_size=3),
        "scope": st.lists(st.sampled_from(SAID), max_size=3),
    }
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(LICENCES, min_size=1, max_size=5), name=st.sampled_from(SAID))
def test_what_is_added_is_what_was_said(session: Session, rows: list[dict[str, Any]], name: str) -> None:
    owner = company(session)
    rows = [{**row, "number": f"{place}/GP"} for place, row in enumerate(rows)]
    numbers = bulk.add_rows(session, Licence, rows, {"company_id": owner.id, "created_at": NOW, "came_by": name})
    kept = session.execute(sa.select(Licence).order_by(Licence.id)).scalars().all()
    assert [one.id for one in kept] == list(numbers)
    assert [{column: getattr(one, column) for column in rows[0]} for one in kept] == rows
    assert {(one.company_id, one.created_at, one.came_by) for one in kept} == {(owner.id, NOW, name)}
    session.rollback()


def test_numbers_rise_in_the_order_of_the_rows_however_many(session: Session) -> None:
    codes = [f"c{(place * 7919) % 3000}" for place in range(3000)]
    rows = [{"code": code, "name": code} for code in codes]
    numbers = bulk.add_rows(session, Company, rows, {"contact": "", "created_at": NOW})
    kept = dict(session.execute(sa.select(Company.id, Company.code)).all())
    assert [kept[number] for number in numbers] == codes
    assert list(numbers) == sorted(numbers)


def test_nothing_is_added_of_nothing(session: Session) -> None:
    assert bulk.add_rows(session, Company, [], {"contact": ""}) == ()
    assert bulk.take_added(session) == ()


def test_what_was_added_is_told_once(session: Session) -> None:
    rows, same = [{"code": "a", "name": "A"}], {"contact": "", "created_at": NOW}
    numbers = bulk.add_rows(session, Company, rows, same)
    assert bulk.take_added(session) == [bulk.Added(Company, numbers, rows, same)]
    assert bulk.take_added(session) == ()


def test_objects_that_were_not_written_yet_are_written_before(session: Session) -> None:
    session.add(Company(code="a", name="A", created_at=NOW))
    bulk.add_rows(session, Company, [{"code": "b", "name": "B"}], {"contact": "", "created_at": NOW})
    assert session.execute(sa.select(Company.code).order_by(Company.id)).scalars().all() == ["a", "b"]


@pytest.mark.parametrize("values", [[], ["a"], ["a", "b", "z", 'x,"y"', "{}"]])
def test_a_column_among_values(session: Session, values: list[str]) -> None:
    rows = [{"code": code, "name": code} for code in ("a", "b", 'x,"y"', "{}", "other")]
    bulk.add_rows(session, Company, rows, {"contact": "", "created_at": NOW})
    found = session.execute(sa.select(Company.code).where(bulk.among(session, Company.code, values))).scalars()
    assert sorted(found) == sorted({"a", "b", 'x,"y"', "{}", "other"} & set(values))


def _found(database: Database, typed: str, kind: Kind = Kind.COMPANY) -> list[int]:
    with database.read() as session:
        return sorted(hit.number for hit in find(session, kind, ask(typed), most=10).rows)


def _wrong(database: Database) -> list[rebuilding.Difference]:
    with database.read() as session:
        return [one for one in rebuilding.differences(session) if one.kind is not None]


def test_rows_added_in_bulk_are_found_by_their_words(database: Database) -> None:
    with database.write() as session:
        owner = company(session)
        hosts = ("s1.vn", "s2.vn")
        rows = [{"code": host, "name": f"Trang Nhịp {host}", "url": f"http://{host}/", "host": host} for host in hosts]
        same = {"company_id": owner.id, "kind": SiteKind.SOCIAL, "feeds": [], "sitemaps": [], "listings": []}
        one, other = bulk.add_rows(session, Site, rows, {**same, "searches": [], "active": True, "created_at": NOW})
    assert _found(database, "nhip", Kind.SITE) == [one, other]
    assert _found(database, "s2.vn", Kind.SITE) == [other]
    assert _wrong(database) == []


def test_what_a_savepoint_undid_is_not_found_and_what_stood_before_it_is(database: Database) -> None:
    same = {"contact": "", "created_at": NOW}
    with database.write() as session:
        session.add(Company(code="dau", name="Công ty Đứng Trước", created_at=NOW))
        (first,) = bulk.add_rows(session, Company, [{"code": "b", "name": "Công ty Cùng Lúc"}], same)
        savepoint = session.begin_nested()
        bulk.add_rows(session, Company, [{"code": "c", "name": "Công ty Mất Đi"}], same)
        savepoint.rollback()
        session.add(Company(code="sau", name="Công ty Đứng Sau", created_at=NOW))
    assert len(_found(database, "đứng trước")) == 1
    assert _found(database, "cùng lúc") == [first]
    assert _found(database, "mất đi") == []
    assert len(_found(database, "đứng sau")) == 1
    assert _wrong(database) == []


def test_what_was_rolled_back_leaves_nothing_to_index(database: Database) -> None:
    with database.writers() as session:
        bulk.add_rows(session, Company, [{"code": "c", "name": "Công ty Mất"}], {"contact": "", "created_at": NOW})
        session.rollback()
        session.add(Company(code="d", name="Công ty Khác", created_at=NOW))
        session.commit()
    assert _found(database, "mất") == []
    assert len(_found(database, "khác")) == 1
