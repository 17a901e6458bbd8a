"""Which partners may be one and the same, and a person's word that two are not."""

import unicodedata

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.errors import Conflict, Forbidden, Invalid
from campaigns.core.journal import Entry
from campaigns.partners.directory import Company, find_company
from campaigns.partners.duplicates import Named, Pair, held_apart, hold_apart, let_go, pairs_among, proposals
from coordinator.db import Database
from tests import factories
from tests.factories import ADMIN, ANALYST, NOW

HOA = "Công ty Cổ phần Hoà Bình"


def named(*names: str | tuple[str, str]) -> list[Named]:
    given = [one if isinstance(one, tuple) else (one, "") for one in names]
    return [Named(number, f"c{number}", name, tax or None) for number, (name, tax) in enumerate(given, 1)]


def numbers(pairs: list[Pair]) -> list[tuple[int, int]]:
    return [one.numbers for one in pairs]


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
    (pair,) = pairs_among(named(HOA, "Công ty TNHH Hòa Bình", other))
    assert (pair.numbers, pair.spelling, pair.tax) == ((1, 3), True, False)


def test_one_tax_code_under_two_names_is_proposed_once() -> None:
    (pair,) = pairs_among(named((HOA, "0101234567"), ("CTCP Hoà Bình", "0101234567"), ("Sao Mai", "0107654321")))
    assert (pair.numbers, pair.spelling, pair.tax, pair.other_tax) == ((1, 2), True, True, False)
    (pair,) = pairs_among(named((HOA, "0101234567"), ("Sao Mai", "0101234567")))
    assert (pair.spelling, pair.tax) == (False, True)


def test_two_tax_codes_of_one_name_are_told() -> None:
    (pair,) = pairs_among(named((HOA, "0101234567"), ("CTCP Hoà Bình", "0107654321")))
    assert pair.other_tax


def test_who_is_held_apart_is_not_proposed() -> None:
    three = named(HOA, "CTCP Hoà Bình", "CTCP hoa binh")
    assert numbers(pairs_among(three)) == [(1, 2), (1, 3), (2, 3)]
    assert numbers(pairs_among(three, {(1, 3)})) == [(1, 2), (2, 3)]


def test_many_of_one_name_are_proposed_one_beside_the_next() -> None:
    pairs = pairs_among(named(*[HOA] * 300))
    assert numbers(pairs) == [(number, number + 1) for number in range(1, 300)]


def test_a_word_that_two_are_not_the_same_is_kept_told_and_taken_back(database: Database) -> None:
    with database.write() as session:
        one, other = factories.company(session, HOA), factories.company(session, "CTCP Hoà Bình")
        codes = one.code, other.code
        assert len(proposals(session)) == 1
        hold_apart(session, ADMIN, other, one, now=NOW)
        assert proposals(session) == []
        with pytest.raises(Conflict) as told:
            hold_apart(session, ADMIN, one, other, now=NOW)
        assert told.value.code == "held_apart"
    with database.write() as session:
        (apart,) = held_apart(session)
        assert (apart.first.code, apart.second.code, apart.by, apart.at) == (*codes, ADMIN.id, NOW)
        one, other = (find_company(session, code) for code in codes)
        let_go(session, ADMIN, one, other, now=NOW)
        assert len(proposals(session)) == 1
        assert held_apart(session) == []
        with pytest.raises(Conflict) as told:
            let_go(session, ADMIN, one, other, now=NOW)
        assert told.value.code == "not_held_apart"
    with database.read() as session:
        acts = session.execute(sa.select(Entry.act, Entry.subject).where(Entry.act.like("partner.%"))).all()
        kept = [tuple(row) for row in acts if row.act != "partner.added"]
        assert sorted(kept) == sorted((act, code) for act in ("partner.held_apart", "partner.let_go") for code in codes)


def test_only_who_configures_may_say_so(session: Session) -> None:
    one, other = factories.company(session), factories.company(session)
    for act in (hold_apart, let_go):
        with pytest.raises(Forbidden):
            act(session, ANALYST, one, other, now=NOW)
        with pytest.raises(Invalid):
            act(session, ADMIN, one, one, now=NOW)


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
        (pair,) = proposals(session)
    finally:
        sa.event.remove(engine, "before_cursor_execute", count)
    assert (pair.first.code, len(seen)) == ("p77", 2)
