"""Probable duplicates of partners, and pairs that a person marked as distinct."""

import unicodedata

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.errors import Conflict, Forbidden, Invalid
from campaigns.core.journal import JournalEntry
from campaigns.partners.directory import Company, find_company
from campaigns.partners.similar_partners import (
    DuplicatePair,
    PartnerName,
    distinct_pairs,
    duplicate_pairs,
    duplicate_proposals,
    mark_distinct,
    unmark_distinct,
)
from coordinator.db import Database
from tests import factories
from tests.factories import ADMIN, ANALYST, NOW

HOA = "Công ty Cổ phần Hoà Bình"


def named(*names: str | tuple[str, str]) -> list[PartnerName]:
    given = [name if isinstance(name, tuple) else (name, "") for name in names]
    return [PartnerName(number, f"c{number}", name, tax or None) for number, (name, tax) in enumerate(given, 1)]


def numbers(pairs: list[DuplicatePair]) -> list[tuple[int, int]]:
    return [pair.ids for pair in pairs]


@pytest.mark.parametrize(
    "other",
    [
        "CTCP Hòa Bình",
        "CÔNG TY CP HÒA BÌNH",
        unicodedata.normalize("NFD", HOA),
        " Công  ty cổ phần “Hoà Bình” ",
        "C.ty CP Hoà Bình",
    ],
)
def test_one_name_in_two_spellings_is_proposed(other: str) -> None:
    (pair,) = duplicate_pairs(named(HOA, "Công ty TNHH Hòa Bình", other))
    assert (pair.ids, pair.spelling, pair.tax) == ((1, 3), True, False)


def test_one_tax_code_under_two_names_is_proposed_once() -> None:
    (pair,) = duplicate_pairs(named((HOA, "0101234567"), ("CTCP Hoà Bình", "0101234567"), ("Sao Mai", "0107654321")))
    assert (pair.ids, pair.spelling, pair.tax, pair.other_tax) == ((1, 2), True, True, False)
    (pair,) = duplicate_pairs(named((HOA, "0101234567"), ("Sao Mai", "0101234567")))
    assert (pair.spelling, pair.tax) == (False, True)


def test_two_tax_codes_of_one_name_are_reported() -> None:
    (pair,) = duplicate_pairs(named((HOA, "0101234567"), ("CTCP Hoà Bình", "0107654321")))
    assert pair.other_tax


def test_who_is_held_apart_is_not_proposed() -> None:
    three = named(HOA, "CTCP Hoà Bình", "CTCP hoa binh")
    assert numbers(duplicate_pairs(three)) == [(1, 2), (1, 3), (2, 3)]
    assert numbers(duplicate_pairs(three, {(1, 3)})) == [(1, 2), (2, 3)]


def test_many_of_one_name_are_proposed_one_beside_the_next() -> None:
    pairs = duplicate_pairs(named(*[HOA] * 300))
    assert numbers(pairs) == [(number, number + 1) for number in range(1, 300)]


def test_a_word_that_two_are_not_the_same_is_kept_reported_and_taken_back(database: Database) -> None:
    with database.write() as session:
        company, other = factories.company(session, HOA), factories.company(session, "CTCP Hoà Bình")
        codes = company.code, other.code
        assert len(duplicate_proposals(session)) == 1
        mark_distinct(session, ADMIN, other, company, now=NOW)
        assert duplicate_proposals(session) == []
        with pytest.raises(Conflict) as exception_info:
            mark_distinct(session, ADMIN, company, other, now=NOW)
        assert exception_info.value.code == "held_apart"
    with database.write() as session:
        (apart,) = distinct_pairs(session)
        assert (apart.first.code, apart.second.code, apart.by, apart.at) == (*codes, ADMIN.id, NOW)
        company, other = (find_company(session, code) for code in codes)
        unmark_distinct(session, ADMIN, company, other, now=NOW)
        assert len(duplicate_proposals(session)) == 1
        assert distinct_pairs(session) == []
        with pytest.raises(Conflict) as exception_info:
            unmark_distinct(session, ADMIN, company, other, now=NOW)
        assert exception_info.value.code == "not_held_apart"
    with database.read() as session:
        acts = session.execute(
            sa.select(JournalEntry.act, JournalEntry.subject).where(JournalEntry.act.like("partner.%"))
        ).all()
        kept = [tuple(row) for row in acts if row.act != "partner.added"]
        assert sorted(kept) == sorted((act, code) for act in ("partner.held_apart", "partner.let_go") for code in codes)


def test_only_who_configures_may_say_so(session: Session) -> None:
    company, other = factories.company(session), factories.company(session)
    for act in (mark_distinct, unmark_distinct):
        with pytest.raises(Forbidden):
            act(session, ANALYST, company, other, now=NOW)
        with pytest.raises(Invalid):
            act(session, ADMIN, company, company, now=NOW)


def test_ten_thousand_partners_are_gone_through_in_two_statements(session: Session) -> None:
    rows = [
        {"code": f"p{number}", "name": f"Công ty Cổ phần Số {number}", "created_at": NOW} for number in range(10_000)
    ]
    session.execute(sa.insert(Company), rows)
    factories.company(session, "CTCP Số 77")
    session.flush()
    seen: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    engine = session.connection().engine
    sa.event.listen(engine, "before_cursor_execute", count)
    try:
        (pair,) = duplicate_proposals(session)
    finally:
        sa.event.remove(engine, "before_cursor_execute", count)
    assert (pair.first.code, len(seen)) == ("p77", 2)
